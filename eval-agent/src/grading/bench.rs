//! One run of a hand-in in its container: build step, tests, and what the kernel killed meanwhile.

use std::time::{Duration, Instant};

use ide_protocol::guest::{GuestError, Program};
use ide_protocol::results::{Ending, GradingOutcome};
use lesson::{Manifest, RunRecord, Scope};

use super::{host_fault, unusable};
use crate::container::Container;
use crate::guest_link::{CallError, Guest, LinkError};
use crate::recorder::{Recorder, judge_with_memory};
use crate::steps;

/// Where the steps of one attempt run, and what they are measured by.
pub(super) struct Bench<'a> {
    pub(super) container: &'a Container,
    pub(super) manifest: &'a Manifest,
}

/// What one run left behind.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) record: RunRecord,
    /// What the kernel killed for memory meanwhile.
    pub(super) kills: u64,
}

impl Run {
    /// What it comes to, as if it were the only one.
    pub(super) fn judged(self, manifest: &Manifest, scope: Scope) -> GradingOutcome {
        judge_with_memory(manifest, scope, self.record, self.kills)
    }
}

impl Bench<'_> {
    /// Build step and tests, within the lesson's wall clock.
    ///
    /// # Errors
    /// The outcome of a run that did not happen.
    pub(super) async fn run(&self, guest: &mut Guest) -> Result<Run, GradingOutcome> {
        let kills_before = self.container.memory_kills();
        let clock = Instant::now();
        let mut recorder = Recorder::new(self.manifest.tests.report);
        let mut build = None;
        if let Some(program) = steps::build(self.manifest) {
            let ending = self.step(guest, program, Duration::ZERO, &mut recorder).await;
            match ending.map_err(|why| not_run(&why))? {
                Ending::Exited { code: 0 } => recorder = Recorder::new(self.manifest.tests.report),
                ending => build = Some(ending),
            }
        }
        let ending = match build {
            Some(ending) => ending,
            None => {
                let tests = steps::tests(self.manifest);
                let ending = self.step(guest, tests, clock.elapsed(), &mut recorder).await;
                ending.map_err(|why| not_run(&why))?
            }
        };
        let record = recorder.finish(build, ending, clock.elapsed());
        Ok(Run { record, kills: self.container.memory_kills().since(kills_before) })
    }

    /// One command. A container that died whole for want of memory ended its command, too.
    async fn step(
        &self,
        guest: &mut Guest,
        program: Program,
        spent: Duration,
        recorder: &mut Recorder,
    ) -> Result<Ending, CallError> {
        let kills_before = self.container.memory_kills();
        let limits = steps::limits(self.manifest, spent);
        match guest.run(program, limits, |heard| drop(recorder.hear(heard.stream, &heard.bytes))).await {
            Ok(ending) => Ok(steps::with_whole_wall(ending, self.manifest)),
            Err(why @ CallError::Link(LinkError::Closed | LinkError::Broken(_))) => {
                match self.container.died_of_memory(kills_before).await {
                    Some(true) => Ok(Ending::OutOfMemory { limit_mib: self.manifest.limits.memory_mib }),
                    _ => Err(why),
                }
            }
            Err(why) => Err(why),
        }
    }
}

fn not_run(why: &CallError) -> GradingOutcome {
    match why {
        CallError::Refused { source: GuestError::CannotStart { .. }, .. } => unusable(super::causes(why)),
        _ => host_fault("running the tests", why),
    }
}
