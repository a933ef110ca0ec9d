//! One attempt: claim a container, lay the files, build, test, judge.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::guest::{GuestError, Program};
use ide_protocol::job::GradingTimings;
use ide_protocol::results::{Ending, GradingOutcome, LessonFault};
use lesson::{Lesson, Scope, judge};

use super::{Grading, host_fault};
use crate::agent::{House, Orders};
use crate::container::{Container, Shape};
use crate::guest_link::{CallError, Guest};
use crate::recorder::{Recorder, with_memory};
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
            let limit = steps::wall(&lesson.manifest) + AROUND_THE_RUN;
            let graded = grade(house, &lesson, grading, &mut tried.timings, &mut tried.image_digest);
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
    if let Err(why) = guest.lay(&lesson.grading_files(&grading.files)).await {
        return not_laid(&why);
    }
    timings.prepare_ms = millis(clock);
    let clock = Instant::now();
    let outcome = run(&container, &mut guest, lesson).await;
    timings.run_ms = millis(clock);
    outcome
}

/// Build step and tests, within the lesson's wall clock.
async fn run(container: &Container, guest: &mut Guest, lesson: &Lesson) -> GradingOutcome {
    let mut recorder = Recorder::new(lesson.manifest.tests.report);
    let clock = Instant::now();
    if let Some(build) = steps::build(&lesson.manifest) {
        match step(container, guest, lesson, build, Duration::ZERO, &mut recorder).await {
            Ok(Ending::Exited { code: 0 }) => {}
            Ok(ending) => {
                let record = recorder.finish(Some(ending), ending, clock.elapsed());
                return judge(&lesson.manifest.tests, Scope::All, record);
            }
            Err(why) => return not_run(&why),
        }
        // What the build printed is of no interest once it worked.
        recorder = Recorder::new(lesson.manifest.tests.report);
    }
    let tests = steps::tests(&lesson.manifest);
    match step(container, guest, lesson, tests, clock.elapsed(), &mut recorder).await {
        Ok(ending) => {
            let record = recorder.finish(None, ending, clock.elapsed());
            judge(&lesson.manifest.tests, Scope::All, record)
        }
        Err(why) => not_run(&why),
    }
}

/// One command; its ending tells of memory, too, which only the host can see.
async fn step(
    container: &Container,
    guest: &mut Guest,
    lesson: &Lesson,
    program: Program,
    spent: Duration,
    recorder: &mut Recorder,
) -> Result<Ending, CallError> {
    let kills = || container.oom().and_then(crate::cgroup::OomCounter::kills);
    let before = kills().unwrap_or(0);
    let limits = steps::limits(&lesson.manifest, spent);
    let ended = guest.run(program, limits, |heard| drop(recorder.hear(heard.stream, &heard.bytes))).await;
    let killed = kills().unwrap_or(before).saturating_sub(before);
    let limit_mib = lesson.manifest.limits.memory_mib;
    match ended {
        Ok(ending) => Ok(steps::with_whole_wall(with_memory(ending, killed, limit_mib), &lesson.manifest)),
        // Memory took PID 1 itself.
        Err(CallError::Link(_)) if killed > 0 => Ok(Ending::OutOfMemory { limit_mib }),
        Err(why) => Err(why),
    }
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

fn not_run(why: &CallError) -> GradingOutcome {
    match why {
        CallError::Refused { source: GuestError::CannotStart { .. }, .. } => unusable(super::causes(why)),
        _ => host_fault("running the tests", why),
    }
}

fn unusable(detail: String) -> GradingOutcome {
    GradingOutcome::LessonFault { fault: LessonFault::Unusable { detail } }
}

fn millis(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}
