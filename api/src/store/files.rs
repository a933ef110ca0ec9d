//! Workspace files: compare-and-set on revisions, contents by digest, bounded history.
//!
//! The revision of a path only grows, across removals too, so that whoever hears of two changes knows the later.

use ide_protocol::files::{FileContent, PathError, WorkspaceFile, WorkspacePath};
use ide_protocol::limits::{MAX_WORKSPACE_BYTES, MAX_WORKSPACE_FILES};
use ide_protocol::rest::UnixMicros;
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::file_history::{Origin, floor, number, write};
use super::{Store, StoreError, blobs, natural};

pub use ide_protocol::files::Revision;

/// A live file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    pub path: WorkspacePath,
    pub revision: Revision,
    pub size: u64,
}

/// A change somebody wants.
pub struct Save<'a> {
    pub workspace: Uuid,
    pub path: &'a WorkspacePath,
    /// What they believe is stored; 0 for "nothing".
    pub base: Revision,
    /// Bytes and whether they are executable; `None` removes the file.
    pub content: Option<(&'a [u8], bool)>,
    pub origin: Origin,
}

/// A change that is stored for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    pub revision: Revision,
    /// False when exactly this was stored already: a repeated request.
    pub changed: bool,
}

/// A file that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    pub from: WorkspacePath,
    /// Of the removal.
    pub from_revision: Revision,
    pub to: WorkspacePath,
    pub to_revision: Revision,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Something else is stored than the caller believes.
    #[error("the stored revision is another")]
    Stale,
    #[error("there is no such file")]
    NotFound,
    /// A file stands where a folder is needed, or the other way round.
    #[error("`{0}` is in the way")]
    InTheWay(WorkspacePath),
    #[error("the new name is no path of a workspace")]
    BadTarget(#[source] PathError),
    #[error("a workspace holds at most {MAX_WORKSPACE_FILES} files")]
    TooMany,
    #[error("a workspace holds at most {} MiB", MAX_WORKSPACE_BYTES / (1024 * 1024))]
    TooBig,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for SaveError {
    fn from(why: sqlx::Error) -> Self {
        Self::Store(why.into())
    }
}

#[derive(sqlx::FromRow)]
struct Stored {
    revision: i64,
    blob: Option<String>,
    executable: i64,
}

#[derive(sqlx::FromRow)]
struct Listed {
    path: String,
    revision: i64,
    size: i64,
}

#[derive(sqlx::FromRow)]
struct Whole {
    path: String,
    revision: i64,
    bytes: Vec<u8>,
    executable: i64,
}

impl TryFrom<Listed> for FileRow {
    type Error = StoreError;
    fn try_from(row: Listed) -> Result<Self, StoreError> {
        Ok(Self { path: path_from(row.path)?, revision: natural(row.revision), size: natural(row.size) })
    }
}

impl Whole {
    fn into_file(self) -> Result<WorkspaceFile, StoreError> {
        Ok(WorkspaceFile {
            path: path_from(self.path)?,
            revision: natural(self.revision),
            content: FileContent::from_bytes(self.bytes),
            executable: self.executable != 0,
        })
    }
}

pub(super) fn path_from(text: String) -> Result<WorkspacePath, StoreError> {
    WorkspacePath::new(text).map_err(|why| StoreError::corrupt("a path")(why.to_string()))
}

impl Store {
    /// Every file, by path.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_files(&self, workspace: Uuid) -> Result<Vec<FileRow>, StoreError> {
        let sql =
            "SELECT path, revision, size FROM workspace_files WHERE workspace = $1 AND blob IS NOT NULL";
        let rows = self.db.all::<Listed>(sql, args![workspace]).await?;
        let mut files = rows.into_iter().map(FileRow::try_from).collect::<Result<Vec<_>, _>>()?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn file(
        &self,
        workspace: Uuid,
        path: &WorkspacePath,
    ) -> Result<Option<WorkspaceFile>, StoreError> {
        let sql = "SELECT f.path, f.revision, b.bytes, f.executable FROM workspace_files f
                   JOIN blobs b ON b.digest = f.blob WHERE f.workspace = $1 AND f.path = $2";
        self.db.one::<Whole>(sql, args![workspace, path.as_str()]).await?.map(Whole::into_file).transpose()
    }

    /// The revision of a file's removal, while that is remembered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn removed_at(
        &self,
        workspace: Uuid,
        path: &WorkspacePath,
    ) -> Result<Option<Revision>, StoreError> {
        let sql = "SELECT revision FROM workspace_files WHERE workspace = $1 AND path = $2 AND blob IS NULL";
        let row = self.db.one::<(i64,)>(sql, args![workspace, path.as_str()]).await?;
        Ok(row.map(|(revision,)| natural(revision)))
    }

    /// Every file with its bytes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn files(&self, workspace: Uuid) -> Result<Vec<WorkspaceFile>, StoreError> {
        self.files_since(workspace, 0).await
    }

    /// The files that changed after the workspace's `saves` stood at `save`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn files_since(&self, workspace: Uuid, save: u64) -> Result<Vec<WorkspaceFile>, StoreError> {
        let sql = "SELECT f.path, f.revision, b.bytes, f.executable FROM workspace_files f
                   JOIN blobs b ON b.digest = f.blob WHERE f.workspace = $1 AND f.save > $2";
        let rows = self.db.all::<Whole>(sql, args![workspace, number(save)]).await?;
        rows.into_iter().map(Whole::into_file).collect()
    }

    /// The files removed after the workspace's `saves` stood at `save`, with the revisions of their removal.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn removals_since(&self, workspace: Uuid, save: u64) -> Result<Vec<FileRow>, StoreError> {
        let sql = "SELECT path, revision, size FROM workspace_files
                   WHERE workspace = $1 AND save > $2 AND blob IS NULL";
        let rows = self.db.all::<Listed>(sql, args![workspace, number(save)]).await?;
        rows.into_iter().map(FileRow::try_from).collect()
    }

    /// Makes a change if the stored revision is the one it was based on. What is stored already is not stored
    /// again, so repeating a request whose answer was lost is harmless.
    ///
    /// # Errors
    /// [`SaveError`] says what is in the way.
    pub async fn save_file(
        &self,
        save: Save<'_>,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Saved, SaveError> {
        let mut tx = self.db.begin().await?;
        lock(&mut tx, save.workspace, now).await?;
        let sql = "SELECT revision, blob, executable FROM workspace_files WHERE workspace = $1 AND path = $2";
        let stored = tx.one::<Stored>(sql, args![save.workspace, save.path.as_str()]).await?;
        if let Some(revision) = already(stored.as_ref(), &save) {
            tx.commit().await?;
            return Ok(Saved { revision, changed: false });
        }
        let live = stored.as_ref().filter(|row| row.blob.is_some());
        if live.map_or(0, |row| natural(row.revision)) != save.base {
            tx.commit().await?;
            return Err(SaveError::Stale);
        }
        if let Some((bytes, _)) = save.content {
            let others = live_files(&mut tx, save.workspace).await?;
            check_room(&others, save.path, bytes.len())?;
        }
        let last = match stored {
            Some(row) => natural(row.revision),
            None => floor(&mut tx, save.workspace).await?,
        };
        let revision = last + 1;
        write(&mut tx, save.workspace, save.path, revision, save.content, save.origin, now).await?;
        let kind = if save.content.is_some() { "file_saved" } else { "file_removed" };
        let data = json!({ "path": save.path, "revision": revision, "origin": save.origin.text() });
        events::append(&mut tx, &format!("workspace:{}", save.workspace), kind, data, actor, now).await?;
        tx.commit().await?;
        Ok(Saved { revision, changed: true })
    }

    /// Moves a file, or every file below a folder. Replaces nothing.
    ///
    /// # Errors
    /// [`SaveError`] says what is in the way.
    pub async fn rename_files(
        &self,
        workspace: Uuid,
        moves: impl Fn(&[WorkspacePath]) -> Result<Vec<(WorkspacePath, WorkspacePath)>, SaveError>,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Vec<Renamed>, SaveError> {
        let mut tx = self.db.begin().await?;
        lock(&mut tx, workspace, now).await?;
        let live = live_files(&mut tx, workspace).await?;
        let paths: Vec<_> = live.iter().map(|file| file.path.clone()).collect();
        let mut renamed = Vec::new();
        for (from, to) in moves(&paths)? {
            renamed.push(move_one(&mut tx, workspace, from, to, now).await?);
        }
        let data = json!({ "moved": renamed.iter().map(|r| [&r.from, &r.to]).collect::<Vec<_>>() });
        events::append(&mut tx, &format!("workspace:{workspace}"), "files_renamed", data, actor, now).await?;
        tx.commit().await?;
        Ok(renamed)
    }
}

