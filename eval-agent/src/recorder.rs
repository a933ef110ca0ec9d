//! Collects what one run puts out – its report, and the end of what it prints – into what `lesson` judges. Bounded:
//! it keeps a report of at most `MAX_REPORT_BYTES` and the last `MAX_RUN_OUTPUT_BYTES` of output.

use std::collections::VecDeque;
use std::time::Duration;

use ide_protocol::guest::RunStream;
use ide_protocol::limits::MAX_RUN_OUTPUT_BYTES;
use ide_protocol::results::{Ending, GradingOutcome, Outcome, TestResult};
use lesson::{Manifest, ReportFormat, ReportReader, RunRecord, Scope, judge};

/// One run in the making.
#[derive(Debug)]
pub struct Recorder {
    report: ReportReader,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Recorder {
    #[must_use]
    pub fn new(format: ReportFormat) -> Self {
        Self { report: ReportReader::new(format), tail: VecDeque::new(), dropped: 0 }
    }

    /// Takes bytes; gives the tests that became known by them.
    pub fn hear(&mut self, stream: RunStream, bytes: &[u8]) -> Vec<TestResult> {
        if stream == RunStream::Report {
            return self.report.push(bytes);
        }
        self.tail.extend(bytes);
        let surplus = self.tail.len().saturating_sub(MAX_RUN_OUTPUT_BYTES);
        self.tail.drain(..surplus);
        self.dropped += surplus as u64;
        Vec::new()
    }

    /// The record of a run that is over. `build` is set when it ended in the build step.
    #[must_use]
    pub fn finish(self, build: Option<Ending>, ending: Ending, took: Duration) -> RunRecord {
        RunRecord {
            build,
            ending,
            report: self.report.finish(),
            output: String::from_utf8_lossy(&Vec::from(self.tail)).into_owned(),
            output_dropped_bytes: self.dropped,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What a run comes to, memory included, which only the host can see: a run that did not pass while the kernel killed
/// in its container for memory ran out of it. One that passed did not mind; one that hit another limit is told by that.
#[must_use]
pub fn judge_with_memory(lesson: &Manifest, scope: Scope, record: RunRecord, kills: u64) -> GradingOutcome {
    let ended_by_itself = matches!(record.ending, Ending::Exited { .. } | Ending::Signaled { .. });
    if kills == 0 || !ended_by_itself {
        return judge(&lesson.tests, scope, record);
    }
    let outcome = judge(&lesson.tests, scope, record.clone());
    if matches!(&outcome, GradingOutcome::Verdict { verdict } if verdict.outcome == Outcome::Passed) {
        return outcome;
    }
    let ending = Ending::OutOfMemory { limit_mib: lesson.limits.memory_mib };
    judge(&lesson.tests, scope, RunRecord { build: record.build.map(|_| ending), ending, ..record })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_endless_output_is_kept_and_the_rest_counted() {
        let mut recorder = Recorder::new(ReportFormat::Tap);
        for _ in 0..100 {
            recorder.hear(RunStream::Stdout, &[b'x'; 4096]);
        }
        recorder.hear(RunStream::Stderr, b"the end");
        let record = recorder.finish(None, Ending::Stopped, Duration::ZERO);
        assert!(record.output.ends_with("xthe end"));
        assert_eq!(record.output.len(), MAX_RUN_OUTPUT_BYTES);
        assert_eq!(record.output_dropped_bytes, (100 * 4096 + 7 - MAX_RUN_OUTPUT_BYTES) as u64);
    }

    const PASSING: &[u8] = b"1..1\nok 1 - works\n";
    const FAILING: &[u8] = b"1..1\nnot ok 1 - works\n";

    fn manifest() -> Manifest {
        let tests = serde_json::json!({
            "command": ["true"], "report": "tap", "expected": { "visible": ["works"] },
        });
        serde_json::from_value(serde_json::json!({
            "schema": 1, "slug": "a", "title": "A", "summary": "A", "course": "A", "position": 1,
            "language": "shell", "image": "bash", "time_budget_minutes": 1, "files": [], "tests": tests,
        }))
        .unwrap()
    }

    #[test]
    fn only_a_run_that_did_not_pass_ran_out_of_memory() {
        let (zero, one) = (Ending::Exited { code: 0 }, Ending::Exited { code: 1 });
        let (killed, timed_out) = (Ending::Signaled { signal: 9 }, Ending::TimedOut { limit_ms: 5 });
        let rows = [
            (PASSING, zero, 1, Outcome::Passed),
            (FAILING, zero, 0, Outcome::Failed),
            (FAILING, zero, 1, Outcome::OutOfMemory),
            (FAILING, one, 2, Outcome::OutOfMemory),
            (b"", killed, 0, Outcome::Crashed),
            (b"", killed, 1, Outcome::OutOfMemory),
            (b"", timed_out, 1, Outcome::TimedOut),
        ];
        for (report, ending, kills, expected) in rows {
            let mut recorder = Recorder::new(ReportFormat::Tap);
            recorder.hear(RunStream::Report, report);
            let record = recorder.finish(None, ending, Duration::ZERO);
            match judge_with_memory(&manifest(), Scope::All, record, kills) {
                GradingOutcome::Verdict { verdict } => {
                    assert_eq!(verdict.outcome, expected, "{ending:?} {kills}")
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
