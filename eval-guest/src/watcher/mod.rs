//! Watching the workspace: what programs change on disk, and not what the agent did itself.
//!
//! A thin driver of inotify. What an event means is decided in [`moves`], which folder it belongs to in [`folders`],
//! when it is told in [`changes`]. It reports that a path changed, never what: the agent reads it then.

pub mod changes;
pub mod folders;
pub mod ignore;
pub mod moves;

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
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

/// Directory entries looked at when a folder appears; more are told as "list all".
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
        let mut watcher = Self { inotify, home, folders, moves, changes, ignore };
        watcher.watch_all(workspace, Instant::now());
        Ok(watcher)
    }

    /// The agent's rename that was just done.
    pub fn announce_rename(&mut self, from: &WorkspacePath, to: &WorkspacePath) {
        self.moves.announce(from.clone(), to.clone());
    }

    /// Takes in what the kernel has to tell.
    pub fn look(&mut self, workspace: &Workspace, now: Instant) {
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
            Some(Batch::Lost) => connection.say(&FromGuest::ChangesLost),
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
            self.watch_all(workspace, now);
            self.changes.lose(now);
        } else if raw.flags.contains(ReadFlags::IGNORED) {
            self.folders.remove(raw.watch);
        } else if raw.watch == self.home {
            self.digest_home(raw, workspace, now);
        } else if let Some(event) = self.event(raw) {
            for fact in self.moves.feed(event) {
                self.apply(fact, workspace, now);
            }
        }
    }

    /// The workspace's folder itself was removed, renamed or made anew.
    fn digest_home(&mut self, raw: &Raw, workspace: &Workspace, now: Instant) {
        let gone = ReadFlags::MOVED_FROM | ReadFlags::DELETE;
        let made = ReadFlags::MOVED_TO | ReadFlags::CREATE;
        if raw.name.as_deref() != Some(workspace.name()) || !raw.flags.intersects(gone | made) {
            return;
        }
        self.forget_all();
        if raw.flags.intersects(made) {
            self.watch_all(workspace, now);
        }
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
            Fact::FolderAppeared(path) => self.watch_tree(workspace, Some(path), true, now),
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

    fn watch_all(&mut self, workspace: &Workspace, now: Instant) {
        self.forget_all();
        self.watch_tree(workspace, None, false, now);
    }

    /// Watches a folder and all below it. With `report`, files in it count as changed: they may have been made
    /// before the watch was.
    fn watch_tree(&mut self, workspace: &Workspace, folder: Folder, report: bool, now: Instant) {
        let mut waiting = VecDeque::from([folder]);
        let mut scanned = 0;
        while let Some(folder) = waiting.pop_front() {
            let opened = match &folder {
                None => workspace.root(),
                Some(path) => workspace.folder(path),
            };
            // Gone again, locked or no folder any more: its parent's watch will tell of the next change.
            let Ok(opened) = opened else { continue };
            if self.folders.len() >= MAX_WATCHED_FOLDERS {
                return self.changes.lose(now);
            }
            let Ok(watch) = inotify::add_watch(&self.inotify, descriptor_path(&opened), watch_flags()) else {
                return self.changes.lose(now);
            };
            self.folders.insert(watch, folder.clone());
            for (path, kind) in self.entries(&opened, &folder) {
                scanned += 1;
                match kind {
                    FileType::Directory => waiting.push_back(Some(path)),
                    _ if report => self.changes.touch(path, now),
                    _ => {}
                }
            }
            if scanned > MAX_SCANNED_ENTRIES {
                return self.changes.lose(now);
            }
        }
    }

    fn entries(&self, opened: &OwnedFd, folder: &Folder) -> Vec<(WorkspacePath, FileType)> {
        let Ok(entries) = Dir::read_from(opened) else { return Vec::new() };
        entries
            .flatten()
            .take(MAX_SCANNED_ENTRIES + 2)
            .filter_map(|entry| {
                let name = entry.file_name().to_str().ok()?;
                if self.ignore.matches_part(name) || name.starts_with(TEMPORARY_PREFIX) {
                    return None;
                }
                let path = join(folder, name)?;
                let stat = statat(opened.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
                Some((path, FileType::from_raw_mode(stat.st_mode)))
            })
            .collect()
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
