//! What the API holds does not grow with those who come.

mod common;

use common::Installation;

/// Rounds of four log-ins at once; together below what one address may try in a burst.
const ROUNDS: usize = 14;

/// One password is looked at in 19 MiB, which are given back afterwards. Kept by the heap of each thread that looked at
/// one, they would come to five times this.
const MAX_GROWTH_KIB: u64 = 32 * 1024;

#[tokio::test]
async fn the_api_is_no_larger_after_a_class_has_logged_in() {
    let installation = Installation::api();
    let before = installation.resident_kib();
    for _ in 0..ROUNDS {
        let learner = || installation.learner();
        tokio::join!(learner(), learner(), learner(), learner());
    }
    let grown = installation.resident_kib().saturating_sub(before);
    assert!(grown <= MAX_GROWTH_KIB, "grown by {grown} KiB from {before} KiB");
}
