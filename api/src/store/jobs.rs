//! Jobs: what agents are asked to do, and the token that is good for one of them.

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::job::{JobKind, JobMessage, Room};
use ide_protocol::rest::UnixMicros;
use lesson::Manifest;
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
    pub needs: Room,
    pub api_url: &'a str,
    /// The `traceparent` of what asked for it.
    pub trace: Option<&'a str>,
}

impl<'a> NewJob<'a> {
    #[must_use]
    pub fn new(kind: JobKind, lesson: &'a Manifest, api_url: &'a str) -> Self {
        let needs = match kind {
            JobKind::Session => lesson.session_room(),
            JobKind::Grading => lesson.grading_room(),
        };
        Self { image: &lesson.image, needs, api_url, trace: None }
    }

    /// The same, as part of a trace.
    #[must_use]
    pub fn traced(self, traceparent: &'a str) -> Self {
        Self { trace: Some(traceparent), ..self }
    }
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

pub(super) fn kind_text(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Session => "session",
        JobKind::Grading => "grading",
    }
}

/// What rows of the outbox call the lane of what is graded once more.
pub(super) const REGRADING: &str = "regrading";

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
    let token_hash = secrets::hash(&token);
    let sending = Sending { job, kind, subject, lane: kind_text(kind) };
    let message = send(tx, sending, new, token, now).await?;
    tx.run(
        "INSERT INTO jobs (id, kind, subject, token_hash, created_at, message, trace)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![job, kind_text(kind), subject, &token_hash, now, message, new.trace],
    )
    .await?;
    Ok(())
}

/// Sends the job of `subject` out anew: another message with another token. Whoever holds an older one is refused from
/// now on, so that it can neither start nor finish anything.
pub(super) async fn send_again(
    tx: &mut Tx,
    kind: JobKind,
    subject: Uuid,
    new: NewJob<'_>,
    now: UnixMicros,
) -> Result<(), StoreError> {
    let token = secrets::random();
    let sql =
        "UPDATE jobs SET token_hash = $3, started = 0, finished_at = NULL WHERE kind = $1 AND subject = $2
               RETURNING id, lane, trace";
    let token_hash = secrets::hash(&token);
    let given = args![kind_text(kind), subject, &token_hash];
    let job = tx.one::<(String, Option<String>, Option<String>)>(sql, given).await?;
    let (job, lane, trace) =
        job.ok_or_else(|| StoreError::corrupt("a job")(format!("{subject} has none")))?;
    let job = job.parse().map_err(|_| StoreError::corrupt("a job")(job))?;
    let lane = lane.as_deref().unwrap_or(kind_text(kind));
    // However often it is sent, it belongs to the click that asked for it.
    let new = NewJob { trace: trace.as_deref(), ..new };
    let message = send(tx, Sending { job, kind, subject, lane }, new, token, now).await?;
    tx.run("UPDATE jobs SET message = $2, sent = 0, sent_to = NULL WHERE id = $1", args![job, message])
        .await?;
    Ok(())
}

/// A message of a job, and the lane it goes to.
struct Sending<'a> {
    job: Uuid,
    kind: JobKind,
    subject: Uuid,
    lane: &'a str,
}

/// Puts a job's message into the outbox; answers its number.
async fn send(
    tx: &mut Tx,
    Sending { job, kind, subject, lane }: Sending<'_>,
    new: NewJob<'_>,
    token: String,
    now: UnixMicros,
) -> Result<i64, StoreError> {
    let message = JobMessage {
        version: PROTOCOL_VERSION,
        job,
        kind,
        image: new.image.to_owned(),
        needs: new.needs,
        api_url: new.api_url.to_owned(),
        token,
        // In the message's attribute, where any queue's tools see it.
        trace: None,
    };
    let body =
        serde_json::to_string(&message).map_err(|why| StoreError::corrupt("a job")(why.to_string()))?;
    // Its group is read from what it is about: nobody can say it wrongly.
    let sql = match kind {
        JobKind::Grading => {
            "INSERT INTO outbox (lane, body, created_at, cost, trace, subject, institution, course)
             SELECT $5, $2, $3, $4, $6, s.id, a.institution, COALESCE(l.course, '')
             FROM submissions s JOIN accounts a ON a.id = s.account LEFT JOIN lessons l ON l.slug = s.lesson
             WHERE s.id = $1 RETURNING id"
        }
        JobKind::Session => {
            "INSERT INTO outbox (lane, body, created_at, cost, trace, subject, institution, course)
             SELECT $5, $2, $3, $4, $6, s.id, a.institution, COALESCE(l.course, '')
             FROM sessions s JOIN accounts a ON a.id = s.account JOIN workspaces w ON w.id = s.workspace
             LEFT JOIN lessons l ON l.slug = w.lesson
             WHERE s.id = $1 RETURNING id"
        }
    };
    let given = args![subject, &body, now, i64::from(new.needs.memory_mib), lane, new.trace];
    let number = tx.one::<(i64,)>(sql, given).await?;
    let (number,) =
        number.ok_or_else(|| StoreError::corrupt("the outbox")("it took no message".to_owned()))?;
    Ok(number)
}

/// An agent has begun on the newest message of `subject`'s job.
pub(super) async fn started(tx: &mut Tx, subject: Uuid) -> Result<(), StoreError> {
    tx.run("UPDATE jobs SET started = 1 WHERE subject = $1 AND started = 0", args![subject]).await?;
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
