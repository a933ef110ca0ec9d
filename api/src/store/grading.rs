//! Grading: attempts begin, end and give up. Each step is a compare-and-set on the submission, so that an agent that
//! was thought dead cannot undo what a newer one did.

use std::cmp::Ordering;

use ide_protocol::job::FinishGrading;
use ide_protocol::rest::{Submission, UnixMicros};
use ide_protocol::results::{GradingOutcome, Outcome};
use serde_json::{Value, json};
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::places::Counted;
use super::{Store, StoreError, jobs, small, submissions};

/// What asking for an attempt came to.
#[derive(Debug)]
pub enum Begun {
    /// This one, with the submission as it stands.
    Attempt(u32, Submission),
    /// A later delivery is being worked on.
    Stale,
    /// There is nothing left to grade.
    Over,
}

/// What posting a result came to.
#[derive(Debug)]
pub enum Finish {
    /// Stored: the submission is final, or (after a fault of ours) waits for another try.
    Recorded(Submission),
    /// It has its result already; that stands.
    Already,
    /// Another attempt is newer, or this one has been given back already.
    Stale,
}

/// What the death of a message came to.
#[derive(Debug)]
pub enum Died {
    GivenUp(Submission),
    /// Another copy of the message is being worked on; it may yet be graded.
    UnderWay,
    /// It has its result already.
    Over,
}

impl Store {
    /// An attempt begins. One delivery of a message is one attempt: an agent that did not hear the answer asks again and
    /// gets the same one, and a request that was long on its way does not push aside what a later delivery began.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn start_grading(
        &self,
        id: Uuid,
        agent: &str,
        delivery: u32,
        now: UnixMicros,
    ) -> Result<Begun, StoreError> {
        let mut tx = self.db.begin().await?;
        // Nothing changes; whoever else starts it waits here.
        let sql = "UPDATE submissions SET state = state WHERE id = $1 AND state IN ('queued', 'running')
                   RETURNING attempt, state";
        let Some((attempt, state)) = tx.one::<(i64, String)>(sql, args![id]).await? else {
            tx.commit().await?;
            return Ok(Begun::Over);
        };
        if state == "running" {
            let sql = "SELECT delivery FROM attempts WHERE submission = $1 AND attempt = $2";
            let (newest,) = tx.one::<(i64,)>(sql, args![id, attempt]).await?.unwrap_or_default();
            match i64::from(delivery).cmp(&newest) {
                Ordering::Less => {
                    tx.commit().await?;
                    return Ok(Begun::Stale);
                }
                Ordering::Equal => {
                    let submission = submissions::read(&self.counted, &mut tx, id).await?;
                    tx.commit().await?;
                    return Ok(Begun::Attempt(small(attempt), submission));
                }
                Ordering::Greater => {}
            }
        }
        let attempt = attempt + 1;
        tx.run("UPDATE submissions SET state = 'running', attempt = $2 WHERE id = $1", args![id, attempt])
            .await?;
        tx.run(
            "INSERT INTO attempts (submission, attempt, agent, delivery, started_at) VALUES ($1, $2, $3, $4, $5)",
            args![id, attempt, agent, i64::from(delivery), now],
        )
        .await?;
        jobs::started(&mut tx, id).await?;
        let data = json!({ "attempt": attempt, "delivery": delivery });
        append(&mut tx, id, "attempt_started", data, &Actor::Agent(agent.to_owned()), now).await?;
        let submission = submissions::read(&self.counted, &mut tx, id).await?;
        tx.commit().await?;
        Ok(Begun::Attempt(small(attempt), submission))
    }

    /// An attempt has ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish_grading(
        &self,
        id: Uuid,
        finish: &FinishGrading,
        now: UnixMicros,
    ) -> Result<Finish, StoreError> {
        let End { state, outcome, passed, event } = end_of(&finish.outcome);
        let is_final = state != "queued";
        let mut tx = self.db.begin().await?;
        let changed = tx
            .run(
                "UPDATE submissions SET state = $3, outcome = $4, passed = $5, finished_at = $6
                 WHERE id = $1 AND state = 'running' AND attempt = $2",
                args![
                    id,
                    i64::from(finish.attempt),
                    state,
                    outcome.as_deref(),
                    passed,
                    is_final.then_some(now)
                ],
            )
            .await?;
        if changed == 0 {
            let sql = "SELECT id FROM submissions WHERE id = $1 AND state NOT IN ('queued', 'running')";
            let over = tx.one::<(String,)>(sql, args![id]).await?.is_some();
            tx.commit().await?;
            return Ok(if over { Finish::Already } else { Finish::Stale });
        }
        tx.run(
            "UPDATE attempts SET finished_at = $3, outcome = $4, timings = $5, image_digest = $6,
               circumstances = $7
             WHERE submission = $1 AND attempt = $2",
            args![
                id,
                i64::from(finish.attempt),
                now,
                &json!(finish.outcome).to_string(),
                &json!(finish.timings).to_string(),
                &finish.image_digest,
                &json!(finish.circumstances).to_string()
            ],
        )
        .await?;
        if is_final {
            jobs::finish(&mut tx, id, now).await?;
        }
        append(&mut tx, id, event, json!({ "attempt": finish.attempt }), &Actor::System, now).await?;
        let submission = submissions::read(&self.counted, &mut tx, id).await?;
        tx.commit().await?;
        Ok(Finish::Recorded(submission))
    }

    /// Nobody could grade it; `None` when it has its result already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up_grading(
        &self,
        id: Uuid,
        reason: &str,
        now: UnixMicros,
    ) -> Result<Option<Submission>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(submission) = give_up(&self.counted, &mut tx, id, reason, now).await? else {
            tx.commit().await?;
            return Ok(None);
        };
        tx.commit().await?;
        Ok(Some(submission))
    }

    /// A message died after `deliveries`: given up, unless an attempt is under way that an earlier delivery began. A message
    /// can be in the queue twice, and this one's own last attempt is of its last delivery.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn message_died(
        &self,
        id: Uuid,
        deliveries: u32,
        reason: &str,
        now: UnixMicros,
    ) -> Result<Died, StoreError> {
        let mut tx = self.db.begin().await?;
        // Nothing changes; whoever starts an attempt meanwhile waits here.
        let sql =
            "UPDATE submissions SET state = state WHERE id = $1 AND state = 'running' RETURNING attempt";
        if let Some((attempt,)) = tx.one::<(i64,)>(sql, args![id]).await? {
            let sql = "SELECT delivery FROM attempts WHERE submission = $1 AND attempt = $2";
            let begun_by = tx.one::<(i64,)>(sql, args![id, attempt]).await?;
            if begun_by.is_some_and(|(delivery,)| delivery < i64::from(deliveries)) {
                tx.commit().await?;
                return Ok(Died::UnderWay);
            }
        }
        let Some(submission) = give_up(&self.counted, &mut tx, id, reason, now).await? else {
            tx.commit().await?;
            return Ok(Died::Over);
        };
        tx.commit().await?;
        Ok(Died::GivenUp(submission))
    }
}

