//! When something that failed is tried again: after pauses that double, until time is up. Pure.

use std::time::{Duration, Instant};

/// How long an API that does not answer is asked what a job is.
pub const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a result is offered to an API that does not answer. The lease is extended meanwhile; after this the hand-in
/// is graded again.
pub const FINISH_LIMIT: Duration = Duration::from_secs(60);
/// Pause after the first failure; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
pub struct Retry {
    give_up: Instant,
    pause: Duration,
}

impl Retry {
    /// No try begins later than `limit` from now.
    #[must_use]
    pub fn new(now: Instant, limit: Duration) -> Self {
        Self { give_up: now + limit, pause: FIRST_PAUSE }
    }

    /// How long to wait before the next try; `None` once it is time to give up.
    pub fn pause(&mut self, now: Instant) -> Option<Duration> {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        (now + pause <= self.give_up).then_some(pause)
    }
}
