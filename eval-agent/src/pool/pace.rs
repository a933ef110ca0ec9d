//! How fast the pool may refill: never more than its share of one processor. Pure: knows times alone.

use std::time::{Duration, Instant};

/// Of one processor, in percent, that refilling may take while it goes on. A start keeps about one processor busy for as
/// long as it takes; on a busy machine it takes longer, and the pause after it does, too.
const SHARE_PERCENT: u32 = 50;

/// When the next start may be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    next: Option<Instant>,
}

impl Pace {
    /// A start that took so long has just ended, well or not.
    pub fn ended(&mut self, now: Instant, took: Duration) {
        self.next = Some(now + took * (100 - SHARE_PERCENT) / SHARE_PERCENT);
    }

    /// How long the next one has to wait.
    #[must_use]
    pub fn pause(&self, now: Instant) -> Duration {
        self.next.map_or(Duration::ZERO, |next| next.saturating_duration_since(now))
    }
}
