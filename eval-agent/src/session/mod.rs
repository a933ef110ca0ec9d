//! A live session: a learner's container, joined to their browser through the API's relay.
//!
//! [`logic`] decides; [`driver`] moves bytes between guest and relay; [`relay`] keeps the socket to the API.

mod channels;
mod driver;
mod farewell;
mod logic;
mod out;
mod relay;
mod ring;
mod runs;
mod terminals;
mod text;
mod time;
mod typing;
mod usage;
mod workspace;

use logic::{Command, SessionEnd};

pub use driver::{Live, carry_out, refuse};

#[cfg(test)]
mod tests;
