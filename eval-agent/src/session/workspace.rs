//! Keeps the container's working copy and the stored workspace alike, one change at a time per path.
//!
//! The truth is at the API. What a browser saved is written into the container; what programs changed is read, and told
//! to the API with the revision it was based on. A path has one thing under way; what comes meanwhile waits, the newest
//! only. Content is not kept here, only its digest – to know an echo from a change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ide_protocol::files::{
    EntryKind, FileChange, FileContent, FileEntry, Revision, WorkspaceFile, WorkspacePath,
};
use ide_protocol::guest::{GuestError, RequestId, ToGuest};
use ide_protocol::session::{AgentToRelay, SessionMessage};
use sha2::{Digest as _, Sha256};

use super::out::Out;

/// Changes read or told at the same time: each may hold a file of 1 MiB in memory and on the wire.
const MAX_CHANGES_UNDER_WAY: usize = 4;
/// Paths remembered; a listing has at most 2 000, a workspace 500. Beyond this the workspace is listed again later.
const MAX_PATHS: usize = 4_000;

type Digest = [u8; 32];

/// Something a browser saved: a file, or its removal.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) revision: Revision,
    /// `None` when it was removed.
    pub(super) content: Option<(FileContent, bool)>,
}

/// What is under way for one path.
#[derive(Debug, PartialEq, Eq)]
enum Work {
    Nothing,
    /// A save is being written into the container.
    Writing {
        revision: Revision,
        digest: Option<Digest>,
    },
    /// A change in the container is being read.
    Reading,
    /// A change was told to the API, which has not answered.
    Telling {
        digest: Option<Digest>,
    },
}

/// One path, as far as we know it.
#[derive(Debug)]
struct Known {
    /// The stored revision that the container's copy comes from; 0 when it is not stored.
    revision: Revision,
    /// Of the content that both sides had last, under whatever name; `None` when neither had the file.
    digest: Option<Digest>,
    work: Work,
    /// Saved while something else was under way.
    held: Option<Saved>,
    /// People have been told why it is not stored.
    complained: bool,
}

#[derive(Debug, Default)]
pub(super) struct Workspace {
    known: BTreeMap<WorkspacePath, Known>,
    /// Changed in the container, not yet looked at.
    changed: BTreeSet<WorkspacePath>,
    requests: HashMap<RequestId, WorkspacePath>,
    listing: Option<RequestId>,
    /// Too much changed to be followed path by path: list when there is time.
    lost_track: bool,
}

impl Workspace {
    /// Starts from the files that were laid out.
    pub(super) fn new(files: &[WorkspaceFile]) -> Self {
        let known = files.iter().map(|file| {
            let digest = Some(digest(&file.content, file.executable));
            (file.path.clone(), Known { revision: file.revision, digest, ..Known::new() })
        });
        Self { known: known.collect(), ..Self::default() }
    }

    /// A browser saved or removed a file.
    pub(super) fn saved(&mut self, path: WorkspacePath, saved: Saved, out: &mut Out) {
        let is_changed = self.changed.contains(&path);
        let known = self.known.entry(path.clone()).or_insert_with(Known::new);
        if known.work != Work::Nothing || is_changed {
            // What a program changed is told first, on the revision it was based on, so that neither is lost.
            if known.held.as_ref().is_none_or(|held| held.revision <= saved.revision) {
                known.held = Some(saved);
            }
        } else {
            self.write(path, saved, out);
        }
        self.proceed(out);
    }

    /// The guest says that a program changed this path.
    pub(super) fn changed(&mut self, path: WorkspacePath, out: &mut Out) {
        if self.changed.len() < MAX_PATHS {
            self.changed.insert(path);
        } else {
            self.lost_track = true;
        }
        self.proceed(out);
    }

    pub(super) fn changes_lost(&mut self, out: &mut Out) {
        self.lost_track = true;
        self.proceed(out);
    }

