//! What is read of TAP.

use ide_protocol::results::TestStatus;
use lesson::ReportFormat::Tap;
use lesson::ReportReader;

use super::{check, read};

#[test]
fn tap_as_node_writes_it() {
    let report = read(Tap, include_str!("node.tap")).unwrap();
    let outline: Vec<_> = report.tests.iter().map(|test| (test.id.as_str(), test.status)).collect();
    assert_eq!(
        outline,
        [
            ("adds", TestStatus::Passed),
            ("fails <b> & \"q\"", TestStatus::Failed),
            ("skips", TestStatus::Skipped),
            ("todo", TestStatus::Skipped),
            ("group", TestStatus::Failed),
        ]
    );
    assert_eq!(report.tests[0].duration_ms, Some(2));
    let message = report.tests[1].message.as_deref().unwrap();
    assert!(
        message.contains("expected:\n  a: 2\nactual:\n  a: 1") && !message.contains("Subtest: "),
        "{message}"
    );
    assert_eq!(report.tests[2].message.as_deref(), Some("later"));
}

#[test]
fn tap_as_bats_writes_it() {
    let report = "1..2\nnot ok 1 counts lines\n# (in test file count.bats, line 4)\n#   `[ \"$output\" = 3 ]' failed\nok 2 is quiet\n";
    let tests = read(Tap, report).unwrap().tests;
    assert_eq!(
        tests[0].message.as_deref(),
        Some("(in test file count.bats, line 4)\n  `[ \"$output\" = 3 ]' failed")
    );
    assert_eq!((tests[1].id.as_str(), &tests[1].message), ("is quiet", &None));
}

#[test]
fn tap_lines() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("plan first", "TAP version 14\n1..2\nok 1 - a\nok 2 - b\n", &["a: Passed", "b: Passed"]),
        ("plan last", "ok 1 - a\nnot ok 2 - b\n1..2\n", &["a: Passed", "b: Failed"]),
        ("no newline at the end", "1..1\nok 1 - a", &["a: Passed"]),
        ("Windows line ends", "1..1\r\nok 1 - a\r\n", &["a: Passed"]),
        ("no numbers", "1..2\nok a\nok b\n", &["a: Passed", "b: Passed"]),
        ("out of order", "1..2\nok 2 b\nok 1 a\n", &["b: Passed", "a: Passed"]),
        ("no description", "1..2\nok 1\nnot ok\n", &["test 1: Passed", "test 2: Failed"]),
        ("same description", "1..2\nok 1 a\nok 2 a\n", &["a: Passed", "a#2: Passed"]),
        (
            "directives in any case",
            "1..4\nok 1 a # SKIP no net\nnot ok 2 b # todo later\nok 3 c # Skipped: x\nnot ok 4 d #TODO\n",
            &["a: Skipped", "b: Skipped", "c: Skipped", "d: Skipped"],
        ),
        (
            "a hash that is none",
            "1..4\nok 1 C# works\nok 2 a \\# SKIP b\nok 3 issue # 7\nok 4 \\\\ and \\x\n",
            &["C# works: Passed", "a # SKIP b: Passed", "issue # 7: Passed", "\\ and \\x: Passed"],
        ),
        ("a number that is a word", "1..1\nok 2fast\n", &["2fast: Passed"]),
        ("other text", "1..1\nhello\nokay 1\nnot okay\npragma +strict\nok 1 a\n", &["a: Passed"]),
        (
            "a subtest speaks through its point",
            "1..1\n    1..2\n    ok 1 x\n    not ok 2 y\nnot ok 1 outer\n",
            &["outer: Failed"],
        ),
        ("all skipped", "1..0 # SKIP nothing to do\n", &[]),
        ("points within YAML are text", "1..1\nnot ok 1 a\n  ---\n  ok 2 b\n  ...\n", &["a: Failed"]),
        ("YAML that never ends", "1..2\nnot ok 1 a\n  ---\n  why: x\nok 2 b\n", &["a: Failed", "b: Passed"]),
        ("no plan", "ok 1 a\n", &["a: Passed", "! the report breaks off: there is no plan (`1..N`)"]),
        (
            "too few",
            "1..3\nok 1 a\n",
            &["a: Passed", "! the report breaks off: 1 of 3 planned tests are reported"],
        ),
        (
            "too many",
            "1..1\nok 1 a\nok 2 b\n",
            &["a: Passed", "b: Passed", "! the report is not well formed: test 2 is not in the plan"],
        ),
        (
            "too many, plan last",
            "ok 1 a\nok 3 b\n1..2\n",
            &["a: Passed", "b: Passed", "! the report is not well formed: test 3 is not in the plan"],
        ),
        (
            "number 0",
            "1..1\nok 0 a\n",
            &["a: Passed", "! the report is not well formed: tests are numbered from 1"],
        ),
        (
            "a number no machine holds",
            "1..1\nok 99999999999999999999 a\n",
            &["a: Passed", "! the report is not well formed: test 18446744073709551615 is not in the plan"],
        ),
        (
            "the same number",
            "1..2\nok 1 a\nok 1 b\n",
            &["a: Passed", "b: Passed", "! the report is not well formed: test 1 is reported twice"],
        ),
        (
            "two plans",
            "1..1\nok 1 a\n1..1\n",
            &["a: Passed", "! the report is not well formed: there are two plans"],
        ),
        (
            "plan in the middle",
            "ok 1 a\n1..2\nok 2 b\n",
            &[
                "a: Passed",
                "b: Passed",
                "! the report is not well formed: a test comes after the closing plan",
            ],
        ),
        (
            "another version",
            "TAP version 12\n1..1\nok 1 a\n",
            &["a: Passed", "! the report is not well formed: TAP version 12 is unknown"],
        ),
        (
            "gave up",
            "1..2\nok 1 a\nBail out! no database\n",
            &["a: Passed", "! the test run gave up: no database"],
        ),
        (
            "gave up in a subtest",
            "1..1\n    Bail out! x\nok 1 a\n",
            &["a: Passed", "! the test run gave up: x"],
        ),
        ("nothing but a word", "hello", &["! the report breaks off: there is no plan (`1..N`)"]),
    ];
    check(Tap, rows);
}

#[test]
fn tap_tells_of_tests_as_they_happen() {
    let mut reader = ReportReader::new(Tap);
    let mut told = |bytes: &str| -> Vec<(String, Option<String>)> {
        reader.push(bytes.as_bytes()).into_iter().map(|test| (test.id, test.message)).collect()
    };
    assert_eq!(told("1..3\nok 1 - fir"), []);
    assert_eq!(told("st\n"), [("first".to_owned(), None)], "passed: known with its line");
    assert_eq!(told("not ok 2 - second\n"), [], "failed: its reason may follow");
    assert_eq!(told("# expected 3\n# got 4\n"), []);
    let reason = Some("expected 3\ngot 4".to_owned());
    assert_eq!(told("ok 3 - third\n"), [("second".to_owned(), reason), ("third".to_owned(), None)]);
    assert_eq!(reader.finish().unwrap().tests.len(), 3);
}
