//! What is to happen, in the order of time; what falls together, in the order it was planned.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use eval_agent::supervisor::{JobEnd, LeaseNumber};

use super::wire::{Answer, Call};
use crate::books::{Delivery, Subject, Token, Unfinished};

/// A thing that happens to a process. `life` counts its starts: what an earlier life planned happens to nobody.
#[derive(Debug, Clone, Copy)]
pub(super) enum Happening {
    /// A call arrives at whom it was sent to.
    Arrives(Call),
    /// The caller hears the answer.
    Answered(Call, Answer),
    /// The caller waits no longer.
    Overdue(Call),
    Tick {
        agent: usize,
        life: u32,
    },
    /// A grading's work or pause is over.
    Step {
        agent: usize,
        life: u32,
        lease: LeaseNumber,
        step: u32,
    },
    TaskEnded {
        agent: usize,
        life: u32,
        lease: LeaseNumber,
        end: JobEnd,
    },
    AgentStarts(usize),
    ApiStarts,
    /// The dispatcher looks into the outbox; only the newest turn counts.
    Dispatch {
        life: u32,
        turn: u64,
    },
    /// The dispatcher crosses a message off.
    CrossOff {
        life: u32,
        row: i64,
        job: (Subject, Token),
    },
    /// A message is sent that was in no outbox (planted).
    SendAnyway {
        life: u32,
        job: (Subject, Token),
    },
    DeadLook {
        life: u32,
    },
    /// The watch over lost jobs looks.
    LostLook {
        life: u32,
    },
    /// It has found one.
    Mend {
        life: u32,
        lost: Unfinished,
    },
    LayToRest {
        life: u32,
        delivery: Delivery,
    },
    HandIn {
        learner: usize,
        key: u32,
    },
    Strikes(super::trouble::Strike),
    /// Is the day over?
    Look,
}

impl Happening {
    /// The agent it happens to, if it is one.
    pub(super) fn agent(&self) -> Option<usize> {
        match self {
            Self::Tick { agent, .. } | Self::Step { agent, .. } | Self::TaskEnded { agent, .. } => {
                Some(*agent)
            }
            Self::Answered(call, _) | Self::Overdue(call) => call.from.agent(),
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Agenda {
    order: BinaryHeap<Reverse<(Duration, u64)>>,
    what: BTreeMap<u64, Happening>,
    planned: u64,
}

impl Agenda {
    pub(super) fn plan(&mut self, at: Duration, what: Happening) {
        self.planned += 1;
        self.order.push(Reverse((at, self.planned)));
        self.what.insert(self.planned, what);
    }

    pub(super) fn next(&mut self) -> Option<(Duration, Happening)> {
        let Reverse((at, number)) = self.order.pop()?;
        Some((at, self.what.remove(&number)?))
    }
}
