//! Watching the workspace: what programs change on disk, and not what the agent did itself.
//!
//! A thin driver of inotify. What an event means is decided in [`moves`], which folder it belongs to in [`folders`],
//! when it is told in [`changes`]. It reports that a path changed, never what: the agent reads it then.

pub mod changes;
pub mod folders;
pub mod ignore;
pub mod moves;

use std::collections::VecDeque;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::time::Instant;

use ide_protocol::files::WorkspacePath;
use ide_protocol::guest::{FromGuest, GuestError};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::fs::{AtFlags, Dir, FileType, statat};
use rustix::io::Errno;

use crate::connection::Connection;
use crate::poller::{Poller, Source, Watched};
use crate::workspace::{TEMPORARY_PREFIX, Workspace, descriptor_path};
use changes::{Batch, Changes};
use folders::{Folder, Folders, Watch};
use ignore::Ignore;
use moves::{Event, Fact, Happening, Moves};

/// Folders watched at once; below the kernel's usual limit per user, above any workspace.
const MAX_WATCHED_FOLDERS: usize = 1_000;

/// Directory entries looked at per turn, for folders that appear. More are told as "list all", and looked at when
/// that is due: moving a large folder to and fro costs its mover more than us.
const MAX_SCANNED_ENTRIES: usize = 5_000;

/// Events taken at once before other work has its turn.
const MAX_EVENTS_PER_LOOK: usize = 1_000;

/// Room for at least sixteen events with the longest names.
const EVENT_BUFFER_BYTES: usize = 4 * 1024;

pub struct Watcher {
    inotify: Watched<OwnedFd>,
    /// The watch on the learner's home, which tells when the workspace itself goes or comes.
    home: Watch,
    folders: Folders,
    moves: Moves,
    changes: Changes,
    ignore: Ignore,
    /// Entries that may still be scanned in this turn.
    scans_left: usize,
    /// Not every folder is watched: all are to be looked for before "list all" is told.
    incomplete: bool,
}

/// An event as the kernel tells it.
struct Raw {
    watch: Watch,
    flags: ReadFlags,
    cookie: u32,
    name: Option<String>,
}

impl Watcher {
    /// Starts watching. What is there already is not reported.
    pub fn start(workspace: &Workspace, ignore: Ignore, poller: &Poller) -> Result<Self, GuestError> {
        let watch = || -> Result<(OwnedFd, Watch), Errno> {
            let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
            let home = inotify::add_watch(&inotify, descriptor_path(workspace.home()), watch_flags())?;
            Ok((inotify, home))
        };
        let (inotify, home) =
            watch().map_err(|why| GuestError::Other { detail: format!("cannot watch: {why}") })?;
        let mut inotify = poller.watch(Source::Watcher, inotify);
        inotify.want(true, false);
        let (folders, moves, changes) = (Folders::default(), Moves::default(), Changes::default());
        let scans_left = MAX_SCANNED_ENTRIES;
        let mut watcher =
            Self { inotify, home, folders, moves, changes, ignore, scans_left, incomplete: false };
        watcher.watch_all(workspace);
        Ok(watcher)
    }

    /// The agent's rename that was just done.
    pub fn announce_rename(&mut self, from: &WorkspacePath, to: &WorkspacePath) {
        self.moves.announce(from.clone(), to.clone());
    }

    /// Takes in what the kernel has to tell.
    pub fn look(&mut self, workspace: &Workspace, now: Instant) {
        self.scans_left = MAX_SCANNED_ENTRIES;
        for raw in self.read_events() {
            self.digest(&raw, workspace, now);
        }
        for fact in self.moves.settle() {
            self.apply(fact, workspace, now);
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.changes.due()
    }

    /// Tells what is due, if there is room.
    pub fn attend(&mut self, workspace: &Workspace, connection: &mut Connection, now: Instant) {
        if self.changes.due().is_none_or(|due| due > now) || !connection.has_room() {
            return;
        }
        match self.changes.take(now) {
            Some(Batch::Lost) => {
                if std::mem::take(&mut self.incomplete) {
                    self.watch_all(workspace);
                }
                connection.say(&FromGuest::ChangesLost);
            }
            Some(Batch::Paths(paths)) => {
                for path in paths {
                    let removed = !workspace.has_file(&path);
                    connection.say(&FromGuest::FileChanged { path, removed });
                }
            }
            None => {}
        }
    }

    fn read_events(&self) -> Vec<Raw> {
        let mut buffer = [MaybeUninit::uninit(); EVENT_BUFFER_BYTES];
        let mut reader = Reader::new(&self.inotify, &mut buffer);
        let mut events = Vec::new();
        // Only between buffers, or what has been read already would be thrown away.
        while events.len() < MAX_EVENTS_PER_LOOK || !reader.is_buffer_empty() {
            let Ok(event) = reader.next() else { break };
            let name = event.file_name().and_then(|name| name.to_str().ok()).map(str::to_owned);
            events.push(Raw { watch: event.wd(), flags: event.events(), cookie: event.cookie(), name });
        }
        events
    }

    fn digest(&mut self, raw: &Raw, workspace: &Workspace, now: Instant) {
        if raw.flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            self.moves.forget();
            self.lose_track(now);
        } else if raw.flags.contains(ReadFlags::IGNORED) {
            self.folders.remove(raw.watch);
        } else if raw.watch == self.home {
            self.digest_home(raw, workspace.name(), now);
        } else if let Some(event) = self.event(raw) {
            for fact in self.moves.feed(event) {
                self.apply(fact, workspace, now);
            }
        }
    }

