//! Keeps those who look for jobs from asking a server in trouble over and over: after each failure in a row the answer
//! is held back longer, by chance, so that a hundred agents do not come back at the same moment.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rand::RngExt as _;

/// Held back after the first failure, at most; doubled with each further one.
const FIRST: Duration = Duration::from_millis(250);

/// … up to this.
const LONGEST: Duration = Duration::from_secs(5);

/// Failures in a row of one kind of look.
#[derive(Debug, Default)]
pub(super) struct Brake {
    failures: AtomicU32,
}

impl Brake {
    pub(super) fn worked(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// How long to hold back the news of one more failure.
    pub(super) fn failed(&self) -> Duration {
        let before = self.failures.fetch_add(1, Ordering::Relaxed);
        pause(before, rand::rng().random_range(0.0..1.0))
    }
}

/// Between half and all of what `failures` in a row come to.
fn pause(failures: u32, chance: f64) -> Duration {
    let most = FIRST.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(LONGEST);
    most.mul_f64(0.5 + chance / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_begin_anew() {
        let rows = [
            (0, 0.0, 125),
            (0, 1.0, 250),
            (1, 1.0, 500),
            (3, 0.0, 1_000),
            (5, 1.0, 5_000),
            (u32::MAX, 1.0, 5_000),
        ];
        for (failures, chance, millis) in rows {
            assert_eq!(pause(failures, chance), Duration::from_millis(millis), "{failures} {chance}");
        }
        let brake = Brake::default();
        for _ in 0..40 {
            assert!(brake.failed() <= LONGEST);
        }
        assert!(brake.failed() >= LONGEST / 2);
        brake.worked();
        assert!(brake.failed() <= FIRST);
    }
}
