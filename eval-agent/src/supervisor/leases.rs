//! How long a job is ours, and how it is kept.

use std::time::Duration;

/// Times of a lease, all from one: how long the queue leaves a job with an agent that says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTimes {
    /// A leased job is ours for this long; after that the queue gives it to someone else.
    pub visibility: Duration,
    /// How often leases are extended: two heartbeats may be missed.
    pub heartbeat: Duration,
    /// A job is not begun when its lease ends within this, so that nobody begins what another may have by then.
    pub margin: Duration,
}

impl LeaseTimes {
    #[must_use]
    pub fn of(visibility: Duration) -> Self {
        Self { visibility, heartbeat: visibility / 3, margin: visibility / 6 }
    }

    /// How often [`Event::Tick`](super::Event::Tick) has to come.
    #[must_use]
    pub fn tick(&self) -> Duration {
        super::TICK.min(self.heartbeat / 2)
    }
}

impl Default for LeaseTimes {
    fn default() -> Self {
        Self::of(job_queue::VISIBILITY)
    }
}
