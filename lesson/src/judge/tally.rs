//! What was reported, held against what was expected: one list in the lesson's order, and what is wrong with it.

use std::collections::{HashMap, HashSet};

use ide_protocol::limits::MAX_TESTS;
use ide_protocol::results::{TestResult, TestStatus};

use super::{NOT_KNOWN, Scope, TWICE, is_failure};
use crate::bounds::MAX_VERDICT_TEXT_BYTES;
use crate::manifest::{Expected, HiddenShows, Tests};
use crate::report::ReportProblem;

pub(super) struct Tally {
    /// Every expected test of the scope once, in the lesson's order, then what else was reported.
    pub(super) tests: Vec<TestResult>,
    pub(super) nothing_expected: bool,
    /// A test failed or errored, an expected one was skipped, one was reported twice, or a graded run told of one that
    /// is not expected.
    pub(super) any_failed: bool,
    /// An expected test was not reported.
    pub(super) any_missing: bool,
    /// Hidden tests took part: what the run printed may show them.
    pub(super) hides_run_output: bool,
}

impl Tally {
    pub(super) fn new(
        tests: &Tests,
        scope: Scope,
        reported: Vec<TestResult>,
        problem: Option<&ReportProblem>,
    ) -> Self {
        let expected = &tests.expected;
        let shows = tests.shows_of_hidden();
        let ids = in_scope(expected, scope);
        let hidden: HashSet<&str> = expected.hidden.iter().map(String::as_str).collect();
        let hides_run_output = scope == Scope::All && !hidden.is_empty();
        let (mut found, extras) = split(&ids, reported);

        let mut tests: Vec<TestResult> =
            ids.iter().map(|id| found.remove(id.as_str()).unwrap_or_else(|| missing(id))).collect();
        let any_missing = tests.iter().any(|test| test.status == TestStatus::Missing);
        let any_skipped = tests.iter().any(|test| test.status == TestStatus::Skipped);
        if !hides_run_output {
            explain_missing(&mut tests, problem);
        }
        for test in &mut tests {
            test.hidden = hidden.contains(test.id.as_str());
        }
        let expected: HashSet<&str> = ids.iter().map(|id| id.as_str()).collect();
        tests.extend(extras);
        // Hidden files lay beside the learner's code: any text may quote them, whichever test it comes from. Where they
        // did not, the author may want a hidden test to say what it missed.
        let may_speak = |test: &TestResult| test.hidden && shows == HiddenShows::Message;
        let silent = tests.iter_mut().filter(|test| (test.hidden || hides_run_output) && !may_speak(test));
        silent.for_each(keep_back);
        for (number, extra) in tests.iter_mut().skip(ids.len()).enumerate() {
            judge_extra(extra, scope, &expected, &hidden);
            if hides_run_output {
                make_nameless(extra, number + 1);
            }
        }
        let any_failed = any_skipped || tests.iter().any(|test| is_failure(test.status));
        tests.truncate(MAX_TESTS.max(ids.len()));
        bound_texts(&mut tests, ids.len());
        Self { tests, nothing_expected: ids.is_empty(), any_failed, any_missing, hides_run_output }
    }
}

fn in_scope(expected: &Expected, scope: Scope) -> Vec<&String> {
    let hidden: &[String] = if scope == Scope::All { &expected.hidden } else { &[] };
    expected.visible.iter().chain(hidden).collect()
}

/// The reported tests that were expected, by id, and the others, in order.
fn split(ids: &[&String], reported: Vec<TestResult>) -> (HashMap<String, TestResult>, Vec<TestResult>) {
    let expected: HashSet<&str> = ids.iter().map(|id| id.as_str()).collect();
    let mut found = HashMap::new();
    let mut extras = Vec::new();
    for test in reported {
        if expected.contains(test.id.as_str()) && !found.contains_key(&test.id) {
            found.insert(test.id.clone(), test);
        } else {
            extras.push(test);
        }
    }
    (found, extras)
}

fn missing(id: &str) -> TestResult {
    TestResult {
        id: id.to_owned(),
        name: id.to_owned(),
        status: TestStatus::Missing,
        message: None,
        output: None,
        duration_ms: None,
        hidden: false,
    }
}

/// The first test that never came says why the report is not whole.
fn explain_missing(tests: &mut [TestResult], problem: Option<&ReportProblem>) {
    if let Some(test) = tests.iter_mut().find(|test| test.status == TestStatus::Missing)
        && let Some(ReportProblem::BailedOut(reason)) = problem
    {
        test.message = Some(format!("the test run gave up: {reason}"));
    }
}

/// A test nobody expected. One that repeats an expected one is a fault, whatever its status: exactly one report of a
/// test counts, and nobody can say which. So is any other when grading; it keeps its own words where it failed.
fn judge_extra(extra: &mut TestResult, scope: Scope, expected: &HashSet<&str>, hidden: &HashSet<&str>) {
    let repeats = expected.contains(without_repeat(&extra.id)) || expected.contains(extra.id.as_str());
    let told = match scope {
        _ if repeats => Some(TWICE),
        Scope::All if !is_failure(extra.status) => Some(NOT_KNOWN),
        Scope::All | Scope::Visible => None,
    };
    if let Some(told) = told {
        extra.status = TestStatus::Errored;
        extra.message = Some(told.to_owned());
    }
    extra.hidden = hidden.contains(extra.id.as_str());
}

/// A name is a text, too: whoever writes the report can put a line of a hidden file into it.
pub(super) fn make_nameless(extra: &mut TestResult, number: usize) {
    extra.name = format!("unexpected test {number}");
    extra.id.clone_from(&extra.name);
}

/// `id#2` → `id`, as readers name repeats.
fn without_repeat(id: &str) -> &str {
    match id.rsplit_once('#') {
        Some((first, count)) if count.parse::<u32>().is_ok() => first,
        _ => id,
    }
}

/// Keeps within [`MAX_VERDICT_TEXT_BYTES`] what a report can fill a verdict with: names first, then texts. `expected`
/// tests stay whatever happens; unexpected ones that do not fit any more have counted already and are left out.
fn bound_texts(tests: &mut Vec<TestResult>, expected: usize) {
    let mut left = MAX_VERDICT_TEXT_BYTES;
    let mut number = 0;
    tests.retain_mut(|test| {
        number += 1;
        // An expected test's id is the manifest's own.
        let own = if number <= expected { 0 } else { test.id.len() };
        match left.checked_sub(own + test.name.len()) {
            Some(rest) => left = rest,
            None if number <= expected => test.name.truncate(test.name.floor_char_boundary(CUT_NAME_BYTES)),
            None => return false,
        }
        true
    });
    for text in tests.iter_mut().flat_map(|test| [&mut test.message, &mut test.output]).flatten() {
        match left.checked_sub(text.len()) {
            Some(rest) => left = rest,
            None => *text = "not shown: the tests said too much before".to_owned(),
        }
    }
}

/// Bytes kept of an expected test's name when the names before it have used up all there is.
const CUT_NAME_BYTES: usize = 32;

/// Hidden stays hidden: of a hidden test, people see its name and status.
fn keep_back(test: &mut TestResult) {
    test.message = None;
    test.output = None;
}
