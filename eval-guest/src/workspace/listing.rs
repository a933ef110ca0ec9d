//! Listing the workspace, within bounds.

use std::collections::VecDeque;
use std::ffi::CStr;
use std::os::fd::OwnedFd;

use ide_protocol::files::{EntryKind, FileEntry, WorkspacePath};
use ide_protocol::guest::GuestError;
use ide_protocol::limits::MAX_LISTING_ENTRIES;
use rustix::fs::{AtFlags, Dir, FileType, statat};

use super::{TEMPORARY_PREFIX, Workspace};
use crate::watcher::ignore::Ignore;

/// Bytes of all names in one listing, so that it stays one message even if each is as long as may be.
const MAX_LISTING_NAME_BYTES: usize = 512 * 1024;

/// Directory entries read for one listing; beyond, they are not even counted (hostile case B11).
const MAX_ENTRIES_READ: usize = 100_000;

#[derive(Debug, Default)]
pub struct Listing {
    pub entries: Vec<FileEntry>,
    pub omitted: u32,
    name_bytes: usize,
    entries_read: usize,
}

impl Workspace {
    /// All there is but what `ignore` says, folders before what is in them.
    pub fn list(&self, ignore: &Ignore) -> Result<Listing, GuestError> {
        let mut listing = Listing::default();
        let mut folders = VecDeque::new();
        match self.root() {
            Ok(root) => listing.take_in(&root, None, ignore, &mut folders),
            // Removed by the learner: nothing is in it.
            Err(GuestError::NotFound) => {}
            Err(why) => return Err(why),
        }
        while let Some(path) = folders.pop_front() {
            match self.folder(&path) {
                Ok(folder) => listing.take_in(&folder, Some(&path), ignore, &mut folders),
                // Locked by its owner, or gone meanwhile: what is in it cannot be known.
                Err(_) => listing.omitted += 1,
            }
        }
        listing.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listing)
    }
}

impl Listing {
    fn take_in(
        &mut self,
        folder: &OwnedFd,
        path: Option<&WorkspacePath>,
        ignore: &Ignore,
        folders: &mut VecDeque<WorkspacePath>,
    ) {
        let Ok(own) = super::open_folder(folder, ".") else { return };
        let Ok(entries) = Dir::read_from(&own) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            self.entries_read += 1;
            if self.entries_read > MAX_ENTRIES_READ {
                return;
            }
            self.take(folder, path, name, ignore, folders);
        }
    }

    fn take(
        &mut self,
        folder: &OwnedFd,
        path: Option<&WorkspacePath>,
        name: &CStr,
        ignore: &Ignore,
        folders: &mut VecDeque<WorkspacePath>,
    ) {
        let text = name.to_str().unwrap_or_default();
        if text.starts_with(TEMPORARY_PREFIX) || ignore.matches_part(text) {
            return;
        }
        let Some(entry) = self.entry(folder, path, text) else {
            self.omitted += 1;
            return;
        };
        self.name_bytes += entry.path.as_str().len();
        if entry.kind == EntryKind::Folder {
            folders.push_back(entry.path.clone());
        }
        self.entries.push(entry);
    }

    /// The entry, if it has room and its name is one of ours.
    fn entry(&self, folder: &OwnedFd, path: Option<&WorkspacePath>, name: &str) -> Option<FileEntry> {
        if self.entries.len() >= MAX_LISTING_ENTRIES || self.name_bytes >= MAX_LISTING_NAME_BYTES {
            return None;
        }
        let path = path.map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}"));
        let path = WorkspacePath::new(path).ok()?;
        let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => EntryKind::File,
            FileType::Directory => EntryKind::Folder,
            _ => EntryKind::Other,
        };
        let is_file = kind == EntryKind::File;
        let size = if is_file { u64::try_from(stat.st_size).unwrap_or_default() } else { 0 };
        Some(FileEntry { path, kind, size, executable: is_file && stat.st_mode & 0o100 != 0 })
    }
}
