//! Hands out pairs of uids, each to one live container at a time.
//!
//! The kernel counts inotify watches, pipe buffers and pending signals per uid across containers, so a uid shared by
//! two learners would let one starve the other (measured).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Containers one agent can hold at once; far above what a host's memory allows.
pub const UIDS_PER_AGENT: u32 = 1_000;
/// A learner's uid is its guest's plus this.
pub const LEARNER_UID_OFFSET: u32 = 100_000;

/// The free and taken pairs.
#[derive(Debug, Clone)]
pub struct Uids {
    base: u32,
    taken: Arc<Mutex<BTreeSet<u32>>>,
    #[cfg(feature = "knock-out")]
    is_shared: bool,
}

/// A pair that is nobody else's until this is dropped.
#[derive(Debug)]
pub struct UidPair {
    number: u32,
    pool: Uids,
}

impl Uids {
    #[must_use]
    pub fn new(base: u32) -> Self {
        Self {
            base,
            taken: Arc::default(),
            #[cfg(feature = "knock-out")]
            is_shared: false,
        }
    }

    /// One pair for everybody: what must not be, for tests that have to notice.
    #[cfg(feature = "knock-out")]
    #[must_use]
    pub fn shared_by_all(base: u32) -> Self {
        Self { is_shared: true, ..Self::new(base) }
    }

    /// The lowest free pair; `None` when all are taken.
    #[must_use]
    pub fn take(&self) -> Option<UidPair> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let number = (0..UIDS_PER_AGENT).find(|number| !taken.contains(number))?;
        taken.insert(number);
        Some(UidPair { number, pool: self.clone() })
    }
}

impl UidPair {
    #[must_use]
    pub fn guest(&self) -> u32 {
        #[cfg(feature = "knock-out")]
        if self.pool.is_shared {
            return self.pool.base;
        }
        self.pool.base + self.number
    }

    #[must_use]
    pub fn learner(&self) -> u32 {
        self.guest() + LEARNER_UID_OFFSET
    }
}

impl Drop for UidPair {
    fn drop(&mut self) {
        self.pool.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_unique_while_it_lives_and_comes_back_afterwards() {
        let uids = Uids::new(100_000);
        let first = uids.take().unwrap();
        let second = uids.take().unwrap();
        assert_eq!((first.guest(), first.learner()), (100_000, 200_000));
        assert_eq!((second.guest(), second.learner()), (100_001, 200_001));
        drop(first);
        assert_eq!(uids.take().unwrap().guest(), 100_000);
    }

    #[test]
    fn when_all_are_taken_there_is_none() {
        let uids = Uids::new(1);
        let held: Vec<_> = std::iter::from_fn(|| uids.take()).collect();
        assert_eq!(held.len(), UIDS_PER_AGENT as usize);
    }
}