/// Keeps every other change of this workspace waiting until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, workspace: Uuid, now: UnixMicros) -> Result<(), SaveError> {
    let found = tx.run("UPDATE workspaces SET touched_at = $2 WHERE id = $1", args![workspace, now]).await?;
    if found == 0 { Err(SaveError::NotFound) } else { Ok(()) }
}

/// The stored revision, when it is just what `save` wants.
fn already(stored: Option<&Stored>, save: &Save<'_>) -> Option<Revision> {
    let revision = stored.map_or(0, |row| natural(row.revision));
    let blob = stored.and_then(|row| row.blob.as_deref());
    match save.content {
        None => blob.is_none().then_some(revision),
        Some((bytes, executable)) => {
            let same = blob == Some(&blobs::digest(bytes))
                && stored.is_some_and(|r| (r.executable != 0) == executable);
            same.then_some(revision)
        }
    }
}

async fn live_files(tx: &mut Tx, workspace: Uuid) -> Result<Vec<FileRow>, SaveError> {
    let sql = "SELECT path, revision, size FROM workspace_files WHERE workspace = $1 AND blob IS NOT NULL";
    let rows = tx.all::<Listed>(sql, args![workspace]).await?;
    Ok(rows.into_iter().map(FileRow::try_from).collect::<Result<_, _>>()?)
}

