//! The rules of the store and of the queue in memory, a step per call. That they are the rules of the real ones is
//! shown by `tests/suite/lockstep.rs`, which asks both on the same days.

mod queue;
mod store;

use std::time::Duration;

use crate::books::{
    Books, Delivery, Finish, HandedIn, Lost, Outcome, Receipt, Rest, Row, Start, State, Subject, Token,
    Unfinished, Wall,
};
use queue::{Kind, Queue};
use store::Store;

pub use store::MAX_WAITING;

#[derive(Debug, Default)]
pub struct Model {
    store: Store,
    queue: Queue,
}

impl Books for Model {
    fn hand_in(&mut self, learner: usize, key: u32, _now: Wall) -> HandedIn {
        self.store.hand_in(learner, key)
    }

    fn outbox(&mut self) -> Option<(Row, Subject, Token)> {
        self.store.outbox()
    }

    fn outbox_sent(&mut self, row: Row) {
        self.store.outbox_sent(row);
    }

    fn start(&mut self, job: (Subject, Token), delivery: u32, _now: Wall) -> Start {
        self.store.start(job, delivery)
    }

    fn finish(&mut self, job: (Subject, Token), attempt: u32, outcome: Outcome, _now: Wall) -> Finish {
        self.store.finish(job, attempt, outcome)
    }

    fn lay_to_rest(&mut self, job: (Subject, Token), _now: Wall) -> Rest {
        self.store.lay_to_rest(job)
    }

    fn unfinished(&mut self) -> Vec<Unfinished> {
        self.store.unfinished()
    }

    fn newest_started(&mut self) -> Row {
        self.store.newest_started()
    }

    fn send_again(&mut self, lost: &Unfinished, _now: Wall) -> bool {
        self.store.send_again(lost)
    }

    fn give_up(&mut self, subject: Subject, _now: Wall) -> bool {
        self.store.give_up(subject)
    }

    fn state(&mut self, subject: Subject) -> State {
        self.store.state(subject)
    }

    fn send(&mut self, job: (Subject, Token), _now: Wall) {
        self.queue.send(job);
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

    fn messages(&mut self, now: Wall) -> (u64, u64) {
        self.queue.count(now)
    }
}
