//! What test runners write, and what is read from it: as it should be, cut short, and made up.

mod bounds;
mod exercism;
mod junit;
mod made_up;
mod tap;

use lesson::{Report, ReportError, ReportFormat, ReportReader};

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
