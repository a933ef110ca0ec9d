//! Sessions as scripts: events in, commands out. And whatever viewers do: each sees a contiguous stream, its gaps
//! stated, and nothing grows without bound.

mod any_viewers;
mod channels;
mod edits;
mod fuzz;
mod life;
mod looking_on;
mod screens;
mod time;
mod world;
