//! Where a hand-in is run: one container, or – judged outside – one for the learner's program and one for the tests. One run
//! of it: build step, tests, and what the kernel killed meanwhile.

use std::time::{Duration, Instant};

use ide_protocol::files::WorkspaceFile;
use ide_protocol::guest::{GuestError, Program, RunLimits};
use ide_protocol::results::{Ending, GradingOutcome};
use lesson::{Lesson, Manifest, RunRecord, Scope};

use super::rounds::Round;
use super::{host_fault, unusable};
use crate::container::{Container, MemoryKills, Shape, StartError};
use crate::guest_link::{CallError, Guest, Heard, LinkError, run_with_calls};
use crate::pool::Pool;
use crate::recorder::{Recorder, judge_with_memory};
use crate::steps;
use crate::supervisor::Lane;

/// Where the steps of one attempt run, and what they are measured by.
pub(super) struct Bench<'a> {
    pub(super) lesson: &'a Lesson,
    submitted: &'a [WorkspaceFile],
    /// Where the learner's code runs. Whatever comes out of it is hostile.
    program: Place,
    /// Where the tests run, if not there. No byte of the learner's is laid into it.
    judge: Option<Place>,
}

/// A container and the conversation with its guest.
struct Place {
    // First, so that it closes before removal is asked for: the guest ends on it.
    guest: Guest,
    container: Container,
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

impl<'a> Bench<'a> {
    /// Claims what the lesson needs, at once.
    ///
    /// # Errors
    /// [`StartError`]
    pub(super) async fn claim(
        pool: &Pool,
        lesson: &'a Lesson,
        submitted: &'a [WorkspaceFile],
    ) -> Result<Self, StartError> {
        pool.expect(lesson);
        let shape = Shape::of(&lesson.manifest);
        let (program, judge) = if lesson.is_judged_outside() {
            let of_judge = Shape::of_judge(&lesson.manifest);
            let both = tokio::try_join!(Place::claim(pool, &shape), Place::claim(pool, &of_judge));
            both.map(|(program, judge)| (program, Some(judge)))?
        } else {
            (Place::claim(pool, &shape).await?, None)
        };
        Ok(Self { lesson, submitted, program, judge })
    }

    pub(super) fn image_id(&self) -> &str {
        self.program.container.image_id()
    }

    /// Where the learner's code ran.
    pub(super) fn program_container(&self) -> &Container {
        &self.program.container
    }

    /// Lays out every file of a round.
    ///
    /// # Errors
    /// [`CallError`]
    pub(super) async fn lay(&mut self, round: Round) -> Result<(), CallError> {
        let (lesson, submitted) = (self.lesson, self.submitted);
        let Some(judge) = &mut self.judge else {
            let files = match round {
                Round::Shown => lesson.shown_grading_files(submitted),
                Round::All => lesson.grading_files(submitted),
            };
            return self.program.guest.lay(&files).await;
        };
        let ours = lesson.judge_files(round == Round::All);
        let theirs = lesson.program_files(submitted);
        let judge_side = async {
            judge.guest.accept_calls().await?;
            judge.guest.lay(&ours).await
        };
        tokio::try_join!(judge_side, self.program.guest.lay(&theirs)).map(|_| ())
    }

    /// Ends what a run left behind: where the tests run elsewhere, no run's own end reaches the learner's programs.
    ///
    /// # Errors
    /// [`CallError`]
    pub(super) async fn clear(&mut self) -> Result<(), CallError> {
        if self.judge.is_some() {
            self.program.guest.kill_all().await?;
        }
        Ok(())
    }

