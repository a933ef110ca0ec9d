//! Jobs: what agents are asked to do, and the token that is good for one of them.

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::job::{JobKind, JobMessage};
use ide_protocol::rest::UnixMicros;
use uuid::Uuid;

use super::db::{Tx, args};
use super::{Store, StoreError};
use crate::secrets;

/// A job, as its token's holder may know it.
#[derive(Debug, Clone)]
pub struct JobRow {
    pub id: Uuid,
    pub kind: JobKind,
    /// The session or submission it is about.
    pub subject: Uuid,
    /// Nothing is left to do.
    pub finished: bool,
}

/// What a new job has to tell agents.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    pub image: &'a str,
    pub api_url: &'a str,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    id: Uuid,
    kind: String,
    #[sqlx(try_from = "String")]
    subject: Uuid,
    finished_at: Option<i64>,
}

impl From<Raw> for JobRow {
    fn from(raw: Raw) -> Self {
        let Raw { id, kind, subject, finished_at } = raw;
        let kind = if kind == kind_text(JobKind::Session) { JobKind::Session } else { JobKind::Grading };
        Self { id, kind, subject, finished: finished_at.is_some() }
    }
}

fn kind_text(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Session => "session",
        JobKind::Grading => "grading",
    }
}

/// Makes the job of `subject` and puts its message into the outbox.
pub(super) async fn create(
    tx: &mut Tx,
    kind: JobKind,
    subject: Uuid,
    new: NewJob<'_>,
    now: UnixMicros,
) -> Result<(), StoreError> {
    let job = Uuid::now_v7();
    let token = secrets::random();
    tx.run(
        "INSERT INTO jobs (id, kind, subject, token_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        args![job, kind_text(kind), subject, &secrets::hash(&token), now],
    )
    .await?;
    let message = JobMessage {
        version: PROTOCOL_VERSION,
        job,
        kind,
        image: new.image.to_owned(),
        api_url: new.api_url.to_owned(),
        token,
    };
    let body =
        serde_json::to_string(&message).map_err(|why| StoreError::corrupt("a job")(why.to_string()))?;
    send(tx, kind, &body, now).await
}

/// Puts a job's message into the outbox.
pub(super) async fn send(tx: &mut Tx, kind: JobKind, body: &str, now: UnixMicros) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox (lane, body, created_at) VALUES ($1, $2, $3)";
    tx.run(sql, args![kind_text(kind), body, now]).await?;
    Ok(())
}

/// Makes the token of `subject`'s job void.
pub(super) async fn finish(tx: &mut Tx, subject: Uuid, now: UnixMicros) -> Result<(), StoreError> {
    let sql = "UPDATE jobs SET finished_at = $2 WHERE subject = $1 AND finished_at IS NULL";
    tx.run(sql, args![subject, now]).await?;
    Ok(())
}

impl Store {
    /// The job with this id, if `token_hash` is that of its token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn job_by_token(&self, job: Uuid, token_hash: &str) -> Result<Option<JobRow>, StoreError> {
        let sql = "SELECT id, kind, subject, finished_at FROM jobs WHERE id = $1 AND token_hash = $2";
        Ok(self.db.one::<Raw>(sql, args![job, token_hash]).await?.map(JobRow::from))
    }
}
