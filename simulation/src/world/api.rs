//! The API's answers (`api::routes`) to learners and agents, each one transaction of the store.

use std::time::Duration;

use api::lost_jobs::{LOOK_EVERY, Watch};

use super::agenda::Happening;
use super::wire::{Answer, Call, Process, Request};
use super::{World, note};
use crate::books::{End, Finish, HandedIn, Outcome, Start, State, Subject, Token};
use crate::mutant::Mutant;

/// From a committed hand-in to the dispatcher's look.
const SOON: Duration = Duration::from_millis(3);

#[derive(Debug)]
pub(super) struct Api {
    pub(super) life: u32,
    pub(super) up: bool,
    /// Looks of the dispatcher that were planned; the newest counts.
    pub(super) turn: u64,
    /// It has sent a message and waits for the queue.
    pub(super) sending: bool,
    pub(super) watch: Watch,
}

impl Default for Api {
    fn default() -> Self {
        let watch = Watch::new(super::lost::PATIENCE);
        Self { life: 0, up: false, turn: 0, sending: false, watch }
    }
}

impl World<'_> {
    pub(super) fn api_starts(&mut self) {
        self.api.life += 1;
        self.api.up = true;
        self.api.sending = false;
        note!(self, "the API starts");
        if self.plan.together {
            self.books.reclaim();
            for agent in 0..self.agents.len() {
                self.agent_starts(agent);
            }
        }
        let life = self.api.life;
        self.dispatch_in(Duration::ZERO);
        self.plan_in(Duration::ZERO, Happening::DeadLook { life });
        self.api.watch = Watch::new(super::lost::PATIENCE);
        self.plan_in(LOOK_EVERY, Happening::LostLook { life });
    }

    /// What it was about to do is not done; what it committed is.
    pub(super) fn kill_api(&mut self) {
        if !self.api.up {
            return;
        }
        note!(self, "the API is killed");
        self.api.up = false;
        self.api.life += 1;
        if self.plan.together {
            for agent in 0..self.agents.len() {
                self.kill_agent(agent);
            }
        }
        let after = self.random.millis(300, 20_000);
        self.plan_in(after, Happening::ApiStarts);
    }

    pub(super) fn ask_api(&mut self, call: Call) -> Answer {
        match (call.request, call.from) {
            (Request::HandIn { key }, Process::Learner(learner)) => self.store_hand_in(learner, key),
            (Request::Start { job, delivery }, _) => self.start(job, delivery),
            (Request::Finish { job, attempt, outcome }, _) => self.finish(job, attempt, outcome),
            _ => Answer::Unavailable,
        }
    }

    fn store_hand_in(&mut self, learner: usize, key: u32) -> Answer {
        let wall = self.wall(Process::Api);
        let stored_as = if self.is(Mutant::KeyIgnored) { self.random.below(1 << 30) as u32 } else { key };
        let handed_in = self.books.hand_in(learner, stored_as, wall);
        if let HandedIn::Stored(subject) = handed_in {
            let has_outbox = !self.is(Mutant::NoOutbox);
            self.ledger.stored(learner, key, subject, has_outbox);
            self.dispatch_in(SOON);
        }
        Answer::HandedIn(handed_in)
    }

    fn start(&mut self, job: (Subject, Token), delivery: u32) -> Answer {
        let subject = job.0;
        let wall = self.wall(Process::Api);
        let attempt = match self.books.start(job, delivery, wall) {
            Start::Attempt(attempt) => attempt,
            Start::Stale => return Answer::Superseded,
            Start::Refused => return Answer::Refused,
            Start::Over if self.is(Mutant::FinishedBegunAgain) => u32::MAX,
            Start::Over => return Answer::Gone,
        };
        self.ledger.began(subject, attempt);
        self.look_at(subject);
        Answer::Assigned(attempt)
    }

    fn finish(&mut self, job: (Subject, Token), attempt: u32, outcome: Outcome) -> Answer {
        let subject = job.0;
        let wall = self.wall(Process::Api);
        let mut fence = attempt;
        if self.is(Mutant::NoFencing)
            && let State::Running { attempt } = self.books.state(subject)
        {
            fence = attempt;
        }
        let finish = self.books.finish(job, fence, outcome, wall);
        if finish == Finish::Recorded {
            let truth = self.truth(subject);
            self.ledger.recorded(subject, attempt, outcome, truth);
        }
        if finish == Finish::Already && self.is(Mutant::VerdictReplaced) {
            self.replaced.insert(subject, if outcome == Outcome::Passed { End::Passed } else { End::Failed });
        }
        self.look_at(subject);
        match finish {
            Finish::Recorded | Finish::Already => Answer::Stored,
            Finish::Stale => Answer::Superseded,
            Finish::Refused => Answer::Refused,
        }
    }

    pub(super) fn look_at(&mut self, subject: Subject) {
        let state = self.state(subject);
        self.ledger.saw(subject, state);
    }
}
