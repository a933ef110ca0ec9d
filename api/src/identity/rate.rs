//! Token buckets: how often somebody may do something. Pure; the caller says what time it is.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

/// Keys remembered at once. A bucket is some 50 bytes; beyond this all unknown keys share one bucket.
const MAX_KEYS: usize = 20_000;

/// So many at once, and so many per second on average.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) burst: f64,
    pub(crate) per_second: f64,
}

/// One bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Instant) -> Self {
        Self { tokens: rate.burst, at: now }
    }

    /// Takes a token, or says after how many seconds there will be one.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), u64> {
        self.refill(rate, now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err((((1.0 - self.tokens) / rate.per_second).ceil() as u64).max(1))
    }

    fn give_back(&mut self, rate: Rate) {
        self.tokens = (self.tokens + 1.0).min(rate.burst);
    }

    fn refill(&mut self, rate: Rate, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second).min(rate.burst);
        self.at = now;
    }

    fn is_full(&self, rate: Rate, now: Instant) -> bool {
        let mut later = *self;
        later.refill(rate, now);
        later.tokens >= rate.burst
    }
}

/// What counts as one address: of IPv6, the network of a household.
pub(crate) fn address(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// A bucket per key, bounded.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    rate: Rate,
    buckets: HashMap<K, Bucket>,
    /// For keys that found no place.
    others: Bucket,
}

impl<K: Hash + Eq> Limiter<K> {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, buckets: HashMap::new(), others: Bucket::full(rate, now) }
    }

    pub(crate) fn take(&mut self, key: K, now: Instant) -> Result<(), u64> {
        let rate = self.rate;
        if self.buckets.len() >= MAX_KEYS && !self.buckets.contains_key(&key) {
            self.buckets.retain(|_, bucket| !bucket.is_full(rate, now));
            if self.buckets.len() >= MAX_KEYS {
                return self.others.take(rate, now);
            }
        }
        self.buckets.entry(key).or_insert_with(|| Bucket::full(rate, now)).take(rate, now)
    }

    /// Undoes a [`take`](Self::take): it turned out not to count.
    pub(crate) fn give_back(&mut self, key: &K) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.give_back(self.rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const RATE: Rate = Rate { burst: 2.0, per_second: 0.5 };

    #[test]
    fn a_burst_passes_then_one_per_refill() {
        let start = Instant::now();
        let mut limiter = Limiter::new(RATE, start);
        let mut take = |key, seconds| limiter.take(key, start + Duration::from_secs(seconds));
        assert_eq!(take("a", 0), Ok(()));
        assert_eq!(take("a", 0), Ok(()));
        assert_eq!(take("a", 0), Err(2), "the third of a burst of two has to wait");
        assert_eq!(take("b", 0), Ok(()), "another key has its own bucket");
        assert_eq!(take("a", 2), Ok(()));
        assert_eq!(take("a", 2), Err(2));
    }

    #[test]
    fn what_did_not_count_is_given_back() {
        let start = Instant::now();
        let mut limiter = Limiter::new(Rate { burst: 1.0, per_second: 0.1 }, start);
        assert_eq!(limiter.take("a", start), Ok(()));
        limiter.give_back(&"a");
        assert_eq!(limiter.take("a", start), Ok(()));
        assert!(limiter.take("a", start).is_err());
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_slowed() {
        let start = Instant::now();
        let mut limiter = Limiter::new(RATE, start);
        let refused = (0..MAX_KEYS + 100).filter(|key| limiter.take(*key, start).is_err()).count();
        assert_eq!(limiter.buckets.len(), MAX_KEYS);
        assert_eq!(refused, 98, "those without a place share one bucket of two");
        let later = start + Duration::from_secs(60);
        assert_eq!(limiter.take(MAX_KEYS + 500, later), Ok(()));
        assert_eq!(limiter.buckets.len(), 1, "buckets that are full again are forgotten");
    }
}
