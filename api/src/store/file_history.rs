//! Writing a revision down: the newest row, the history, the bytes. History is bounded; what it forgets leaves a floor
//! that later revisions stay above, and of every file the one version that the oldest state still told of began with.

use ide_protocol::files::WorkspacePath;
use ide_protocol::limits::MAX_WORKSPACE_BYTES;
use ide_protocol::rest::UnixMicros;
use ide_protocol::timeline::{SaveNumber, SavedBy};
use uuid::Uuid;

use super::db::{Tx, args};
use super::files::Revision;
use super::{Store, StoreError, blobs, natural};

/// Stored versions kept per workspace beside the newest of each file. An hour of steady typing saves about 1,000.
const MAX_HISTORY: i64 = 2_000;

/// Bytes of those versions together; four whole workspaces.
const MAX_HISTORY_BYTES: i64 = 4 * MAX_WORKSPACE_BYTES as i64;

/// History is cut once per this many saves: often enough to stay near its bounds, rare enough to cost nothing.
const PRUNE_EVERY: i64 = 32;

/// Where a change came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The learner, over HTTP.
    Learner,
    /// A program in the learner's container.
    Container,
    /// The lesson's starter files.
    Lesson,
    /// The learner, going back to an earlier state.
    Restored,
    /// The learner, going back to the starter.
    Reset,
}

impl Origin {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Container => "container",
            Self::Lesson => "lesson",
            Self::Restored => "restored",
            Self::Reset => "reset",
        }
    }

    pub(super) fn from_text(text: &str) -> Result<Self, StoreError> {
        let all = [Self::Learner, Self::Container, Self::Lesson, Self::Restored, Self::Reset];
        let found = all.into_iter().find(|origin| origin.text() == text);
        found.ok_or_else(|| StoreError::corrupt("an origin")(text.to_owned()))
    }

    /// Whether one request changes many files this way, all at the same time.
    pub(super) fn is_at_once(self) -> bool {
        matches!(self, Self::Lesson | Self::Restored | Self::Reset)
    }

    pub(super) fn by(self) -> SavedBy {
        match self {
            Self::Learner => SavedBy::Learner,
            Self::Container => SavedBy::Program,
            Self::Lesson => SavedBy::Lesson,
            Self::Restored => SavedBy::Restored,
            Self::Reset => SavedBy::Reset,
        }
    }
}

/// What a file holds, without its bytes: they are stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) blob: String,
    pub(super) size: i64,
    pub(super) executable: bool,
}

pub(super) fn number(revision: Revision) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// Stores one revision: the newest row, the history row, the bytes.
pub(super) async fn write(
    tx: &mut Tx,
    workspace: Uuid,
    path: &WorkspacePath,
    revision: Revision,
    content: Option<(&[u8], bool)>,
    origin: Origin,
    now: UnixMicros,
) -> Result<(), StoreError> {
    let content = match content {
        Some((bytes, executable)) => {
            let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            Some(Content { blob: blobs::put(tx, bytes, now).await?, size, executable })
        }
        None => None,
    };
    write_stored(tx, workspace, path, revision, content.as_ref(), origin, now).await
}

