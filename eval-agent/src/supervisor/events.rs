//! What happens to an agent, and what it does next: the words between the supervisor and its driver.

use std::time::{Duration, Instant};

use ide_protocol::job::Room;
use uuid::Uuid;

use super::room::TooBig;
use super::{HostCheck, Lane};

/// Names one delivery of a job within this run of the agent.
pub type LeaseNumber = u64;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A look at the queue found nothing.
    LaneEmpty(Lane),
    /// A look at the queue failed.
    LaneFailed(Lane),
    /// A job came; it is ours for [`LeaseTimes::visibility`] from when it was asked for, however late we hear of it.
    /// `delivery` counts how often the queue has given this message out. Copies of one message agree on `sending`; a job
    /// that was sent out anew differs.
    Leased {
        lane: Lane,
        lease: LeaseNumber,
        job: Uuid,
        sending: u64,
        needs: Room,
        delivery: u32,
        asked: Instant,
    },
    /// An extension that was asked for at that time went through.
    Extended { lease: LeaseNumber, asked: Instant },
    /// The job belongs to someone else now.
    LeaseLost { lease: LeaseNumber },
    /// The job's task has ended, its container handed over for removal.
    JobEnded { lease: LeaseNumber, end: JobEnd },
    /// Containers that resist removal occupy this many slots of a lane.
    SlotsLost { lane: Lane, count: usize },
    /// Something happened that a host that is well does not do.
    Suspected,
    /// The check that was asked for has ended.
    HostChecked(HostCheck),
    /// Stop taking jobs, let go of those there are.
    Drain,
    /// Stop taking jobs and wait for the end of those there are; sessions are let go then, if a time is named.
    Empty { hand_over: Option<Instant> },
    /// Time has passed.
    Tick,
}

/// How a job's task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnd {
    /// Nothing is left to do; the queue may forget it.
    Done,
    /// To be delivered again, after a while; the try counts.
    Again { delay: Duration },
    /// Another host is to have it, and nothing went wrong: it begins with all its tries.
    HandedOn,
    /// Somebody else serves it: kept, in case they go.
    Elsewhere,
}

/// Why a job is to stop before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Someone else works on it: stop, report nothing.
    LeaseLost,
    /// This agent goes away: end in an orderly way, another one resumes.
    GoingAway,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Look for a job; answered by `Leased`, `LaneEmpty` or `LaneFailed`.
    Poll {
        lane: Lane,
    },
    /// Start the job's task; answered by `JobEnded`, always.
    Begin {
        lease: LeaseNumber,
    },
    /// See that somebody else gets the job, which is too big for this host; answered by `JobEnded`, always.
    PassOn {
        lease: LeaseNumber,
        why: TooBig,
    },
    /// Answered by `Extended` or `LeaseLost`; by nothing when the queue cannot be reached.
    Extend {
        lease: LeaseNumber,
    },
    Stop {
        lease: LeaseNumber,
        reason: StopReason,
    },
    /// Give the lease back to the queue.
    Settle {
        lease: LeaseNumber,
        end: JobEnd,
    },
    /// Forget the lease; it is someone else's.
    Forget {
        lease: LeaseNumber,
    },
    /// Find out whether this host grades right; answered by `HostChecked`, always.
    CheckHost,
    /// What was posted since the last check that went well is to be taken back.
    DisownVerdicts,
}
