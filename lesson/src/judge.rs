//! From a run to what it comes to. The rules, in the order they are asked:
//!
//! | a run that | comes to |
//! |---|---|
//! | belongs to a lesson that expects no test in this scope | lesson's fault: unusable |
//! | hit its time, memory or output limit, in build or tests | that limit's outcome, whatever was reported |
//! | was stopped while the learner watched | crashed, ending "stopped": feedback on what was reported until then |
//! | was stopped while grading | our fault: only we can have stopped it; to be tried again |
//! | failed to build (126, 127: the build command was not there) | compile error (lesson's fault: unusable) |
//! | was killed by a signal | crashed |
//! | wrote no whole report and exited with 126 or 127: the test command was not there | lesson's fault: no report |
//! | wrote a report that is not one | lesson's fault: bad report |
//! | wrote no report, or one that breaks off | crashed |
//! | reported a test failed or errored, a pinned one skipped, or one twice | failed |
//! | when grading, reported a test that is not pinned, whatever its status | failed |
//! | left out a pinned test | crashed |
//! | reported every pinned test passed, but did not exit with 0 | crashed |
//! | reported every pinned test passed, once, no other failed, and exited with 0 | **passed** |
//!
//! A test that is not pinned is evidence that something else ran than the author proved: renamed, added, or made up. In
//! *Run tests*, which decides nothing, it may be the learner's own and is welcome.
//!
//! What was reported before a limit ended the run stays in the verdict with its status. How much that is depends on the
//! format: TAP tells a test when it has ended, JUnit and Exercism runners usually write once, at the end.
//!
//! Nothing but the last row passes, so whatever is doubtful can only be put wrong between learner and author. A run
//! without a report is put to the learner, because the lesson was proven with its solution before it was published, and
//! ending the process early is what programs do. A report full of garbage is put to the author, because an honest
//! program does not come near the report's descriptor; a dishonest one gains no more than an ungraded hand-in.

use ide_protocol::limits::{MAX_REPORT_BYTES, MAX_RUN_OUTPUT_BYTES};
use ide_protocol::results::{
    Ending, GradingOutcome, HostFault, LessonFault, Outcome, TestStatus, Trust, Verdict,
};

use crate::manifest::{JudgePlace, Tests};
use crate::report::{Report, ReportError, ReportProblem};
use crate::text;

mod conceal;
mod tally;

pub(crate) use conceal::COUNTED;
pub use conceal::conceal;

use tally::Tally;

/// Which of a lesson's tests were to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// *Run tests* in the learner's own container.
    Visible,
    /// Grading.
    All,
}

/// Everything known of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// How the build step ended, when it failed; the tests were then not run.
    pub build: Option<Ending>,
    /// How the run ended (the build step, when that failed).
    pub ending: Ending,
    pub report: Result<Report, ReportError>,
    /// What it printed, or the end of it.
    pub output: String,
    /// Bytes of output that came before `output`.
    pub output_dropped_bytes: u64,
    pub duration_ms: u64,
}

/// What `run` of a lesson with these `tests` comes to; see the module for the rules.
#[must_use]
pub fn judge(tests: &Tests, scope: Scope, run: RunRecord) -> GradingOutcome {
    let (reported, problem) = match run.report {
        Ok(report) => (report.tests, None),
        Err(error) => (error.tests, Some(error.problem)),
    };
    let tally = Tally::new(tests, scope, reported, problem.as_ref());
    let ending = match problem {
        // The report is output, too; its limit is told like the other.
        Some(ReportProblem::TooLarge) if exited(run.ending) => {
            Ending::OutputLimit { limit_bytes: u32::try_from(MAX_REPORT_BYTES).unwrap_or(u32::MAX) }
        }
        _ => run.build.unwrap_or(run.ending),
    };
    let outcome = match decide(&tally, scope, run.build.is_some(), ending, problem) {
        Ok(outcome) => outcome,
        Err(fault) => return fault,
    };
    let (output, dropped) = kept_output(&run.output, tally.hides_run_output);
    let verdict = Verdict {
        outcome,
        ending,
        trust: trust(tests.judge, scope),
        tests: tally.tests,
        output,
        output_dropped_bytes: run.output_dropped_bytes.saturating_add(dropped),
        duration_ms: run.duration_ms,
    };
    GradingOutcome::Verdict { verdict }
}

