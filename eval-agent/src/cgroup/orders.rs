//! What a control group is told while its container lives: to stand still and go on, and whose turn it is when the
//! processors are short. A write to a file each, 0.1 ms; the engine takes 10 ms for the same.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Cgroup;
use super::layout::Files;

/// Whose turn it is when more want to run than there are processors. Nobody waits on an idle machine for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Somebody types and looks on.
    Session,
    /// Bounded by a wall clock, so never starved: as much as any container that nobody weighed.
    Grading,
    /// Nobody waits for what is being prepared.
    Pool,
}

impl Weight {
    /// In hundredths of what a container has by itself.
    const fn percent(self) -> u32 {
        match self {
            Self::Session => 400,
            Self::Grading => 100,
            Self::Pool => 25,
        }
    }
}

/// The kernel's own, of a group that nobody has weighed; version 2 has 100, so that a weight is a percentage.
const V1_SHARES: u32 = 1_024;

/// Stops a group and lets it go on.
#[derive(Debug, Clone)]
pub struct Switch {
    file: PathBuf,
    stop: &'static str,
    go: &'static str,
}

impl Switch {
    /// Every process of the group stands still; until it goes on, version 1 does not even let it be killed.
    ///
    /// # Errors
    /// When the file cannot be written: the container is gone, or the host's control groups are read-only.
    pub fn stop(&self) -> io::Result<()> {
        write(&self.file, self.stop)
    }

    /// # Errors
    /// When the container is gone.
    pub fn go(&self) -> io::Result<()> {
        write(&self.file, self.go)
    }

    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl Cgroup {
    /// `None` where the host has no freezer.
    #[must_use]
    pub fn freezer(&self) -> Option<Switch> {
        match &self.files {
            Files::V1 { freezer, .. } => {
                let file = freezer.as_ref()?.join("freezer.state");
                Some(Switch { file, stop: "FROZEN", go: "THAWED" })
            }
            Files::V2 { group } => Some(Switch { file: group.join("cgroup.freeze"), stop: "1", go: "0" }),
        }
    }

    /// # Errors
    /// When the container is gone, or the host weighs no processors.
    pub fn weigh(&self, weight: Weight) -> io::Result<()> {
        let percent = weight.percent();
        match &self.files {
            Files::V1 { cpu: None, .. } => Err(io::ErrorKind::Unsupported.into()),
            Files::V1 { cpu: Some(cpu), .. } => {
                write(&cpu.join("cpu.shares"), &(V1_SHARES * percent / 100).to_string())
            }
            Files::V2 { group } => write(&group.join("cpu.weight"), &percent.to_string()),
        }
    }
}

/// Into a file that is there: in a control group none is made by writing.
fn write(file: &Path, text: &str) -> io::Result<()> {
    File::options().write(true).truncate(true).open(file)?.write_all(text.as_bytes())
}
