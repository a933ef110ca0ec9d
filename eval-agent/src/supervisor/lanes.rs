//! Where jobs come from: one look at a time per kind of work, and the slots it is for.

use std::time::{Duration, Instant};

pub use job_queue::Lane;

/// Pause after a look that failed.
const POLL_PAUSE: Duration = Duration::from_secs(1);

/// What is done with a job; each kind has slots and a part of the room of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Somebody sits in front of it, for hours.
    Sessions,
    /// Ends by itself, within minutes.
    Gradings,
}

impl Work {
    pub const ALL: [Self; 2] = [Self::Sessions, Self::Gradings];

    #[must_use]
    pub fn of(lane: Lane) -> Self {
        match lane {
            Lane::Sessions => Self::Sessions,
            Lane::Grading | Lane::Regrading => Self::Gradings,
        }
    }

    /// That of its first lane, for metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => Lane::Sessions.name(),
            Self::Gradings => Lane::Grading.name(),
        }
    }

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Sessions => Self::Gradings,
            Self::Gradings => Self::Sessions,
        }
    }
}

/// Slots of one kind of work and the look under way for it.
#[derive(Debug)]
pub(super) struct Capacity {
    pub(super) slots: usize,
    /// Held by containers that resist removal.
    pub(super) lost: usize,
    pub(super) polling: bool,
    /// No look before this time.
    rest_until: Option<Instant>,
}

impl Capacity {
    pub(super) fn new(slots: usize) -> Self {
        Self { slots, lost: 0, polling: false, rest_until: None }
    }

    /// A look has ended without a job.
    pub(super) fn found_nothing(&mut self) {
        self.polling = false;
    }

    /// A look has ended, and the next one has to wait.
    pub(super) fn failed(&mut self, now: Instant) {
        self.polling = false;
        self.rest_until = Some(now + POLL_PAUSE);
    }

    /// The lane to look at now – that for gradings stands for both – if it is time; the look counts as under way then.
    pub(super) fn look(&mut self, now: Instant, work: Work) -> Option<Lane> {
        if self.polling || self.rest_until.is_some_and(|until| now < until) {
            return None;
        }
        self.polling = true;
        Some(match work {
            Work::Sessions => Lane::Sessions,
            Work::Gradings => Lane::Grading,
        })
    }
}