/// Whether a file of `size` bytes may stand at `path` among `live` ones.
fn check_room(live: &[FileRow], path: &WorkspacePath, size: usize) -> Result<(), SaveError> {
    let others = || live.iter().filter(|file| file.path != *path);
    if others().count() >= MAX_WORKSPACE_FILES {
        return Err(SaveError::TooMany);
    }
    let bytes: u64 = others().map(|file| file.size).sum();
    if bytes + size as u64 > MAX_WORKSPACE_BYTES as u64 {
        return Err(SaveError::TooBig);
    }
    match others().find(|file| is_below(&file.path, path) || is_below(path, &file.path)) {
        Some(file) => Err(SaveError::InTheWay(file.path.clone())),
        None => Ok(()),
    }
}

/// Whether `path` lies somewhere in the folder `folder`.
pub(crate) fn is_below(path: &WorkspacePath, folder: &WorkspacePath) -> bool {
    path.as_str().strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

async fn move_one(
    tx: &mut Tx,
    workspace: Uuid,
    from: WorkspacePath,
    to: WorkspacePath,
    now: UnixMicros,
) -> Result<Renamed, SaveError> {
    let sql = "SELECT f.path, f.revision, b.bytes, f.executable FROM workspace_files f
               JOIN blobs b ON b.digest = f.blob WHERE f.workspace = $1 AND f.path = $2";
    let file = tx.one::<Whole>(sql, args![workspace, from.as_str()]).await?.ok_or(SaveError::NotFound)?;
    let from_revision = natural(file.revision) + 1;
    write(tx, workspace, &from, from_revision, None, Origin::Learner, now).await?;
    check_room(&live_files(tx, workspace).await?, &to, file.bytes.len())?;
    let sql = "SELECT revision, blob, executable FROM workspace_files WHERE workspace = $1 AND path = $2";
    let before = tx.one::<Stored>(sql, args![workspace, to.as_str()]).await?;
    if before.as_ref().is_some_and(|row| row.blob.is_some()) {
        return Err(SaveError::InTheWay(to));
    }
    let last = match before {
        Some(row) => natural(row.revision),
        None => floor(tx, workspace).await?,
    };
    let to_revision = last + 1;
    let content = Some((file.bytes.as_slice(), file.executable != 0));
    write(tx, workspace, &to, to_revision, content, Origin::Learner, now).await?;
    Ok(Renamed { from, from_revision, to, to_revision })
}
