//! The one exception to "one verdict, for ever": an agent whose host failed its check takes back what it posted. The
//! attempt stays in the books as void, and the submission waits for another.

use ide_protocol::job::JobKind;
use ide_protocol::rest::{Submission, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::jobs::{self, NewJob};
use super::{Store, StoreError, regrade, submissions};

/// How often verdicts of one submission may be taken back; after that the next one stands. Two sick hosts in a row are
/// bad luck, and an agent that lies must not keep a learner waiting for ever.
const MAX_VOIDED: i64 = 2;

impl Store {
    /// Attempt `attempt` counts no more. If its outcome was the submission's, another one is asked for; if it was still
    /// under way, its result will be refused, and whoever holds its message gives that back. `None` when neither is so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn disown(
        &self,
        id: Uuid,
        attempt: u32,
        why: &str,
        job: NewJob<'_>,
        now: UnixMicros,
    ) -> Result<Option<Submission>, StoreError> {
        let mut tx = self.db.begin().await?;
        let number = i64::from(attempt);
        let sql = "UPDATE submissions SET state = 'queued', outcome = NULL, passed = 0, finished_at = NULL
                   WHERE id = $1 AND attempt = $2 AND state IN ('graded', 'lesson_fault')
                   AND (SELECT COUNT(*) FROM attempts a WHERE a.submission = $1 AND a.voided_at IS NOT NULL) < $3";
        if tx.run(sql, args![id, number, MAX_VOIDED]).await? > 0 {
            regrade::to_its_lane(&mut tx, id).await?;
            jobs::send_again(&mut tx, JobKind::Grading, id, job, now).await?;
        } else {
            let sql = "UPDATE submissions SET state = 'queued' WHERE id = $1 AND attempt = $2 AND state = 'running'";
            if tx.run(sql, args![id, number]).await? == 0 {
                tx.commit().await?;
                return Ok(None);
            }
        }
        note(&mut tx, id, attempt, why, now).await?;
        let submission = submissions::read(&self.counted, &mut tx, id).await?;
        tx.commit().await?;
        Ok(Some(submission))
    }
}

async fn note(tx: &mut Tx, id: Uuid, attempt: u32, why: &str, now: UnixMicros) -> Result<(), StoreError> {
    let sql =
        "UPDATE attempts SET voided_at = $3, voided_because = $4 WHERE submission = $1 AND attempt = $2";
    tx.run(sql, args![id, i64::from(attempt), now, why]).await?;
    let data = json!({ "attempt": attempt, "why": why });
    events::append(tx, &format!("submission:{id}"), "attempt_voided", data, &Actor::System, now).await
}
