//! What was asked, what went wrong on the way, and what must never be.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A request that was not answered as it should have been; it was tried again.
#[derive(Debug, Clone)]
pub struct Failure {
    pub at: Instant,
    pub what: &'static str,
    pub why: String,
}

#[derive(Debug, Default)]
struct Pages {
    asked: Vec<Instant>,
    failures: Vec<Failure>,
    wrong: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Ledger(Mutex<Pages>);

impl Ledger {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn asked(&self) {
        self.pages().asked.push(Instant::now());
    }

    pub(super) fn failed(&self, what: &'static str, why: String) {
        self.pages().failures.push(Failure { at: Instant::now(), what, why });
    }

    /// Something that must not be, whatever happened to the parts.
    pub fn wrong(&self, what: String) {
        self.pages().wrong.push(what);
    }

    /// Requests since then.
    #[must_use]
    pub fn asked_since(&self, since: Instant) -> usize {
        self.pages().asked.iter().filter(|at| **at >= since).count()
    }

    #[must_use]
    pub fn failures_since(&self, since: Instant) -> Vec<Failure> {
        self.pages().failures.iter().filter(|failure| failure.at >= since).cloned().collect()
    }

    /// All of it, once.
    #[must_use]
    pub fn take_wrong(&self) -> Vec<String> {
        std::mem::take(&mut self.pages().wrong)
    }
}
