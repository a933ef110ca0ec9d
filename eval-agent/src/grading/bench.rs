//! One run of a hand-in in its container: build step, tests, and what the kernel killed meanwhile.

use std::time::{Duration, Instant};

use ide_protocol::guest::{GuestError, Program};
use ide_protocol::results::{Ending, GradingOutcome};
use lesson::{Manifest, RunRecord, Scope};

use super::{host_fault, unusable};
use crate::cgroup::Cgroup;
use crate::container::Container;
use crate::guest_link::{CallError, Guest, LinkError};
use crate::recorder::{Recorder, judge_with_memory};
use crate::steps;

/// Where the steps of one attempt run, and what they are measured by.
pub(super) struct Bench<'a> {
    pub(super) container: &'a Container,
    pub(super) manifest: &'a Manifest,
    /// A fault now is told, not tried again.
    pub(super) is_last_delivery: bool,
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
        let kills_before = self.kills().unwrap_or(0);
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
        Ok(Run { record, kills: self.kills().unwrap_or(0).saturating_sub(kills_before) })
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
        self.container.cgroup().and_then(Cgroup::kills)
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

fn not_run(why: &CallError) -> GradingOutcome {
    match why {
        CallError::Refused { source: GuestError::CannotStart { .. }, .. } => unusable(super::causes(why)),
        _ => host_fault("running the tests", why),
    }
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
