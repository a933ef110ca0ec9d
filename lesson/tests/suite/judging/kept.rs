//! What of a run is kept in its verdict, however it ended, and how much.

use ide_protocol::limits::{MAX_REPORT_BYTES, MAX_RUN_OUTPUT_BYTES, MAX_TEST_TEXT_BYTES};
use lesson::ReportReader;
use lesson::bounds::MAX_VERDICT_TEXT_BYTES;

use super::*;

#[test]
fn a_stopped_run_shows_what_was_told_until_then() {
    let cut = Some(ReportProblem::Incomplete("cut".to_owned()));
    let stopped = verdict(Scope::Visible, run(Ending::Stopped, &[("a", Passed)], cut));
    assert_eq!((stopped.outcome, stopped.ending), (Outcome::Crashed, Ending::Stopped));
    assert_eq!(statuses(&stopped), [("a", Passed), ("b", Missing)]);
    assert_eq!(sentence(&stopped), "You stopped the run before all tests had finished.");
}

#[test]
fn what_was_told_before_the_end_is_kept() {
    let timed_out = verdict(Scope::All, run(TIMED_OUT, &[("b", Failed)], Some(ReportProblem::Absent)));
    assert_eq!(statuses(&timed_out), [("a", Missing), ("b", Failed), ("h", Missing)]);
    assert_eq!(timed_out.duration_ms, 42);

    let gave_up = Some(ReportProblem::BailedOut("no database".to_owned()));
    let bailed = verdict(Scope::Visible, run(FAILING, &[("a", Passed)], gave_up));
    assert_eq!(bailed.tests[1].message.as_deref(), Some("the test run gave up: no database"));
}

#[test]
fn what_was_told_before_a_limit_is_kept_in_every_format() {
    // Each report as it stands when the run is cut down within test `b`.
    let reports = [
        (ReportFormat::Tap, "1..3\nok 1 - a\nok 2"),
        (ReportFormat::Junit, "<testsuite><testcase name='a'/><testcase name='b'><sys"),
        (
            ReportFormat::Exercism,
            r#"{"version":2,"status":"pass","tests":[{"name":"a","status":"pass"},{"name":"b""#,
        ),
    ];
    let endings = [
        (TIMED_OUT, Outcome::TimedOut),
        (OUT_OF_MEMORY, Outcome::OutOfMemory),
        (OUTPUT_LIMIT, Outcome::OutputLimit),
        (SEGFAULT, Outcome::Crashed),
        (EXITED, Outcome::Crashed),
    ];
    for (format, text) in reports {
        for (ending, outcome) in endings {
            let mut reader = ReportReader::new(format);
            reader.push(text.as_bytes());
            let cut = RunRecord { report: reader.finish(), ..run(ending, &[], None) };
            let verdict = verdict(Scope::All, cut);
            assert_eq!(verdict.outcome, outcome, "{format:?} {ending:?}");
            let a = (verdict.tests[0].id.as_str(), verdict.tests[0].status);
            assert_eq!(a, ("a", Passed), "{format:?} {ending:?}");
        }
    }
}

#[test]
fn a_verdict_has_room_for_so_many_words() {
    let long = "x".repeat(MAX_TEST_TEXT_BYTES);
    let ids: Vec<String> = (0..100).map(|number| format!("t{number}")).collect();
    let mut many = tests();
    many.expected = Expected { visible: ids.clone(), hidden: Vec::new() };
    let mut record = run(FAILING, &ids.iter().map(|id| (id.as_str(), Failed)).collect::<Vec<_>>(), None);
    for test in &mut record.report.as_mut().unwrap().tests {
        test.message = Some(long.clone());
    }
    let GradingOutcome::Verdict { verdict } = judge(&many, Scope::All, record) else { panic!("a verdict") };
    let bytes: usize = verdict.tests.iter().flat_map(|test| &test.message).map(String::len).sum();
    assert!(bytes <= MAX_VERDICT_TEXT_BYTES + 100 * 64, "{bytes}");
    assert_eq!(
        verdict.tests[0].message.as_ref().map(String::len),
        Some(long.len()),
        "the first say all they have"
    );
}

#[test]
fn output_is_bounded_and_its_end_is_kept() {
    let mut long = run(EXITED, ALL, None);
    long.output = "x".repeat(MAX_RUN_OUTPUT_BYTES) + "\u{1b}[31mthe end\u{1b}[0m";
    long.output_dropped_bytes = 10;
    let kept = verdict(Scope::Visible, long);
    assert!(kept.output.len() == MAX_RUN_OUTPUT_BYTES && kept.output.ends_with("xthe end"));
    assert_eq!(kept.output_dropped_bytes, 10 + 7);
}

#[test]
fn too_large_a_report_is_told_as_too_much_output() {
    let verdict = verdict(Scope::All, run(EXITED, ALL, Some(ReportProblem::TooLarge)));
    assert_eq!(verdict.ending, Ending::OutputLimit { limit_bytes: MAX_REPORT_BYTES as u32 });
}
