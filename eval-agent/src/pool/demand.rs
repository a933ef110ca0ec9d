//! How many of a shape will be wanted soon, told from how many were lately. Pure: knows times alone.

use std::time::{Duration, Instant};

/// A claim counts half after this: a class opens its lesson within less, and hands in over more.
const HALF_LIFE: Duration = Duration::from_secs(60);
/// Stock lasts while this many more are started, one after the other. A refill yields to learners' own starts, so it takes
/// several times as long as a start.
const STARTS_AHEAD: u32 = 40;

/// Claims, each counting less the longer it is ago.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demand {
    recent: f64,
    last: Option<Instant>,
}

impl Demand {
    /// Somebody claims one.
    pub fn note(&mut self, now: Instant) {
        self.recent = self.recent(now) + 1.0;
        self.last = Some(now);
    }

    /// When the last claim was.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        self.last
    }

    /// How many will be claimed while the stock is made up again, when one start takes `start`.
    #[must_use]
    pub fn expected(&self, now: Instant, start: Duration) -> usize {
        let per_second = self.recent(now) * std::f64::consts::LN_2 / HALF_LIFE.as_secs_f64();
        // Below half a container nobody is expected: a rate never quite decays to nothing.
        (per_second * (start * STARTS_AHEAD).as_secs_f64()).round() as usize
    }

    fn recent(&self, now: Instant) -> f64 {
        let Some(last) = self.last else { return 0.0 };
        let half_lives = now.saturating_duration_since(last).as_secs_f64() / HALF_LIFE.as_secs_f64();
        self.recent * (-half_lives).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_follows_what_was_claimed_and_is_forgotten_after_a_while() {
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        // (claims, over seconds, one start in ms) → expected at once, and five minutes later
        let rows = [
            (0, 10.0, 250, (0, 0)),
            (1, 10.0, 250, (0, 0)),
            (30, 10.0, 250, (3, 0)),
            (30, 10.0, 1_500, (20, 1)),
            // One in ten seconds, one a second, four a second: for as long as it takes to know.
            (60, 600.0, 250, (1, 0)),
            (600, 600.0, 250, (10, 0)),
            (2_400, 600.0, 250, (40, 1)),
        ];
        for (claims, seconds, start_ms, expected) in rows {
            let mut demand = Demand::default();
            for claim in 0..claims {
                demand.note(at(seconds * f64::from(claim) / f64::from(claims)));
            }
            let took = Duration::from_millis(start_ms);
            let told = (demand.expected(at(seconds), took), demand.expected(at(seconds + 300.0), took));
            assert_eq!(told, expected, "{claims} claims in {seconds} s");
        }
    }
}
