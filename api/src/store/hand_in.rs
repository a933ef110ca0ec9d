//! Handing in: snapshot, submission, job and the answer to a repeated request, in one transaction.

use ide_protocol::files::WorkspacePath;
use ide_protocol::job::JobKind;
use ide_protocol::rest::{Submission, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::idempotency::{self, Replay};
use super::jobs::{self, NewJob};
use super::{Store, StoreError, WorkspaceRow, submissions};

/// What is handed in, by whom, and how a repetition is recognised.
pub struct HandIn<'a, F> {
    pub workspace: &'a WorkspaceRow,
    /// Version of the lesson it is graded by.
    pub lesson_digest: &'a str,
    /// Which files the lesson lets a learner submit.
    pub may_submit: F,
    pub idempotency_key: &'a str,
    pub request_hash: &'a str,
    /// How many may wait or run at once per account.
    pub limit: u32,
    pub job: NewJob<'a>,
}

/// What became of it.
#[derive(Debug)]
pub enum HandedIn {
    Stored(Submission),
    /// The same request came before; this was its answer.
    Repeated(Submission),
    /// The key belongs to another request.
    KeyReused,
    /// Too many of this account's wait.
    TooMany,
}

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn hand_in<F: Fn(&WorkspacePath) -> bool>(
        &self,
        given: HandIn<'_, F>,
        now: UnixMicros,
    ) -> Result<HandedIn, StoreError> {
        let account = given.workspace.account;
        let mut tx = self.db.begin().await?;
        tx.run("UPDATE accounts SET role = role WHERE id = $1", args![account]).await?;
        match idempotency::look_up(&mut tx, account, given.idempotency_key, given.request_hash).await? {
            Replay::New => {}
            Replay::Mismatch => {
                tx.commit().await?;
                return Ok(HandedIn::KeyReused);
            }
            Replay::Answered(answer) => {
                tx.commit().await?;
                let corrupt = StoreError::corrupt("a kept answer");
                let answer = serde_json::from_str(&answer).map_err(|why| corrupt(why.to_string()))?;
                return Ok(HandedIn::Repeated(answer));
            }
        }
        let sql = "SELECT COUNT(*) FROM submissions WHERE account = $1 AND state IN ('queued', 'running')";
        let (waiting,) = tx.one::<(i64,)>(sql, args![account]).await?.unwrap_or_default();
        if waiting >= i64::from(given.limit) {
            tx.commit().await?;
            return Ok(HandedIn::TooMany);
        }
        let id = store_snapshot(&mut tx, &given, now).await?;
        jobs::create(&mut tx, JobKind::Grading, id, given.job, now).await?;
        let data = json!({ "workspace": given.workspace.id, "lesson_digest": given.lesson_digest });
        let actor = Actor::Account(account);
        events::append(&mut tx, &format!("submission:{id}"), "submission_handed_in", data, &actor, now)
            .await?;
        let submission = submissions::read(&self.counted, &mut tx, id).await?;
        let answer = json!(submission).to_string();
        idempotency::keep(&mut tx, account, given.idempotency_key, given.request_hash, &answer, now).await?;
        tx.commit().await?;
        Ok(HandedIn::Stored(submission))
    }
}

async fn store_snapshot<F: Fn(&WorkspacePath) -> bool>(
    tx: &mut Tx,
    given: &HandIn<'_, F>,
    now: UnixMicros,
) -> Result<Uuid, StoreError> {
    let id = Uuid::now_v7();
    let workspace = given.workspace.id;
    // Saves wait until the snapshot is complete.
    tx.run("UPDATE workspaces SET touched_at = $2 WHERE id = $1", args![workspace, now]).await?;
    tx.run(
        "INSERT INTO submissions
           (id, workspace, account, lesson, lesson_digest, state, passed, attempt, submitted_at, save)
         SELECT $1, $2, $3, $4, $5, 'queued', 0, 0, $6, saves FROM workspaces WHERE id = $2",
        args![id, workspace, given.workspace.account, &given.workspace.lesson, given.lesson_digest, now],
    )
    .await?;
    let sql = "SELECT path FROM workspace_files WHERE workspace = $1 AND blob IS NOT NULL";
    for (path,) in tx.all::<(String,)>(sql, args![workspace]).await? {
        let checked =
            WorkspacePath::new(path).map_err(|why| StoreError::corrupt("a path")(why.to_string()))?;
        if !(given.may_submit)(&checked) {
            continue;
        }
        tx.run(
            "INSERT INTO submission_files (submission, path, revision, blob, executable)
             SELECT $1, path, revision, blob, executable FROM workspace_files WHERE workspace = $2 AND path = $3",
            args![id, workspace, checked.as_str()],
        )
        .await?;
    }
    Ok(id)
}
