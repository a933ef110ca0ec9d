//! Hand-ins on bad days: agents, an API, a queue and learners in one thread under a virtual clock, with every order of
//! events drawn from a seed. The supervisor is the real one; store and queue are real or a [`model`] that is held
//! against them; what is left of the processes is written down in [`world`] as decisions without I/O.
//!
//! A day ends when everything has been graded and nobody holds anything any more – or with a [`Finding`]: what was seen
//! that must never be, and the seed that shows it again.

pub mod books;
mod ledger;
pub mod model;
pub mod mutant;
pub mod plan;
mod random;
pub mod search;
mod world;

use std::fmt;
use std::time::Duration;

use books::Books;
use mutant::Mutant;
use plan::Plan;
use world::World;

/// What must never be, and was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    pub at: Duration,
}

/// A day that went well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Things that happened.
    pub events: u64,
    pub submissions: u32,
    pub not_graded: u32,
}

/// Hears of each event, with the time since the day began.
pub type Tell<'a> = &'a mut dyn FnMut(Duration, fmt::Arguments<'_>);

/// Lets one day happen.
///
/// # Errors
/// The first thing that must not be.
pub fn day<'a>(
    plan: &'a Plan,
    mutant: Option<Mutant>,
    books: &'a mut dyn Books,
    tell: Option<Tell<'a>>,
) -> Result<Day, Finding> {
    World::new(plan, mutant, books, tell).run()
}
