//! What test runners write, and what is read from it: as it should be, cut short, and made up.

use ide_protocol::limits::{MAX_REPORT_BYTES, MAX_TEST_TEXT_BYTES, MAX_TESTS};
use ide_protocol::results::{TestResult, TestStatus};
use lesson::{Report, ReportError, ReportFormat, ReportProblem, ReportReader};
use proptest::prelude::*;

use ReportFormat::{Exercism, Junit, Tap};

fn read(format: ReportFormat, bytes: impl AsRef<[u8]>) -> Result<Report, ReportError> {
    let mut reader = ReportReader::new(format);
    reader.push(bytes.as_ref());
    reader.finish()
}

/// `id: status`, one per test, and the problem if there is one.
fn outline(format: ReportFormat, bytes: impl AsRef<[u8]>) -> Vec<String> {
    let (tests, problem) = match read(format, bytes) {
        Ok(report) => (report.tests, None),
        Err(error) => (error.tests, Some(format!("! {}", error.problem))),
    };
    tests.iter().map(|test| format!("{}: {:?}", test.id, test.status)).chain(problem).collect()
}

/// Each row: what it shows, a report, and its outline.
fn check(format: ReportFormat, rows: &[(&str, &str, &[&str])]) {
    for (what, report, expected) in rows {
        assert_eq!(outline(format, report), *expected, "{what}");
    }
}

#[test]
fn junit_as_pytest_writes_it() {
    let report = read(Junit, include_str!("reports/pytest.xml")).unwrap();
    let outline: Vec<_> = report.tests.iter().map(|test| (test.id.as_str(), test.status)).collect();
    assert_eq!(
        outline,
        [
            ("tests.test_leap.test_2000", TestStatus::Passed),
            ("tests.test_leap.test_1900", TestStatus::Failed),
            ("tests.test_leap.test_fixture", TestStatus::Errored),
            ("tests.test_leap.test_later", TestStatus::Skipped),
            ("tests.test_leap.test_param[1 < 2]", TestStatus::Passed),
        ]
    );
    let failed = &report.tests[1];
    assert_eq!(failed.name, "test_1900");
    assert_eq!(failed.duration_ms, Some(2));
    let message = failed.message.as_deref().unwrap();
    assert!(
        message.starts_with("assert True is False\n")
            && message.contains(">       assert leap(1900) is False")
    );
    assert_eq!(failed.output.as_deref(), Some("looking at 1900 & co"));
}

#[test]
fn junit_as_node_writes_it() {
    let report = include_str!("reports/node.xml");
    assert_eq!(
        outline(Junit, report),
        [
            "test.adds: Passed",
            "test.fails <b> & &quot;q&quot;: Failed",
            "test.skips: Skipped",
            "test.todo: Skipped",
            "test.inner: Passed",
            "test.inner bad: Failed",
        ]
    );
    let inner = read(Junit, report).unwrap().tests.pop().unwrap();
    assert!(inner.message.unwrap().starts_with("boom\n"), "escape sequences are dropped");
}

#[test]
fn junit_is_read_by_its_cases_alone() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("no root", r#"<testsuite><testcase name="a"/></testsuite>"#, &["a: Passed"]),
        ("no suite either", r#"<testcase name="a"/><testcase name="b"/>"#, &["a: Passed", "b: Passed"]),
        (
            "nested suites, counts that lie",
            r#"<testsuites tests="9" failures="0"><testsuite><testsuite><testcase classname="C" name="a"><failure/></testcase></testsuite></testsuite></testsuites>"#,
            &["C.a: Failed"],
        ),
        ("an empty suite", "<testsuites/>", &[]),
        (
            "twice",
            r#"<s><testcase name="a"/><testcase name="a"/><testcase name="a"/></s>"#,
            &["a: Passed", "a#2: Passed", "a#3: Passed"],
        ),
        (
            "a second one that has a repeat's name",
            r#"<s><testcase name="a"/><testcase name="a#2"/><testcase name="a"/></s>"#,
            &["a: Passed", "a#2: Passed", "a#3: Passed"],
        ),
        (
            "failed and torn down badly",
            r#"<testcase name="a"><failure/><error/></testcase>"#,
            &["a: Errored"],
        ),
        ("a skip hides nothing", r#"<testcase name="a"><failure/><skipped/></testcase>"#, &["a: Failed"]),
        ("a failure outside of a case", r#"<s><failure/><testcase name="a"/></s>"#, &["a: Passed"]),
        (
            "prefixed names",
            r#"<j:s xmlns:j="x"><j:testcase name="a"><j:error/></j:testcase></j:s>"#,
            &["a: Errored"],
        ),
        ("no name", "<testcase/>", &[": Passed"]),
    ];
    check(Junit, rows);
}

#[test]
fn junit_that_is_not_whole_keeps_what_was_told() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("nothing", "", &["! nothing was written"]),
        (
            "cut between cases",
            r#"<testsuites><testcase name="a"/>"#,
            &["a: Passed", "! the report breaks off: the XML ends within an element"],
        ),
        (
            "cut within a case",
            r#"<testsuites><testcase name="a"><failure>wh"#,
            &["! the report breaks off: the XML ends within an element"],
        ),
        (
            "not XML",
            "All 5 tests passed!",
            &["! the report is not well formed: there is no XML element in it"],
        ),
    ];
    check(Junit, rows);
    for cut in ["<testsuites><testcase na", "<testsuites><![CDATA[x", "<testsuites><!-- x"] {
        assert!(matches!(read(Junit, cut).unwrap_err().problem, ReportProblem::Incomplete(_)), "{cut}");
    }
    for garbage in ["<a></b>", "<s><testcase name='a'><testcase name='b'/></testcase></s>"] {
        assert!(
            matches!(read(Junit, garbage).unwrap_err().problem, ReportProblem::Malformed(_)),
            "{garbage}"
        );
    }
}

