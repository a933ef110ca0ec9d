//! Tells a job that is lost from one that waits its turn. Pure: knows what was seen at each look, by a clock that no
//! one can set; not where it comes from, nor who decided in which order jobs are sent.
//!
//! A queue does not say whether it still has a message (SQS cannot be asked), so this goes by signs. Jobs are handed
//! out roughly in the order sent. A job that ought to be in the queue is *passed over* when a job sent after it is begun
//! on, or when the queue has nothing to hand out. Once, that can be chance: it may be in the hands of an agent that died
//! before its first word. From its first delivery to its death a message takes [`Patience::settle`] at most; a job that
//! is passed over, does not stir for so long, and is passed over again, is lost. No clock alone ever says so: in a queue
//! that nobody serves, a job may wait for ever.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use job_queue::MAX_DELIVERIES;
use uuid::Uuid;

use crate::store::Stage;

/// How often a lost job is sent out anew before it is given up in words: once for the accident, once to be sure that it
/// was none.
pub const MAX_FINDS: u32 = 2;

/// How often it is looked; four queries by index.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long things take that may be waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A job stays so long with an agent that says nothing.
    pub visibility: Duration,
    /// What an attempt may take beside the lesson's own limits.
    pub around_attempt: Duration,
}

impl Patience {
    /// From a message's first delivery to its death, with agents that never say a word. A third more is for the pauses
    /// between deliveries.
    pub fn settle(&self) -> Duration {
        self.visibility * MAX_DELIVERIES * 4 / 3
    }

    /// After this an attempt has ended, or the queue has taken its job back.
    pub fn attempt(&self, runs: Duration) -> Duration {
        runs + self.around_attempt + self.visibility
    }

    /// The bound: from the moment nothing is before it in the queue, a job of which each delivery of each message goes
    /// wrong in the slowest way has its outcome or an explanation by then.
    #[cfg(test)]
    fn bound(&self, runs: Duration) -> Duration {
        let message = self.attempt(runs) * MAX_DELIVERIES + self.settle() + LOOK_EVERY * 4;
        message * (1 + MAX_FINDS)
    }
}

/// One unfinished job that was sent, at one look. As long as it is in the outbox nobody can have lost it.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub subject: Uuid,
    pub stage: Stage,
    pub message: i64,
    /// Place of that message in the order sent.
    pub sent: i64,
    /// What the lesson's own limits allow an attempt.
    pub runs: Duration,
}

/// A lane of the queue at one look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lane {
    /// Nothing is to be had.
    pub is_empty: bool,
    /// Place, in the order sent, of the newest message that an agent has begun on.
    pub newest_started: i64,
}

/// What is remembered of a job between looks.
#[derive(Debug)]
struct Entry {
    stage: Stage,
    message: i64,
    sent: i64,
    /// From when on it ought to be in the queue.
    due: Instant,
    /// What had been begun on when it was looked at last.
    newest_started: i64,
    passed_over: Option<Instant>,
}

/// All unfinished jobs of one lane.
#[derive(Debug)]
pub struct Watch {
    patience: Patience,
    entries: HashMap<Uuid, Entry>,
}

impl Watch {
    pub fn new(patience: Patience) -> Self {
        Self { patience, entries: HashMap::new() }
    }

    /// Takes in what is seen; answers which jobs are lost. Jobs not seen any more are forgotten.
    pub fn look(&mut self, now: Instant, lane: Lane, seen: &[Seen]) -> Vec<Uuid> {
        let mut before = std::mem::take(&mut self.entries);
        let mut lost = Vec::new();
        for one in seen {
            let known = before.remove(&one.subject).filter(|entry| entry.is_still(one));
            let mut entry = known.unwrap_or_else(|| self.begin(now, lane, one));
            if entry.is_lost(now, lane, self.patience.settle()) {
                lost.push(one.subject);
            } else {
                self.entries.insert(one.subject, entry);
            }
        }
        lost
    }

    fn begin(&self, now: Instant, lane: Lane, one: &Seen) -> Entry {
        let due = match one.stage {
            Stage::Waiting { .. } => now,
            Stage::Running { .. } => now + self.patience.attempt(one.runs),
        };
        let Seen { stage, message, sent, .. } = *one;
        Entry { stage, message, sent, due, newest_started: lane.newest_started, passed_over: None }
    }
}

impl Entry {
    /// Whether nothing has happened to it.
    fn is_still(&self, one: &Seen) -> bool {
        self.stage == one.stage && self.message == one.message && self.sent == one.sent
    }

    fn is_lost(&mut self, now: Instant, lane: Lane, settle: Duration) -> bool {
        let overtaken = lane.newest_started > self.newest_started.max(self.sent);
        self.newest_started = lane.newest_started;
        if now < self.due || !(lane.is_empty || overtaken) {
            return false;
        }
        let first = *self.passed_over.get_or_insert(now);
        now.saturating_duration_since(first) >= settle
    }
}

#[cfg(test)]
mod tests;