    /// What is there: every file is looked at, and every file that should be there.
    pub(super) fn listed(&mut self, request: RequestId, entries: Vec<FileEntry>, out: &mut Out) {
        if self.listing.take_if(|listing| *listing == request).is_none() {
            return;
        }
        let files = entries.into_iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.path);
        let ours =
            self.known.iter().filter(|(_, known)| known.digest.is_some()).map(|(path, _)| path.clone());
        let all: BTreeSet<_> = files.chain(ours).collect();
        self.changed.extend(all.into_iter().take(MAX_PATHS));
        self.proceed(out);
    }

    /// The guest answered a read.
    pub(super) fn read(&mut self, request: RequestId, content: FileContent, executable: bool, out: &mut Out) {
        let Some(path) = self.requests.remove(&request) else { return };
        self.found(path, Some((content, executable)), out);
        self.proceed(out);
    }

    /// The guest has written or removed what we asked for; true when the request was ours.
    pub(super) fn done(&mut self, request: RequestId, out: &mut Out) -> bool {
        let Some(path) = self.requests.remove(&request) else { return false };
        if let Some(known) = self.known.get_mut(&path)
            && let Work::Writing { revision, digest } = std::mem::replace(&mut known.work, Work::Nothing)
        {
            known.revision = revision;
            known.digest = digest;
            known.complained = false;
        }
        self.write_held(&path, out);
        self.proceed(out);
        true
    }

    /// The guest could not do it; true when the request was ours.
    pub(super) fn failed(&mut self, request: RequestId, error: &GuestError, out: &mut Out) -> bool {
        if self.listing.take_if(|listing| *listing == request).is_some() {
            return true;
        }
        let Some(path) = self.requests.remove(&request) else { return false };
        let reading = self.known.get(&path).is_some_and(|known| known.work == Work::Reading);
        if reading && *error == GuestError::NotFound {
            self.found(path, None, out);
        } else {
            let what = if reading { "is not saved" } else { "could not be written in the container" };
            self.give_up(&path, &format!("{path} {what}: {error}."), out);
        }
        self.proceed(out);
        true
    }

    /// The API has stored our change.
    pub(super) fn stored(&mut self, path: &WorkspacePath, revision: Revision, out: &mut Out) {
        let Some(known) = self.known.get_mut(path) else { return };
        let Work::Telling { digest } = known.work else { return };
        known.work = Work::Nothing;
        known.revision = revision;
        known.digest = digest;
        known.complained = false;
        self.write_held(path, out);
        self.proceed(out);
    }

    /// The API kept both under two names; it sends both as saves, which are then simply written. What a program wrote
    /// since it was told is neither of them, and is told first like any other change.
    pub(super) fn conflicted(&mut self, path: &WorkspacePath, out: &mut Out) {
        let Some(known) = self.known.get_mut(path) else { return };
        let Work::Telling { digest } = known.work else { return };
        known.work = Work::Nothing;
        known.digest = digest;
        self.write_held(path, out);
        self.proceed(out);
    }

    /// The API does not want it; people are told once.
    pub(super) fn refused(&mut self, path: &WorkspacePath, reason: &str, out: &mut Out) {
        self.give_up(path, &format!("{path} is not saved: {reason}"), out);
        self.proceed(out);
    }

    /// Without relay nothing is told; what was under way is told again afterwards, read anew.
    pub(super) fn relay_down(&mut self) {
        for (path, known) in &mut self.known {
            if matches!(known.work, Work::Telling { .. }) {
                known.work = Work::Nothing;
                self.changed.insert(path.clone());
            }
        }
    }

    /// Goes on with whatever there is room for.
    pub(super) fn proceed(&mut self, out: &mut Out) {
        if !out.relay_is_up() {
            return;
        }
        let busy = |known: &&Known| matches!(known.work, Work::Reading | Work::Telling { .. });
        let mut under_way = self.known.values().filter(busy).count();
        let free =
            |path: &&WorkspacePath| self.known.get(*path).is_none_or(|known| known.work == Work::Nothing);
        let room = MAX_CHANGES_UNDER_WAY.saturating_sub(under_way);
        let next: Vec<_> = self.changed.iter().filter(free).take(room).cloned().collect();
        for path in next {
            under_way += 1;
            self.look_at(path, out);
        }
        if self.lost_track && self.listing.is_none() && self.changed.is_empty() && under_way == 0 {
            self.lost_track = false;
            let request = out.request();
            self.listing = Some(request);
            out.guest(ToGuest::ListFiles { request });
        }
    }

    fn look_at(&mut self, path: WorkspacePath, out: &mut Out) {
        self.changed.remove(&path);
        self.make_room();
        self.known.entry(path.clone()).or_insert_with(Known::new).work = Work::Reading;
        let request = out.request();
        self.requests.insert(request, path.clone());
        out.guest(ToGuest::ReadFile { request, path });
    }

    /// What a read showed: nothing new, or something to tell.
    fn found(&mut self, path: WorkspacePath, file: Option<(FileContent, bool)>, out: &mut Out) {
        let Some(known) = self.known.get_mut(&path) else { return };
        let seen = file.as_ref().map(|(content, executable)| digest(content, *executable));
        if seen == known.digest {
            known.work = Work::Nothing;
            self.write_held(&path, out);
            return;
        }
        if !out.relay_is_up() {
            // Nobody would hear it: read anew when somebody does.
            known.work = Work::Nothing;
            self.changed.insert(path);
            return;
        }
        known.work = Work::Telling { digest: seen };
        let base_revision = known.revision;
        let change = match file {
            Some((content, executable)) => FileChange::Written { content, executable },
            None => FileChange::Removed,
        };
        out.relay(AgentToRelay::WorkspaceChanged { path, base_revision, change });
    }

    fn give_up(&mut self, path: &WorkspacePath, message: &str, out: &mut Out) {
        let Some(known) = self.known.get_mut(path) else { return };
        known.work = Work::Nothing;
        if !std::mem::replace(&mut known.complained, true) {
            out.all(SessionMessage::RequestRefused { message: message.to_owned() });
        }
        self.write_held(path, out);
    }

    fn write_held(&mut self, path: &WorkspacePath, out: &mut Out) {
        let Some(known) = self.known.get_mut(path) else { return };
        if known.work == Work::Nothing
            && !self.changed.contains(path)
            && let Some(saved) = known.held.take()
        {
            self.write(path.clone(), saved, out);
        }
    }

    fn write(&mut self, path: WorkspacePath, saved: Saved, out: &mut Out) {
        let known = self.known.entry(path.clone()).or_insert_with(Known::new);
        // A save that the container's copy already contains: after a reconnect, some are told again.
        if saved.revision <= known.revision {
            return;
        }
        let request = out.request();
        let digest = saved.content.as_ref().map(|(content, executable)| digest(content, *executable));
        known.work = Work::Writing { revision: saved.revision, digest };
        self.requests.insert(request, path.clone());
        out.guest(match saved.content {
            Some((content, executable)) => ToGuest::WriteFile { request, path, content, executable },
            None => ToGuest::Delete { request, path },
        });
    }

    /// Forgets paths that exist nowhere, so that programs that create and delete endlessly cost nothing.
    fn make_room(&mut self) {
        if self.known.len() >= MAX_PATHS {
            self.known.retain(|_, known| {
                known.digest.is_some() || known.work != Work::Nothing || known.held.is_some()
            });
        }
    }
}

impl Known {
    fn new() -> Self {
        Self { revision: 0, digest: None, work: Work::Nothing, held: None, complained: false }
    }
}

fn digest(content: &FileContent, executable: bool) -> Digest {
    let mut hash = Sha256::new();
    hash.update([u8::from(executable)]);
    hash.update(content.as_bytes());
    hash.finalize().into()
}
