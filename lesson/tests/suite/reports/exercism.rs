//! What is read of Exercism's reports.

use lesson::ReportFormat::Exercism;
use lesson::ReportProblem;

use super::{check, read};

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
