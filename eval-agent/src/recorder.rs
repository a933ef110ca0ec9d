//! Collects what one run puts out – its report, and the end of what it prints – into what `lesson` judges. Bounded:
//! it keeps a report of at most `MAX_REPORT_BYTES` and the last `MAX_RUN_OUTPUT_BYTES` of output.

use std::collections::VecDeque;
use std::time::Duration;

use ide_protocol::guest::RunStream;
use ide_protocol::limits::MAX_RUN_OUTPUT_BYTES;
use ide_protocol::results::{Ending, TestResult};
use lesson::{ReportFormat, ReportReader, RunRecord};

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

/// What a run's ending was, seen by the kernel: a run that failed while the kernel killed for memory ran out of it.
/// One that ended well did not mind; one that hit another limit is told by that.
#[must_use]
pub fn with_memory(ending: Ending, oom_kills: u64, limit_mib: u32) -> Ending {
    match ending {
        Ending::Exited { code: 0 } => ending,
        Ending::Exited { .. } | Ending::Signaled { .. } if oom_kills > 0 => Ending::OutOfMemory { limit_mib },
        _ => ending,
    }
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

    #[test]
    fn only_a_run_that_failed_ran_out_of_memory() {
        let out_of = Ending::OutOfMemory { limit_mib: 256 };
        let rows = [
            (Ending::Exited { code: 0 }, 1, Ending::Exited { code: 0 }),
            (Ending::Exited { code: 1 }, 1, out_of),
            (Ending::Signaled { signal: 9 }, 2, out_of),
            (Ending::Signaled { signal: 9 }, 0, Ending::Signaled { signal: 9 }),
            (Ending::TimedOut { limit_ms: 5 }, 1, Ending::TimedOut { limit_ms: 5 }),
        ];
        for (ending, kills, expected) in rows {
            assert_eq!(with_memory(ending, kills, 256), expected, "{ending:?}");
        }
    }
}
