//! Messages on their way to the queue, and how many are there already.

use ide_protocol::job::JobMessage;

use super::db::args;
use super::{Store, StoreError, small};

/// One message.
#[derive(Debug, sqlx::FromRow)]
pub struct OutboxRow {
    /// Its number in the order written.
    pub id: i64,
    /// `session`, `grading` or `regrading`.
    pub lane: String,
    /// Whose job it is.
    pub institution: String,
    pub course: String,
    /// What an agent sets aside for it (MiB).
    pub cost: i64,
    /// Since when it waits.
    pub created_at: i64,
    /// A `traceparent`.
    pub trace: Option<String>,
    pub body: String,
}

/// How much of a lane waits, and since when.
#[derive(Debug, sqlx::FromRow)]
pub struct OutboxDepth {
    pub lane: String,
    pub waiting: i64,
    pub since: i64,
}

/// In which lanes something waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct LanesWaiting {
    pub session: bool,
    pub grading: bool,
    pub regrading: bool,
}

impl Store {
    /// The oldest messages, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outbox(&self, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT id, lane, institution, course, cost, created_at, trace, body FROM outbox ORDER BY id LIMIT $1";
        Ok(self.db.all(sql, args![i64::from(limit)]).await?)
    }

    /// Whether anything waits at all: what is asked most often, and answered by an index.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lanes_waiting(&self) -> Result<LanesWaiting, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE lane = 'session') AS session,
                     EXISTS (SELECT 1 FROM outbox WHERE lane = 'grading') AS grading,
                     EXISTS (SELECT 1 FROM outbox WHERE lane = 'regrading') AS regrading";
        let none = LanesWaiting { session: false, grading: false, regrading: false };
        Ok(self.db.one(sql, &[]).await?.unwrap_or(none))
    }

    /// Lanes in which something waits. Reads them all: for figures.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outbox_depths(&self) -> Result<Vec<OutboxDepth>, StoreError> {
        let sql = "SELECT lane, COUNT(*) AS waiting, MIN(created_at) AS since FROM outbox GROUP BY lane";
        Ok(self.db.all(sql, &[]).await?)
    }

    /// The oldest messages of each group of a lane, at most `each`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outbox_heads(&self, lane: &str, each: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT o.id, o.lane, o.institution, o.course, o.cost, o.created_at, o.trace, o.body FROM (
                     SELECT id, ROW_NUMBER() OVER (PARTITION BY institution, course ORDER BY id) AS place
                     FROM outbox WHERE lane = $1
                   ) heads JOIN outbox o ON o.id = heads.id WHERE heads.place <= $2
                   ORDER BY o.institution, o.course, o.id";
        Ok(self.db.all(sql, args![lane, i64::from(each)]).await?)
    }

    /// The queue has them, in this order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outbox_sent(&self, messages: &[i64]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for message in messages {
            let sql = "DELETE FROM outbox WHERE id = $1 RETURNING lane, body";
            let Some((lane, body)) = tx.one::<(String, String)>(sql, args![*message]).await? else {
                continue;
            };
            // Not ours, or of a build to come: no agent will begin on it, and the watch finds whoever waits for it.
            let Ok(JobMessage { job, .. }) = serde_json::from_str(&body) else { continue };
            let sql = "UPDATE jobs SET sent_to = $3,
                         sent = (SELECT COALESCE(MAX(sent), 0) + 1 FROM jobs WHERE sent_to = $3)
                       WHERE id = $1 AND message = $2";
            tx.run(sql, args![job, *message, &lane]).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Jobs that were sent to a lane and that no agent has begun on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn in_queue(&self, lane: &str) -> Result<u32, StoreError> {
        let sql = "SELECT COUNT(*) FROM jobs
                   WHERE sent_to = $1 AND sent > 0 AND finished_at IS NULL AND started = 0";
        Ok(self.db.one::<(i64,)>(sql, args![lane]).await?.map_or(0, |(count,)| small(count)))
    }

    /// Gives jobs that an earlier build sent a place in the order: the newest, so that nothing is said to have overtaken
    /// them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn place_what_others_sent(&self) -> Result<u64, StoreError> {
        let sql = "UPDATE jobs SET sent_to = COALESCE(lane, kind),
                     sent = (SELECT COALESCE(MAX(j.sent), 0) + 1 FROM jobs j WHERE j.sent_to = COALESCE(jobs.lane, jobs.kind))
                   WHERE sent = 0 AND finished_at IS NULL
                     AND subject IN (SELECT id FROM submissions WHERE state IN ('queued', 'running')
                                     UNION ALL SELECT id FROM sessions WHERE state <> 'ended')
                     AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = jobs.message)";
        let mut tx = self.db.begin().await?;
        let placed = tx.run(sql, &[]).await?;
        tx.commit().await?;
        Ok(placed)
    }
}
