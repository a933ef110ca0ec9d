//! The simulation's own tests.

#[cfg(test)]
mod lockstep;
#[cfg(test)]
mod real;
#[cfg(test)]
mod seeds;
