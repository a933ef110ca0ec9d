//! The keeper of one lease (`eval_agent::agent::keeper`): one word with the queue after another.

use std::collections::VecDeque;
use std::time::Duration;

use eval_agent::supervisor::{Event, JobEnd, LeaseNumber, LeaseTimes};

use super::World;
use super::wire::{Answer, Process, Purpose, Request};
use crate::books::Receipt;
use crate::mutant::Mutant;

/// As the real one's.
const ORDERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Order {
    Extend { asked: Duration },
    Settle(JobEnd),
}

#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) receipt: Receipt,
    orders: VecDeque<Order>,
    busy: bool,
}

impl Keeper {
    pub(super) fn new(receipt: Receipt) -> Self {
        Self { receipt, orders: VecDeque::new(), busy: false }
    }

    pub(super) fn is_idle(&self) -> bool {
        !self.busy && self.orders.is_empty()
    }
}

impl World<'_> {
    pub(super) fn extend(&mut self, agent: usize, lease: LeaseNumber) {
        let asked = self.now;
        let Some(keeper) = self.keeper(agent, lease) else { return };
        // One place is always kept for the end.
        if keeper.orders.len() + 1 < ORDERS {
            keeper.orders.push_back(Order::Extend { asked });
        }
        self.next_order(agent, lease);
    }

    pub(super) fn settle(&mut self, agent: usize, lease: LeaseNumber, end: JobEnd) {
        let Some(keeper) = self.keeper(agent, lease) else { return };
        keeper.orders.push_back(Order::Settle(end));
        self.next_order(agent, lease);
    }

    /// What was ordered before is still carried out.
    pub(super) fn forget(&mut self, agent: usize, lease: LeaseNumber) {
        if let Some(one) = self.agents.get_mut(agent)
            && one.keepers.get(&lease).is_some_and(Keeper::is_idle)
        {
            one.keepers.remove(&lease);
        }
    }

    fn next_order(&mut self, agent: usize, lease: LeaseNumber) {
        let Some(keeper) = self.keeper(agent, lease).filter(|keeper| !keeper.busy) else { return };
        let Some(order) = keeper.orders.pop_front() else { return };
        keeper.busy = true;
        let receipt = keeper.receipt;
        let (request, purpose) = match order {
            Order::Extend { asked } => (Request::Extend { receipt }, Purpose::Extend { lease, asked }),
            Order::Settle(end) => (Request::Settle { receipt, end }, Purpose::Settle { lease }),
        };
        self.call(
            (Process::Agent(agent), Process::Queue),
            request,
            purpose,
            LeaseTimes::default().heartbeat / 2,
        );
    }

    pub(super) fn extended(&mut self, agent: usize, lease: LeaseNumber, asked: Duration, answer: Answer) {
        if let Some(keeper) = self.keeper(agent, lease) {
            keeper.busy = false;
        }
        self.next_order(agent, lease);
        let asked = if self.is(Mutant::LeaseFromAnswer) { self.now } else { asked };
        match answer {
            Answer::Done => {
                let asked = self.dawn + asked;
                self.supervise(agent, Event::Extended { lease, asked });
            }
            Answer::Lost => {
                let now = self.now;
                if let Some(task) = self.agents.get_mut(agent).and_then(|one| one.jobs.get_mut(&lease)) {
                    task.told_lost.get_or_insert(now);
                }
                self.supervise(agent, Event::LeaseLost { lease });
            }
            _ => self.go_if_finished(agent),
        }
    }

    /// Done, lost or unknown: nobody asks again.
    pub(super) fn settled(&mut self, agent: usize, lease: LeaseNumber, _answer: Answer) {
        let Some(one) = self.agents.get_mut(agent) else { return };
        if let Some(keeper) = one.keepers.remove(&lease) {
            one.owed.remove(&keeper.receipt);
        }
        self.go_if_finished(agent);
    }

    fn keeper(&mut self, agent: usize, lease: LeaseNumber) -> Option<&mut Keeper> {
        self.agents.get_mut(agent)?.keepers.get_mut(&lease)
    }
}
