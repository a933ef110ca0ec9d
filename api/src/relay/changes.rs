//! What a program in the container changed on disk, stored: compare-and-set on the revision the container last knew.
//!
//! When somebody saved the file meanwhile, both versions are kept: the stored one under its name, the container's
//! beside it under a conflict name. A removal that lost against a newer save is undone.

use ide_protocol::files::{FileChange, FileContent, Revision, WorkspaceFile, WorkspacePath};
use ide_protocol::limits::MAX_FILE_BYTES;
use ide_protocol::session::{ChangeOrigin, RelayToAgent};
use uuid::Uuid;

use super::conflict;
use super::core::{StoredChange, file_packet};
use super::packet::Packet;
use crate::clock;
use crate::state::AppState;
use crate::store::{Actor, Origin, Save, SaveError, Saved, SessionRow, StoreError};

pub(super) struct Change {
    pub(super) path: WorkspacePath,
    pub(super) base: Revision,
    pub(super) change: FileChange,
}

/// Who is to be told what.
#[derive(Default)]
pub(super) struct Told {
    pub(super) to_agent: Vec<Packet>,
    pub(super) changes: Vec<StoredChange>,
}

pub(super) async fn store(app: &AppState, session: &SessionRow, change: Change) -> Result<Told, StoreError> {
    let Change { path, base, change } = change;
    if let Some(reason) = not_storable(app, session, &path, &change).await? {
        return Ok(Told { to_agent: vec![refused(path, reason)], ..Told::default() });
    }
    let content = match change {
        FileChange::Written { content, executable } => Some((content, executable)),
        FileChange::Removed => None,
    };
    let first = save(app, session.workspace, &path, base, content.as_ref()).await;
    match (first, content) {
        (Ok(saved), content) => Ok(stored(path, saved, content)),
        (Err(SaveError::Stale), content) => conflicted(app, session.workspace, path, content).await,
        (Err(SaveError::Store(why)), _) => Err(why),
        // A removal of what was never stored, or of a workspace that is gone.
        (Err(SaveError::NotFound), _) => Ok(stored(path, Saved { revision: 0, changed: false }, None)),
        (Err(why), _) => Ok(Told { to_agent: vec![refused(path, why.to_string())], ..Told::default() }),
    }
}

pub(super) fn refused(path: WorkspacePath, reason: String) -> Packet {
    Packet::json(&RelayToAgent::ChangeRefused { path, reason })
}

/// Why this is not kept at all, in words for people.
async fn not_storable(
    app: &AppState,
    session: &SessionRow,
    path: &WorkspacePath,
    change: &FileChange,
) -> Result<Option<String>, StoreError> {
    if let FileChange::Written { content, .. } = change
        && content.len() > MAX_FILE_BYTES
    {
        return Ok(Some(format!("files over {} KiB are not kept", MAX_FILE_BYTES / 1024)));
    }
    let Some(workspace) = app.store.workspace(session.workspace).await? else {
        return Ok(Some("the workspace is gone".to_owned()));
    };
    let lesson = app.lessons.current(&app.store, &workspace.lesson).await.ok();
    let read_only = lesson.is_some_and(|content| content.is_fixed(path));
    Ok(read_only.then(|| "the file is part of the lesson; changes to it are not kept".to_owned()))
}

async fn save(
    app: &AppState,
    workspace: Uuid,
    path: &WorkspacePath,
    base: Revision,
    content: Option<&(FileContent, bool)>,
) -> Result<Saved, SaveError> {
    let content = content.map(|(content, executable)| (content.as_bytes(), *executable));
    let save = Save { workspace, path, base, content, origin: Origin::Container };
    app.store.save_file(save, &Actor::System, clock::now()).await
}

fn stored(path: WorkspacePath, saved: Saved, content: Option<(FileContent, bool)>) -> Told {
    let revision = saved.revision;
    let answer = Packet::json(&RelayToAgent::ChangeStored { path: path.clone(), revision });
    let change = StoredChange { path, revision, content, origin: ChangeOrigin::Container };
    Told { to_agent: vec![answer], changes: Vec::from_iter(saved.changed.then_some(change)) }
}

/// Somebody saved `path` meanwhile.
async fn conflicted(
    app: &AppState,
    workspace: Uuid,
    path: WorkspacePath,
    content: Option<(FileContent, bool)>,
) -> Result<Told, StoreError> {
    let theirs = app.store.file(workspace, &path).await?;
    match (theirs, content) {
        // Removed here, changed there: what was saved comes back.
        (Some(theirs), None) => Ok(both_kept(path.clone(), path, theirs, None)),
        (Some(theirs), Some(ours)) => keep_both(app, workspace, path, theirs, ours).await,
        // Changed here, removed there: the change is the newer word.
        (None, content) => match save(app, workspace, &path, 0, content.as_ref()).await {
            Ok(saved) => Ok(stored(path, saved, content)),
            Err(SaveError::Store(why)) => Err(why),
            Err(why) => Ok(Told { to_agent: vec![refused(path, why.to_string())], ..Told::default() }),
        },
    }
}

async fn keep_both(
    app: &AppState,
    workspace: Uuid,
    path: WorkspacePath,
    theirs: WorkspaceFile,
    ours: (FileContent, bool),
) -> Result<Told, StoreError> {
    let live = app.store.list_files(workspace).await?;
    let Some(kept_as) = conflict::name(&path, |name| live.iter().any(|file| file.path == *name)) else {
        let reason = "too many conflicts of this file are kept already".to_owned();
        return Ok(Told { to_agent: vec![refused(path, reason)], ..Told::default() });
    };
    match save(app, workspace, &kept_as, 0, Some(&ours)).await {
        Ok(saved) => Ok(both_kept(path, kept_as, theirs, Some((saved, ours)))),
        Err(SaveError::Store(why)) => Err(why),
        Err(why) => Ok(Told { to_agent: vec![refused(path, why.to_string())], ..Told::default() }),
    }
}

/// The answer to a conflict: what it is called, then both files as they are stored.
fn both_kept(
    path: WorkspacePath,
    kept_as: WorkspacePath,
    theirs: WorkspaceFile,
    ours: Option<(Saved, (FileContent, bool))>,
) -> Told {
    let answer = RelayToAgent::ChangeConflicted { path: path.clone(), kept_as: kept_as.clone() };
    let mut told = Told { to_agent: vec![Packet::json(&answer)], changes: Vec::new() };
    told.to_agent.push(file_packet(path, theirs.revision, Some((theirs.content, theirs.executable))));
    if let Some((saved, content)) = ours {
        told.to_agent.push(file_packet(kept_as.clone(), saved.revision, Some(content.clone())));
        told.changes.push(StoredChange {
            path: kept_as,
            revision: saved.revision,
            content: Some(content),
            origin: ChangeOrigin::Container,
        });
    }
    told
}
