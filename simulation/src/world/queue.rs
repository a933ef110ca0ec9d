//! The queue, asked over the wire by processes whose wall clocks differ a little.

use eval_agent::supervisor::JobEnd;
use job_queue::VISIBILITY;

use super::World;
use super::wire::{Answer, Call, Request};
use crate::books::{Delivery, Lost, Receipt};
use crate::mutant::Mutant;

impl World<'_> {
    pub(super) fn look_at_queue(&mut self, call: Call) -> Option<Delivery> {
        let wall = self.wall(call.from);
        let delivery = if matches!(call.request, Request::LeaseDead { .. }) {
            self.books.lease_dead(VISIBILITY, wall)?
        } else {
            self.books.lease(VISIBILITY, wall)?
        };
        let job = (delivery.subject, delivery.token);
        self.ledger.leased(delivery.receipt, job, self.now + VISIBILITY);
        Some(delivery)
    }

    pub(super) fn ask_queue(&mut self, call: Call) -> Answer {
        let wall = self.wall(call.from);
        match call.request {
            Request::Send { job } => {
                self.books.send(job, wall);
                self.ledger.sent(job);
                Answer::Done
            }
            Request::Extend { receipt } => {
                let result = self.books.extend(receipt, VISIBILITY, wall);
                if result.is_ok() {
                    self.ledger.extended(receipt, self.now + VISIBILITY);
                }
                result.into()
            }
            Request::Settle { receipt, end: JobEnd::Done } => self.complete(receipt).into(),
            Request::Settle { receipt, end: JobEnd::Again { delay } } => {
                let result = self.books.release(receipt, delay, wall);
                if result.is_ok() {
                    self.ledger.extended(receipt, self.now);
                }
                result.into()
            }
            _ => Answer::Unavailable,
        }
    }

    pub(super) fn complete(&mut self, receipt: Receipt) -> Result<(), Lost> {
        let mut result = self.books.complete(receipt);
        let mut completed = receipt;
        if result.is_err() && self.is(Mutant::StaleReceiptCompletes) {
            // Any later receipt of the same message is taken for this one.
            for newer in self.ledger.newer(receipt) {
                if self.books.complete(newer).is_ok() {
                    (result, completed) = (Ok(()), newer);
                }
            }
        }
        if result.is_ok() {
            self.ledger.completed(completed);
        }
        result
    }
}
