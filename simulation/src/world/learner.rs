//! Learners: they hand in, ask again until they are answered, and sometimes once more.

use std::time::Duration;

use super::World;
use super::agenda::Happening;
use super::wire::{Answer, Call, Process, Purpose, Request};
use crate::books::HandedIn;

/// A browser's patience: the API's own bound on a request.
const DEADLINE: Duration = Duration::from_secs(30);

impl World<'_> {
    pub(super) fn plan_hand_ins(&mut self) {
        for learner in 0..self.plan.learners {
            for key in 1..=self.plan.hand_ins {
                let at = self.random.time(Duration::ZERO, self.plan.until);
                self.agenda.plan(at, Happening::HandIn { learner, key });
                self.unanswered += 1;
                if self.random.chance(150) {
                    // Clicked twice.
                    let soon = at + self.random.millis(0, 400);
                    self.agenda.plan(soon, Happening::HandIn { learner, key });
                    self.unanswered += 1;
                }
            }
        }
    }

    pub(super) fn hand_in(&mut self, learner: usize, key: u32) {
        let way = (Process::Learner(learner), Process::Api);
        self.call(way, Request::HandIn { key }, Purpose::HandIn { key }, DEADLINE);
    }

    pub(super) fn learner_hears(&mut self, learner: usize, call: Call, answer: Answer) {
        let Purpose::HandIn { key } = call.purpose else { return };
        match answer {
            Answer::HandedIn(HandedIn::Stored(subject) | HandedIn::Repeated(subject)) => {
                self.ledger.answered(learner, key, subject);
                self.unanswered -= 1;
            }
            _ => {
                let again = self.random.seconds(1, 10);
                self.plan_in(again, Happening::HandIn { learner, key });
            }
        }
    }
}
