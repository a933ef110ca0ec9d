//! A job's task (`eval_agent::agent::task` and `eval_agent::grading`): start, work, post, and how it ends.

use std::time::Duration;

use eval_agent::retry::{FINISH_LIMIT, Retry, START_LIMIT};
use eval_agent::supervisor::{JobEnd, LeaseNumber};
use job_queue::MAX_DELIVERIES;

use super::World;
use super::agenda::Happening;
use super::wire::{Answer, Process, Purpose, Request};
use crate::books::{Delivery, Outcome, Receipt, Subject, Token};
use crate::mutant::Mutant;
use crate::plan::Trouble;

/// As in `eval_agent`.
const AGAIN_DELAY: Duration = Duration::from_secs(2);
const REQUEST_DEADLINE: Duration = Duration::from_secs(20);
/// After which a run that does not end is a fault of ours.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub(super) struct Task {
    pub(super) subject: Subject,
    token: Token,
    pub(super) receipt: Receipt,
    delivery: u32,
    /// When the queue was last asked to leave it here.
    pub(super) asked: Duration,
    /// When the queue said that it is someone else's.
    pub(super) told_lost: Option<Duration>,
    /// The newer delivery is the one that is kept.
    pub(super) delivered_again: bool,
    pub(super) stage: Stage,
    /// Counts stages, so that what an earlier one waited for is ignored.
    step: u32,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Admitted,
    Starting { retry: Retry },
    Working { attempt: u32, outcome: Outcome },
    Posting { attempt: u32, outcome: Outcome, retry: Retry },
    Ended,
}

impl Task {
    pub(super) fn new(Delivery { receipt, subject, token, delivery }: Delivery, asked: Duration) -> Self {
        let (stage, told_lost) = (Stage::Admitted, None);
        Self { subject, token, receipt, delivery, asked, told_lost, delivered_again: false, stage, step: 0 }
    }

    /// To be tried again: the longer it fails, the later.
    fn again(&self) -> JobEnd {
        JobEnd::Again { delay: AGAIN_DELAY * self.delivery }
    }
}

