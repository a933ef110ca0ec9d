//! Keeps the arrows of ARCHITECTURE.md true: who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const ALLOWED: &[(&str, &[&str])] = &[
    ("ide-protocol", &[]),
    ("lesson", &["ide-protocol"]),
    ("job-queue", &[]),
    ("fuzz-inputs", &[]),
    ("eval-call", &[]),
    ("failpoints", &[]),
    ("learner-client", &["ide-protocol"]),
    ("bench-client", &["learner-client"]),
    ("api", &["failpoints", "ide-protocol", "job-queue", "lesson"]),
    ("eval-agent", &["failpoints", "ide-protocol", "job-queue", "lesson"]),
    ("eval-guest", &["ide-protocol"]),
    ("eval-probe", &[]),
    ("gradus", &["api", "eval-agent", "ide-protocol", "job-queue", "learner-client", "lesson"]),
    // Attacks a real Gradus from outside; `api` only to make accounts and to read the event log.
    ("hostile", &["api", "ide-protocol", "lesson"]),
    // Many machines on one; `api` to make accounts and to audit, `hostile` for processes and what a hand-in comes to.
    ("cluster", &["api", "hostile", "ide-protocol", "learner-client"]),
    // The fast end of `make bench`.
    ("gradus-bench", &["api", "eval-agent", "ide-protocol", "job-queue", "lesson"]),
    ("simulation", &["api", "eval-agent", "job-queue"]),
];

#[test]
fn parts_depend_only_on_whom_the_map_allows() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");

    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, whom)| (*name, whom.iter().copied().collect())).collect();
    assert_eq!(
        ours,
        allowed.keys().copied().collect(),
        "a part is missing from the map, or the map names one too many"
    );

    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let found: BTreeSet<&str> = package["dependencies"]
            .as_array()
            .expect("a list of dependencies")
            .iter()
            .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
            .filter_map(|dependency| dependency["name"].as_str())
            .filter(|dependency| ours.contains(dependency))
            .collect();
        let extra: Vec<_> = found.difference(&allowed[name]).collect();
        assert!(extra.is_empty(), "{name} must not depend on {extra:?}");
    }
}
