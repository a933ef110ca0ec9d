//! How many jobs of a lane may be in the queue at once: as many as agents begin on before somebody looks again, and no more,
//! because what is in the queue has its place there, whoever comes after it. Pure: knows what each look counted.
//!
//! It doubles when all that was there has been begun on before the next look – agents were left waiting – and shrinks while
//! a look never finds most of it gone. A look counts what was sent and not begun on, by the store, so that it is the same for every queue. What
//! an agent took and died with counts too, for as long as a lease takes to run out; so when nothing at all is begun on for a
//! while the queue itself is asked, and what it does not have to give is not counted any more.

use std::time::{Duration, Instant};

/// Jobs of a lane that may always be in the queue: a small host's slots are not left waiting, and nobody waits long behind
/// so few.
pub(super) const MIN: u32 = 4;

/// At most so many: what hundreds of hosts begin on within a look.
pub(super) const MAX: u32 = 512;

/// Nothing begun on for so long: either every slot is taken, or what is there is in dead hands.
const STANDSTILL: Duration = Duration::from_secs(1);

/// How often it shrinks.
const SHRINK_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Stretch {
    size: u32,
    /// What was there after the last look, and whether more would have been sent.
    left: u32,
    cut_short: bool,
    /// When it was last seen that something had been begun on, or that nothing was there.
    moved_at: Instant,
    shrunk_at: Instant,
    /// What was there and not to be had when the queue was asked.
    held: u32,
}

/// What a look leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// So many may be sent.
    For(u32),
    /// Nothing moves: how many does the queue have to give?
    AskTheQueue,
}

impl Stretch {
    pub(super) fn new(now: Instant) -> Self {
        Self { size: MIN, left: 0, cut_short: false, moved_at: now, shrunk_at: now, held: 0 }
    }

    /// So many were sent and not begun on.
    pub(super) fn look(&mut self, now: Instant, in_queue: u32) -> Room {
        self.held = self.held.min(in_queue);
        let there = in_queue - self.held;
        if in_queue < self.left || there == 0 {
            self.moved_at = now;
        }
        if there == 0 && self.cut_short {
            self.size = (self.size * 2).min(MAX);
            self.shrunk_at = now;
            self.cut_short = false;
        } else if there * 4 <= self.size {
            self.shrunk_at = now;
        } else if now.saturating_duration_since(self.shrunk_at) >= SHRINK_EVERY {
            self.size = (self.size - self.size / 4).max(MIN);
            self.shrunk_at = now;
        }
        self.left = in_queue;
        let room = self.size.saturating_sub(there).min(MAX.saturating_sub(in_queue));
        if room == 0 && now.saturating_duration_since(self.moved_at) >= STANDSTILL {
            self.moved_at = now;
            return Room::AskTheQueue;
        }
        // A lane's outbox is read for half of it at least, not for each job that is begun on.
        Room::For(if room * 2 >= self.size { room } else { 0 })
    }

    /// What the queue answered: so many are to be had.
    pub(super) fn queue_has(&mut self, waiting: u64) -> u32 {
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        self.held = self.left.saturating_sub(waiting);
        self.size.saturating_sub(waiting).min(MAX.saturating_sub(self.left))
    }

    /// So many were sent; whether others stayed behind.
    pub(super) fn sent(&mut self, count: u32, cut_short: bool) {
        self.left += count;
        self.cut_short = cut_short;
    }
}

#[cfg(test)]
mod tests;