    /// The workspace's folder itself was removed, renamed or made anew.
    fn digest_home(&mut self, raw: &Raw, workspace: &str, now: Instant) {
        let gone_or_made =
            ReadFlags::MOVED_FROM | ReadFlags::DELETE | ReadFlags::MOVED_TO | ReadFlags::CREATE;
        if raw.name.as_deref() == Some(workspace) && raw.flags.intersects(gone_or_made) {
            self.forget_all();
            self.lose_track(now);
        }
    }

    fn lose_track(&mut self, now: Instant) {
        self.incomplete = true;
        self.changes.lose(now);
    }

    /// The event with its path, if it concerns anybody.
    fn event(&self, raw: &Raw) -> Option<Event> {
        let folder = self.folders.get(raw.watch)?;
        let name = raw.name.as_deref()?;
        if self.ignore.matches_part(name) {
            return None;
        }
        let path = join(folder, name)?;
        let cookie = raw.cookie;
        let happening = if raw.flags.contains(ReadFlags::MOVED_FROM) {
            Happening::Left { cookie }
        } else if raw.flags.contains(ReadFlags::MOVED_TO) {
            Happening::Arrived { cookie }
        } else if raw.flags.contains(ReadFlags::DELETE) {
            Happening::Removed
        } else {
            Happening::Changed
        };
        let folder = raw.flags.contains(ReadFlags::ISDIR);
        if folder && raw.flags.contains(ReadFlags::ATTRIB) {
            return None;
        }
        Some(Event { path, folder, happening })
    }

    fn apply(&mut self, fact: Fact, workspace: &Workspace, now: Instant) {
        match fact {
            Fact::FileTouched(path) => self.changes.touch(path, now),
            Fact::FolderAppeared(path) => {
                if self.incomplete || !self.watch_tree(workspace, Some(path), Some(now)) {
                    self.lose_track(now);
                }
            }
            Fact::FolderLeft(path) => {
                self.forget_tree(&path);
                self.changes.lose(now);
            }
            Fact::OwnFolderMoved { from, to } => self.folders.rename(&from, &to),
            Fact::OwnFolderDeleted(path) => self.forget_tree(&path),
        }
    }

    fn forget_tree(&mut self, path: &WorkspacePath) {
        for watch in self.folders.remove_tree(path) {
            let _ = inotify::remove_watch(&self.inotify, watch);
        }
    }

    fn forget_all(&mut self) {
        for watch in self.folders.remove_all() {
            let _ = inotify::remove_watch(&self.inotify, watch);
        }
    }

    /// Watches all there is, as far as the limits go. Beyond them changes stay unseen.
    fn watch_all(&mut self, workspace: &Workspace) {
        self.scans_left = MAX_SCANNED_ENTRIES;
        self.forget_all();
        if !self.watch_tree(workspace, None, None) {
            eprintln!("eval-guest: the workspace is too large to be watched as a whole");
        }
    }

    /// Watches a folder and all below it. With `report`, files in it count as changed then: they may have been made
    /// before the watch was. Answers whether all is watched.
    fn watch_tree(&mut self, workspace: &Workspace, folder: Folder, report: Option<Instant>) -> bool {
        let mut waiting = VecDeque::from([folder]);
        while let Some(folder) = waiting.pop_front() {
            let opened = match &folder {
                None => workspace.root(),
                Some(path) => workspace.folder(path),
            };
            // Gone again, locked or no folder any more: its parent's watch will tell of the next change.
            let Ok(opened) = opened else { continue };
            if self.folders.len() >= MAX_WATCHED_FOLDERS {
                return false;
            }
            let Ok(watch) = inotify::add_watch(&self.inotify, descriptor_path(&opened), watch_flags()) else {
                return false;
            };
            self.folders.insert(watch, folder.clone());
            let entries = self.entries(&opened, &folder);
            for (path, kind) in entries {
                match (kind, report) {
                    (FileType::Directory, _) => waiting.push_back(Some(path)),
                    (_, Some(now)) => self.changes.touch(path, now),
                    _ => {}
                }
            }
            if self.scans_left == 0 {
                return false;
            }
        }
        true
    }

    /// What is in a folder and not ignored, as far as it may still be scanned.
    fn entries(&mut self, opened: &OwnedFd, folder: &Folder) -> Vec<(WorkspacePath, FileType)> {
        let Ok(entries) = Dir::read_from(opened) else { return Vec::new() };
        let mut found = Vec::new();
        for entry in entries.flatten() {
            if self.scans_left == 0 {
                break;
            }
            self.scans_left -= 1;
            found.extend(self.entry(opened, folder, entry.file_name()));
        }
        found
    }

    fn entry(&self, opened: &OwnedFd, folder: &Folder, name: &CStr) -> Option<(WorkspacePath, FileType)> {
        let name = name.to_str().ok()?;
        if self.ignore.matches_part(name) || name.starts_with(TEMPORARY_PREFIX) {
            return None;
        }
        let path = join(folder, name)?;
        let stat = statat(opened, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some((path, FileType::from_raw_mode(stat.st_mode)))
    }
}

fn join(folder: &Folder, name: &str) -> Option<WorkspacePath> {
    match folder {
        None => WorkspacePath::new(name),
        Some(folder) => WorkspacePath::new(format!("{folder}/{name}")),
    }
    .ok()
}

fn watch_flags() -> WatchFlags {
    WatchFlags::CREATE
        | WatchFlags::CLOSE_WRITE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        | WatchFlags::DELETE
        | WatchFlags::ATTRIB
        | WatchFlags::ONLYDIR
        | WatchFlags::EXCL_UNLINK
}