impl World<'_> {
    pub(super) fn begin(&mut self, agent: usize, lease: LeaseNumber) {
        let retry = Retry::new(self.dawn + self.now, START_LIMIT);
        let ends = self
            .task(agent, lease)
            .map(|task| task.receipt)
            .and_then(|receipt| self.ledger.lease_ends(receipt));
        if let Some(ends) = ends.filter(|ends| self.now > *ends) {
            self.ledger.find(format!("agent {agent} begins lease {lease}, which ended at {ends:?}"));
        }
        let Some(task) = self.task(agent, lease) else { return };
        task.stage = Stage::Starting { retry };
        self.ask(agent, lease);
    }

    pub(super) fn stop(&mut self, agent: usize, lease: LeaseNumber) {
        if self.is(Mutant::SlotLeaked) {
            if let Some(task) = self.task(agent, lease) {
                task.stage = Stage::Ended;
            }
            return;
        }
        self.end(agent, lease, JobEnd::Again { delay: Duration::ZERO });
    }

    pub(super) fn task_hears(&mut self, agent: usize, lease: LeaseNumber, step: u32, answer: Answer) {
        let Some(task) = self.task(agent, lease).filter(|task| task.step == step) else { return };
        match (task.stage, answer) {
            (Stage::Starting { .. }, Answer::Assigned(attempt)) => self.work(agent, lease, attempt),
            (Stage::Starting { .. }, Answer::Gone | Answer::Superseded) => {
                self.end(agent, lease, JobEnd::Done)
            }
            (Stage::Posting { outcome, .. }, Answer::Stored | Answer::Gone | Answer::Superseded) => {
                // It is the dead letter that makes the API tell the learner.
                let dies = outcome == Outcome::HostFault && !self.is(Mutant::HostFaultCompleted);
                let end = if dies { JobEnd::Again { delay: Duration::ZERO } } else { JobEnd::Done };
                self.end(agent, lease, end);
            }
            (Stage::Starting { .. } | Stage::Posting { .. }, Answer::Refused) => {
                let again = task.again();
                self.end(agent, lease, again);
            }
            (Stage::Starting { .. } | Stage::Posting { .. }, _) => self.pause(agent, lease),
            _ => {}
        }
    }

    /// The API did not answer: once more after a pause, or never.
    fn pause(&mut self, agent: usize, lease: LeaseNumber) {
        let now = self.dawn + self.now;
        let life = self.life(Process::Agent(agent));
        let is_hasty = self.is(Mutant::StartTriedOnce);
        let Some(task) = self.task(agent, lease) else { return };
        let again = task.again();
        let pause = match &mut task.stage {
            Stage::Starting { .. } if is_hasty => None,
            Stage::Starting { retry } | Stage::Posting { retry, .. } => retry.pause(now),
            _ => None,
        };
        let Some(pause) = pause else { return self.end(agent, lease, again) };
        task.step += 1;
        let step = task.step;
        self.plan_in(pause, Happening::Step { agent, life, lease, step });
    }

    /// The work is done, or the pause before the next try to post is over.
    pub(super) fn step(&mut self, agent: usize, life: u32, lease: LeaseNumber, step: u32) {
        if self.life(Process::Agent(agent)) != life {
            return;
        }
        let retry = Retry::new(self.dawn + self.now, FINISH_LIMIT);
        let Some(task) = self.task(agent, lease).filter(|task| task.step == step) else { return };
        let (delivery, again, receipt) = (task.delivery, task.again(), task.receipt);
        if let Stage::Working { attempt, mut outcome } = task.stage {
            if outcome == Outcome::HostFault && self.is(Mutant::HostFaultAsFailure) {
                outcome = Outcome::Failed;
            }
            if outcome == Outcome::HostFault && delivery < MAX_DELIVERIES {
                self.end(agent, lease, again);
                return;
            }
            if self.is(Mutant::CompletedBeforePosted) {
                let request = Request::Settle { receipt, end: JobEnd::Done };
                let way = (Process::Agent(agent), Process::Queue);
                self.call(way, request, Purpose::Nothing, REQUEST_DEADLINE);
            }
            if let Some(task) = self.task(agent, lease) {
                task.stage = Stage::Posting { attempt, outcome, retry };
            }
        }
        self.ask(agent, lease);
    }

    fn work(&mut self, agent: usize, lease: LeaseNumber, attempt: u32) {
        let Some(task) = self.task(agent, lease) else { return };
        let subject = task.subject;
        let (outcome, takes) = if self.is_struck(Trouble::Hangs) {
            (Outcome::HostFault, ATTEMPT_LIMIT)
        } else if self.is_struck(Trouble::HostFaults) || self.is_struck(Trouble::HostFaults) {
            (Outcome::HostFault, self.random.millis(50, 20_000))
        } else if self.random.chance(200) {
            (self.truth(subject), self.random.seconds(20, 90))
        } else {
            (self.truth(subject), self.random.millis(300, 6_000))
        };
        let life = self.life(Process::Agent(agent));
        let Some(task) = self.task(agent, lease) else { return };
        task.stage = Stage::Working { attempt, outcome };
        task.step += 1;
        let step = task.step;
        self.plan_in(takes, Happening::Step { agent, life, lease, step });
    }

    /// A dead letter has given up `subject`. Its own last attempt is of its last delivery; any other is a copy's.
    pub(super) fn nobody_grades(&mut self, subject: Subject) {
        let newest = self.ledger.attempts(subject);
        let of_copy = |task: &&Task| {
            let attempt = match task.stage {
                Stage::Working { attempt, .. } | Stage::Posting { attempt, .. } => attempt,
                Stage::Admitted | Stage::Starting { .. } | Stage::Ended => return false,
            };
            task.subject == subject && attempt == newest && task.delivery < MAX_DELIVERIES
        };
        let at_work = self.agents.iter().filter(|agent| agent.up).flat_map(|agent| agent.jobs.values());
        if at_work.filter(of_copy).count() > 0 {
            let what = format!("submission {subject} is given up while attempt {newest} of it is under way");
            self.ledger.find(what);
        }
    }

    /// The container is on its way out; the supervisor hears of it a moment later.
    fn end(&mut self, agent: usize, lease: LeaseNumber, end: JobEnd) {
        let Some(task) = self.task(agent, lease).filter(|task| !matches!(task.stage, Stage::Ended)) else {
            return;
        };
        task.stage = Stage::Ended;
        task.step += 1;
        let life = self.life(Process::Agent(agent));
        let moment = self.random.millis(1, 50);
        self.plan_in(moment, Happening::TaskEnded { agent, life, lease, end });
    }

    fn ask(&mut self, agent: usize, lease: LeaseNumber) {
        let Some(task) = self.task(agent, lease) else { return };
        let (job, delivery) = ((task.subject, task.token), task.delivery);
        let request = match task.stage {
            Stage::Starting { .. } => Request::Start { job, delivery },
            Stage::Posting { attempt, outcome, .. } => Request::Finish { job, attempt, outcome },
            _ => return,
        };
        task.step += 1;
        let purpose = Purpose::Task { lease, step: task.step };
        self.call((Process::Agent(agent), Process::Api), request, purpose, REQUEST_DEADLINE);
    }

    fn task(&mut self, agent: usize, lease: LeaseNumber) -> Option<&mut Task> {
        self.agents.get_mut(agent)?.jobs.get_mut(&lease)
    }
}
