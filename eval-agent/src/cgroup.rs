//! What the kernel counts for a container, as only the host can see it: memory, processor time, processes, and kills for
//! want of memory. Read from the control group's files, version 1 and 2, in a fraction of a millisecond; and by the same
//! way what it is told while it lives: to stand still, and its share of the processors.

mod layout;
mod orders;

use std::path::Path;
use std::time::Duration;

use ide_protocol::session::Processes;

use layout::Files;
pub use orders::{Switch, Weight};

/// Where systems mount control groups.
const ROOT: &str = "/sys/fs/cgroup";

/// The control group of one container.
#[derive(Debug, Clone)]
pub struct Cgroup {
    files: Files,
}

/// One look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// What cannot be taken back without killing: caches of files on disk are left out, files in memory are not.
    pub memory_bytes: u64,
    pub memory_limit_bytes: u64,
    /// Processor time used so far.
    pub cpu: Option<Duration>,
    /// Processors it may keep busy.
    pub cpus: f64,
    pub processes: Option<Processes>,
}

impl Cgroup {
    /// Finds the control group of the container whose PID 1 is `pid` on the host; `None` when it is gone or the system
    /// counts memory in no way we know.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let membership = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        Self::at(Path::new(ROOT), &membership)
    }

    fn at(root: &Path, membership: &str) -> Option<Self> {
        let files = Files::find(root, membership)?;
        files.exist().then_some(Self { files })
    }

    /// Kills for want of memory so far; `None` once the container is gone.
    #[must_use]
    pub fn kills(&self) -> Option<u64> {
        self.files.kills()
    }

    /// Bytes of memory that it held at most so far; `None` once the container is gone, or where the kernel does not tell.
    #[must_use]
    pub fn peak_bytes(&self) -> Option<u64> {
        self.files.peak()
    }

    /// What it uses now; `None` once the container is gone, or has no limit of memory.
    #[must_use]
    pub fn sample(&self) -> Option<Sample> {
        let files = &self.files;
        Some(Sample {
            memory_bytes: files.memory()?.saturating_sub(files.disk_cache().unwrap_or(0)),
            memory_limit_bytes: files.memory_limit()?,
            cpu: files.cpu(),
            cpus: files.cpus().unwrap_or(1.0),
            processes: files.processes(),
        })
    }
}

/// What the kernel was told to hold a container to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub version: u8,
    pub memory_bytes: Option<u64>,
    /// Memory and swap together; `None` where the kernel does not count swap.
    pub memory_and_swap_bytes: Option<u64>,
    pub processes: Option<u32>,
    pub cpus: Option<f64>,
}

impl Cgroup {
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let files = &self.files;
        Bounds {
            version: files.version(),
            memory_bytes: files.memory_limit(),
            memory_and_swap_bytes: files.memory_and_swap_limit(),
            processes: files.processes().map(|processes| processes.limit),
            cpus: files.cpus(),
        }
    }
}

#[cfg(test)]
mod tests;
