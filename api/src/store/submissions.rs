//! Submissions: immutable snapshots that were handed in, and what became of them.
//!
//! ```text
//! queued ──start──▶ running(attempt) ──verdict──▶ graded
//!    ▲                  │  │  └────────fault────▶ lesson_fault
//!    └───host fault─────┘  └─start again: attempt + 1 (the older one is fenced off)
//! queued, running ──dead letter──▶ not_graded
//! ```

use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use ide_protocol::rest::{Submission, SubmissionState};
use uuid::Uuid;

use super::db::{Tx, args};
use super::places::{self, Asking, Counted};
use super::{Store, StoreError, natural, small};

/// A submission with its owner.
#[derive(Debug, Clone)]
pub struct SubmissionRow {
    pub account: Uuid,
    pub submission: Submission,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    id: Uuid,
    #[sqlx(try_from = "String")]
    workspace: Uuid,
    #[sqlx(try_from = "String")]
    account: Uuid,
    lesson: String,
    lesson_digest: String,
    state: String,
    attempt: i64,
    outcome: Option<String>,
    submitted_at: i64,
    finished_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RawFile {
    path: String,
    revision: i64,
    bytes: Vec<u8>,
    executable: i64,
}

/// What fills a [`Raw`].
macro_rules! shown {
    () => {
        "SELECT s.id, s.workspace, s.account, s.lesson, s.lesson_digest, s.state, s.attempt, s.outcome,
           s.submitted_at, s.finished_at FROM submissions s"
    };
}

impl Raw {
    /// With its place, if it waits.
    async fn row(self, counted: &Counted, ask: Asking<'_>) -> Result<SubmissionRow, StoreError> {
        let waits = self.state == "queued";
        let ahead = if waits { places::ahead(counted, ask, self.id).await? } else { 0 };
        SubmissionRow::new(self, ahead)
    }
}

impl SubmissionRow {
    fn new(raw: Raw, ahead: u32) -> Result<Self, StoreError> {
        let state = state_from(&raw, ahead)?;
        let Raw { id, workspace, account, lesson, lesson_digest, submitted_at, .. } = raw;
        Ok(Self {
            account,
            submission: Submission { id, workspace, lesson, lesson_digest, submitted_at, state },
        })
    }
}

fn state_from(raw: &Raw, ahead: u32) -> Result<SubmissionState, StoreError> {
    Ok(match raw.state.as_str() {
        "queued" => SubmissionState::Queued { ahead, failed_attempts: small(raw.attempt) },
        "running" => SubmissionState::Running { attempt: small(raw.attempt) },
        "graded" => SubmissionState::Graded {
            verdict: outcome_from(raw)?,
            graded_at: raw.finished_at.unwrap_or(raw.submitted_at),
        },
        "lesson_fault" => SubmissionState::LessonFault { fault: outcome_from(raw)? },
        "not_graded" => SubmissionState::NotGraded { reason: outcome_from(raw)? },
        other => return Err(StoreError::corrupt("a submission's state")(other.to_owned())),
    })
}

fn outcome_from<T: serde::de::DeserializeOwned>(raw: &Raw) -> Result<T, StoreError> {
    let corrupt = StoreError::corrupt("an outcome");
    serde_json::from_str(raw.outcome.as_deref().unwrap_or_default()).map_err(|why| corrupt(why.to_string()))
}

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn submission(&self, id: Uuid) -> Result<Option<SubmissionRow>, StoreError> {
        let sql = concat!(shown!(), " WHERE s.id = $1");
        match self.db.one::<Raw>(sql, args![id]).await? {
            Some(raw) => Ok(Some(raw.row(&self.counted, Asking::Db(&self.db)).await?)),
            None => Ok(None),
        }
    }

    /// The newest submissions of a workspace, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn submissions_of(&self, workspace: Uuid, limit: u32) -> Result<Vec<Submission>, StoreError> {
        let sql =
            concat!(shown!(), " WHERE s.workspace = $1 ORDER BY s.submitted_at DESC, s.id DESC LIMIT $2");
        let rows = self.db.all::<Raw>(sql, args![workspace, i64::from(limit)]).await?;
        let mut submissions = Vec::with_capacity(rows.len());
        for raw in rows {
            submissions.push(raw.row(&self.counted, Asking::Db(&self.db)).await?.submission);
        }
        Ok(submissions)
    }

    /// The snapshot that was handed in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn submission_files(&self, id: Uuid) -> Result<Vec<WorkspaceFile>, StoreError> {
        let sql = "SELECT f.path, f.revision, b.bytes, f.executable FROM submission_files f
                   JOIN blobs b ON b.digest = f.blob WHERE f.submission = $1 ORDER BY f.path";
        let rows = self.db.all::<RawFile>(sql, args![id]).await?;
        rows.into_iter().map(RawFile::into_file).collect()
    }
}

impl RawFile {
    fn into_file(self) -> Result<WorkspaceFile, StoreError> {
        let path =
            WorkspacePath::new(self.path).map_err(|why| StoreError::corrupt("a path")(why.to_string()))?;
        Ok(WorkspaceFile {
            path,
            revision: natural(self.revision),
            content: FileContent::from_bytes(self.bytes),
            executable: self.executable != 0,
        })
    }
}

/// As [`Store::submission`], inside a transaction that just wrote it.
pub(super) async fn read(counted: &Counted, tx: &mut Tx, id: Uuid) -> Result<Submission, StoreError> {
    let sql = concat!(shown!(), " WHERE s.id = $1");
    let raw = tx.one::<Raw>(sql, args![id]).await?;
    let raw = raw.ok_or_else(|| StoreError::corrupt("a submission")("gone as it was written".to_owned()))?;
    Ok(raw.row(counted, Asking::Tx(tx)).await?.submission)
}