/// Gives a graded verdict the texts of `shown`, the verdict of the same work run without the hidden files: what was
/// printed while those lay beside the learner's code may quote them, and [`judge`] kept it back. A test's texts are
/// taken where both runs agree on its status.
pub fn explain(graded: &mut Verdict, shown: &Verdict) {
    for test in graded.tests.iter_mut().filter(|test| !test.hidden) {
        let same = shown.tests.iter().find(|other| other.id == test.id && other.status == test.status);
        if let Some(same) = same {
            test.message.clone_from(&same.message);
            test.output.clone_from(&same.output);
        }
    }
    graded.output.clone_from(&shown.output);
    graded.output_dropped_bytes = shown.output_dropped_bytes;
}

/// *Run tests* always runs them beside the learner's code.
fn trust(place: JudgePlace, scope: Scope) -> Trust {
    match (place, scope) {
        (JudgePlace::Outside, Scope::All) => Trust::Isolated,
        _ => Trust::InProcess,
    }
}

/// What is said of a test beyond those expected.
const NOT_KNOWN: &str = "the lesson knows no test of this name";
const TWICE: &str = "this test was reported more than once";

/// The table of the module, row by row.
fn decide(
    tally: &Tally,
    scope: Scope,
    building: bool,
    ending: Ending,
    problem: Option<ReportProblem>,
) -> Result<Outcome, GradingOutcome> {
    if tally.nothing_expected {
        return Err(lesson(LessonFault::Unusable { detail: "it names no tests for this run".to_owned() }));
    }
    let code = match ending {
        Ending::TimedOut { .. } => return Ok(Outcome::TimedOut),
        Ending::OutOfMemory { .. } => return Ok(Outcome::OutOfMemory),
        Ending::OutputLimit { .. } => return Ok(Outcome::OutputLimit),
        Ending::Stopped if scope == Scope::Visible => return Ok(Outcome::Crashed),
        Ending::Stopped => return Err(host("the run was stopped before it ended")),
        Ending::Signaled { .. } if building => return Ok(Outcome::CompileError),
        Ending::Signaled { .. } => return Ok(Outcome::Crashed),
        Ending::Exited { code } => code,
    };
    if building {
        return match not_there(code) {
            true => {
                Err(lesson(LessonFault::Unusable { detail: format!("its build command ended with {code}") }))
            }
            false => Ok(Outcome::CompileError),
        };
    }
    if let Some(problem) = problem {
        return without_report(code, &problem);
    }
    Ok(match () {
        () if tally.any_failed => Outcome::Failed,
        () if tally.any_missing || code != 0 => Outcome::Crashed,
        () => Outcome::Passed,
    })
}

/// The run exited, but its report is not whole.
fn without_report(code: i32, problem: &ReportProblem) -> Result<Outcome, GradingOutcome> {
    match problem {
        _ if not_there(code) => {
            Err(lesson(LessonFault::NoReport { detail: format!("its test command ended with {code}") }))
        }
        ReportProblem::Absent | ReportProblem::Incomplete(_) | ReportProblem::BailedOut(_) => {
            Ok(Outcome::Crashed)
        }
        ReportProblem::Malformed(_) | ReportProblem::TooManyTests | ReportProblem::TooLarge => {
            Err(lesson(LessonFault::BadReport { detail: problem.to_string() }))
        }
    }
}

/// What a shell, or whoever starts a program, exits with when it cannot be run or found.
fn not_there(code: i32) -> bool {
    matches!(code, 126 | 127)
}

fn exited(ending: Ending) -> bool {
    matches!(ending, Ending::Exited { .. })
}

fn lesson(fault: LessonFault) -> GradingOutcome {
    GradingOutcome::LessonFault { fault }
}

fn host(detail: &str) -> GradingOutcome {
    GradingOutcome::HostFault {
        fault: HostFault { doing: "running the tests".to_owned(), detail: detail.to_owned() },
    }
}

/// The end of what was printed, and how many bytes of it were dropped: all of them when it may show a hidden test.
fn kept_output(output: &str, withheld: bool) -> (String, u64) {
    if withheld {
        return (String::new(), output.len() as u64);
    }
    let printable = text::plain(output);
    let (kept, dropped) = text::tail(&printable, MAX_RUN_OUTPUT_BYTES);
    (kept.to_owned(), dropped as u64)
}

/// Whether a test with this status keeps a run from passing.
fn is_failure(status: TestStatus) -> bool {
    matches!(status, TestStatus::Failed | TestStatus::Errored)
}
