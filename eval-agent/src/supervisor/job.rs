//! One job that the agent has taken on.

use std::time::Instant;

use uuid::Uuid;

use super::{Lane, LeaseTimes, StopReason};

#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: Uuid,
    /// Which sending of it: see [`Event::Leased`](super::Event::Leased).
    pub(super) sending: u64,
    pub(super) lane: Lane,
    /// Which delivery of its message this is, from 1.
    pub(super) delivery: u32,
    /// The lease is ours until then, as far as we know.
    pub(super) held_until: Instant,
    /// Set once its task was told to stop.
    pub(super) stopping: Option<StopReason>,
    next_heartbeat: Instant,
    times: LeaseTimes,
}

impl Job {
    pub(super) fn new(
        asked: Instant,
        lane: Lane,
        (id, sending): (Uuid, u64),
        delivery: u32,
        times: LeaseTimes,
    ) -> Self {
        let (held_until, next_heartbeat) = (asked + times.visibility, asked + times.heartbeat);
        Self { id, sending, lane, delivery, held_until, stopping: None, next_heartbeat, times }
    }

    /// Notes why it stops. True when its task has to be told: once, and again when an orderly end becomes pointless.
    pub(super) fn stop(&mut self, reason: StopReason) -> bool {
        match self.stopping {
            Some(StopReason::LeaseLost) => false,
            Some(before) if before == reason => false,
            _ => {
                self.stopping = Some(reason);
                true
            }
        }
    }

    /// Nobody could extend the lease for so long that it is about to run out.
    pub(super) fn slips_away(&self, now: Instant) -> bool {
        now + self.times.margin >= self.held_until
    }

    /// True when a heartbeat is due, once per [`LeaseTimes::heartbeat`]. A job that is being stopped keeps its lease until its
    /// task has ended, unless the lease is the reason.
    pub(super) fn wants_heartbeat(&mut self, now: Instant) -> bool {
        let due = now >= self.next_heartbeat && self.stopping != Some(StopReason::LeaseLost);
        if due {
            self.next_heartbeat = now + self.times.heartbeat;
        }
        due
    }
}
