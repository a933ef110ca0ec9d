//! The agent's folder on the host: one folder per live container with the guest's socket and the account files, the
//! copied binaries that containers get, and a lock that keeps a second agent of the same name out.
//!
//! Nothing of a learner's is ever read or written here.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Files of a container's folder.
pub const SOCKET_FILE: &str = "guest.sock";
pub const PASSWD_FILE: &str = "passwd";
pub const GROUP_FILE: &str = "group";
/// Only there when the lesson has hosts of its own.
pub const HOSTS_FILE: &str = "hosts";
const GUEST_FILE: &str = "eval-guest";
/// Both ends of a call from tests to a learner's program; built beside the guest, and taken from there.
pub const CALL_FILE: &str = "eval-call";
const LOCK_FILE: &str = "lock";
/// Behind a container's name: a link to the switch of one that is frozen; see [`freezer`](crate::freezer).
pub const FROZEN_SUFFIX: &str = ".frozen";

use lesson::needs::address;

#[derive(Debug, thiserror::Error)]
pub enum RunDirError {
    #[error("preparing {path}")]
    Prepare {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("another agent works in {path}")]
    Taken { path: PathBuf },
    #[error("copying the binary {path}")]
    Binary {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// The folder, locked for as long as this lives.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    _lock: File,
}

impl RunDir {
    /// Makes the folder if missing, locks it, and puts the guest binary there, and the one for calls from beside it.
    ///
    /// # Errors
    /// [`RunDirError`]
    pub fn open(path: &Path, guest_binary: &Path) -> Result<Self, RunDirError> {
        let failed = |source| RunDirError::Prepare { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        // Only our own user may look in; the engine mounts as root.
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let lock = File::create(path.join(LOCK_FILE)).map_err(failed)?;
        if lock.try_lock().is_err() {
            return Err(RunDirError::Taken { path });
        }
        copy(guest_binary, &path.join(GUEST_FILE), guest_mode())?;
        copy(&guest_binary.with_file_name(CALL_FILE), &path.join(CALL_FILE), EVERYBODYS)?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The guest binary, as containers get it.
    #[must_use]
    pub fn guest(&self) -> PathBuf {
        self.path.join(GUEST_FILE)
    }

    /// What tests and workers run, as containers get it.
    #[must_use]
    pub fn call(&self) -> PathBuf {
        self.path.join(CALL_FILE)
    }

    /// Makes the folder of one container, with its account files.
    ///
    /// # Errors
    /// [`RunDirError::Prepare`]
    pub fn container(
        &self,
        name: &str,
        accounts: Accounts,
        hosts: &[String],
    ) -> Result<ContainerDir, RunDirError> {
        let path = self.path.join(name);
        let failed = |source| RunDirError::Prepare { path: path.clone(), source };
        fs::create_dir(&path).map_err(failed)?;
        let folder = ContainerDir { path: path.clone() };
        // Readable in the container, where the guest is root without the right to overrule permissions.
        fs::set_permissions(&path, Permissions::from_mode(0o755)).map_err(failed)?;
        write(&path.join(PASSWD_FILE), &accounts.passwd()).map_err(failed)?;
        write(&path.join(GROUP_FILE), &accounts.group()).map_err(failed)?;
        if !hosts.is_empty() {
            write(&path.join(HOSTS_FILE), &hosts_file(hosts)).map_err(failed)?;
        }
        Ok(folder)
    }

    /// Names of container folders that lie here.
    #[must_use]
    pub fn containers(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
        // What the runtime keeps is not a container's.
        names.filter(|name| !name.starts_with('.')).collect()
    }

    /// Removes a folder that an earlier run left.
    pub fn remove(&self, name: &str) {
        drop(ContainerDir { path: self.path.join(name) });
    }
}

/// The folder of one container; removed on drop.
#[derive(Debug)]
pub struct ContainerDir {
    path: PathBuf,
}

impl ContainerDir {
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.path.join(SOCKET_FILE)
    }
}

impl Drop for ContainerDir {
    fn drop(&mut self) {
        if let Err(why) = fs::remove_dir_all(&self.path)
            && why.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %self.path.display(), error = %why, "could not remove a container's folder");
        }
    }
}

/// What everybody in a container may run.
const EVERYBODYS: u32 = 0o555;

