//! Workspaces: a learner's files in a lesson, durable.
//!
//! When a lesson gets a new version, a workspace keeps every file the learner has. On its next opening it takes in
//! those editable files of the new version whose path it never had; sessions and hand-ins use the current version.

use ide_protocol::files::WorkspaceFile;
use ide_protocol::rest::UnixMicros;
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::file_history::{self, Origin};
use super::{Store, StoreError, natural};

#[derive(Debug, Clone)]
pub struct WorkspaceRow {
    pub id: Uuid,
    pub account: Uuid,
    pub lesson: String,
    /// The lesson version it was made from.
    pub started_digest: String,
    /// The lesson version whose files it last took in.
    pub digest: String,
    /// Changes of its files so far.
    pub saves: u64,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    id: Uuid,
    #[sqlx(try_from = "String")]
    account: Uuid,
    lesson: String,
    started_digest: String,
    digest: String,
    saves: i64,
}

impl From<Raw> for WorkspaceRow {
    fn from(raw: Raw) -> Self {
        let Raw { id, account, lesson, started_digest, digest, saves } = raw;
        Self { id, account, lesson, started_digest, digest, saves: natural(saves) }
    }
}

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn workspace(&self, id: Uuid) -> Result<Option<WorkspaceRow>, StoreError> {
        let sql = "SELECT id, account, lesson, started_digest, digest, saves FROM workspaces WHERE id = $1";
        Ok(self.db.one::<Raw>(sql, args![id]).await?.map(WorkspaceRow::from))
    }

    /// The account's workspace in a lesson; made from `starter` when there is none, brought to `digest` when it is
    /// of an older version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_workspace(
        &self,
        account: Uuid,
        lesson: &str,
        digest: &str,
        starter: &[WorkspaceFile],
        now: UnixMicros,
    ) -> Result<WorkspaceRow, StoreError> {
        let found = self.workspace_of(account, lesson).await?;
        if let Some(row) = found.filter(|row| row.digest == digest) {
            return Ok(row);
        }
        let mut tx = self.db.begin().await?;
        let made = tx
            .run(
                "INSERT INTO workspaces
                   (id, account, lesson, started_digest, digest, saves, created_at, touched_at)
                 VALUES ($1, $2, $3, $4, '', 0, $5, $5) ON CONFLICT (account, lesson) DO NOTHING",
                args![Uuid::now_v7(), account, lesson, digest, now],
            )
            .await?;
        let sql = "UPDATE workspaces SET touched_at = $3 WHERE account = $1 AND lesson = $2
                   RETURNING id, account, lesson, started_digest, digest, saves";
        let row = tx.one::<Raw>(sql, args![account, lesson, now]).await?.map(WorkspaceRow::from);
        let row = row.ok_or_else(|| StoreError::corrupt("a workspace")("gone as it was made".to_owned()))?;
        let actor = Actor::Account(account);
        let stream = format!("workspace:{}", row.id);
        if made > 0 {
            let data = json!({ "lesson": lesson, "digest": digest });
            events::append(&mut tx, &stream, "workspace_created", data, &actor, now).await?;
        }
        if row.digest != digest {
            take_in(&mut tx, &row, digest, starter, now).await?;
        }
        tx.commit().await?;
        let opened = self.workspace(row.id).await?;
        opened.ok_or_else(|| StoreError::corrupt("a workspace")("gone as it was opened".to_owned()))
    }

    async fn workspace_of(&self, account: Uuid, lesson: &str) -> Result<Option<WorkspaceRow>, StoreError> {
        let sql = "SELECT id, account, lesson, started_digest, digest, saves FROM workspaces
                   WHERE account = $1 AND lesson = $2";
        Ok(self.db.one::<Raw>(sql, args![account, lesson]).await?.map(WorkspaceRow::from))
    }
}

/// Adds the files of `starter` whose paths the workspace never had.
async fn take_in(
    tx: &mut Tx,
    row: &WorkspaceRow,
    digest: &str,
    starter: &[WorkspaceFile],
    now: UnixMicros,
) -> Result<(), StoreError> {
    let paths =
        tx.all::<(String,)>("SELECT path FROM workspace_files WHERE workspace = $1", args![row.id]).await?;
    for file in starter {
        if paths.iter().any(|(path,)| path == file.path.as_str()) {
            continue;
        }
        let content = Some((file.content.as_bytes(), file.executable));
        let revision = file_history::floor(tx, row.id).await? + 1;
        file_history::write(tx, row.id, &file.path, revision, content, Origin::Lesson, now).await?;
    }
    tx.run("UPDATE workspaces SET digest = $2 WHERE id = $1", args![row.id, digest]).await?;
    let data = json!({ "digest": digest });
    let actor = Actor::Account(row.account);
    events::append(tx, &format!("workspace:{}", row.id), "lesson_version_taken_in", data, &actor, now).await
}
