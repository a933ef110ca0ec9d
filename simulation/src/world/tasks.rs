//! What runs beside the API's requests (`api::tasks`): the dispatcher and the reader of dead letters. Each step is a
//! happening, so that the process can be killed between any two.

use std::time::Duration;

use super::World;
use super::agenda::Happening;
use super::wire::{Answer, Call, Process, Purpose, Request};
use crate::books::{Delivery, End, Rest, Row, Subject, Token};
use crate::mutant::Mutant;

/// As in `api::tasks::dispatcher`.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// As in `api::tasks::dead_letters`.
const DEAD_WAIT: Duration = Duration::from_secs(20);
const DEAD_RETRY_AFTER: Duration = Duration::from_secs(5);
/// The queue's client gives up by itself.
const QUEUE_DEADLINE: Duration = Duration::from_secs(10);
/// A step within the process.
const STEP: Duration = Duration::from_millis(2);

const TO_QUEUE: (Process, Process) = (Process::Api, Process::Queue);

impl World<'_> {
    pub(super) fn dispatch_in(&mut self, delay: Duration) {
        self.api.turn += 1;
        let (life, turn) = (self.api.life, self.api.turn);
        self.plan_in(delay, Happening::Dispatch { life, turn });
    }

    pub(super) fn dispatch(&mut self, life: u32, turn: u64) {
        if self.api.life != life || self.api.turn != turn || self.api.sending {
            return;
        }
        let Some((row, subject, token)) = self.books.outbox() else {
            self.dispatch_in(LOOK_EVERY);
            return;
        };
        let job = (subject, token);
        if self.is(Mutant::CrossedOffBeforeSent) {
            self.books.outbox_sent(row);
            self.ledger.crossed_off(job);
        }
        if self.is(Mutant::NoOutbox) {
            self.books.outbox_sent(row);
            self.plan_in(STEP, Happening::SendAnyway { life, job });
            self.dispatch_in(STEP);
            return;
        }
        self.api.sending = true;
        self.call(TO_QUEUE, Request::Send { job }, Purpose::Dispatch { row, job }, QUEUE_DEADLINE);
    }

    pub(super) fn send_anyway(&mut self, life: u32, job: (Subject, Token)) {
        if self.api.life == life {
            self.call(TO_QUEUE, Request::Send { job }, Purpose::Nothing, QUEUE_DEADLINE);
        }
    }

    pub(super) fn cross_off(&mut self, life: u32, row: Row, job: (Subject, Token)) {
        if self.api.life != life {
            return;
        }
        self.api.sending = false;
        self.books.outbox_sent(row);
        self.ledger.crossed_off(job);
        self.dispatch_in(Duration::ZERO);
    }

    pub(super) fn dead_look(&mut self, life: u32) {
        if self.api.life != life || self.is(Mutant::DeadLettersUnread) {
            return;
        }
        let until = self.now + DEAD_WAIT;
        self.call(TO_QUEUE, Request::LeaseDead { until }, Purpose::DeadLook, DEAD_WAIT + QUEUE_DEADLINE);
    }

    pub(super) fn api_hears(&mut self, call: Call, answer: Answer) {
        let life = self.api.life;
        match (call.purpose, answer) {
            (Purpose::Dispatch { row, job }, Answer::Done) => {
                self.plan_in(STEP, Happening::CrossOff { life, row, job });
            }
            (Purpose::Dispatch { .. }, _) => {
                self.api.sending = false;
                self.dispatch_in(RETRY_AFTER);
            }
            (Purpose::DeadLook, Answer::Leased(Some(delivery))) => {
                if self.is(Mutant::DeadLetterCompletedFirst) {
                    let _ = self.complete(delivery.receipt);
                }
                self.plan_in(STEP, Happening::LayToRest { life, delivery });
            }
            (Purpose::DeadLook, Answer::Leased(None)) | (Purpose::DeadDone, Answer::Done) => {
                self.plan_in(STEP, Happening::DeadLook { life });
            }
            (Purpose::DeadLook | Purpose::DeadDone, _) => {
                self.plan_in(DEAD_RETRY_AFTER, Happening::DeadLook { life });
            }
            _ => {}
        }
    }

    pub(super) fn lay_to_rest(&mut self, life: u32, Delivery { receipt, subject, token, .. }: Delivery) {
        if self.api.life != life {
            return;
        }
        let wall = self.wall(Process::Api);
        let mut rest = self.books.lay_to_rest((subject, token), wall);
        if rest == Rest::UnderWay && self.is(Mutant::GivenUpThoughUnderWay) {
            self.books.give_up(subject, wall);
            rest = Rest::GivenUp;
        }
        match rest {
            Rest::GivenUp => self.nobody_grades(subject),
            Rest::UnderWay => {
                // Its lease runs out, and it comes back.
                self.plan_in(STEP, Happening::DeadLook { life });
                return;
            }
            Rest::Nothing if self.is(Mutant::GivenUpThoughGraded) => {
                self.replaced.insert(subject, End::NotGraded);
            }
            Rest::Nothing => {}
        }
        self.look_at(subject);
        let request = Request::Settle { receipt, end: eval_agent::supervisor::JobEnd::Done };
        self.call(TO_QUEUE, request, Purpose::DeadDone, QUEUE_DEADLINE);
    }
}
