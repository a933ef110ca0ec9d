//! Which file says what: version 1 has a tree per controller, version 2 one for all; the words in them differ.
//! What is told to the kernel lies in [`orders`](super::orders).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ide_protocol::session::Processes;

/// Version 1 writes this much and more (the last page below 2⁶³) where no limit is set.
const NO_LIMIT: u64 = 1 << 60;

/// Folders of one control group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Files {
    V1 {
        memory: PathBuf,
        cpu: Option<PathBuf>,
        cpuacct: Option<PathBuf>,
        pids: Option<PathBuf>,
        freezer: Option<PathBuf>,
    },
    V2 {
        group: PathBuf,
    },
}

impl Files {
    /// By the lines of `/proc/<pid>/cgroup`: `<number>:<controllers>:<path>`. Both versions can be mounted at once; then
    /// memory is counted in the first.
    pub(super) fn find(root: &Path, membership: &str) -> Option<Self> {
        let (mut memory, mut cpu, mut cpuacct, mut pids) = (None, None, None, None);
        let (mut freezer, mut unified) = (None, None);
        for line in membership.lines() {
            let mut fields = line.splitn(3, ':');
            let (_, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
            let path = path.trim_start_matches('/');
            // Controllers that are mounted together have a link each.
            for controller in controllers.split(',') {
                let folder = || Some(root.join(controller).join(path));
                match controller {
                    "memory" => memory = folder(),
                    "cpu" => cpu = folder(),
                    "cpuacct" => cpuacct = folder(),
                    "pids" => pids = folder(),
                    "freezer" => freezer = folder(),
                    "" => unified = Some(root.join(path)),
                    _ => {}
                }
            }
        }
        match memory {
            Some(memory) => Some(Self::V1 { memory, cpu, cpuacct, pids, freezer }),
            None => unified.map(|group| Self::V2 { group }),
        }
    }

    pub(super) fn exist(&self) -> bool {
        match self {
            Self::V1 { memory, .. } => memory.join("memory.oom_control").exists(),
            Self::V2 { group } => group.join("memory.events").exists(),
        }
    }

    pub(super) fn kills(&self) -> Option<u64> {
        match self {
            Self::V1 { memory, .. } => entry(&memory.join("memory.oom_control"), "oom_kill"),
            Self::V2 { group } => entry(&group.join("memory.events"), "oom_kill"),
        }
    }

    pub(super) fn memory(&self) -> Option<u64> {
        match self {
            Self::V1 { memory, .. } => number(&memory.join("memory.usage_in_bytes")),
            Self::V2 { group } => number(&group.join("memory.current")),
        }
    }

    /// The most it ever held; kernels before 5.19 do not tell in version 2.
    pub(super) fn peak(&self) -> Option<u64> {
        match self {
            Self::V1 { memory, .. } => number(&memory.join("memory.max_usage_in_bytes")),
            Self::V2 { group } => number(&group.join("memory.peak")),
        }
    }

    /// What the kernel gives back by itself when memory runs short.
    pub(super) fn disk_cache(&self) -> Option<u64> {
        match self {
            Self::V1 { memory, .. } => entry(&memory.join("memory.stat"), "total_inactive_file"),
            Self::V2 { group } => entry(&group.join("memory.stat"), "inactive_file"),
        }
    }

    pub(super) fn memory_limit(&self) -> Option<u64> {
        let limit = match self {
            Self::V1 { memory, .. } => number(&memory.join("memory.limit_in_bytes")),
            Self::V2 { group } => number(&group.join("memory.max")),
        };
        limit.filter(|limit| *limit < NO_LIMIT)
    }

    pub(super) fn version(&self) -> u8 {
        match self {
            Self::V1 { .. } => 1,
            Self::V2 { .. } => 2,
        }
    }

    /// Version 2 limits swap apart. A file that is not there means that swap is not counted; "max" that it is free.
    pub(super) fn memory_and_swap_limit(&self) -> Option<u64> {
        match self {
            Self::V1 { memory, .. } => number(&memory.join("memory.memsw.limit_in_bytes")),
            Self::V2 { group } => {
                let swap = fs::read_to_string(group.join("memory.swap.max")).ok()?;
                let swap = swap.trim().parse().unwrap_or(NO_LIMIT);
                Some(self.memory_limit()?.saturating_add(swap))
            }
        }
    }

    pub(super) fn cpu(&self) -> Option<Duration> {
        match self {
            Self::V1 { cpuacct, .. } => {
                number(&cpuacct.as_ref()?.join("cpuacct.usage")).map(Duration::from_nanos)
            }
            Self::V2 { group } => entry(&group.join("cpu.stat"), "usage_usec").map(Duration::from_micros),
        }
    }

    /// Processors that it may keep busy; `None` without a limit.
    pub(super) fn cpus(&self) -> Option<f64> {
        let (quota, period) = match self {
            Self::V1 { cpu, .. } => {
                let cpu = cpu.as_ref()?;
                // A quota of -1 is none.
                (number(&cpu.join("cpu.cfs_quota_us"))?, number(&cpu.join("cpu.cfs_period_us"))?)
            }
            Self::V2 { group } => {
                let text = fs::read_to_string(group.join("cpu.max")).ok()?;
                let (quota, period) = text.trim().split_once(' ')?;
                // "max" is none.
                (quota.parse().ok()?, period.parse().ok()?)
            }
        };
        (quota > 0 && period > 0).then(|| quota as f64 / period as f64)
    }

    pub(super) fn processes(&self) -> Option<Processes> {
        let folder = match self {
            Self::V1 { pids, .. } => pids.as_ref()?,
            Self::V2 { group } => group,
        };
        // "max" is no limit, and then a count says little.
        let count = |file: &str| u32::try_from(number(&folder.join(file))?).ok();
        Some(Processes { count: count("pids.current")?, limit: count("pids.max")? })
    }
}

fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// The number behind `key` in a file of lines `<key> <number>`.
fn entry(file: &Path, key: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}
