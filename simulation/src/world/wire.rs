//! Calls between processes, and all that can befall them on the way: lost, late, carried out twice, carried out and
//! never answered, refused.

use std::time::Duration;

use eval_agent::supervisor::{JobEnd, LeaseNumber};

use super::agenda::Happening;
use super::{World, note};
use crate::books::{Delivery, HandedIn, Lost, Outcome, Receipt, Row, Subject, Token};
use crate::plan::Trouble;

/// The longest a message can be under way.
const LATE_SECONDS: u64 = 120;
/// How often a waiting call looks at the queue again.
const LOOK_MILLIS: (u64, u64) = (300, 1_500);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Process {
    Api,
    Queue,
    Agent(usize),
    Learner(usize),
}

impl Process {
    pub(super) fn agent(self) -> Option<usize> {
        if let Self::Agent(agent) = self { Some(agent) } else { None }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Request {
    HandIn {
        key: u32,
    },
    Start {
        job: (Subject, Token),
        delivery: u32,
    },
    Finish {
        job: (Subject, Token),
        attempt: u32,
        outcome: Outcome,
    },
    Send {
        job: (Subject, Token),
    },
    /// Waits until then.
    Lease {
        until: Duration,
    },
    LeaseDead {
        until: Duration,
    },
    Extend {
        receipt: Receipt,
    },
    Settle {
        receipt: Receipt,
        end: JobEnd,
    },
}

impl Request {
    /// A lease is asked for, extended and settled by one call each: it is used up by the last.
    fn can_double(&self) -> bool {
        !matches!(
            self,
            Self::Lease { .. } | Self::LeaseDead { .. } | Self::Extend { .. } | Self::Settle { .. }
        )
    }

    fn is_look(&self) -> bool {
        matches!(self, Self::Lease { .. } | Self::LeaseDead { .. })
    }
}

/// What the caller does with the answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Poll {
        asked: Duration,
    },
    /// A step of a job's task.
    Task {
        lease: LeaseNumber,
        step: u32,
    },
    Extend {
        lease: LeaseNumber,
        asked: Duration,
    },
    Settle {
        lease: LeaseNumber,
    },
    HandIn {
        key: u32,
    },
    Dispatch {
        row: Row,
        job: (Subject, Token),
    },
    DeadLook,
    DeadDone,
    Nothing,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    id: u64,
    pub(super) from: Process,
    life: u32,
    pub(super) to: Process,
    pub(super) request: Request,
    pub(super) purpose: Purpose,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    HandedIn(HandedIn),
    /// An attempt begins.
    Assigned(u32),
    /// Nothing is left to do.
    Gone,
    /// A newer attempt counts.
    Superseded,
    /// The result is stored, now or before.
    Stored,
    Leased(Option<Delivery>),
    /// The token is void.
    Refused,
    /// The queue did it.
    Done,
    Lost,
    /// Refused for the moment, out of reach, or silent for too long; it may have been done all the same.
    Unavailable,
}

impl From<Result<(), Lost>> for Answer {
    fn from(result: Result<(), Lost>) -> Self {
        if result.is_ok() { Self::Done } else { Self::Lost }
    }
}

impl World<'_> {
    pub(super) fn call(
        &mut self,
        (from, to): (Process, Process),
        request: Request,
        purpose: Purpose,
        deadline: Duration,
    ) {
        self.calls += 1;
        let call = Call { id: self.calls, from, life: self.life(from), to, request, purpose };
        if !request.is_look() {
            note!(self, "{from:?} → {to:?} {request:?}");
        }
        if let Process::Agent(agent) = from {
            self.ledger.called(agent, self.now);
        }
        self.waiting.insert(call.id);
        self.plan_in(deadline, Happening::Overdue(call));
        if self.is_struck(Trouble::LostRequests) {
            note!(self, "    … is lost");
            return;
        }
        let delay = self.on_the_way();
        self.plan_in(delay, Happening::Arrives(call));
        if request.can_double() && self.is_struck(Trouble::Doubles) {
            let delay = self.on_the_way();
            self.plan_in(delay, Happening::Arrives(call));
        }
    }

    pub(super) fn arrives(&mut self, call: Call) {
        if let Some(silent) = self.cut(call.from, call.to) {
            if !silent {
                self.answer(call, Answer::Unavailable);
            }
            return;
        }
        if (call.to == Process::Api && !self.api.up) || self.is_struck(Trouble::Refusals) {
            self.answer(call, Answer::Unavailable);
            return;
        }
        let answer = match call.request {
            Request::Lease { until } | Request::LeaseDead { until } => {
                let found = self.look_at_queue(call);
                if found.is_none() && self.now < until {
                    let pause = self.random.millis(LOOK_MILLIS.0, LOOK_MILLIS.1).min(until - self.now);
                    self.plan_in(pause, Happening::Arrives(call));
                    return;
                }
                Answer::Leased(found)
            }
            Request::Send { .. } | Request::Extend { .. } | Request::Settle { .. } => self.ask_queue(call),
            Request::HandIn { .. } | Request::Start { .. } | Request::Finish { .. } => self.ask_api(call),
        };
        if call.to == Process::Api && self.is_struck(Trouble::ApiKills) {
            note!(self, "    … and the API is killed before it answers");
            self.kill_api();
            return;
        }
        self.answer(call, answer);
    }

    fn answer(&mut self, call: Call, answer: Answer) {
        // Most looks find nothing, and would hide what happens.
        if !matches!(answer, Answer::Leased(None)) {
            note!(self, "{:?} ← {:?} {:?}: {answer:?}", call.from, call.to, call.request);
        }
        if self.is_struck(Trouble::LostAnswers) {
            note!(self, "    … is lost");
            return;
        }
        let delay = self.on_the_way();
        self.plan_in(delay, Happening::Answered(call, answer));
    }

    pub(super) fn answered(&mut self, call: Call, answer: Answer) {
        if !self.waiting.remove(&call.id) || self.life(call.from) != call.life {
            return;
        }
        match call.from {
            Process::Agent(agent) => self.agent_hears(agent, call, answer),
            Process::Learner(learner) => self.learner_hears(learner, call, answer),
            Process::Api => self.api_hears(call, answer),
            Process::Queue => {}
        }
    }

    fn on_the_way(&mut self) -> Duration {
        if self.is_struck(Trouble::Late) {
            self.random.millis(1_000, LATE_SECONDS * 1_000)
        } else {
            self.random.millis(1, 60)
        }
    }
}
