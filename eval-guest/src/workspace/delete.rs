//! Deleting files, and folders with all in them.
//!
//! What is deleted first moves to a temporary name, so that it is gone at once. A folder is then emptied without
//! recursion: folders found in it are moved up beside each other, so that a tree of any depth needs three
//! descriptors, and a link is removed, never followed.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, OwnedFd};

use ide_protocol::files::WorkspacePath;
use ide_protocol::guest::GuestError;
use rustix::fs::{AtFlags, Dir, renameat, unlinkat};
use rustix::io::Errno;

use super::{Workspace, errors, open_folder, temporary_name, unlock_folder};

/// Entries touched by one deletion before it is given up; above what a workspace's inode limit allows, so only a
/// program that keeps adding gets there.
const MAX_STEPS: usize = 100_000;

impl Workspace {
    /// Deletes whatever is named `path`. Nothing there: done already.
    pub fn delete(&self, path: &WorkspacePath) -> Result<(), GuestError> {
        let parent = match self.unlocked_parent(path) {
            Err(GuestError::NotFound) => return Ok(()),
            parent => parent?,
        };
        match delete_entry(&parent, path.name()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(why) => Err(errors::from_errno(why)),
        }
    }

    fn unlocked_parent(&self, path: &WorkspacePath) -> Result<OwnedFd, GuestError> {
        super::parents(path).try_fold(self.make_root()?, |folder, part| {
            unlock_folder(&folder, part).map_err(errors::from_errno)
        })
    }
}

fn delete_entry(parent: impl AsFd, name: &str) -> Result<(), Errno> {
    let temporary = temporary_name()?;
    renameat(&parent, name, &parent, &temporary)?;
    match unlinkat(&parent, &temporary, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) => delete_folder(&parent, &temporary),
        done => done,
    }
}

fn delete_folder(parent: impl AsFd, name: &str) -> Result<(), Errno> {
    let folder = unlock_folder(&parent, name)?;
    let mut steps = 0;
    loop {
        let names = names_in(&folder, MAX_STEPS)?;
        if names.is_empty() {
            return unlinkat(&parent, name, AtFlags::REMOVEDIR);
        }
        for entry in names {
            steps += 1 + remove_or_flatten(&folder, &entry)?;
            if steps > MAX_STEPS {
                return Err(Errno::BUSY);
            }
        }
    }
}

/// Removes `entry` if it is a file or a folder of files; folders in it move up into `folder`. Answers the steps
/// this took.
fn remove_or_flatten(folder: &OwnedFd, entry: &CStr) -> Result<usize, Errno> {
    match unlinkat(folder, entry, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(Errno::NOENT) | Ok(()) => return Ok(0),
        Err(why) => return Err(why),
    }
    let inner = unlock_folder(folder, entry)?;
    let names = names_in(&inner, MAX_STEPS)?;
    for below in &names {
        match unlinkat(&inner, below, AtFlags::empty()) {
            Err(Errno::ISDIR | Errno::PERM) => move_up(&inner, below, folder)?,
            Ok(()) | Err(Errno::NOENT) => {}
            Err(why) => return Err(why),
        }
    }
    match unlinkat(folder, entry, AtFlags::REMOVEDIR) {
        // Somebody adds to it meanwhile: the next look at `folder` finds it again.
        Ok(()) | Err(Errno::NOTEMPTY | Errno::NOENT) => Ok(names.len()),
        Err(why) => Err(why),
    }
}

fn move_up(from: &OwnedFd, entry: &CStr, to: &OwnedFd) -> Result<(), Errno> {
    let name = temporary_name()?;
    match renameat(from, entry, to, &name) {
        Err(Errno::ACCESS) => {
            // Locked: a folder must be writable to change its parent. Within its parent it may always be renamed.
            renameat(from, entry, from, &name)?;
            drop(unlock_folder(from, name.as_str())?);
            renameat(from, &name, to, &name)
        }
        Err(Errno::NOENT) => Ok(()),
        moved => moved,
    }
}

fn names_in(folder: &OwnedFd, most: usize) -> Result<Vec<CString>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(open_folder(folder, ".")?)?.take(most) {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_bytes() != b"." && name.to_bytes() != b".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
