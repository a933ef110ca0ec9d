//! Exercism's `results.json`, versions 1 to 3 (exercism/docs, building/tooling/test-runners/interface.md).
//!
//! Its overall status is believed only where it is bad news: a report whose tests all pass but which says `fail` gets
//! one more test that failed.

use ide_protocol::results::{TestResult, TestStatus};
use serde::Deserialize;

use super::ReportProblem;
use super::tests_seen::{RawTest, TestsSeen};

/// Id of the one test that stands for the whole, where a report names none or its status is worse than its tests.
const WHOLE: &str = "tests";

#[derive(Deserialize)]
struct Results {
    version: u32,
    status: Status,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    tests: Option<Vec<Test>>,
}

#[derive(Deserialize)]
struct Test {
    name: String,
    status: Status,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    output: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pass,
    Fail,
    Error,
}

impl From<Status> for TestStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Pass => Self::Passed,
            Status::Fail => Self::Failed,
            Status::Error => Self::Errored,
        }
    }
}

/// Versions whose shape is known.
const VERSIONS: std::ops::RangeInclusive<u32> = 1..=3;

pub(super) fn read(bytes: &[u8]) -> (Vec<TestResult>, Option<ReportProblem>) {
    let mut seen = TestsSeen::default();
    let problem = read_into(&mut seen, bytes).err();
    (seen.into_tests(), problem)
}

fn read_into(seen: &mut TestsSeen, bytes: &[u8]) -> Result<(), ReportProblem> {
    let results: Results = serde_json::from_slice(bytes).map_err(|why| match why.classify() {
        serde_json::error::Category::Eof => ReportProblem::Incomplete("the JSON ends early".to_owned()),
        _ => ReportProblem::Malformed(why.to_string()),
    })?;
    if !VERSIONS.contains(&results.version) {
        return Err(ReportProblem::Malformed(format!("version {} is unknown", results.version)));
    }
    let mut worst_told = false;
    for test in results.tests.into_iter().flatten() {
        worst_told |= test.status != Status::Pass;
        let raw = RawTest {
            id: test.name.clone(),
            name: test.name,
            message: test.message.unwrap_or_default(),
            output: test.output.unwrap_or_default(),
            duration_ms: None,
        };
        seen.add(raw, test.status.into())?;
    }
    // Version 1 may do without tests; the later ones name none only when the program could not be tested at all.
    let nothing_told = seen.len() == 0 && (results.version == 1 || results.status != Status::Pass);
    if nothing_told || (results.status != Status::Pass && !worst_told) {
        let message = results.message.unwrap_or_default();
        let raw =
            RawTest { id: WHOLE.to_owned(), name: "All tests".to_owned(), message, ..RawTest::default() };
        seen.add(raw, results.status.into())?;
    }
    Ok(())
}
