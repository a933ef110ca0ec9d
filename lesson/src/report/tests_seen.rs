//! The tests of one report as they are collected: bounded in number and size, with unique ids.

use std::collections::{HashMap, HashSet};

use ide_protocol::limits::{MAX_TEST_TEXT_BYTES, MAX_TESTS};
use ide_protocol::results::{TestResult, TestStatus};

use super::ReportProblem;
use crate::bounds::MAX_TEST_ID_BYTES;
use crate::text::{clip, plain};

#[derive(Debug, Default)]
pub(super) struct TestsSeen {
    tests: Vec<TestResult>,
    ids: HashSet<String>,
    /// How often each id was asked for, so that many repeats cost no search.
    repeats: HashMap<String, usize>,
}

/// A test as a format tells of it, not yet bounded.
#[derive(Debug, Default)]
pub(super) struct RawTest {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) message: String,
    pub(super) output: String,
    pub(super) duration_ms: Option<u64>,
}

impl TestsSeen {
    /// Adds a test. The second one of an id gets `#2`, and so on.
    pub(super) fn add(&mut self, raw: RawTest, status: TestStatus) -> Result<&TestResult, ReportProblem> {
        if self.tests.len() == MAX_TESTS {
            return Err(ReportProblem::TooManyTests);
        }
        let test = TestResult {
            id: self.unique(identifier(&raw.id)),
            name: identifier(&raw.name),
            status,
            message: kept_text(&raw.message),
            output: kept_text(&raw.output),
            duration_ms: raw.duration_ms,
            hidden: false,
        };
        self.tests.push(test);
        self.tests.last().ok_or(ReportProblem::TooManyTests)
    }

    /// Gives the last test what became known of it after it was added.
    pub(super) fn explain_last(
        &mut self,
        message: &str,
        output: &str,
        duration_ms: Option<u64>,
    ) -> Option<&TestResult> {
        let test = self.tests.last_mut()?;
        test.duration_ms = duration_ms.or(test.duration_ms);
        if test.output.is_none() {
            test.output = kept_text(output);
        }
        if test.message.is_none() {
            test.message = kept_text(message);
        }
        Some(test)
    }

    pub(super) fn len(&self) -> usize {
        self.tests.len()
    }

    pub(super) fn into_tests(self) -> Vec<TestResult> {
        self.tests
    }

    fn unique(&mut self, id: String) -> String {
        let count = self.repeats.entry(id.clone()).or_insert(0);
        loop {
            *count += 1;
            let candidate = if *count == 1 { id.clone() } else { format!("{id}#{count}") };
            if self.ids.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

/// One line of bounded length. Cut ids stay apart by their `#n`.
fn identifier(text: &str) -> String {
    let line = plain(text).replace(['\n', '\t'], " ");
    let line = line.trim();
    line.get(..line.floor_char_boundary(MAX_TEST_ID_BYTES)).unwrap_or_default().to_owned()
}

fn kept_text(text: &str) -> Option<String> {
    let text = plain(text);
    let text = text.trim_matches('\n').trim_end();
    (!text.is_empty()).then(|| clip(text, MAX_TEST_TEXT_BYTES))
}
