//! What time it is, as an input.

use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time; two processes that share a queue must agree on it roughly.
pub trait Clock: Send + Sync + 'static {
    /// Microseconds since 1970 (UTC).
    fn now_micros(&self) -> i64;
}

/// The machine's wall clock, the only one that two processes and a restart have in common. Set forward, it lets leases
/// run out early (their holders learn [`Lost`](crate::QueueError::Lost)); set back, it lets them last longer. A job that
/// nobody has held is not touched by either.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_micros(&self) -> i64 {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
    }
}
