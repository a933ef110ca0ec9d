//! Jobs that are not over, with what is known about their messages; and what is done to one that is lost. Knows no
//! queue: whether a message is still there is for others to find out.

use ide_protocol::job::JobKind;
use ide_protocol::rest::{Submission, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::db::args;
use super::events::{self, Actor};
use super::jobs::{self, NewJob};
use super::{Store, StoreError, small, submissions};

/// How far an unfinished job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nobody works on it, as far as is known. `attempt` counts those that failed.
    Waiting { attempt: u32 },
    /// The attempt of this number is under way.
    Running { attempt: u32 },
}

/// A submission without outcome, or a session that waits for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    pub subject: Uuid,
    /// Version of the lesson; of a session, the current one.
    pub lesson_digest: String,
    pub stage: Stage,
    /// Number of its newest message, in the order written; and its place in the order sent.
    pub message: i64,
    pub sent: i64,
    /// How often a message of it was found lost.
    pub lost: u32,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    subject: Uuid,
    lesson_digest: String,
    state: String,
    attempt: i64,
    message: i64,
    sent: i64,
    lost: i64,
}

impl From<Raw> for Unfinished {
    fn from(raw: Raw) -> Self {
        let Raw { subject, lesson_digest, state, attempt, message, sent, lost } = raw;
        let attempt = small(attempt);
        let stage = if state == "running" { Stage::Running { attempt } } else { Stage::Waiting { attempt } };
        Self { subject, lesson_digest, stage, message, sent, lost: small(lost) }
    }
}

impl Store {
    /// Submissions without outcome whose message went to this lane, the first `limit` of them in the order sent. What is
    /// still in the outbox is not among them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unfinished_gradings(&self, lane: &str, limit: u32) -> Result<Vec<Unfinished>, StoreError> {
        let sql = "SELECT s.id AS subject, s.lesson_digest, s.state, s.attempt, j.message, j.sent, j.lost
                   FROM jobs j JOIN submissions s ON s.id = j.subject
                   WHERE j.sent_to = $1 AND j.sent > 0 AND j.finished_at IS NULL AND j.kind = 'grading'
                     AND s.state IN ('queued', 'running') ORDER BY j.sent LIMIT $2";
        let rows = self.db.all::<Raw>(sql, args![lane, i64::from(limit)]).await?;
        Ok(rows.into_iter().map(Unfinished::from).collect())
    }

    /// The same of sessions that wait for an agent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting_sessions(&self, limit: u32) -> Result<Vec<Unfinished>, StoreError> {
        let sql = "SELECT s.id AS subject, l.digest AS lesson_digest, s.state, CAST(0 AS BIGINT) AS attempt,
                     j.message, j.sent, j.lost
                   FROM jobs j JOIN sessions s ON s.id = j.subject
                   JOIN workspaces w ON w.id = s.workspace JOIN lessons l ON l.slug = w.lesson
                   WHERE j.sent_to = 'session' AND j.sent > 0 AND j.finished_at IS NULL AND s.state = 'queued'
                   ORDER BY j.sent LIMIT $1";
        let rows = self.db.all::<Raw>(sql, args![i64::from(limit)]).await?;
        Ok(rows.into_iter().map(Unfinished::from).collect())
    }

    /// Place, in the order sent, of the newest message of a lane that an agent has begun on; 0 for none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_started(&self, lane: &str) -> Result<i64, StoreError> {
        let sql = "SELECT sent FROM jobs WHERE sent_to = $1 AND started = 1 ORDER BY sent DESC LIMIT 1";
        Ok(self.db.one::<(i64,)>(sql, args![lane]).await?.map_or(0, |(place,)| place))
    }

    /// The message of a submission is lost: it waits again, with a new one. `None` when it has moved on since it was
    /// looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_grading_again(
        &self,
        lost: &Unfinished,
        job: NewJob<'_>,
        now: UnixMicros,
    ) -> Result<Option<Submission>, StoreError> {
        let (state, attempt) = match lost.stage {
            Stage::Waiting { attempt } => ("queued", attempt),
            Stage::Running { attempt } => ("running", attempt),
        };
        let id = lost.subject;
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE submissions SET state = 'queued' WHERE id = $1 AND state = $2 AND attempt = $3";
        if tx.run(sql, args![id, state, i64::from(attempt)]).await? == 0 {
            tx.commit().await?;
            return Ok(None);
        }
        let sql = "UPDATE jobs SET lost = lost + 1 WHERE subject = $1 AND message = $2";
        if tx.run(sql, args![id, lost.message]).await? == 0 {
            return Ok(None);
        }
        jobs::send_again(&mut tx, JobKind::Grading, id, job, now).await?;
        let data = json!({ "attempt": attempt, "was": state, "times": lost.lost + 1 });
        events::append(&mut tx, &format!("submission:{id}"), "job_lost", data, &Actor::System, now).await?;
        let submission = submissions::read(&self.counted, &mut tx, id).await?;
        tx.commit().await?;
        Ok(Some(submission))
    }

    /// The same for a session that waits. False when it has moved on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_waiting_session_again(
        &self,
        lost: &Unfinished,
        job: NewJob<'_>,
        now: UnixMicros,
    ) -> Result<bool, StoreError> {
        let id = lost.subject;
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE sessions SET state_since = $2 WHERE id = $1 AND state = 'queued'";
        if tx.run(sql, args![id, now]).await? == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        let sql = "UPDATE jobs SET lost = lost + 1 WHERE subject = $1 AND message = $2";
        if tx.run(sql, args![id, lost.message]).await? == 0 {
            return Ok(false);
        }
        jobs::send_again(&mut tx, JobKind::Session, id, job, now).await?;
        let data = json!({ "times": lost.lost + 1 });
        events::append(&mut tx, &format!("session:{id}"), "job_lost", data, &Actor::System, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
