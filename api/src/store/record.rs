//! What is kept of how submissions were graded, for people and for whoever runs them again.

use ide_protocol::record::{Attempt, AttemptEnd, Record};
use ide_protocol::results::GradingOutcome;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::db::args;
use super::{Store, StoreError, small};

/// Attempts told of one submission, the newest: a queue gives up after a few.
const SHOWN_ATTEMPTS: i64 = 20;

#[derive(sqlx::FromRow)]
struct Raw {
    attempt: i64,
    agent: String,
    delivery: i64,
    started_at: i64,
    finished_at: Option<i64>,
    outcome: Option<String>,
    timings: Option<String>,
    image_digest: Option<String>,
    circumstances: Option<String>,
}

impl Store {
    /// Everything kept of how a submission was graded; `None` when there is no such submission.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record(&self, id: Uuid) -> Result<Option<Record>, StoreError> {
        let Some(row) = self.submission(id).await? else { return Ok(None) };
        let sql = "SELECT attempt, agent, delivery, started_at, finished_at, outcome, timings, image_digest,
                     circumstances FROM attempts WHERE submission = $1 ORDER BY attempt DESC LIMIT $2";
        let attempts = self.db.all::<Raw>(sql, args![id, SHOWN_ATTEMPTS]).await?;
        let files = self.submission_files(id).await?;
        let submission = row.submission;
        Ok(Some(Record {
            submission: id,
            lesson: submission.lesson,
            lesson_digest: submission.lesson_digest,
            submission_digest: lesson::work_digest(&files),
            submitted_at: submission.submitted_at,
            attempts: attempts.into_iter().map(Attempt::try_from).collect::<Result<_, _>>()?,
        }))
    }
}

impl TryFrom<Raw> for Attempt {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self, StoreError> {
        let outcome: Option<GradingOutcome> = kept(raw.outcome)?;
        Ok(Self {
            attempt: small(raw.attempt),
            agent: raw.agent,
            delivery: small(raw.delivery),
            started_at: raw.started_at,
            finished_at: raw.finished_at,
            end: outcome.map(|outcome| end_of(&outcome)),
            timings: kept(raw.timings)?,
            image_digest: raw.image_digest,
            circumstances: kept(raw.circumstances)?,
        })
    }
}

/// A fault of ours may name paths and hosts, a lesson's may quote its tests: both are told elsewhere, in words.
fn end_of(outcome: &GradingOutcome) -> AttemptEnd {
    match outcome {
        GradingOutcome::Verdict { verdict } => {
            AttemptEnd::Verdict { outcome: verdict.outcome, ending: verdict.ending, trust: verdict.trust }
        }
        GradingOutcome::LessonFault { .. } => AttemptEnd::LessonFault,
        GradingOutcome::HostFault { .. } => AttemptEnd::HostFault,
    }
}

fn kept<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, StoreError> {
    let corrupt = StoreError::corrupt("an attempt");
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(|why| corrupt(why.to_string()))
}
