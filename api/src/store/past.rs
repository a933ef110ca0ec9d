//! The files of a workspace as they once were: after a save, or as they were handed in. And going back to them.

use std::collections::{BTreeMap, BTreeSet};

use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use ide_protocol::limits::{MAX_WORKSPACE_BYTES, MAX_WORKSPACE_FILES};
use ide_protocol::rest::UnixMicros;
use ide_protocol::timeline::{PastEntry, PastFile, RestoreFrom, SaveNumber, ThenAndNow};
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::file_history::{self, Content, Origin, number, write_stored};
use super::files::{lock, path_from};
use super::{Revision, SaveError, Store, StoreError, blobs, natural};

/// Which of its earlier states.
#[derive(Debug, Clone, Copy)]
pub enum Past {
    Save(SaveNumber),
    Submission(Uuid),
}

/// Files to be made what they were.
pub struct RestoreFiles<'a, F> {
    pub workspace: Uuid,
    pub from: RestoreFrom,
    /// The lesson's files to begin with.
    pub starter: &'a [WorkspaceFile],
    /// Only these; absent: all.
    pub paths: Option<&'a [WorkspacePath]>,
    /// The lesson's own files are left alone.
    pub may_change: F,
}

/// What became of it.
pub struct RestoredFiles {
    /// With the revision that each has now; removed ones first.
    pub changed: Vec<(WorkspacePath, Revision)>,
    /// The state just before.
    pub before: SaveNumber,
}

type State = BTreeMap<WorkspacePath, Content>;

#[derive(sqlx::FromRow)]
struct Row {
    path: String,
    blob: String,
    size: i64,
    executable: i64,
}

#[derive(sqlx::FromRow)]
struct Whole {
    path: String,
    revision: i64,
    bytes: Vec<u8>,
    executable: i64,
}

/// Each file's newest row up to a save, removals too.
const STATE_AT: &str = "SELECT path, blob, size, executable FROM (
    SELECT path, blob, size, executable, ROW_NUMBER() OVER (PARTITION BY path ORDER BY save DESC) AS newest
    FROM workspace_revisions WHERE workspace = $1 AND save <= $2) AS states
    WHERE newest = 1 AND blob IS NOT NULL";

const STATE_NOW: &str = "SELECT path, blob, size, executable FROM workspace_files
    WHERE workspace = $1 AND blob IS NOT NULL";

const HANDED_IN: &str = "SELECT f.path, f.blob, CAST(LENGTH(b.bytes) AS BIGINT) AS size, f.executable
    FROM submission_files f JOIN blobs b ON b.digest = f.blob WHERE f.submission = $1";

