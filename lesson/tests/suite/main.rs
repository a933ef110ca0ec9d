//! The crate from outside, in one binary: each module is a story.

#[cfg(test)]
mod bundles;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hidden;
#[cfg(test)]
mod judging;
#[cfg(test)]
mod layouts;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod support;
#[cfg(test)]
mod test_sources;
