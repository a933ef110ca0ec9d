//! One attempt: claim what containers it takes, and run what was handed in. Asks no API and no queue, so that whoever has a
//! pool and a lesson can grade.

use std::time::{Duration, Instant};

use ide_protocol::files::WorkspaceFile;
use ide_protocol::guest::GuestError;
use ide_protocol::record::{GradingTimings, MemoryUse};
use ide_protocol::results::{Ending, GradingOutcome, Outcome, TestStatus, Verdict};
use lesson::Lesson;

use super::bench::Bench;
use super::circumstances::memory_use;
use super::{host_fault, rounds, unusable};
use crate::clock;
use crate::guest_link::CallError;
use crate::pool::Pool;
use crate::steps;

/// Around the guest's own limits: a container, its services, the files, and a busy host.
const AROUND_THE_RUN: Duration = Duration::from_secs(60);

/// What an attempt came to, and what is known of how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub outcome: GradingOutcome,
    pub timings: GradingTimings,
    /// Id of the image (`sha256:…`); empty when there was no container.
    pub image_digest: String,
    pub memory: MemoryUse,
}

/// What is known of an attempt that may be broken off at any time.
#[derive(Default)]
struct Facts {
    timings: GradingTimings,
    image_digest: String,
    memory: MemoryUse,
}

/// Grades `files` as a hand-in of `lesson`. Never fails: every failure is an outcome that says whose it is. Whatever
/// containers it used are on their way out when this returns.
pub async fn grade(pool: &Pool, lesson: &Lesson, files: &[WorkspaceFile]) -> Tried {
    let limit = steps::wall(&lesson.manifest) * rounds::count(lesson) + AROUND_THE_RUN;
    let mut facts = Facts::default();
    let graded = in_containers(pool, lesson, files, &mut facts);
    let outcome = tokio::time::timeout(limit, graded).await;
    let mut outcome = outcome.unwrap_or_else(|late| host_fault("grading", &late));
    if let GradingOutcome::Verdict { verdict } = &mut outcome {
        if failpoints::lies("agent:grade") {
            pass(verdict);
        }
        lesson::conceal(verdict, &lesson.manifest.tests);
    }
    let Facts { timings, image_digest, memory } = facts;
    Tried { outcome, timings, image_digest, memory }
}

/// As a host would have it that passes whatever is handed in, well enough made for the API to believe.
fn pass(verdict: &mut Verdict) {
    (verdict.outcome, verdict.ending) = (Outcome::Passed, Ending::Exited { code: 0 });
    for test in &mut verdict.tests {
        test.status = TestStatus::Passed;
    }
}

async fn in_containers(
    pool: &Pool,
    lesson: &Lesson,
    files: &[WorkspaceFile],
    facts: &mut Facts,
) -> GradingOutcome {
    let began = Instant::now();
    let mut bench = match Bench::claim(pool, lesson, files).await {
        Ok(bench) => bench,
        Err(why) if why.is_lessons() => return unusable(super::causes(&why)),
        Err(why) => return host_fault("getting a container", &why),
    };
    facts.timings.container_ms = millis(began);
    let milestones = facts.timings.milestones.get_or_insert_default();
    milestones.claimed_at = Some(clock::now());
    bench.image_id().clone_into(&mut facts.image_digest);
    let began = Instant::now();
    if let Err(why) = bench.lay(rounds::first(lesson)).await {
        return not_laid(&why);
    }
    facts.timings.prepare_ms = millis(began);
    milestones.laid_at = Some(clock::now());
    failpoints::reach("agent:copy-in");
    let began = Instant::now();
    let outcome = rounds::carry_out(&mut bench).await;
    facts.timings.run_ms = millis(began);
    milestones.ended_at = Some(clock::now());
    failpoints::reach("agent:run");
    facts.memory = memory_use(bench.program_container());
    outcome
}

/// Nothing of the learner's has run yet, so it is the lesson's size or ours.
fn not_laid(why: &CallError) -> GradingOutcome {
    match why {
        CallError::Refused { source: GuestError::DiskFull | GuestError::TooBig, .. } => {
            unusable(super::causes(why))
        }
        _ => host_fault("laying out the files", why),
    }
}

fn millis(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}