/// As root we can keep learners from reading the guest; as another user the container's root, stripped of its powers, could
/// not read it either.
fn guest_mode() -> u32 {
    if rustix::process::geteuid().is_root() { 0o500 } else { EVERYBODYS }
}

/// Copies through a temporary name, so that a container never sees half of it.
fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), RunDirError> {
    let half = to.with_extension("new");
    let copied = fs::copy(from, &half)
        .and_then(|_| fs::set_permissions(&half, Permissions::from_mode(mode)))
        .and_then(|()| fs::rename(&half, to));
    copied.map_err(|source| RunDirError::Binary { path: from.to_owned(), source })
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(0o444))
}

/// Who there is in a container.
#[derive(Debug, Clone, Copy)]
pub struct Accounts {
    pub guest: u32,
    pub learner: u32,
    /// The learner is root, and there are others to become.
    pub root_inside: bool,
}

/// Whom root inside can become, by id; see [`ROOT_INSIDE_PEOPLE`](ide_protocol::limits::ROOT_INSIDE_PEOPLE).
const OTHERS: [(&str, u32); 4] = [("daemon", 1), ("www-data", 33), ("alice", 1_000), ("bob", 1_001)];

impl Accounts {
    fn passwd(self) -> String {
        let Self { guest, learner, root_inside } = self;
        if root_inside {
            // Nobody has a password: `x` would send programs to look for one where they may not read.
            let root = "root:*:0:0:root:/home/learner:/bin/bash\n".to_owned();
            let others = OTHERS.map(|(name, id)| format!("{name}:*:{id}:{id}::/:/bin/bash\n"));
            return root + &others.concat() + NOBODY;
        }
        format!(
            "root:x:0:0:root:/:/usr/sbin/nologin\n\
             guest:x:{guest}:{guest}::/:/usr/sbin/nologin\n\
             learner:x:{learner}:{learner}::/home/learner:/bin/bash\n\
             {NOBODY}"
        )
    }

    fn group(self) -> String {
        let Self { guest, learner, root_inside } = self;
        if root_inside {
            let others = OTHERS.map(|(name, id)| format!("{name}:x:{id}:\n"));
            return "root:x:0:\n".to_owned() + &others.concat() + NO_GROUP;
        }
        format!("root:x:0:\nguest:x:{guest}:\nlearner:x:{learner}:\n{NO_GROUP}")
    }
}

const NOBODY: &str = "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n";
const NO_GROUP: &str = "nogroup:x:65534:\n";

/// As the engine writes it, without the names that lead nowhere in a container without network.
fn hosts_file(hosts: &[String]) -> String {
    let rows = hosts.iter().enumerate().map(|(index, name)| format!("{}\t{name}\n", address(index)));
    "127.0.0.1\tlocalhost\n::1\tlocalhost\n".to_owned() + &rows.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binaries(folder: &Path) -> PathBuf {
        for name in [GUEST_FILE, CALL_FILE] {
            fs::write(folder.join(name), "binary").unwrap();
        }
        folder.join(GUEST_FILE)
    }

    #[test]
    fn a_second_agent_is_kept_out_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let guest = binaries(folder.path());
        let run = folder.path().join("run");
        let first = RunDir::open(&run, &guest).unwrap();
        assert!(matches!(RunDir::open(&run, &guest), Err(RunDirError::Taken { .. })));
        drop(first);
        RunDir::open(&run, &guest).unwrap();
    }

    #[test]
    fn a_containers_folder_goes_with_its_guard() {
        let folder = tempfile::tempdir().unwrap();
        let guest = binaries(folder.path());
        let run = RunDir::open(&folder.path().join("run"), &guest).unwrap();
        let accounts = Accounts { guest: 100_007, learner: 200_007, root_inside: false };
        let container = run.container("c-1", accounts, &["db".to_owned(), "cache".to_owned()]).unwrap();
        let hosts = fs::read_to_string(container.path().join(HOSTS_FILE)).unwrap();
        assert!(hosts.ends_with("127.0.0.2\tdb\n127.0.0.3\tcache\n"), "{hosts}");
        let accounts = fs::read_to_string(container.path().join(PASSWD_FILE)).unwrap();
        assert!(accounts.contains("learner:x:200007:200007::/home/learner:/bin/bash"));
        assert_eq!(run.containers(), ["c-1"]);
        drop(container);
        assert!(run.containers().is_empty());
    }
}
