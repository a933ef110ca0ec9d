//! One attempt: claim a container, lay the files, build, test, judge.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::guest::{GuestError, Program};
use ide_protocol::job::GradingTimings;
use ide_protocol::results::{Ending, GradingOutcome, LessonFault};
use lesson::{Lesson, Manifest, Scope};

use super::{Grading, host_fault};
use crate::agent::{House, Orders};
use crate::cgroup::OomCounter;
use crate::container::{Container, Shape};
use crate::guest_link::{CallError, Guest};
use crate::recorder::{Recorder, judge_with_memory};
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
    let manifest = &lesson.manifest;
    let kills_before = kills(container);
    let clock = Instant::now();
    let mut recorder = Recorder::new(manifest.tests.report);
    let mut build = None;
    if let Some(program) = steps::build(manifest) {
        match step(container, guest, manifest, program, Duration::ZERO, &mut recorder).await {
            Ok(Ending::Exited { code: 0 }) => recorder = Recorder::new(manifest.tests.report),
            Ok(ending) => build = Some(ending),
            Err(why) => return not_run(&why),
        }
    }
    let ending = match build {
        Some(ending) => ending,
        None => {
            match step(container, guest, manifest, steps::tests(manifest), clock.elapsed(), &mut recorder)
                .await
            {
                Ok(ending) => ending,
                Err(why) => return not_run(&why),
            }
        }
    };
    let record = recorder.finish(build, ending, clock.elapsed());
    let killed = kills(container).saturating_sub(kills_before);
    judge_with_memory(manifest, Scope::All, record, killed)
}

/// One command. A container that died whole for want of memory ended its command, too.
async fn step(
    container: &Container,
    guest: &mut Guest,
    manifest: &Manifest,
    program: Program,
    spent: Duration,
    recorder: &mut Recorder,
) -> Result<Ending, CallError> {
    let kills_before = kills(container);
    let limits = steps::limits(manifest, spent);
    match guest.run(program, limits, |heard| drop(recorder.hear(heard.stream, &heard.bytes))).await {
        Ok(ending) => Ok(steps::with_whole_wall(ending, manifest)),
        Err(CallError::Link(_)) if kills(container) > kills_before => {
            Ok(Ending::OutOfMemory { limit_mib: manifest.limits.memory_mib })
        }
        Err(why) => Err(why),
    }
}

/// What the kernel has killed in the container so far; 0 where the host cannot tell.
fn kills(container: &Container) -> u64 {
    container.oom().and_then(OomCounter::kills).unwrap_or(0)
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