    /// Build step and tests, within the lesson's wall clock.
    ///
    /// # Errors
    /// The outcome of a run that did not happen.
    pub(super) async fn run(&mut self) -> Result<Run, GradingOutcome> {
        let manifest = &self.lesson.manifest;
        let kills_before = self.kills();
        let clock = Instant::now();
        let mut recorder = Recorder::new(manifest.tests.report);
        let mut build = None;
        if let Some(step) = steps::build(manifest) {
            let ending = self.build(step, &mut recorder).await;
            match ending.map_err(|why| not_run(&why))? {
                Ending::Exited { code: 0 } => recorder = Recorder::new(manifest.tests.report),
                ending => build = Some(ending),
            }
        }
        let ending = match build {
            Some(ending) => ending,
            None => {
                let ending = self.tests(clock.elapsed(), &mut recorder).await;
                ending.map_err(|why| not_run(&why))?
            }
        };
        let record = recorder.finish(build, ending, clock.elapsed());
        Ok(Run { record, kills: self.kills_since(&kills_before) })
    }

    async fn build(&mut self, step: Program, recorder: &mut Recorder) -> Result<Ending, CallError> {
        let limits = steps::limits(&self.lesson.manifest, Duration::ZERO);
        let before = self.program.kills();
        let ended = self.program.run(step, limits, recorder).await;
        self.ending(ended, before, &self.program).await
    }

    async fn tests(&mut self, spent: Duration, recorder: &mut Recorder) -> Result<Ending, CallError> {
        let manifest = &self.lesson.manifest;
        let (tests, limits) = (steps::tests(manifest), steps::limits(manifest, spent));
        let before = self.program.kills();
        let Some(judge) = &mut self.judge else {
            let ended = self.program.run(tests, limits, recorder).await;
            return self.ending(ended, before, &self.program).await;
        };
        let judge_before = judge.kills();
        let hear = |heard: Heard| drop(recorder.hear(heard.stream, &heard.bytes));
        let (worker, program) = (steps::worker(manifest), &mut self.program.guest);
        match run_with_calls(&mut judge.guest, program, worker, tests, limits, hear).await {
            Ok(called) => {
                let lost = called.program_lost.map_or(Ok(called.ending), |why| Err(why.into()));
                self.ending(lost, before, &self.program).await
            }
            Err(why) => match &self.judge {
                Some(judge) => self.ending(Err(why), judge_before, judge).await,
                None => Err(why),
            },
        }
    }

    /// A container that died whole for want of memory ended what ran in it, too.
    async fn ending(
        &self,
        ended: Result<Ending, CallError>,
        kills_before: MemoryKills,
        place: &Place,
    ) -> Result<Ending, CallError> {
        let manifest = &self.lesson.manifest;
        match ended {
            Ok(ending) => Ok(steps::with_whole_wall(ending, manifest)),
            Err(why @ CallError::Link(LinkError::Closed | LinkError::Broken(_))) => {
                match place.container.died_of_memory(kills_before).await {
                    Some(true) => Ok(Ending::OutOfMemory { limit_mib: manifest.limits.memory_mib }),
                    _ => Err(why),
                }
            }
            Err(why) => Err(why),
        }
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.program).chain(&self.judge)
    }

    fn kills(&self) -> Vec<MemoryKills> {
        self.places().map(Place::kills).collect()
    }

    /// Kills for want of memory. Those of the tests count, too: what they hold is what the program gave them, and the
    /// lesson's own solution has been seen to fit.
    fn kills_since(&self, before: &[MemoryKills]) -> u64 {
        self.places().zip(before).map(|(place, before)| place.kills().since(*before)).sum()
    }
}

impl Place {
    async fn claim(pool: &Pool, shape: &Shape) -> Result<Self, StartError> {
        let mut container = pool.claim(shape, Lane::Grading).await?;
        let guest = container.take_guest().ok_or(StartError::NoGuest)?;
        Ok(Self { guest, container })
    }

    async fn run(
        &mut self,
        program: Program,
        limits: RunLimits,
        recorder: &mut Recorder,
    ) -> Result<Ending, CallError> {
        self.guest.run(program, limits, |heard| drop(recorder.hear(heard.stream, &heard.bytes))).await
    }

    fn kills(&self) -> MemoryKills {
        self.container.memory_kills()
    }
}

fn not_run(why: &CallError) -> GradingOutcome {
    match why {
        CallError::Refused { source: GuestError::CannotStart { .. }, .. } => unusable(super::causes(why)),
        _ => host_fault("running the tests", why),
    }
}