#[test]
fn junit_expands_nothing_but_xml_itself() {
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
        <testcase name="&lt;&#65;&#x42;&amp;&b;&c;"><failure>&b;&c;&#0;&#x110000;&gt;</failure></testcase>"#;
    let test = read(Junit, bomb).unwrap().tests.pop().unwrap();
    assert_eq!(test.id, "<AB&&b;&c;");
    assert_eq!(test.message.as_deref(), Some("&b;&c;\u{fffd}\u{fffd}>"));
}

#[test]
fn junit_reads_text_with_control_characters_and_broken_utf8() {
    let report = b"<testcase name='a'><failure message='\x1b[31mred\x1b[0m \x00\x07'>\xff <![CDATA[<raw> & ]]></failure></testcase>";
    let test = read(Junit, report).unwrap().tests.pop().unwrap();
    assert_eq!(test.message.as_deref(), Some("red \u{fffd}\u{fffd}\n\u{fffd} <raw> &"));
}

#[test]
fn tap_as_node_writes_it() {
    let report = read(Tap, include_str!("reports/node.tap")).unwrap();
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

#[test]
fn exercism_versions() {
    let rows: &[(&str, &str, &[&str])] = &[
        (
            "3",
            r#"{"version":3,"status":"fail","message":null,"tests":[{"name":"adds","status":"pass","test_code":"…","task_id":1},{"name":"carries","status":"fail","message":"want 10, got 9","output":"dbg"},{"name":"breaks","status":"error"}]}"#,
            &["adds: Passed", "carries: Failed", "breaks: Errored"],
        ),
        (
            "2, could not run",
            r#"{"version":2,"status":"error","message":"no such module"}"#,
            &["tests: Errored"],
        ),
        ("1, passed", r#"{"version":1,"status":"pass"}"#, &["tests: Passed"]),
        ("1, failed", r#"{"version":1,"status":"fail","message":"2 != 3","tests":null}"#, &["tests: Failed"]),
        (
            "worse than its tests",
            r#"{"version":2,"status":"fail","tests":[{"name":"a","status":"pass"}]}"#,
            &["a: Passed", "tests: Failed"],
        ),
        (
            "better than its tests",
            r#"{"version":2,"status":"pass","tests":[{"name":"a","status":"fail"}]}"#,
            &["a: Failed"],
        ),
        ("passed without tests", r#"{"version":3,"status":"pass","tests":[]}"#, &[]),
        (
            "cut",
            r#"{"version":3,"status":"pass","tests":[{"name":"a""#,
            &["! the report breaks off: the JSON ends early"],
        ),
        (
            "cut after a test",
            r#"{"version":3,"status":"fail","tests":[{"name":"a","status":"pass"},{"name":"b","status":"fail"},{"na"#,
            &["a: Passed", "b: Failed", "! the report breaks off: the JSON ends early"],
        ),
        (
            "one thing told twice",
            r#"{"version":3,"status":"fail","status":"pass"}"#,
            &["! the report is not well formed: two of `status` at line 1 column 37"],
        ),
        (
            "of the future",
            r#"{"version":4,"status":"pass"}"#,
            &["! the report is not well formed: version 4 is unknown"],
        ),
    ];
    check(Exercism, rows);
    for garbage in ["[]", "{}", "pass", r#"{"version":3,"status":"ok"}"#, &"[".repeat(100_000)] {
        assert!(
            matches!(read(Exercism, garbage).unwrap_err().problem, ReportProblem::Malformed(_)),
            "{garbage:.20}"
        );
    }
    let test = read(Exercism, rows[0].1).unwrap().tests.remove(1);
    assert_eq!((test.message.as_deref(), test.output.as_deref()), (Some("want 10, got 9"), Some("dbg")));
}

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

/// Bytes with a good chance to look like one of the formats.
fn report_like() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "<testsuites>",
        "</testsuites>",
        "<testcase name=\"a\">",
        "<testcase classname='c' name='b'/>",
        "</testcase>",
        "<failure message=\"m\">",
        "</failure>",
        "<error/>",
        "<skipped/>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&lt;",
        "&#xffff;",
        "<system-out>",
        "</system-out>",
        "<!DOCTYPE x [",
        "1..",
        "3",
        "\n",
        "ok ",
        "not ok ",
        "1 - a",
        " # SKIP",
        "\\#",
        "  ---\n",
        "  ...\n",
        "    ",
        "Bail out!",
        "TAP version 14\n",
        "{\"version\":3,",
        "\"status\":\"pass\"",
        "\"tests\":[",
        "]",
        "}",
        "\u{0}",
        "é",
        "\"",
        "'",
        "<",
        ">",
        "&",
    ]);
    let piece = prop_oneof![9 => pieces.prop_map(|text| text.as_bytes().to_vec()), 1 => any::<Vec<u8>>()];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_in_any_pieces_read_the_same(bytes in report_like(), size in 1usize..40) {
        for format in [Junit, Tap, Exercism] {
            let whole = read(format, &bytes);
            let mut reader = ReportReader::new(format);
            let told: Vec<TestResult> = bytes.chunks(size).flat_map(|piece| reader.push(piece)).collect();
            let pieces = reader.finish();
            prop_assert_eq!(&whole, &pieces);
            let tests = pieces.map(|report| report.tests).unwrap_or_else(|error| error.tests);
            let ids: std::collections::HashSet<_> = tests.iter().map(|test| &test.id).collect();
            prop_assert_eq!(ids.len(), tests.len(), "ids are unique");
            for test in told {
                prop_assert!(tests.iter().any(|known| known.id == test.id && known.status == test.status));
            }
        }
    }
}
