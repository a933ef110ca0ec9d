//! One job that the agent has taken on.

use std::time::Instant;

use ide_protocol::job::Room;
use uuid::Uuid;

use super::room::{Taken, cost};
use super::{AGAIN_AT_ONCE, JobEnd, Lane, LeaseTimes, StopReason, Work};

/// How far it is. All but the last two have no task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Ours, and not begun: it does not fit beside what is under way. What it needs is kept for it.
    Held,
    /// Another delivery of a job that is under way here: looked at once that one has ended.
    Behind,
    /// Somebody else serves it, says the API; to be asked again then, for whoever serves it may be gone.
    Elsewhere { ask_at: Instant },
    /// Its task works on it.
    Begun,
    /// Its task passes it on: it never fits here.
    Leaving,
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: Uuid,
    /// Which sending of it: see [`Event::Leased`](super::Event::Leased).
    pub(super) sending: u64,
    pub(super) lane: Lane,
    pub(super) needs: Room,
    pub(super) stage: Stage,
    /// Which delivery of its message this is, from 1.
    pub(super) delivery: u32,
    /// The lease is ours until then, as far as we know.
    pub(super) held_until: Instant,
    /// The queue has given it to somebody else.
    pub(super) is_gone: bool,
    /// Set once its task was told to stop.
    pub(super) stopping: Option<StopReason>,
    next_heartbeat: Instant,
    times: LeaseTimes,
}

impl Job {
    /// What becomes of it when this host wants it no more. A session moves as often as hosts come and go. A grading's tries are
    /// counted: each is an attempt, told from others by its delivery.
    pub(super) fn let_go(&self) -> JobEnd {
        match self.work() {
            Work::Sessions => JobEnd::HandedOn,
            Work::Gradings => AGAIN_AT_ONCE,
        }
    }

    pub(super) fn new(
        asked: Instant,
        (lane, needs): (Lane, Room),
        (id, sending): (Uuid, u64),
        delivery: u32,
        times: LeaseTimes,
    ) -> Self {
        let (held_until, next_heartbeat) = (asked + times.visibility, asked + times.heartbeat);
        let (stage, is_gone, stopping) = (Stage::Held, false, None);
        Self {
            id,
            sending,
            lane,
            needs,
            stage,
            delivery,
            held_until,
            is_gone,
            stopping,
            next_heartbeat,
            times,
        }
    }

    /// Nothing has been done for it but to keep its lease.
    pub(super) fn waits(&self) -> bool {
        !matches!(self.stage, Stage::Begun | Stage::Leaving)
    }

    pub(super) fn work(&self) -> Work {
        Work::of(self.lane)
    }

    pub(super) fn is(&self, work: Work, stage: Stage) -> bool {
        self.work() == work && self.stage == stage
    }

    /// Of the host's room, when it is begun.
    pub(super) fn cost(&self) -> Taken {
        cost(self.work(), self.needs)
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
    /// task has ended, unless the lease is the reason. One that ran out unheard is asked for as well: nobody else may have it yet.
    pub(super) fn wants_heartbeat(&mut self, now: Instant) -> bool {
        let is_lost = self.is_gone || self.stopping == Some(StopReason::LeaseLost);
        let due = now >= self.next_heartbeat && !is_lost;
        if due {
            self.next_heartbeat = now + self.times.heartbeat;
        }
        due
    }
}
