//! The simulation's own tests.

mod seeds;
