//! The learner's files: reading, writing, listing, never outside the workspace and never through a link.
//!
//! Every path is walked part by part from the workspace's own descriptor, each part opened without following links,
//! so that what a program swaps under our feet leads nowhere else. All of it happens with the learner's rights (see
//! [`crate::privileges`]): even a way out would gain nothing the learner does not have.

mod content;
mod delete;
mod errors;
mod listing;
mod write;

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use ide_protocol::files::WorkspacePath;
use ide_protocol::guest::GuestError;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fchmod, mkdirat, openat, statat};
use rustix::io::Errno;
use rustix::path::Arg;

/// Names of our half-written and half-deleted entries begin with this. They are neither listed nor reported.
pub const TEMPORARY_PREFIX: &str = ".gradus-tmp-";

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const NEW_FOLDER: Mode = Mode::from_raw_mode(0o755);

pub struct Workspace {
    /// The learner's home: a mount point, which the learner can neither move nor remove.
    home: OwnedFd,
    name: String,
}

impl Workspace {
    /// Opens `home` and makes the workspace in it if it is missing.
    pub fn open(home: &Path, name: &str) -> io::Result<Self> {
        rustix::process::umask(crate::spawn::UMASK);
        let home = rustix::fs::open(home, FOLDER, Mode::empty())?;
        let workspace = Self { home, name: name.to_owned() };
        workspace.make_root().map_err(io::Error::other)?;
        Ok(workspace)
    }

    pub fn home(&self) -> BorrowedFd<'_> {
        self.home.as_fd()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The workspace's folder as it is now; the learner may have removed it.
    pub fn root(&self) -> Result<OwnedFd, GuestError> {
        open_folder(&self.home, self.name.as_str()).map_err(errors::from_errno)
    }

    /// The workspace's folder, made anew and unlocked if need be, along with the home it lies in.
    fn make_root(&self) -> Result<OwnedFd, GuestError> {
        let make = || match mkdirat(&self.home, &self.name, NEW_FOLDER) {
            Ok(()) | Err(Errno::EXIST) => unlock_folder(&self.home, self.name.as_str()),
            Err(why) => Err(why),
        };
        match make() {
            Err(Errno::ACCESS) => fchmod(&self.home, Mode::RWXU).and_then(|()| make()),
            made => made,
        }
        .map_err(errors::from_errno)
    }

    /// The folder at `path`, for looking into.
    pub fn folder(&self, path: &WorkspacePath) -> Result<OwnedFd, GuestError> {
        self.walk(path.parts())
    }

    /// Whether a regular file is at `path` now.
    pub fn has_file(&self, path: &WorkspacePath) -> bool {
        let kind = self.parent(path).and_then(|parent| kind_of(&parent, path.name()));
        kind.is_ok_and(|kind| kind == FileType::RegularFile)
    }

    fn parent(&self, path: &WorkspacePath) -> Result<OwnedFd, GuestError> {
        self.walk(parents(path))
    }

    fn walk<'a>(&self, mut parts: impl Iterator<Item = &'a str>) -> Result<OwnedFd, GuestError> {
        parts.try_fold(self.root()?, |folder, part| open_folder(&folder, part).map_err(errors::from_errno))
    }
}

/// The parts of `path` before its last.
fn parents(path: &WorkspacePath) -> impl Iterator<Item = &str> {
    let mut parts: Vec<&str> = path.parts().collect();
    parts.pop();
    parts.into_iter()
}

fn open_folder(folder: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    openat(folder, name, FOLDER, Mode::empty())
}

/// As [`open_folder`], but a folder that its owner has locked (`chmod 000`) is unlocked first: what the agent
/// changes is the learner's own wish.
fn unlock_folder(folder: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    let pinned = openat(&folder, name, FOLDER | OFlags::PATH, Mode::empty())?;
    let mode = Mode::from_raw_mode(rustix::fs::fstat(&pinned)?.st_mode);
    if !mode.contains(Mode::RWXU) {
        // By way of the descriptor: a name could have become a link meanwhile.
        rustix::fs::chmod(descriptor_path(&pinned), mode | Mode::RWXU)?;
    }
    openat(&pinned, ".", FOLDER, Mode::empty())
}

/// A path that means what the descriptor means, whatever becomes of its name.
pub fn descriptor_path(descriptor: impl AsFd) -> String {
    format!("/proc/self/fd/{}", descriptor.as_fd().as_raw_fd())
}

fn kind_of(folder: impl AsFd, name: &str) -> Result<FileType, GuestError> {
    let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(errors::from_errno)?;
    Ok(FileType::from_raw_mode(stat.st_mode))
}

/// A name nobody guesses, for an entry of ours.
fn temporary_name() -> Result<String, Errno> {
    let mut random = [0; 8];
    rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())?;
    Ok(format!("{TEMPORARY_PREFIX}{:016x}", u64::from_ne_bytes(random)))
}

#[cfg(test)]
mod fuzz;
