//! Grading: one hand-in, one container that nobody had before, one result at the API – then the job is done.
//!
//! Whose fault a failure is, is decided here once: the learner's becomes a verdict, the lesson's a fault of the
//! lesson, ours is tried again until the queue gives up, and only then told.

mod attempt;
mod bench;
mod circumstances;
mod rounds;

pub use attempt::{Tried, grade};
pub use circumstances::circumstances;
pub(crate) use circumstances::host;

use std::time::{Duration, Instant};

use ide_protocol::files::WorkspaceFile;
use ide_protocol::job::FinishGrading;
use ide_protocol::record::{Circumstances, GradingTimings, MemoryUse};
use ide_protocol::rest::UnixMicros;
use ide_protocol::results::{GradingOutcome, HostFault, LessonFault};

use crate::agent::{House, Orders};
use crate::api::ApiError;
use crate::clock;
use crate::lessons::LessonError;
use crate::retry::{FINISH_LIMIT, Retry};
use crate::supervisor::JobEnd;

/// What is to be graded.
#[derive(Debug)]
pub(crate) struct Grading {
    pub attempt: u32,
    pub lesson_digest: String,
    pub files: Vec<WorkspaceFile>,
    pub assigned_at: UnixMicros,
}

/// Grades and posts. The container is on its way out when this returns, whatever happened.
pub(crate) async fn carry_out(house: &House, orders: &Orders, grading: Grading) -> JobEnd {
    let work = async {
        let (mut tried, circumstances) = fetch_and_grade(house, orders, &grading).await;
        if let GradingOutcome::HostFault { fault } = &tried.outcome {
            tracing::error!(job = %orders.message.job, delivery = orders.delivery, fault = %fault, "could not grade");
            if !orders.is_last_delivery() {
                return orders.again();
            }
        }
        let milestones = tried.timings.milestones.get_or_insert_default();
        milestones.leased_at = Some(orders.leased_at);
        milestones.assigned_at = Some(grading.assigned_at);
        milestones.posted_at = Some(clock::now());
        let result = FinishGrading {
            attempt: grading.attempt,
            outcome: tried.outcome,
            timings: tried.timings,
            image_digest: tried.image_digest,
            circumstances,
        };
        failpoints::reach("agent:collect");
        // Before, so that no verdict is out that this host would not answer for.
        house.ledger.note(&orders.message, result.attempt);
        after_posting(&result.outcome, post(house, orders, &result).await)
    };
    tokio::select! {
        end = work => end,
        _ = orders.stopped() => JobEnd::Again { delay: Duration::ZERO },
    }
}

/// Posts that it was not tried, because this host is too small for it.
pub(crate) async fn refuse(house: &House, orders: &Orders, attempt: u32, detail: String) -> JobEnd {
    let fault = HostFault { doing: "making room for it".to_owned(), detail };
    let result = FinishGrading {
        attempt,
        outcome: GradingOutcome::HostFault { fault },
        timings: GradingTimings::default(),
        image_digest: String::new(),
        circumstances: Circumstances { host: house.host.clone(), ..Circumstances::default() },
    };
    after_posting(&result.outcome, post(house, orders, &result).await)
}

async fn fetch_and_grade(house: &House, orders: &Orders, grading: &Grading) -> (Tried, Circumstances) {
    let Grading { lesson_digest, files, .. } = grading;
    match house.lessons.get(&orders.message, lesson_digest).await {
        Ok(lesson) => {
            let fetched_at = clock::now();
            let mut tried = grade(&house.pool, &lesson, files).await;
            tried.timings.milestones.get_or_insert_default().fetched_at = Some(fetched_at);
            if matches!(tried.outcome, GradingOutcome::HostFault { .. }) {
                house.alarm.ring();
            }
            let how = circumstances(&lesson.manifest, lesson_digest, files, tried.memory, &house.host);
            (tried, how)
        }
        Err(why) => {
            let tried = Tried {
                outcome: match &why {
                    LessonError::NotPermitted(why) => unusable(why.to_string()),
                    _ => host_fault("fetching the lesson", &why),
                },
                timings: GradingTimings::default(),
                image_digest: String::new(),
                memory: MemoryUse::default(),
            };
            (tried, Circumstances { host: house.host.clone(), ..Circumstances::default() })
        }
    }
}

/// A fault of ours that the API has noted leaves the hand-in ungraded, and nobody tries again: the message must die, not
/// be done, for it is the dead letter that makes the API tell the learner.
fn after_posting(outcome: &GradingOutcome, end: JobEnd) -> JobEnd {
    match (outcome, end) {
        (GradingOutcome::HostFault { .. }, JobEnd::Done) => JobEnd::Again { delay: Duration::ZERO },
        (_, end) => end,
    }
}

/// Offers the result until the API has it, says it is not wanted, or time is up.
async fn post(house: &House, orders: &Orders, result: &FinishGrading) -> JobEnd {
    let mut retry = Retry::new(Instant::now(), FINISH_LIMIT);
    loop {
        let why = match house.api.finish(&orders.message, result).await {
            Ok(answer) => {
                tracing::info!(job = %orders.message.job, recorded = answer.recorded, "graded");
                failpoints::reach("agent:report");
                return JobEnd::Done;
            }
            Err(ApiError::Gone | ApiError::Superseded) => return JobEnd::Done,
            Err(why) => why,
        };
        tracing::warn!(job = %orders.message.job, error = %why, "could not post a result");
        match retry.pause(Instant::now()) {
            Some(pause) if why.may_pass() => tokio::time::sleep(pause).await,
            _ => return orders.again(),
        }
    }
}

fn unusable(detail: String) -> GradingOutcome {
    GradingOutcome::LessonFault { fault: LessonFault::Unusable { detail } }
}

fn host_fault(doing: &str, why: &dyn std::error::Error) -> GradingOutcome {
    GradingOutcome::HostFault { fault: HostFault { doing: doing.to_owned(), detail: causes(why) } }
}

/// An error with what lies behind it, in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
