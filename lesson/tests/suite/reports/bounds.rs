//! However much is told, what is kept is bounded, and reading it takes no time.

use ide_protocol::limits::{MAX_REPORT_BYTES, MAX_TEST_TEXT_BYTES, MAX_TESTS};
use lesson::ReportFormat::{Exercism, Junit, Tap};
use lesson::{ReportProblem, ReportReader};

use super::read;

#[test]
fn more_tests_than_allowed_are_refused() {
    let cases = "<testcase name='a'/>".repeat(MAX_TESTS + 1);
    let points = format!("1..{}\n{}", MAX_TESTS + 1, "ok - a\n".repeat(MAX_TESTS + 1));
    let json = format!(
        r#"{{"version":2,"status":"pass","tests":[{}]}}"#,
        vec![r#"{"name":"a","status":"pass"}"#; MAX_TESTS + 1].join(",")
    );
    for (format, report) in [(Junit, cases), (Tap, points), (Exercism, json)] {
        let error = read(format, report).unwrap_err();
        assert_eq!(
            (error.problem, error.tests.len()),
            (ReportProblem::TooManyTests, MAX_TESTS),
            "{format:?}"
        );
    }
}

#[test]
fn texts_are_cut_and_say_so() {
    let long = "é".repeat(MAX_TEST_TEXT_BYTES * 3);
    let junit =
        format!("<testcase name='a'><failure>{long}</failure><system-out>{long}</system-out></testcase>");
    let tap = format!("1..1\nnot ok a\n# {long}\n");
    let json = format!(
        r#"{{"version":2,"status":"fail","tests":[{{"name":"a","status":"fail","message":"{long}"}}]}}"#
    );
    for (format, report) in [(Junit, junit), (Tap, tap), (Exercism, json)] {
        let test = read(format, report).unwrap().tests.pop().unwrap();
        for text in [Some(test.message.unwrap()), test.output].into_iter().flatten() {
            assert!(
                text.len() <= MAX_TEST_TEXT_BYTES && text.ends_with("more bytes were left out"),
                "{format:?}"
            );
        }
    }
    let names = format!("1..2\nok {long}\nok {long}x\n");
    let tests = read(Tap, names).unwrap().tests;
    assert!(tests[0].id.len() <= 512 && tests[0].id != tests[1].id, "cut ids stay apart");
}

#[test]
fn a_report_beyond_its_limit_is_refused_whatever_it_says() {
    for format in [Junit, Tap, Exercism] {
        let mut reader = ReportReader::new(format);
        for piece in "1..1\nok 1 a\n<s/>".repeat(MAX_REPORT_BYTES / 10).as_bytes().chunks(4_096) {
            reader.push(piece);
        }
        assert_eq!(reader.finish().unwrap_err().problem, ReportProblem::TooLarge);
    }
}

#[test]
fn reports_made_to_be_slow_are_not() {
    let mib = MAX_REPORT_BYTES - 64;
    let reports = [
        (Junit, format!("<testcase name='{}'/>", "&".repeat(mib - 20))),
        (Junit, "<a>".repeat(mib / 3)),
        (Junit, format!("<testcase {}/>", "a=\"\" ".repeat(mib / 6))),
        (Tap, format!("1..1\nok {}", " #".repeat(mib / 2))),
        (Tap, "ok a\n".repeat(mib / 5)),
        (Tap, "x".repeat(mib)),
    ];
    for (format, report) in reports {
        let start = std::time::Instant::now();
        let mut reader = ReportReader::new(format);
        report.as_bytes().chunks(1_000).for_each(|piece| drop(reader.push(piece)));
        let _ = reader.finish();
        // Unoptimised and on a busy machine; what grows with the square takes minutes.
        assert!(start.elapsed().as_secs() < 60, "{report:.30}");
    }
}
