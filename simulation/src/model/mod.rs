//! The rules of the store and of the queue in memory, a step per call. That they are the rules of the real ones is
//! shown by `tests/suite/lockstep.rs`, which asks both on the same days.

mod queue;
mod store;

use std::time::Duration;

use crate::books::{
    Books, Delivery, Finish, HandedIn, Lost, Outcome, Receipt, Row, Start, State, Subject, Wall,
};
use queue::{Kind, Queue};
use store::Store;

#[derive(Debug, Default)]
pub struct Model {
    store: Store,
    queue: Queue,
}

impl Books for Model {
    fn hand_in(&mut self, learner: usize, key: u32, _now: Wall) -> HandedIn {
        self.store.hand_in(learner, key)
    }

    fn outbox(&mut self) -> Option<(Row, Subject)> {
        self.store.outbox()
    }

    fn outbox_sent(&mut self, row: Row) {
        self.store.outbox_sent(row);
    }

    fn start(&mut self, subject: Subject, delivery: u32, _now: Wall) -> Start {
        self.store.start(subject, delivery)
    }

    fn finish(&mut self, subject: Subject, attempt: u32, outcome: Outcome, _now: Wall) -> Finish {
        self.store.finish(subject, attempt, outcome)
    }

    fn give_up(&mut self, subject: Subject, _now: Wall) -> bool {
        self.store.give_up(subject)
    }

    fn state(&mut self, subject: Subject) -> State {
        self.store.state(subject)
    }

    fn send(&mut self, subject: Subject, _now: Wall) {
        self.queue.send(subject);
    }

    fn lease(&mut self, visibility: Duration, now: Wall) -> Option<Delivery> {
        self.queue.lease(Kind::Live, visibility, now)
    }

    fn lease_dead(&mut self, visibility: Duration, now: Wall) -> Option<Delivery> {
        self.queue.lease(Kind::Dead, visibility, now)
    }

    fn extend(&mut self, receipt: Receipt, visibility: Duration, now: Wall) -> Result<(), Lost> {
        self.queue.hide(receipt, queue::later(now, visibility))
    }

    fn complete(&mut self, receipt: Receipt) -> Result<(), Lost> {
        self.queue.complete(receipt)
    }

    fn release(&mut self, receipt: Receipt, delay: Duration, now: Wall) -> Result<(), Lost> {
        self.queue.hide(receipt, if delay.is_zero() { 0 } else { queue::later(now, delay) })
    }

    fn reclaim(&mut self) {
        self.queue.reclaim();
    }

    fn messages(&mut self, _now: Wall) -> u64 {
        self.queue.len()
    }
}