impl Store {
    /// The files as they were, beside those there are; nothing when that state is not (or no longer) kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn past_files(
        &self,
        workspace: Uuid,
        past: Past,
    ) -> Result<Option<Vec<PastEntry>>, StoreError> {
        let then = match past {
            Past::Save(save) if !self.is_kept(workspace, save).await? => return Ok(None),
            Past::Save(save) => self.db.all::<Row>(STATE_AT, args![workspace, number(save)]).await?,
            Past::Submission(id) => self.db.all::<Row>(HANDED_IN, args![id]).await?,
        };
        let now = state(self.db.all::<Row>(STATE_NOW, args![workspace]).await?)?;
        Ok(Some(beside(&state(then)?, &now)))
    }

    /// One file as it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn past_file(
        &self,
        workspace: Uuid,
        past: Past,
        path: &WorkspacePath,
    ) -> Result<Option<PastFile>, StoreError> {
        let found = match past {
            Past::Save(save) if !self.is_kept(workspace, save).await? => None,
            Past::Save(save) => {
                let sql = "SELECT r.path, r.revision, b.bytes, r.executable FROM workspace_revisions r
                           JOIN blobs b ON b.digest = r.blob WHERE r.workspace = $1 AND r.save = (
                             SELECT MAX(save) FROM workspace_revisions
                             WHERE workspace = $1 AND path = $2 AND save <= $3)";
                self.db.one::<Whole>(sql, args![workspace, path.as_str(), number(save)]).await?
            }
            Past::Submission(id) => {
                let sql = "SELECT f.path, f.revision, b.bytes, f.executable FROM submission_files f
                           JOIN blobs b ON b.digest = f.blob WHERE f.submission = $1 AND f.path = $2";
                self.db.one::<Whole>(sql, args![id, path.as_str()]).await?
            }
        };
        found.map(Whole::into_file).transpose()
    }

    async fn is_kept(&self, workspace: Uuid, save: SaveNumber) -> Result<bool, StoreError> {
        let sql = "SELECT history_from, saves FROM workspaces WHERE id = $1";
        let (from, saves) = self.db.one::<(i64, i64)>(sql, args![workspace]).await?.unwrap_or((1, 0));
        Ok((from..=saves).contains(&number(save)))
    }

    /// Makes files what they were, in one transaction. What is so already is not stored again.
    ///
    /// # Errors
    /// [`SaveError`] says what is in the way; `NotFound` when that state is not kept.
    pub async fn restore_files<F: Fn(&WorkspacePath) -> bool>(
        &self,
        given: RestoreFiles<'_, F>,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<RestoredFiles, SaveError> {
        let mut tx = self.db.begin().await?;
        let workspace = given.workspace;
        lock(&mut tx, workspace, now).await?;
        let sql = "SELECT saves FROM workspaces WHERE id = $1";
        let (before,) = tx.one::<(i64,)>(sql, args![workspace]).await?.unwrap_or_default();
        let present = state(tx.all::<Row>(STATE_NOW, args![workspace]).await?)?;
        let wanted = wanted(&mut tx, &given, before, now).await?;
        let changes = changes(&given, &present, wanted);
        check_whole(&present, &changes)?;
        let origin =
            if matches!(given.from, RestoreFrom::Starter) { Origin::Reset } else { Origin::Restored };
        let mut changed = Vec::new();
        for (path, content) in changes {
            let revision = next_revision(&mut tx, workspace, &path).await?;
            write_stored(&mut tx, workspace, &path, revision, content.as_ref(), origin, now).await?;
            changed.push((path, revision));
        }
        let before = natural(before);
        if changed.is_empty() {
            tx.commit().await?;
            return Ok(RestoredFiles { changed, before });
        }
        let paths: Vec<_> = changed.iter().map(|(path, _)| path).collect();
        let data = json!({ "from": given.from, "before": before, "paths": paths });
        let kind = if origin == Origin::Reset { "files_reset" } else { "files_restored" };
        events::append(&mut tx, &format!("workspace:{workspace}"), kind, data, actor, now).await?;
        tx.commit().await?;
        Ok(RestoredFiles { changed, before })
    }
}

impl Whole {
    fn into_file(self) -> Result<PastFile, StoreError> {
        Ok(PastFile {
            path: path_from(self.path)?,
            revision: natural(self.revision),
            content: FileContent::from_bytes(self.bytes),
            executable: self.executable != 0,
        })
    }
}

fn state(rows: Vec<Row>) -> Result<State, StoreError> {
    let content = |Row { path, blob, size, executable }: Row| {
        (path, Content { blob, size, executable: executable != 0 })
    };
    rows.into_iter().map(content).map(|(path, content)| Ok((path_from(path)?, content))).collect()
}

fn beside(then: &State, now: &State) -> Vec<PastEntry> {
    let paths: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    let entry = |path: &WorkspacePath| {
        let compared = match (then.get(path), now.get(path)) {
            (Some(a), Some(b)) if a == b => ThenAndNow::Same,
            (Some(_), None) => ThenAndNow::OnlyThen,
            (None, _) => ThenAndNow::OnlyNow,
            _ => ThenAndNow::Different,
        };
        PastEntry { path: path.clone(), compared }
    };
    paths.into_iter().map(entry).collect()
}

