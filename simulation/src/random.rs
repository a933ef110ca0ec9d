//! Chance, from a seed. Our own few lines (SplitMix64, Steele, Lea and Flood 2014), so that a seed written down today
//! tells the same story after every update of a library.

use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `end`, without it; 0 when there is nothing to choose from.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.draw() % end }
    }

    /// From `least` to `most`, both included.
    pub fn number(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True `permille` times in a thousand. Takes nothing from the stream when that is never.
    pub fn chance(&mut self, permille: u32) -> bool {
        permille > 0 && self.below(1_000) < u64::from(permille)
    }

    /// Between both, to the microsecond.
    pub fn time(&mut self, least: Duration, most: Duration) -> Duration {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.number(micros(least), micros(most)))
    }

    pub fn seconds(&mut self, least: u64, most: u64) -> Duration {
        self.time(Duration::from_secs(least), Duration::from_secs(most))
    }

    pub fn millis(&mut self, least: u64, most: u64) -> Duration {
        self.time(Duration::from_millis(least), Duration::from_millis(most))
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, from: &[T], otherwise: T) -> T {
        let at = usize::try_from(self.below(from.len() as u64)).unwrap_or_default();
        from.get(at).copied().unwrap_or(otherwise)
    }
}
