//! Readers of what test runners write: JUnit XML, TAP 13 and 14, Exercism's `results.json`.
//!
//! A report comes out of a container, so a reader takes any bytes, in any pieces, and answers with tests or with what
//! is wrong with the report. It knows formats; what follows from a report is [`judge`](crate::judge)'s to say.

mod exercism;
mod junit;
mod tap;
mod tap_diagnosis;
mod tap_line;
mod tests_seen;

use ide_protocol::limits::{MAX_REPORT_BYTES, MAX_TESTS};
use ide_protocol::results::TestResult;

use crate::manifest::ReportFormat;

/// A whole report: the runner said all it had to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order reported; ids are unique.
    pub tests: Vec<TestResult>,
}

/// A report that is not whole, and the tests it told of before that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ReportError {
    pub problem: ReportProblem,
    /// Readable all the same; feedback, never a pass.
    pub tests: Vec<TestResult>,
}

/// What is wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportProblem {
    #[error("nothing was written")]
    Absent,
    /// It breaks off, or announces more tests than it tells of.
    #[error("the report breaks off: {0}")]
    Incomplete(String),
    /// The runner itself gave up (`Bail out!`).
    #[error("the test run gave up: {0}")]
    BailedOut(String),
    #[error("the report is not well formed: {0}")]
    Malformed(String),
    #[error("the report is larger than {MAX_REPORT_BYTES} bytes")]
    TooLarge,
    #[error("the report tells of more than {MAX_TESTS} tests")]
    TooManyTests,
}

impl ReportError {
    /// No report at all.
    #[must_use]
    pub fn absent() -> Self {
        Self { problem: ReportProblem::Absent, tests: Vec::new() }
    }
}

/// Reads one report, piece by piece. Holds at most [`MAX_REPORT_BYTES`] and [`MAX_TESTS`] tests.
#[derive(Debug)]
pub struct ReportReader {
    form: Form,
    taken_bytes: usize,
    too_large: bool,
}

#[derive(Debug)]
enum Form {
    Tap(Box<tap::Reader>),
    /// Runners write these at the end, in one piece: kept until then.
    Junit(Vec<u8>),
    Exercism(Vec<u8>),
}

impl ReportReader {
    #[must_use]
    pub fn new(format: ReportFormat) -> Self {
        let form = match format {
            ReportFormat::Tap => Form::Tap(Box::default()),
            ReportFormat::Junit => Form::Junit(Vec::new()),
            ReportFormat::Exercism => Form::Exercism(Vec::new()),
        };
        Self { form, taken_bytes: 0, too_large: false }
    }

    /// Takes more of the report and returns the tests that became known by it: with TAP as they happen, with the other
    /// formats none. What is returned may still gain details; [`finish`](Self::finish) has the last word.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<TestResult> {
        let room = MAX_REPORT_BYTES - self.taken_bytes;
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.too_large |= taken.len() < bytes.len();
        self.taken_bytes += taken.len();
        match &mut self.form {
            Form::Tap(reader) => reader.push(taken),
            Form::Junit(whole) | Form::Exercism(whole) => {
                whole.extend_from_slice(taken);
                Vec::new()
            }
        }
    }

    /// The report is over.
    ///
    /// # Errors
    /// [`ReportError`] when it is not a whole one.
    pub fn finish(self) -> Result<Report, ReportError> {
        if self.taken_bytes == 0 {
            return Err(ReportError::absent());
        }
        let (tests, problem) = match self.form {
            Form::Tap(reader) => reader.finish(),
            Form::Junit(bytes) => junit::read(&String::from_utf8_lossy(&bytes)),
            Form::Exercism(bytes) => exercism::read(&bytes),
        };
        match problem {
            _ if self.too_large => Err(ReportError { problem: ReportProblem::TooLarge, tests }),
            Some(problem) => Err(ReportError { problem, tests }),
            None => Ok(Report { tests }),
        }
    }
}
