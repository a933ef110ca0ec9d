//! What is read of JUnit reports.

use ide_protocol::results::TestStatus;
use lesson::ReportFormat::Junit;
use lesson::ReportProblem;

use super::{check, outline, read};

#[test]
fn junit_as_pytest_writes_it() {
    let report = read(Junit, include_str!("pytest.xml")).unwrap();
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
    let report = include_str!("node.xml");
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
