//! The queue's promises, kept by each of its implementations.

#[cfg(test)]
mod bad_days;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod sqs;
#[cfg(test)]
mod two_processes;
