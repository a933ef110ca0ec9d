//! Containers that wait are frozen: whatever runs in them stands still until somebody claims them. And they go on
//! whatever becomes of us – a guest that stands still does not see its agent die.
//!
//! Each frozen container has a link in the agent's folder that leads to its switch. A warden, a shell that outlives the
//! agent by a moment, follows them when the agent is gone; should it be killed as well, the next start does.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cgroup::{Cgroup, Switch};
use crate::run_dir::{FROZEN_SUFFIX, RunDir};

/// Waits until whoever holds the other end of its standard input is gone, then lets every frozen container go on. Each
/// version of control groups refuses the other's word.
const WARDEN: &str = r#"
read -r _
for switch in "$0"/*"$1"; do
    [ -h "$switch" ] && { echo THAWED >"$switch" || echo 0 >"$switch"; }
done"#;

/// Freezes, and sees to it that nothing stays frozen.
#[derive(Debug)]
pub struct Freezer {
    folder: PathBuf,
    /// Without one nothing is frozen.
    warden: Option<Warden>,
    /// That this host does not freeze is said once.
    has_complained: AtomicBool,
}

impl Freezer {
    /// Lets go on what an earlier run froze; `freezes` from now on, or does not.
    #[must_use]
    pub fn open(run_dir: &RunDir, freezes: bool) -> Self {
        let folder = run_dir.path().to_owned();
        thaw_all(&folder);
        let warden = freezes.then(|| Warden::set(&folder)).and_then(|warden| {
            warden.inspect_err(|why| tracing::warn!(error = %why, "warm containers are not frozen")).ok()
        });
        Self { folder, warden, has_complained: AtomicBool::new(false) }
    }

    /// Stops the container until what is answered is dropped; `None` where the host cannot.
    pub fn freeze(&self, name: &str, cgroup: Option<&Cgroup>) -> Option<Frozen> {
        self.warden.as_ref()?;
        let switch = cgroup.and_then(Cgroup::freezer);
        let frozen =
            switch.ok_or(io::ErrorKind::Unsupported.into()).and_then(|switch| self.stop(name, switch));
        match frozen {
            Ok(frozen) => Some(frozen),
            Err(why) => {
                if !self.has_complained.swap(true, Ordering::Relaxed) {
                    tracing::warn!(container = name, error = %why, "warm containers are not frozen on this host");
                }
                None
            }
        }
    }

    fn stop(&self, name: &str, switch: Switch) -> io::Result<Frozen> {
        let link = self.folder.join(format!("{name}{FROZEN_SUFFIX}"));
        symlink(switch.file(), &link)?;
        // From here on it goes on by being dropped.
        let frozen = Frozen { switch, link };
        frozen.switch.stop()?;
        Ok(frozen)
    }
}

/// A container that stands still; dropped, it goes on.
#[derive(Debug)]
pub struct Frozen {
    switch: Switch,
    link: PathBuf,
}

impl Drop for Frozen {
    fn drop(&mut self) {
        if let Err(why) = self.switch.go() {
            // Gone already, killed from outside.
            tracing::debug!(switch = %self.switch.file().display(), error = %why, "could not thaw a container");
        }
        let _ = fs::remove_file(&self.link);
    }
}

/// Killed on drop it would thaw nothing; instead its standard input is closed, and it ends by itself.
#[derive(Debug)]
struct Warden(Child);

impl Warden {
    fn set(folder: &Path) -> io::Result<Self> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", WARDEN]).arg(folder).arg(FROZEN_SUFFIX);
        // Not in our group: what interrupts the agent on a terminal is not for it.
        shell.process_group(0).current_dir("/").env_clear();
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.spawn().map(Self)
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// What the warden does, for links that it did not follow.
fn thaw_all(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().ends_with(FROZEN_SUFFIX) {
            let file = entry.path();
            // A container that is gone has no switch any more.
            let _ = fs::write(&file, "THAWED").or_else(|_| fs::write(&file, "0"));
            let _ = fs::remove_file(&file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a container's switch elsewhere and the link of a frozen one.
    fn frozen(switch: &Path) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(switch, "FROZEN").unwrap();
        symlink(switch, folder.path().join(format!("c-1{FROZEN_SUFFIX}"))).unwrap();
        folder
    }

    #[test]
    fn the_warden_lets_go_on_what_is_frozen_when_the_agent_is_gone() {
        let elsewhere = tempfile::tempdir().unwrap();
        let switch = elsewhere.path().join("freezer.state");
        let folder = frozen(&switch);
        let warden = Warden::set(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&switch).unwrap(), "FROZEN");
        // As when the agent is killed: its end of the pipe closes.
        drop(warden);
        assert_eq!(fs::read_to_string(&switch).unwrap(), "THAWED\n");
    }

    #[test]
    fn a_warden_of_nothing_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(Warden::set(folder.path()).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_next_start_lets_go_on_what_nobody_did() {
        let elsewhere = tempfile::tempdir().unwrap();
        let switch = elsewhere.path().join("freezer.state");
        let folder = frozen(&switch);
        symlink(elsewhere.path().join("gone/freezer.state"), folder.path().join("c-2.frozen")).unwrap();
        thaw_all(folder.path());
        assert_eq!(fs::read_to_string(&switch).unwrap(), "THAWED");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no link is left");
    }
}
