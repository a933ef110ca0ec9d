//! The simulation's own tests.

mod lockstep;
mod real;
mod seeds;
