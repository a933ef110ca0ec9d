//! The guest as it is used: PID 1 of a hardened container, spoken to over its socket.
//!
//! Needs Docker, root, and Debian's `busybox-static`; makes its own tiny image, without a network.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests: a panic is how they fail"
)]

mod channels;
mod files;
mod harness;
mod hostile;
mod image;
mod life;
mod place;
mod runs;
mod terminals;
mod watching;
mod zygotes;
