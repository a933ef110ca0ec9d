//! Is this a result an honest agent could send? Pure; the bounds are those of `ide_protocol::limits`, the rule of
//! passing is the one of `lesson::judge`, asked here again because an agent is not trusted.

use std::collections::HashSet;

use ide_protocol::job::FinishGrading;
use ide_protocol::limits::{MAX_REPORT_BYTES, MAX_RUN_OUTPUT_BYTES, MAX_TEST_TEXT_BYTES, MAX_TESTS};
use ide_protocol::record::{Circumstances, Host};
use ide_protocol::results::{Ending, GradingOutcome, Outcome, TestResult, TestStatus, Trust, Verdict};
use lesson::{JudgePlace, Tests};

/// Bytes of a test's id or name, of a fault's detail and of an image's id.
const MAX_NAME_BYTES: usize = 4 * 1024;

/// Why a result is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unbelievable {
    #[error("{0} is too long")]
    TooLong(&'static str),
    #[error("it has more than {MAX_TESTS} tests")]
    TooManyTests,
    #[error("it tells of the test “{0}” more than once")]
    Twice(String),
    #[error(
        "it says passed, but the tests that passed are not exactly those expected, in a run that ended well"
    )]
    NotPassed,
    #[error("it is not about the files that were handed in, or not about the lesson they are graded by")]
    OtherWork,
    #[error("it was judged inside and the lesson asks for outside, or the other way round")]
    WrongTrust,
}

/// What a verdict has to be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) lesson_digest: &'a str,
    pub(crate) submission_digest: &'a str,
}

/// Checks bounds, that a verdict is about the work in question, and that nobody passes without having passed.
pub(crate) fn check(finish: &FinishGrading, work: Work<'_>, tests: &Tests) -> Result<(), Unbelievable> {
    bounded("the image", &finish.image_digest, MAX_NAME_BYTES)?;
    let Circumstances { lesson_digest, submission_digest, image, host, .. } = &finish.circumstances;
    let Host { agent, guest_digest, engine, runtime, kernel } = host;
    for stated in [lesson_digest, submission_digest, image, agent, guest_digest, engine, runtime, kernel] {
        bounded("one of the circumstances", stated, MAX_NAME_BYTES)?;
    }
    match &finish.outcome {
        GradingOutcome::Verdict { .. }
            if lesson_digest != work.lesson_digest || submission_digest != work.submission_digest =>
        {
            Err(Unbelievable::OtherWork)
        }
        GradingOutcome::Verdict { verdict } => check_verdict(verdict, tests),
        GradingOutcome::LessonFault { fault } => {
            bounded("the fault", &fault.to_string(), MAX_RUN_OUTPUT_BYTES)
        }
        GradingOutcome::HostFault { fault } => bounded("the fault", &fault.to_string(), MAX_RUN_OUTPUT_BYTES),
    }
}

fn check_verdict(verdict: &Verdict, tests: &Tests) -> Result<(), Unbelievable> {
    bounded("the output", &verdict.output, MAX_RUN_OUTPUT_BYTES)?;
    // The expected tests that are missing come on top of what a report may hold.
    if verdict.tests.len() > 2 * MAX_TESTS {
        return Err(Unbelievable::TooManyTests);
    }
    for test in &verdict.tests {
        check_test(test)?;
    }
    let mut ids = HashSet::new();
    if let Some(twice) = verdict.tests.iter().find(|test| !ids.insert(test.id.as_str())) {
        return Err(Unbelievable::Twice(twice.id.clone()));
    }
    let judged_outside = tests.judge == JudgePlace::Outside;
    if judged_outside != (verdict.trust == Trust::Isolated) {
        return Err(Unbelievable::WrongTrust);
    }
    let texts = verdict.tests.iter().flat_map(|test| [&test.message, &test.output]).flatten();
    if texts.map(String::len).sum::<usize>() > 2 * MAX_REPORT_BYTES {
        return Err(Unbelievable::TooLong("what the tests wrote"));
    }
    if verdict.outcome == Outcome::Passed && !has_passed(verdict, tests) {
        return Err(Unbelievable::NotPassed);
    }
    Ok(())
}

fn check_test(test: &TestResult) -> Result<(), Unbelievable> {
    bounded("a test's id", &test.id, MAX_NAME_BYTES)?;
    bounded("a test's name", &test.name, MAX_NAME_BYTES)?;
    bounded("a test's message", test.message.as_deref().unwrap_or_default(), MAX_TEST_TEXT_BYTES)?;
    bounded("a test's output", test.output.as_deref().unwrap_or_default(), MAX_TEST_TEXT_BYTES)
}

/// Whether the expected tests, and no others, are told of, each as passed.
fn has_passed(verdict: &Verdict, tests: &Tests) -> bool {
    let told: HashSet<&str> = verdict.tests.iter().map(|test| test.id.as_str()).collect();
    let hidden = tests.told_hidden_ids();
    let expected: HashSet<&str> = tests.expected.visible.iter().chain(&hidden).map(String::as_str).collect();
    told == expected
        && verdict.tests.iter().all(|test| test.status == TestStatus::Passed)
        && verdict.ending == (Ending::Exited { code: 0 })
}

