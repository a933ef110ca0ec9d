//! Writing, making folders and renaming.

use std::os::fd::{AsFd, OwnedFd};

use ide_protocol::files::WorkspacePath;
use ide_protocol::guest::GuestError;
use ide_protocol::limits::MAX_FILE_BYTES;
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RenameFlags, fchmod, mkdirat, openat, renameat, renameat_with, unlinkat,
};
use rustix::io::Errno;

use super::{NEW_FOLDER, Workspace, errors, kind_of, parents, temporary_name, unlock_folder};

impl Workspace {
    /// Makes the folders that `path` lies in, as far as they are missing.
    pub fn make_parents(&self, path: &WorkspacePath) -> Result<(), GuestError> {
        self.make_all(parents(path)).map(drop)
    }

    /// Makes the folder `path` and those it lies in. One that is there already is fine.
    pub fn make_folder(&self, path: &WorkspacePath) -> Result<(), GuestError> {
        self.make_all(path.parts()).map(drop)
    }

    /// Puts a regular file at `path`, in place of another if need be. It is written beside and then renamed: readers
    /// see the old or the new, never a part, and on failure nothing is left behind.
    pub fn write(&self, path: &WorkspacePath, bytes: &[u8], executable: bool) -> Result<(), GuestError> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(GuestError::TooBig);
        }
        let parent = self.make_all(parents(path))?;
        match kind_of(&parent, path.name()) {
            Ok(FileType::RegularFile) | Err(GuestError::NotFound) => {}
            Ok(_) => return Err(GuestError::NotRegular),
            Err(why) => return Err(why),
        }
        let temporary = temporary_name().map_err(errors::from_errno)?;
        let written = write_new(&parent, &temporary, bytes, executable)
            .and_then(|()| renameat(&parent, &temporary, &parent, path.name()));
        written.map_err(|why| {
            let _ = unlinkat(&parent, &temporary, AtFlags::empty());
            errors::from_errno(why)
        })
    }

    /// Renames a regular file or a folder; what is at `to` stays, and missing folders above it are made.
    pub fn rename(&self, from: &WorkspacePath, to: &WorkspacePath) -> Result<(), GuestError> {
        let source = self.parent(from)?;
        match kind_of(&source, from.name())? {
            FileType::RegularFile | FileType::Directory => {}
            _ => return Err(GuestError::NotRegular),
        }
        let target = self.make_all(parents(to))?;
        renameat_with(&source, from.name(), &target, to.name(), RenameFlags::NOREPLACE)
            .map_err(errors::from_errno)
    }

    /// Opens the folder at `parts`, making and unlocking what is needed on the way.
    fn make_all<'a>(&self, parts: impl Iterator<Item = &'a str>) -> Result<OwnedFd, GuestError> {
        let mut folder = self.make_root()?;
        for part in parts {
            folder = match mkdirat(&folder, part, NEW_FOLDER) {
                Ok(()) | Err(Errno::EXIST) => unlock_folder(&folder, part),
                Err(why) => Err(why),
            }
            .map_err(errors::from_errno)?;
        }
        Ok(folder)
    }
}

fn write_new(parent: impl AsFd, name: &str, bytes: &[u8], executable: bool) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(parent, name, flags, Mode::from_raw_mode(0o600))?;
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(&file, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(why) => return Err(why),
        }
    }
    fchmod(&file, Mode::from_raw_mode(if executable { 0o755 } else { 0o644 }))
}
