//! The fast part of the corpus, and that every case is well-formed.

#![expect(clippy::unwrap_used, reason = "a test may give up")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hostile::case::Case;
use hostile::ground::{Plan, WALL_SECONDS};
use hostile::run::{CASES, Options, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

#[test]
fn every_case_is_well_formed_and_has_an_id_of_its_own() {
    let cases = Case::read_all(&root().join(CASES)).unwrap_or_else(|why| panic!("{why:#}"));
    let ids: BTreeSet<_> = cases.iter().map(|case| case.file.id.as_str()).collect();
    assert_eq!(ids.len(), cases.len(), "two cases have one id");
}

/// Needs `target/debug/gradus`, which `scripts/prepare` builds.
#[tokio::test(flavor = "multi_thread")]
async fn the_fast_cases_hold() {
    let root = root();
    let gradus = root.join("target/debug/gradus");
    let plan = Plan { root, gradus, wall_seconds: WALL_SECONDS, agent_environment: Vec::new() };
    let options = Options { plan, cases: Vec::new(), fast: true, until_red: false, keep: false };
    let report = run(&options).await.unwrap_or_else(|why| panic!("{why:#}"));
    assert_eq!(report.red(), 0, "see the table above");
}
