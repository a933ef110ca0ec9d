//! What a verdict may say of tests that learners are not shown: the author's rule, applied to a verdict whoever made it.
//! The agent does so before it posts one, and the API again before it keeps it, so that a mistake of either shows nothing.

use std::collections::HashSet;

use ide_protocol::results::{TestResult, TestStatus, Verdict};

use super::tally::make_nameless;
use super::{NOT_KNOWN, TWICE};
use crate::manifest::{Expected, HiddenShows, JudgePlace, Tests};

/// Takes out of `verdict` what the lesson's `hidden_shows` keeps from learners. Doing it twice changes nothing more.
pub fn conceal(verdict: &mut Verdict, tests: &Tests) {
    let Expected { visible, hidden } = &tests.expected;
    if hidden.is_empty() {
        return;
    }
    let visible: HashSet<&str> = visible.iter().map(String::as_str).collect();
    let known: HashSet<&str> = hidden.iter().map(String::as_str).collect();
    let mut unexpected = 0;
    for test in &mut verdict.tests {
        if visible.contains(test.id.as_str()) {
            continue;
        }
        if test.hidden || known.contains(test.id.as_str()) {
            test.hidden = true;
            keep_back(test, tests.shows_of_hidden());
        } else {
            unexpected += 1;
            make_nameless(test, unexpected);
            test.output = None;
            test.message = test.message.take().filter(|text| text == NOT_KNOWN || text == TWICE);
        }
    }
    if tests.shows_of_hidden() == HiddenShows::Nothing {
        count_only(&mut verdict.tests);
    }
}

impl Tests {
    /// What a failing hidden test may show: never a message where the learner's code ran beside it, because that code
    /// could have put anything it found there.
    #[must_use]
    pub fn shows_of_hidden(&self) -> HiddenShows {
        match (self.hidden_shows, self.judge) {
            (HiddenShows::Message, JudgePlace::Inside) => HiddenShows::Name,
            (shows, _) => shows,
        }
    }

    /// Ids by which a verdict tells of the hidden tests.
    #[must_use]
    pub fn told_hidden_ids(&self) -> Vec<String> {
        match self.hidden_shows {
            HiddenShows::Nothing => (1..=self.expected.hidden.len()).map(counted_name).collect(),
            HiddenShows::Name | HiddenShows::Message => self.expected.hidden.clone(),
        }
    }
}

fn keep_back(test: &mut TestResult, shows: HiddenShows) {
    test.output = None;
    if shows != HiddenShows::Message {
        test.message = None;
    }
}

/// How many of the hidden tests passed, and nothing of which: those that passed come first, under numbers.
fn count_only(tests: &mut Vec<TestResult>) {
    let place = tests.iter().position(|test| test.hidden).unwrap_or(tests.len());
    let (mut hidden, shown): (Vec<_>, Vec<_>) =
        std::mem::take(tests).into_iter().partition(|test| test.hidden);
    hidden.sort_by_key(|test| test.status != TestStatus::Passed);
    for (number, test) in hidden.iter_mut().enumerate() {
        let name = counted_name(number + 1);
        let passed = test.status == TestStatus::Passed;
        *test = TestResult {
            id: name.clone(),
            name,
            status: if passed { TestStatus::Passed } else { TestStatus::Failed },
            message: None,
            output: None,
            duration_ms: None,
            hidden: true,
        };
    }
    *tests = shown;
    let place = place.min(tests.len());
    tests.splice(place..place, hidden);
}

/// What a test is called that is only counted.
fn counted_name(number: usize) -> String {
    format!("{COUNTED} {number}")
}

/// No visible test may be called so where hidden ones are only counted.
pub(crate) const COUNTED: &str = "hidden test";
