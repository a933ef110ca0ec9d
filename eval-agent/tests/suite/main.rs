//! The agent in the real world: real Docker, the real guest, the lesson images, the embedded queue, a second process
//! where one has to be killed. Only the API is played, by a small server that speaks its protocol honestly.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod away;
mod channels;
mod clean_up;
mod dense;
mod engine_faults;
mod frozen;
mod grading;
mod host;
mod host_check;
mod judge_outside;
mod measures;
mod out_of_memory;
mod permits;
mod room;
mod sandbox;
mod session;
mod world;
mod zygotes;
