//! How often the kernel killed something in a container for want of memory. Only the host can know; read from the
//! control group's files, version 1 and 2, in a tenth of a millisecond.

use std::fs;
use std::path::{Path, PathBuf};

/// Where systems mount control groups.
const ROOT: &str = "/sys/fs/cgroup";

/// The counter of one container.
#[derive(Debug, Clone)]
pub struct OomCounter {
    file: PathBuf,
}

impl OomCounter {
    /// Finds the control group of the container whose PID 1 is `pid` on the host; `None` when it is gone or the
    /// system counts memory in no way we know.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let membership = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        let file = counter_file(Path::new(ROOT), &membership)?;
        file.exists().then_some(Self { file })
    }

    /// Kills so far; `None` once the container is gone.
    #[must_use]
    pub fn kills(&self) -> Option<u64> {
        parse(&fs::read_to_string(&self.file).ok()?)
    }
}

/// The file that holds the counter, by the lines of `/proc/<pid>/cgroup`: `<number>:<controllers>:<path>`.
fn counter_file(root: &Path, membership: &str) -> Option<PathBuf> {
    let mut unified = None;
    for line in membership.lines() {
        let mut fields = line.splitn(3, ':');
        let (_, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let path = path.trim_start_matches('/');
        if controllers.split(',').any(|controller| controller == "memory") {
            return Some(root.join("memory").join(path).join("memory.oom_control"));
        }
        if controllers.is_empty() {
            unified = Some(root.join(path).join("memory.events"));
        }
    }
    unified
}

/// Both files hold a line `oom_kill <count>`.
fn parse(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_found_under_both_versions() {
        let rows = [
            ("0::/system.slice/docker-ab.scope\n", "/c/system.slice/docker-ab.scope/memory.events"),
            ("9:memory:/docker/ab\n1:name=x:/y\n0::/z\n", "/c/memory/docker/ab/memory.oom_control"),
            ("4:cpu,memory:/docker/ab\n", "/c/memory/docker/ab/memory.oom_control"),
        ];
        for (membership, file) in rows {
            assert_eq!(counter_file(Path::new("/c"), membership), Some(PathBuf::from(file)), "{membership}");
        }
        assert_eq!(counter_file(Path::new("/c"), "nonsense"), None);
    }

    #[test]
    fn the_count_is_read_from_both_files() {
        assert_eq!(parse("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"), Some(3));
        assert_eq!(parse("low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n"), Some(1));
        assert_eq!(parse("low 0\n"), None);
    }

    #[test]
    fn a_process_that_is_not_there_has_no_counter() {
        assert!(OomCounter::of(u32::MAX).is_none());
    }
}
