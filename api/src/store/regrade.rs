//! A hand-in that ended without a verdict, for a reason that was not its learner's, is graded after all: it waits again,
//! on the lane that never delays anybody. What was graded stays as it is.

use ide_protocol::job::JobKind;
use ide_protocol::rest::{Submission, SubmissionState, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::jobs::{self, NewJob};
use super::{Store, StoreError, submissions};

/// What asking for it came to.
#[derive(Debug)]
pub enum Regrade {
    /// It waits.
    Waits(Submission),
    /// Its state does not allow it.
    Refused(SubmissionState),
    Unknown,
}

impl Store {
    /// Sends a submission out once more that ended as `not_graded` or `lesson_fault`: with a new token, so that whoever
    /// still holds an older message can do nothing with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn regrade(
        &self,
        id: Uuid,
        job: NewJob<'_>,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Regrade, StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "SELECT state FROM submissions WHERE id = $1";
        let Some((was,)) = tx.one::<(String,)>(sql, args![id]).await? else {
            tx.commit().await?;
            return Ok(Regrade::Unknown);
        };
        let sql = "UPDATE submissions SET state = 'queued', outcome = NULL, passed = 0, finished_at = NULL
                   WHERE id = $1 AND state = $2 AND state IN ('not_graded', 'lesson_fault')";
        if tx.run(sql, args![id, &was]).await? == 0 {
            let submission = submissions::read(&self.counted, &mut tx, id).await?;
            tx.commit().await?;
            return Ok(Regrade::Refused(submission.state));
        }
        to_its_lane(&mut tx, id).await?;
        jobs::send_again(&mut tx, JobKind::Grading, id, job, now).await?;
        let data = json!({ "was": was });
        events::append(&mut tx, &format!("submission:{id}"), "regrading_asked", data, actor, now).await?;
        let submission = submissions::read(&self.counted, &mut tx, id).await?;
        tx.commit().await?;
        Ok(Regrade::Waits(submission))
    }
}

/// From now on the submission's messages go to the regrading lane. What went missing of earlier ones is not held
/// against it.
pub(super) async fn to_its_lane(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    tx.run("UPDATE jobs SET lane = $2, lost = 0 WHERE subject = $1", args![id, jobs::REGRADING]).await?;
    Ok(())
}