async fn give_up(
    counted: &Counted,
    tx: &mut Tx,
    id: Uuid,
    reason: &str,
    now: UnixMicros,
) -> Result<Option<Submission>, StoreError> {
    let sql = "UPDATE submissions SET state = 'not_graded', outcome = $2, finished_at = $3
               WHERE id = $1 AND state IN ('queued', 'running')";
    if tx.run(sql, args![id, &json!(reason).to_string(), now]).await? == 0 {
        return Ok(None);
    }
    jobs::finish(tx, id, now).await?;
    append(tx, id, "grading_given_up", json!({ "reason": reason }), &Actor::System, now).await?;
    Ok(Some(submissions::read(counted, tx, id).await?))
}

/// What an outcome does to its submission.
struct End {
    state: &'static str,
    outcome: Option<String>,
    passed: bool,
    event: &'static str,
}

fn end_of(outcome: &GradingOutcome) -> End {
    match outcome {
        GradingOutcome::Verdict { verdict } => End {
            state: "graded",
            outcome: Some(json!(verdict).to_string()),
            passed: verdict.outcome == Outcome::Passed,
            event: "submission_graded",
        },
        GradingOutcome::LessonFault { fault } => End {
            state: "lesson_fault",
            outcome: Some(json!(fault).to_string()),
            passed: false,
            event: "lesson_fault_found",
        },
        // Ours: the queue delivers the job again, or gives it up and the dead-letter task says so.
        GradingOutcome::HostFault { .. } => {
            End { state: "queued", outcome: None, passed: false, event: "attempt_failed" }
        }
    }
}

async fn append(
    tx: &mut Tx,
    id: Uuid,
    kind: &str,
    data: Value,
    actor: &Actor,
    now: UnixMicros,
) -> Result<(), StoreError> {
    events::append(tx, &format!("submission:{id}"), kind, data, actor, now).await
}
