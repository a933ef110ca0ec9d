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
use crate::guest_link::{CallError, Guest, LinkError};
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
    if let Err(why) = guest.lay(&lesson.grading_files(&grading.files)).await {
        return not_laid(&why);
    }
    timings.prepare_ms = millis(clock);
    let clock = Instant::now();
    let bench = Bench { container: &container, manifest: &lesson.manifest, is_last_delivery };
    let outcome = bench.run(&mut guest).await;
    timings.run_ms = millis(clock);
    outcome
}

/// Where the steps of one attempt run, and what they are measured by.
struct Bench<'a> {
    container: &'a Container,
    manifest: &'a Manifest,
    /// A fault now is told, not tried again.
    is_last_delivery: bool,
}

impl Bench<'_> {
    /// Build step and tests, within the lesson's wall clock.
    async fn run(&self, guest: &mut Guest) -> GradingOutcome {
        let manifest = self.manifest;
        let kills_before = self.kills().unwrap_or(0);
        let clock = Instant::now();
        let mut recorder = Recorder::new(manifest.tests.report);
        let mut build = None;
        if let Some(program) = steps::build(manifest) {
            match self.step(guest, program, Duration::ZERO, &mut recorder).await {
                Ok(Ending::Exited { code: 0 }) => recorder = Recorder::new(manifest.tests.report),
                Ok(ending) => build = Some(ending),
                Err(why) => return not_run(&why),
            }
        }
        let ending = match build {
            Some(ending) => ending,
            None => match self.step(guest, steps::tests(manifest), clock.elapsed(), &mut recorder).await {
                Ok(ending) => ending,
                Err(why) => return not_run(&why),
            },
        };
        let record = recorder.finish(build, ending, clock.elapsed());
        let killed = self.kills().unwrap_or(0).saturating_sub(kills_before);
        judge_with_memory(manifest, Scope::All, record, killed)
    }

    /// One command. A container that died whole for want of memory ended its command, too.
    async fn step(
        &self,
        guest: &mut Guest,
        program: Program,
        spent: Duration,
        recorder: &mut Recorder,
    ) -> Result<Ending, CallError> {
        let kills_before = self.kills();
        let limits = steps::limits(self.manifest, spent);
        match guest.run(program, limits, |heard| drop(recorder.hear(heard.stream, &heard.bytes))).await {
            Ok(ending) => Ok(steps::with_whole_wall(ending, self.manifest)),
            Err(CallError::Link(LinkError::Closed | LinkError::Broken(_)))
                if died_of_memory(kills_before, self.kills(), self.is_last_delivery) =>
            {
                Ok(Ending::OutOfMemory { limit_mib: self.manifest.limits.memory_mib })
            }
            Err(why) => Err(why),
        }
    }

    /// What the kernel has killed in the container so far; `None` where the host cannot tell, or no longer.
    fn kills(&self) -> Option<u64> {
        self.container.oom().and_then(OomCounter::kills)
    }
}

/// Whether a container that died under the learner's programs died for want of memory. Its counter soon goes with it:
/// once, that proves nothing – the engine may be on its way down. When it happens every time, it is the programs.
fn died_of_memory(before: Option<u64>, now: Option<u64>, is_last_delivery: bool) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => now > before,
        (Some(_), None) => is_last_delivery,
        (None, _) => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_that_died_is_the_hosts_fault_unless_the_kernel_or_repetition_says_otherwise() {
        let rows = [
            (Some(0), Some(1), false, true),
            (Some(1), Some(1), true, false),
            (Some(0), None, false, false),
            (Some(0), None, true, true),
            (None, None, true, false),
        ];
        for (before, now, is_last_delivery, died) in rows {
            let row = (before, now, is_last_delivery);
            assert_eq!(died_of_memory(before, now, is_last_delivery), died, "{row:?}");
        }
    }
}
