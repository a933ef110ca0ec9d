//! What a run has used and why it was ended. Knows no pipe and no process.

use ide_protocol::guest::{RunLimits, RunStream};
use ide_protocol::results::Ending;
use ide_protocol::terminal::ExitStatus;

/// Books of one run.
#[derive(Debug)]
pub struct Ledger {
    limits: RunLimits,
    output_bytes: u32,
    report_bytes: u32,
    /// Set once: why the run was ended from outside.
    ended_by: Option<Ending>,
}

impl Ledger {
    pub fn new(limits: RunLimits) -> Self {
        Self { limits, output_bytes: 0, report_bytes: 0, ended_by: None }
    }

    /// Books `count` bytes that came out of `stream`; answers how many of them may be passed on. Fewer means that
    /// the run is over.
    pub fn admit(&mut self, stream: RunStream, count: usize) -> usize {
        let (used, limit) = match stream {
            RunStream::Stdout | RunStream::Stderr => (&mut self.output_bytes, self.limits.output_bytes),
            RunStream::Report => (&mut self.report_bytes, self.limits.report_bytes),
        };
        let room = limit.saturating_sub(*used);
        let admitted = u32::try_from(count).unwrap_or(u32::MAX).min(room);
        *used += admitted;
        let admitted = admitted as usize;
        if admitted < count {
            self.end(Ending::OutputLimit { limit_bytes: limit });
        }
        admitted
    }

    pub fn time_is_up(&mut self) {
        self.end(Ending::TimedOut { limit_ms: self.limits.wall_ms });
    }

    pub fn stopped(&mut self) {
        self.end(Ending::Stopped);
    }

    /// Whether the run has been ended from outside.
    pub fn is_ended(&self) -> bool {
        self.ended_by.is_some()
    }

    /// How the run ended: the first outside reason, else the program's own way. A program whose end nobody saw was
    /// killed with its keeper.
    pub fn ending(&self, program: Option<ExitStatus>) -> Ending {
        const SIGKILL: i32 = 9;
        match (self.ended_by, program) {
            (Some(ending), _) => ending,
            (None, Some(ExitStatus::Exited { code })) => Ending::Exited { code },
            (None, Some(ExitStatus::Signaled { signal })) => Ending::Signaled { signal },
            (None, None) => Ending::Signaled { signal: SIGKILL },
        }
    }

    fn end(&mut self, ending: Ending) {
        self.ended_by.get_or_insert(ending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: RunLimits = RunLimits { wall_ms: 1000, output_bytes: 10, report_bytes: 4 };

    #[test]
    fn both_outputs_share_one_limit_and_the_report_has_its_own() {
        let mut ledger = Ledger::new(LIMITS);
        assert_eq!(ledger.admit(RunStream::Stdout, 6), 6);
        assert_eq!(ledger.admit(RunStream::Stderr, 4), 4);
        assert_eq!(ledger.admit(RunStream::Report, 4), 4);
        assert!(!ledger.is_ended(), "the limit itself is allowed");
        assert_eq!(ledger.admit(RunStream::Report, 1), 0);
        assert_eq!(ledger.ending(None), Ending::OutputLimit { limit_bytes: 4 });
    }

    #[test]
    fn the_first_reason_wins() {
        let exited = Some(ExitStatus::Exited { code: 0 });
        let mut ledger = Ledger::new(LIMITS);
        assert_eq!(ledger.ending(exited), Ending::Exited { code: 0 });
        assert_eq!(ledger.ending(Some(ExitStatus::Signaled { signal: 6 })), Ending::Signaled { signal: 6 });
        assert_eq!(ledger.ending(None), Ending::Signaled { signal: 9 });
        ledger.time_is_up();
        ledger.stopped();
        let _ = ledger.admit(RunStream::Stdout, 100);
        assert_eq!(ledger.ending(exited), Ending::TimedOut { limit_ms: 1000 });
    }

    proptest! {
        #[test]
        fn never_a_byte_over_the_limit(counts in proptest::collection::vec(0usize..5_000_000_000, 0..20)) {
            let mut ledger = Ledger::new(RunLimits { output_bytes: u32::MAX, ..LIMITS });
            let passed: usize = counts.iter().map(|&count| ledger.admit(RunStream::Stdout, count)).sum();
            let given: usize = counts.iter().sum();
            prop_assert_eq!(passed, given.min(u32::MAX as usize));
            prop_assert_eq!(ledger.is_ended(), given > u32::MAX as usize);
        }
    }
}