fn bounded(what: &'static str, text: &str, most: usize) -> Result<(), Unbelievable> {
    if text.len() > most { Err(Unbelievable::TooLong(what)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ide_protocol::job::GradingTimings;
    use lesson::{Expected, HiddenShows, ReportFormat};

    fn test(id: &str, status: TestStatus) -> TestResult {
        let name = id.to_owned();
        TestResult {
            id: id.into(),
            name,
            status,
            message: None,
            output: None,
            duration_ms: None,
            hidden: false,
        }
    }

    const WORK: Work<'static> = Work { lesson_digest: "1e", submission_digest: "2e" };

    fn finish(outcome: Outcome, code: i32, tests: Vec<TestResult>) -> FinishGrading {
        let verdict = Verdict {
            outcome,
            ending: Ending::Exited { code },
            trust: Trust::InProcess,
            tests,
            output: String::new(),
            output_dropped_bytes: 0,
            duration_ms: 1,
        };
        FinishGrading {
            attempt: 1,
            outcome: GradingOutcome::Verdict { verdict },
            timings: GradingTimings::default(),
            image_digest: "sha256:0".into(),
            circumstances: Circumstances {
                lesson_digest: WORK.lesson_digest.into(),
                submission_digest: WORK.submission_digest.into(),
                ..Circumstances::default()
            },
        }
    }

    #[test]
    fn only_what_an_honest_agent_could_send_is_believed() {
        use TestStatus::{Failed, Missing, Passed, Skipped};
        let tests = Tests {
            build: None,
            command: vec!["run".into()],
            report: ReportFormat::Tap,
            expected: Expected { visible: vec!["a".into()], hidden: vec!["b".into()] },
            judge: JudgePlace::Inside,
            hidden_shows: HiddenShows::Name,
            starter_passes: false,
        };
        let all = || vec![test("a", Passed), test("b", Passed)];
        let mut long_name = all();
        long_name[0].name = "x".repeat(MAX_NAME_BYTES + 1);
        let mut long_text = all();
        long_text[0].message = Some("x".repeat(MAX_TEST_TEXT_BYTES + 1));
        let one_more = |status| [all(), vec![test("c", status)]].concat();
        let mut other_lesson = finish(Outcome::Passed, 0, all());
        other_lesson.circumstances.lesson_digest = "3e".into();
        let mut other_files = finish(Outcome::Failed, 1, all());
        other_files.circumstances.submission_digest = String::new();
        let mut outside = finish(Outcome::Failed, 1, all());
        if let GradingOutcome::Verdict { verdict } = &mut outside.outcome {
            verdict.trust = Trust::Isolated;
        }
        let many = (0..=2 * MAX_TESTS).map(|n| test(&n.to_string(), Failed)).collect();
        let rows = [
            (finish(Outcome::Passed, 0, all()), Ok(())),
            (finish(Outcome::Failed, 1, vec![test("a", Passed)]), Ok(())),
            (finish(Outcome::Passed, 0, vec![test("a", Passed)]), Err(Unbelievable::NotPassed)),
            (
                finish(Outcome::Passed, 0, vec![test("a", Passed), test("b", Failed)]),
                Err(Unbelievable::NotPassed),
            ),
            (finish(Outcome::Passed, 1, all()), Err(Unbelievable::NotPassed)),
            (finish(Outcome::Passed, 0, one_more(Passed)), Err(Unbelievable::NotPassed)),
            (finish(Outcome::Passed, 0, one_more(Skipped)), Err(Unbelievable::NotPassed)),
            (finish(Outcome::Passed, 0, one_more(Missing)), Err(Unbelievable::NotPassed)),
            (
                finish(Outcome::Passed, 0, vec![test("a", Passed), test("B", Passed)]),
                Err(Unbelievable::NotPassed),
            ),
            (finish(Outcome::Failed, 0, one_more(Passed)), Ok(())),
            (finish(Outcome::Passed, 0, [all(), all()].concat()), Err(Unbelievable::Twice("a".to_owned()))),
            (
                finish(Outcome::Failed, 1, vec![test("a", Failed), test("a", Passed)]),
                Err(Unbelievable::Twice("a".to_owned())),
            ),
            (other_lesson, Err(Unbelievable::OtherWork)),
            (other_files, Err(Unbelievable::OtherWork)),
            (outside, Err(Unbelievable::WrongTrust)),
            (finish(Outcome::Passed, 0, long_name), Err(Unbelievable::TooLong("a test's name"))),
            (finish(Outcome::Passed, 0, long_text), Err(Unbelievable::TooLong("a test's message"))),
            (finish(Outcome::Failed, 1, many), Err(Unbelievable::TooManyTests)),
        ];
        for (given, result) in rows {
            assert_eq!(check(&given, WORK, &tests), result);
        }
    }
}
