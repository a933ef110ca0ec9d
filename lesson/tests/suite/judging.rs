//! What a run comes to: one row per rule, and the one promise that matters whatever the run.

mod kept;

use ide_protocol::results::{
    Ending, GradingOutcome, LessonFault, Outcome, TestResult, TestStatus, Trust, Verdict,
};
use lesson::{
    Expected, HiddenShows, JudgePlace, Report, ReportError, ReportFormat, ReportProblem, RunRecord, Scope,
    Tests, explain, judge, sentence,
};
use proptest::prelude::*;

use TestStatus::{Errored, Failed, Missing, Passed, Skipped};

const EXITED: Ending = Ending::Exited { code: 0 };
const FAILING: Ending = Ending::Exited { code: 1 };
const TIMED_OUT: Ending = Ending::TimedOut { limit_ms: 10_000 };
const OUT_OF_MEMORY: Ending = Ending::OutOfMemory { limit_mib: 256 };
const OUTPUT_LIMIT: Ending = Ending::OutputLimit { limit_bytes: 1_048_576 };
const SEGFAULT: Ending = Ending::Signaled { signal: 11 };

/// A lesson with two visible tests and a hidden one.
fn tests() -> Tests {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Tests {
        build: None,
        command: vec!["run".to_owned()],
        report: ReportFormat::Tap,
        judge: JudgePlace::Inside,
        hidden_shows: HiddenShows::Name,
        starter_passes: false,
        expected: Expected { visible: ids(&["a", "b"]), hidden: ids(&["h"]) },
    }
}

fn result(id: &str, status: TestStatus) -> TestResult {
    TestResult {
        id: id.to_owned(),
        name: format!("test {id}"),
        status,
        message: Some("why".to_owned()),
        output: Some("printed".to_owned()),
        duration_ms: Some(1),
        hidden: false,
    }
}

