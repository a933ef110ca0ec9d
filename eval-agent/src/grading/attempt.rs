//! One attempt: claim a container, and run what was handed in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::guest::GuestError;
use ide_protocol::job::GradingTimings;
use ide_protocol::results::{GradingOutcome, LessonFault};
use lesson::Lesson;

use super::bench::Bench;
use super::{Grading, host_fault, rounds, unusable};
use crate::agent::{House, Orders};
use crate::container::Shape;
use crate::guest_link::CallError;
use crate::steps;
use crate::supervisor::Lane;

/// Around the guest's own limits: a container, its services, the files, and a busy host.
const AROUND_THE_RUN: Duration = Duration::from_secs(60);

/// What an attempt came to, and where its time went.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) outcome: GradingOutcome,
    pub(super) timings: GradingTimings,
    /// Empty when there was no container.
    pub(super) image_digest: String,
}

/// Never fails: every failure is an outcome that says whose it is.
pub(super) async fn attempt(house: &House, orders: &Orders, grading: &Grading) -> Tried {
    let mut tried = Tried {
        outcome: GradingOutcome::LessonFault { fault: LessonFault::Unusable { detail: String::new() } },
        timings: GradingTimings::default(),
        image_digest: String::new(),
    };
    tried.outcome = match house.lessons.get(&orders.message, &grading.lesson_digest).await {
        Err(why) => host_fault("fetching the lesson", &why),
        Ok(lesson) => {
            let limit = steps::wall(&lesson.manifest) * rounds::count(&lesson) + AROUND_THE_RUN;
            let last = orders.is_last_delivery();
            let graded = grade(house, &lesson, grading, last, &mut tried.timings, &mut tried.image_digest);
            match tokio::time::timeout(limit, graded).await {
                Ok(outcome) => outcome,
                Err(late) => host_fault("grading", &late),
            }
        }
    };
    tried
}

async fn grade(
    house: &House,
    lesson: &Arc<Lesson>,
    grading: &Grading,
    is_last_delivery: bool,
    timings: &mut GradingTimings,
    image_digest: &mut String,
) -> GradingOutcome {
    let clock = Instant::now();
    let mut container = match house.pool.claim(&Shape::of(&lesson.manifest), Lane::Grading).await {
        Ok(container) => container,
        Err(why) if why.is_lessons() => return unusable(super::causes(&why)),
        Err(why) => return host_fault("getting a container", &why),
    };
    timings.container_ms = millis(clock);
    container.image_id().clone_into(image_digest);
    let Some(mut guest) = container.take_guest() else {
        return unusable("its container has no guest".to_owned());
    };
    let clock = Instant::now();
    if let Err(why) = guest.lay(&rounds::first_files(lesson, &grading.files)).await {
        return not_laid(&why);
    }
    timings.prepare_ms = millis(clock);
    let clock = Instant::now();
    let bench = Bench { container: &container, manifest: &lesson.manifest, is_last_delivery };
    let outcome = rounds::carry_out(&bench, &mut guest, lesson, &grading.files).await;
    timings.run_ms = millis(clock);
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

fn millis(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}