/// What the files of that state hold.
async fn wanted<F>(
    tx: &mut Tx,
    given: &RestoreFiles<'_, F>,
    saves: i64,
    now: UnixMicros,
) -> Result<State, SaveError> {
    let rows = match given.from {
        RestoreFrom::Save { save } => {
            let sql = "SELECT history_from FROM workspaces WHERE id = $1";
            let (from,) = tx.one::<(i64,)>(sql, args![given.workspace]).await?.unwrap_or_default();
            if !(from..=saves).contains(&number(save)) {
                return Err(SaveError::NotFound);
            }
            tx.all::<Row>(STATE_AT, args![given.workspace, number(save)]).await?
        }
        RestoreFrom::Submission { submission } => {
            let sql = "SELECT save FROM submissions WHERE id = $1 AND workspace = $2";
            if tx.one::<(i64,)>(sql, args![submission, given.workspace]).await?.is_none() {
                return Err(SaveError::NotFound);
            }
            tx.all::<Row>(HANDED_IN, args![submission]).await?
        }
        RestoreFrom::Starter => return starter(tx, given.starter, now).await,
    };
    Ok(state(rows)?)
}

async fn starter(tx: &mut Tx, files: &[WorkspaceFile], now: UnixMicros) -> Result<State, SaveError> {
    let mut state = State::new();
    for WorkspaceFile { path, content, executable, .. } in files {
        let blob = blobs::put(tx, content.as_bytes(), now).await?;
        let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
        state.insert(path.clone(), Content { blob, size, executable: *executable });
    }
    Ok(state)
}

/// What has to be written so that `present` becomes `wanted`, as far as asked for. Removals first: a folder may have
/// been a file.
fn changes<F: Fn(&WorkspacePath) -> bool>(
    given: &RestoreFiles<'_, F>,
    present: &State,
    wanted: State,
) -> Vec<(WorkspacePath, Option<Content>)> {
    let all = || present.keys().chain(wanted.keys()).cloned().collect::<BTreeSet<_>>();
    let paths: BTreeSet<WorkspacePath> = match (given.paths, given.from) {
        (Some(paths), _) => paths.iter().cloned().collect(),
        // What was not handed in is none of its business.
        (None, RestoreFrom::Submission { .. }) => wanted.keys().cloned().collect(),
        (None, _) => all(),
    };
    let differs = |path: &WorkspacePath| present.get(path) != wanted.get(path);
    let due = paths.into_iter().filter(|path| differs(path) && (given.may_change)(path));
    let mut changes: Vec<_> = due.map(|path| (path.clone(), wanted.get(&path).cloned())).collect();
    changes.sort_by_key(|(_, content)| content.is_some());
    changes
}

/// Whether the workspace is within its bounds after `changes`.
fn check_whole(present: &State, changes: &[(WorkspacePath, Option<Content>)]) -> Result<(), SaveError> {
    let mut after: BTreeMap<&str, i64> =
        present.iter().map(|(path, content)| (path.as_str(), content.size)).collect();
    for (path, content) in changes {
        match content {
            Some(content) => after.insert(path.as_str(), content.size),
            None => after.remove(path.as_str()),
        };
    }
    if after.len() > MAX_WORKSPACE_FILES {
        return Err(SaveError::TooMany);
    }
    if after.values().sum::<i64>() > MAX_WORKSPACE_BYTES as i64 {
        return Err(SaveError::TooBig);
    }
    for path in after.keys() {
        let mut folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        if let Some(file) = folders.find(|folder| after.contains_key(folder)) {
            return Err(SaveError::InTheWay(path_from(file.to_owned())?));
        }
    }
    Ok(())
}

async fn next_revision(tx: &mut Tx, workspace: Uuid, path: &WorkspacePath) -> Result<Revision, StoreError> {
    let sql = "SELECT revision FROM workspace_files WHERE workspace = $1 AND path = $2";
    match tx.one::<(i64,)>(sql, args![workspace, path.as_str()]).await? {
        Some((revision,)) => Ok(natural(revision) + 1),
        None => Ok(file_history::floor(tx, workspace).await? + 1),
    }
}