type Told<'a> = &'a [(&'a str, TestStatus)];

const ALL: Told<'static> = &[("a", Passed), ("b", Passed), ("h", Passed)];

fn results(told: Told<'_>) -> Vec<TestResult> {
    told.iter().map(|(id, status)| result(id, *status)).collect()
}

fn run(ending: Ending, told: Told<'_>, problem: Option<ReportProblem>) -> RunRecord {
    let tests = results(told);
    let report = match problem {
        Some(problem) => Err(ReportError { problem, tests }),
        None => Ok(Report { tests }),
    };
    RunRecord {
        build: None,
        ending,
        report,
        output: "printed".to_owned(),
        output_dropped_bytes: 0,
        duration_ms: 42,
    }
}

fn verdict(scope: Scope, run: RunRecord) -> Verdict {
    match judge(&tests(), scope, run) {
        GradingOutcome::Verdict { verdict } => verdict,
        other => panic!("no verdict: {other:?}"),
    }
}

fn statuses(verdict: &Verdict) -> Vec<(&str, TestStatus)> {
    verdict.tests.iter().map(|test| (test.id.as_str(), test.status)).collect()
}

/// What a grading run comes to: a verdict's outcome, or whose fault it is.
fn grade(run: RunRecord) -> Result<Outcome, &'static str> {
    match judge(&tests(), Scope::All, run) {
        GradingOutcome::Verdict { verdict } => Ok(verdict.outcome),
        GradingOutcome::LessonFault { fault: LessonFault::NoReport { .. } } => Err("lesson: no report"),
        GradingOutcome::LessonFault { fault: LessonFault::BadReport { .. } } => Err("lesson: bad report"),
        GradingOutcome::LessonFault { fault: LessonFault::Unusable { .. } } => Err("lesson: unusable"),
        GradingOutcome::HostFault { .. } => Err("host"),
    }
}

#[test]
fn every_rule_of_a_grading_run() {
    use Outcome::{Crashed, OutOfMemory, OutputLimit, TimedOut};
    let cut = || Some(ReportProblem::Incomplete("cut".to_owned()));
    let garbage = || Some(ReportProblem::Malformed("garbage".to_owned()));
    let absent = || Some(ReportProblem::Absent);
    let bailed = || Some(ReportProblem::BailedOut("no database".to_owned()));
    let exited = |code| Ending::Exited { code };
    #[rustfmt::skip]
    let rows: Vec<(&str, RunRecord, Result<Outcome, &str>)> = vec![
        ("all passed", run(EXITED, ALL, None), Ok(Outcome::Passed)),
        ("all passed, one more, too", run(EXITED, &[("x", Passed), ("a", Passed), ("b", Passed), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("one more was skipped", run(EXITED, &[("a", Passed), ("b", Passed), ("h", Passed), ("x", Skipped)], None), Ok(Outcome::Failed)),
        ("one was renamed", run(EXITED, &[("A", Passed), ("b", Passed), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("one that is nearly another", run(EXITED, &[("a", Passed), ("a#", Passed), ("b", Passed), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("one failed", run(FAILING, &[("a", Passed), ("b", Failed), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("one failed, exit code 0", run(EXITED, &[("a", Passed), ("b", Failed), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("one errored", run(FAILING, &[("a", Passed), ("b", Errored), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("one skipped", run(EXITED, &[("a", Passed), ("b", Skipped), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("hidden one failed", run(FAILING, &[("a", Passed), ("b", Passed), ("h", Failed)], None), Ok(Outcome::Failed)),
        ("one nobody expected failed", run(FAILING, &[("a", Passed), ("b", Passed), ("h", Passed), ("x", Failed)], None), Ok(Outcome::Failed)),
        ("could not be collected", run(exited(2), &[("tests.test_a", Errored)], None), Ok(Outcome::Failed)),
        ("told twice", run(EXITED, &[("a", Passed), ("a#2", Passed), ("b", Passed), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("told twice by a foreign reader", run(EXITED, &[("a", Passed), ("a", Passed), ("b", Passed), ("h", Passed)], None), Ok(Outcome::Failed)),
        ("one left out", run(EXITED, &[("a", Passed), ("h", Passed)], None), Ok(Crashed)),
        ("hidden one left out", run(EXITED, &[("a", Passed), ("b", Passed)], None), Ok(Crashed)),
        ("none reported", run(EXITED, &[], None), Ok(Crashed)),
        ("passed, then exit code 3", run(exited(3), ALL, None), Ok(Crashed)),
        ("passed, then a signal", run(SEGFAULT, ALL, None), Ok(Crashed)),
        ("signal, with failures", run(SEGFAULT, &[("a", Failed)], None), Ok(Crashed)),
        ("signal, no report", run(SEGFAULT, &[], absent()), Ok(Crashed)),
        ("signal, garbage", run(SEGFAULT, &[], garbage()), Ok(Crashed)),
        ("time, all passed", run(TIMED_OUT, ALL, None), Ok(TimedOut)),
        ("time, report cut", run(TIMED_OUT, &[("a", Passed)], cut()), Ok(TimedOut)),
        ("time, no report", run(TIMED_OUT, &[], absent()), Ok(TimedOut)),
        ("memory, all passed", run(OUT_OF_MEMORY, ALL, None), Ok(OutOfMemory)),
        ("memory, garbage", run(OUT_OF_MEMORY, &[], garbage()), Ok(OutOfMemory)),
        ("output, one failed", run(OUTPUT_LIMIT, &[("a", Failed)], None), Ok(OutputLimit)),
        ("report too large", run(EXITED, ALL, Some(ReportProblem::TooLarge)), Ok(OutputLimit)),
        ("exit 0 without a report", run(EXITED, &[], absent()), Ok(Crashed)),
        ("exit 1 without a report", run(FAILING, &[], absent()), Ok(Crashed)),
        ("exit 0, report cut", run(EXITED, &[("a", Passed)], cut()), Ok(Crashed)),
        ("all passed, report cut", run(EXITED, ALL, cut()), Ok(Crashed)),
        ("gave up", run(FAILING, &[("a", Passed)], bailed()), Ok(Crashed)),
        ("no such test command", run(exited(127), &[], absent()), Err("lesson: no report")),
        ("test command cannot run", run(exited(126), &[], cut()), Err("lesson: no report")),
        ("garbage", run(EXITED, ALL, garbage()), Err("lesson: bad report")),
        ("garbage, exit 1", run(FAILING, &[], garbage()), Err("lesson: bad report")),
        ("more tests than allowed", run(EXITED, ALL, Some(ReportProblem::TooManyTests)), Err("lesson: bad report")),
        ("stopped by us", run(Ending::Stopped, ALL, None), Err("host")),
        ("did not build", failed_build(exited(2)), Ok(Outcome::CompileError)),
        ("compiler crashed", failed_build(SEGFAULT), Ok(Outcome::CompileError)),
        ("no such compiler", failed_build(exited(127)), Err("lesson: unusable")),
        ("build ran out of time", failed_build(TIMED_OUT), Ok(TimedOut)),
        ("build ran out of memory", failed_build(OUT_OF_MEMORY), Ok(OutOfMemory)),
        ("build was stopped by us", failed_build(Ending::Stopped), Err("host")),
    ];
    for (what, run, expected) in rows {
        assert_eq!(grade(run), expected, "{what}");
    }
}

fn failed_build(ending: Ending) -> RunRecord {
    RunRecord { build: Some(ending), ..run(ending, &[], Some(ReportProblem::Absent)) }
}

#[test]
fn running_the_visible_tests_asks_for_no_hidden_one() {
    let visible = verdict(Scope::Visible, run(EXITED, &[("b", Passed), ("a", Passed)], None));
    assert_eq!((visible.outcome, visible.trust), (Outcome::Passed, Trust::InProcess));
    assert_eq!(statuses(&visible), [("a", Passed), ("b", Passed)], "in the lesson's order");
    assert_eq!(visible.output, "printed");

    let own = verdict(Scope::Visible, run(FAILING, &[("mine", Failed), ("a", Passed), ("b", Passed)], None));
    assert_eq!(own.outcome, Outcome::Failed, "a learner's own failing test fails");
    assert_eq!(statuses(&own), [("a", Passed), ("b", Passed), ("mine", Failed)]);
    assert_eq!(own.tests[2].message.as_deref(), Some("why"));
    let fine = verdict(Scope::Visible, run(EXITED, &[("mine", Passed), ("a", Passed), ("b", Passed)], None));
    assert_eq!(fine.outcome, Outcome::Passed, "one that passes is welcome");
}

#[test]
fn hidden_stays_hidden() {
    let told = &[("a", Failed), ("b", Passed), ("h", Failed), ("h#2", Failed), ("tests.hidden", Errored)];
    let mut graded = verdict(Scope::All, run(FAILING, told, None));
    for test in graded.tests.iter().filter(|test| test.id != "unexpected test 1") {
        assert_eq!(
            (&test.message, &test.output),
            (&None, &None),
            "any text may quote a hidden file: {}",
            test.id
        );
        assert_eq!(test.hidden, test.id == "h", "{}", test.id);
    }
    let names: Vec<&str> = graded.tests.iter().skip(3).map(|test| test.name.as_str()).collect();
    assert_eq!(names, ["unexpected test 1", "unexpected test 2"], "a name is a text, too");
    assert_eq!(
        graded.tests[3].message.as_deref(),
        Some("this test was reported more than once"),
        "our words"
    );
    assert_eq!(graded.tests[2].name, "test h", "its name and status are shown");
    assert_eq!(
        (graded.output.as_str(), graded.output_dropped_bytes),
        ("", 7),
        "the run may have printed them"
    );

    let stopped = verdict(Scope::All, run(SEGFAULT, &[("a", Passed)], Some(ReportProblem::Absent)));
    assert!(stopped.tests[2].hidden, "missing or not");
    assert_eq!(verdict(Scope::All, failed_build(FAILING)).output, "", "a compiler quotes what is included");

    // What the learner reads comes from a run that hidden files were no part of.
    let shown = verdict(Scope::Visible, run(FAILING, &[("a", Failed), ("b", Failed)], None));
    explain(&mut graded, &shown);
    let told: Vec<bool> = graded.tests.iter().map(|test| test.message.is_some()).collect();
    assert_eq!(told, [true, false, false, true, false], "only where both runs agree on the status");
    assert_eq!(graded.output, "printed");

    let mut open = tests();
    open.expected.hidden.clear();
    match judge(&open, Scope::All, run(FAILING, &[("a", Failed), ("b", Passed)], None)) {
        GradingOutcome::Verdict { verdict } => {
            assert_eq!(verdict.output, "printed", "nothing hidden, nothing withheld")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_id_that_looks_like_a_repeat_may_be_expected_and_is_held_to_once() {
    let mut repeats = tests();
    repeats.expected = Expected { visible: vec!["a#2".to_owned()], hidden: Vec::new() };
    let rows: [(Told<'_>, Outcome); 3] = [
        (&[("a#2", Passed)], Outcome::Passed),
        (&[("a#2", Passed), ("a#3", Passed)], Outcome::Failed),
        (&[("a#2", Passed), ("a#2", Passed)], Outcome::Failed),
    ];
    for (told, expected) in rows {
        match judge(&repeats, Scope::All, run(EXITED, told, None)) {
            GradingOutcome::Verdict { verdict } => assert_eq!(verdict.outcome, expected, "{told:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_lesson_without_tests_cannot_be_passed() {
    let mut none = tests();
    none.expected = Expected::default();
    for scope in [Scope::Visible, Scope::All] {
        assert!(matches!(
            judge(&none, scope, run(EXITED, ALL, None)),
            GradingOutcome::LessonFault { fault: LessonFault::Unusable { .. } }
        ));
    }
}

#[test]
fn every_verdict_has_its_sentence() {
    let named = |told: Told<'_>, ending| sentence(&verdict(Scope::Visible, run(ending, told, None)));
    #[rustfmt::skip]
    let rows = [
        (named(&[("a", Passed), ("b", Passed)], EXITED), "All 2 tests pass."),
        (named(&[("a", Failed), ("b", Passed)], FAILING), "1 of 2 tests passes. The first that fails is “test a”."),
        (named(&[("a", Failed), ("b", Errored)], FAILING), "None of 2 tests passes yet. The first that fails is “test a”."),
        (named(&[("a", Skipped), ("b", Passed)], EXITED), "1 of 2 tests passes. One was skipped, which is not passing."),
        (named(&[("a", Passed), ("b", Passed)], Ending::Exited { code: 3 }), "Every test passes, but the run then ended with exit code 3, so it does not count. Does something go wrong after the tests?"),
        (named(&[("a", Passed)], EXITED), "Your program ended with exit code 0 before all tests had finished. Does it exit by itself?"),
        (named(&[], SEGFAULT), "Your program crashed before all tests had finished (signal 11: it used memory that is not its own). The output may say where."),
        (named(&[], TIMED_OUT), "Your program was still running after 10 seconds, so we stopped it. Is there a loop that does not end?"),
        (named(&[], Ending::TimedOut { limit_ms: 90_000 }), "Your program was still running after 1 minute and 30 seconds, so we stopped it. Is there a loop that does not end?"),
        (named(&[], OUT_OF_MEMORY), "Your program needed more than the 256 MB of memory it has here, so it was stopped. Does something grow without end?"),
        (named(&[], OUTPUT_LIMIT), "Your program printed more than 1 MB, so we stopped it. Is there a print in a loop that does not end?"),
        (sentence(&verdict(Scope::All, failed_build(FAILING))), "Your program does not build yet, so no test has run. The output says where."),
    ];
    for (said, expected) in rows {
        assert_eq!(said, expected);
    }
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        6 => Just(EXITED),
        2 => (-1i32..260).prop_map(|code| Ending::Exited { code }),
        1 => prop::sample::select(vec![TIMED_OUT, OUT_OF_MEMORY, OUTPUT_LIMIT, SEGFAULT, Ending::Stopped]),
    ]
}

fn any_problem() -> impl Strategy<Value = Option<ReportProblem>> {
    let text = || "x".to_owned();
    let problems = vec![
        ReportProblem::Absent,
        ReportProblem::Incomplete(text()),
        ReportProblem::BailedOut(text()),
        ReportProblem::Malformed(text()),
        ReportProblem::TooLarge,
        ReportProblem::TooManyTests,
    ];
    prop_oneof![4 => Just(None), 1 => prop::sample::select(problems).prop_map(Some)]
}

fn any_told() -> impl Strategy<Value = Vec<(&'static str, TestStatus)>> {
    let id = prop::sample::select(vec!["a", "b", "h", "a#2", "x", "a#", ""]);
    let status =
        prop_oneof![5 => Just(Passed), 1 => prop::sample::select(vec![Failed, Errored, Skipped, Missing])];
    prop_oneof![
        1 => Just(ALL.to_vec()),
        2 => prop::collection::vec((id.clone(), status.clone()), 0..6),
        2 => prop::collection::vec((id, status), 0..3).prop_map(|more| [ALL, &more].concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn whatever_passes_has_earned_it(
        told in any_told(),
        ending in any_ending(),
        problem in any_problem(),
        build in prop::option::weighted(0.1, any_ending()),
        grading: bool,
    ) {
        let scope = if grading { Scope::All } else { Scope::Visible };
        let record = RunRecord { build, ..run(ending, &told, problem.clone()) };
        let GradingOutcome::Verdict { verdict } = judge(&tests(), scope, record) else { return Ok(()) };
        let expected: &[&str] = if grading { &["a", "b", "h"] } else { &["a", "b"] };
        let shown: Vec<&str> = verdict.tests.iter().map(|test| test.id.as_str()).take(expected.len()).collect();
        prop_assert_eq!(shown, expected, "every expected test, in order, whatever happened");
        if verdict.outcome == Outcome::Passed {
            prop_assert_eq!((build, ending, problem), (None, EXITED, None));
            for id in expected {
                let reports: Vec<_> = told.iter().filter(|(told, _)| told == id || *told == format!("{id}#2")).collect();
                prop_assert_eq!(reports, [&(*id, Passed)], "exactly once, and passed");
            }
            prop_assert!(told.iter().all(|(_, status)| !matches!(status, Failed | Errored)));
            prop_assert!(!grading || told.len() == expected.len(), "and nothing else");
        }
    }
}

#[test]
fn only_a_graded_run_from_outside_is_trusted_as_isolated() {
    let rows = [
        (JudgePlace::Inside, Scope::All, Trust::InProcess),
        (JudgePlace::Inside, Scope::Visible, Trust::InProcess),
        (JudgePlace::Outside, Scope::Visible, Trust::InProcess),
        (JudgePlace::Outside, Scope::All, Trust::Isolated),
    ];
    for (place, scope, expected) in rows {
        let tests = Tests { judge: place, ..tests() };
        let record = RunRecord {
            build: None,
            ending: EXITED,
            report: Ok(Report { tests: Vec::new() }),
            output: String::new(),
            output_dropped_bytes: 0,
            duration_ms: 1,
        };
        match judge(&tests, scope, record) {
            GradingOutcome::Verdict { verdict } => assert_eq!(verdict.trust, expected, "{place:?} {scope:?}"),
            other => panic!("{other:?}"),
        }
    }
}