/// As [`write`], of bytes that are stored and referred to.
pub(super) async fn write_stored(
    tx: &mut Tx,
    workspace: Uuid,
    path: &WorkspacePath,
    revision: Revision,
    content: Option<&Content>,
    origin: Origin,
    now: UnixMicros,
) -> Result<(), StoreError> {
    let counted = "UPDATE workspaces SET saves = saves + 1, touched_at = $2 WHERE id = $1 RETURNING saves";
    let (save,) = tx.one::<(i64,)>(counted, args![workspace, now]).await?.unwrap_or_default();
    let blob = content.map(|content| content.blob.as_str());
    let size = content.map_or(0, |content| content.size);
    let executable = content.is_some_and(|content| content.executable);
    tx.run(
        "INSERT INTO workspace_files (workspace, path, revision, save, blob, size, executable)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (workspace, path) DO UPDATE SET revision = excluded.revision, save = excluded.save,
           blob = excluded.blob, size = excluded.size, executable = excluded.executable",
        args![workspace, path.as_str(), number(revision), save, blob, size, executable],
    )
    .await?;
    tx.run(
        "INSERT INTO workspace_revisions
           (workspace, save, path, revision, blob, size, executable, origin, saved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![workspace, save, path.as_str(), number(revision), blob, size, executable, origin.text(), now],
    )
    .await?;
    if save % PRUNE_EVERY == 0 {
        prune(tx, workspace, save).await?;
    }
    Ok(())
}

/// The revision a path starts from that has no row: no revision of it that was forgotten is above.
pub(super) async fn floor(tx: &mut Tx, workspace: Uuid) -> Result<Revision, StoreError> {
    let sql = "SELECT revision_floor FROM workspaces WHERE id = $1";
    let (floor,) = tx.one::<(i64,)>(sql, args![workspace]).await?.unwrap_or_default();
    Ok(natural(floor))
}

impl Store {
    /// The save up to which history was forgotten; states of the workspace from there on can be told.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn history_from(&self, workspace: Uuid) -> Result<SaveNumber, StoreError> {
        let sql = "SELECT history_from FROM workspaces WHERE id = $1";
        let (from,) = self.db.one::<(i64,)>(sql, args![workspace]).await?.unwrap_or_default();
        Ok(natural(from))
    }

    /// Versions of files that are kept of a workspace.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revisions_kept(&self, workspace: Uuid) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM workspace_revisions WHERE workspace = $1";
        let (count,) = self.db.one::<(i64,)>(sql, args![workspace]).await?.unwrap_or_default();
        Ok(natural(count))
    }
}

/// Drops the oldest history beyond its bounds, and what is left of files removed long ago.
async fn prune(tx: &mut Tx, workspace: Uuid, newest: i64) -> Result<(), StoreError> {
    forget_saves(tx, workspace, newest).await?;
    tx.run(
        "UPDATE workspaces SET revision_floor = COALESCE((
           SELECT MAX(revision) FROM workspace_files WHERE workspace = $1 AND blob IS NULL AND save <= $2
             AND revision > revision_floor), revision_floor) WHERE id = $1",
        args![workspace, newest - MAX_HISTORY],
    )
    .await?;
    tx.run(
        "DELETE FROM workspace_files WHERE workspace = $1 AND blob IS NULL AND save <= $2",
        args![workspace, newest - MAX_HISTORY],
    )
    .await?;
    Ok(())
}

/// Forgets the saves beyond the bounds, but for each file's state after the last of them: every later state of the
/// workspace can still be told in full.
async fn forget_saves(tx: &mut Tx, workspace: Uuid, newest: i64) -> Result<(), StoreError> {
    let sql = "SELECT w.history_from, COALESCE((
                 SELECT MAX(save) FROM (
                   SELECT save, SUM(size) OVER (ORDER BY save DESC) AS total FROM workspace_revisions
                   WHERE workspace = $1 AND save > (SELECT history_from FROM workspaces WHERE id = $1)) AS sizes
                 WHERE total > $2), 0) AS too_big FROM workspaces w WHERE w.id = $1";
    let found = tx.one::<(i64, i64)>(sql, args![workspace, MAX_HISTORY_BYTES]).await?;
    let (before, too_big) = found.unwrap_or_default();
    let from = too_big.max(newest - MAX_HISTORY);
    if from <= before {
        return Ok(());
    }
    tx.run("UPDATE workspaces SET history_from = $2 WHERE id = $1", args![workspace, from]).await?;
    tx.run(
        "DELETE FROM workspace_revisions WHERE workspace = $1 AND save <= $2 AND save < (
           SELECT MAX(later.save) FROM workspace_revisions later
           WHERE later.workspace = $1 AND later.path = workspace_revisions.path AND later.save <= $2)",
        args![workspace, from],
    )
    .await?;
    tx.run(
        "DELETE FROM workspace_revisions WHERE workspace = $1 AND save <= $2 AND blob IS NULL",
        args![workspace, from],
    )
    .await?;
    Ok(())
}
