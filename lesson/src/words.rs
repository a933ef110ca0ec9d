//! Verdicts in plain words: what happened, and what to do next.

use ide_protocol::results::{Ending, Outcome, TestResult, TestStatus, Verdict};

use crate::text::counted;

/// One or two sentences about `verdict`, for the person whose work it is.
#[must_use]
pub fn sentence(verdict: &Verdict) -> String {
    let (passed, all) = verdict.score();
    match (verdict.outcome, verdict.ending) {
        (Outcome::Passed, _) if all == 1 => "The test passes.".to_owned(),
        (Outcome::Passed, _) => format!("All {all} tests pass."),
        (Outcome::Failed, _) => {
            format!("{}{}{}", pass_count(passed, all), first_failure(verdict), skips(verdict))
        }
        (Outcome::CompileError, _) => {
            "Your program does not build yet, so no test has run. The output says where.".to_owned()
        }
        (Outcome::Crashed, Ending::Exited { code }) if passed == all => format!(
            "Every test passes, but the run then ended with exit code {code}, so it does not count. Does something go \
             wrong after the tests?"
        ),
        (_, ending) => ending_sentence(ending),
    }
}

/// One or two sentences about a run that did not end by itself, or ended before its tests did.
#[must_use]
pub fn ending_sentence(ending: Ending) -> String {
    match ending {
        Ending::TimedOut { limit_ms } => format!(
            "Your program was still running after {}, so we stopped it. Is there a loop that does not end?",
            duration(limit_ms)
        ),
        Ending::OutOfMemory { limit_mib } => format!(
            "Your program needed more than the {limit_mib} MB of memory it has here, so it was stopped. Does something \
             grow without end?"
        ),
        Ending::OutputLimit { limit_bytes } => format!(
            "Your program printed more than {}, so we stopped it. Is there a print in a loop that does not end?",
            size(limit_bytes)
        ),
        Ending::Stopped => "You stopped the run before all tests had finished.".to_owned(),
        Ending::Signaled { signal } => format!(
            "Your program crashed before all tests had finished ({}). The output may say where.",
            signal_words(signal)
        ),
        Ending::Exited { code } => format!(
            "Your program ended with exit code {code} before all tests had finished. Does it exit by itself?"
        ),
    }
}

fn pass_count(passed: usize, all: usize) -> String {
    match (passed, all) {
        (0, 1) => "The test does not pass yet.".to_owned(),
        (0, _) => format!("None of {all} tests passes yet."),
        (1, _) => format!("1 of {all} tests passes."),
        _ => format!("{passed} of {all} tests pass."),
    }
}

/// Where to look first, when there is a choice.
fn first_failure(verdict: &Verdict) -> String {
    let failed = |test: &&TestResult| matches!(test.status, TestStatus::Failed | TestStatus::Errored);
    match verdict.tests.iter().find(failed) {
        Some(first) if verdict.tests.len() > 1 => format!(" The first that fails is “{}”.", first.name),
        _ => String::new(),
    }
}

fn skips(verdict: &Verdict) -> &'static str {
    match verdict.tests.iter().filter(|test| test.status == TestStatus::Skipped).count() {
        0 => "",
        1 => " One was skipped, which is not passing.",
        _ => " Some were skipped, which is not passing.",
    }
}

fn duration(ms: u32) -> String {
    if ms < 1_000 {
        return counted(ms as usize, "millisecond");
    }
    match (ms / 60_000, ms % 60_000 / 1_000) {
        (0, seconds) => counted(seconds as usize, "second"),
        (minutes, 0) => counted(minutes as usize, "minute"),
        (minutes, seconds) => {
            format!("{} and {}", counted(minutes as usize, "minute"), counted(seconds as usize, "second"))
        }
    }
}

fn size(bytes: u32) -> String {
    match bytes {
        0..1_024 => counted(bytes as usize, "byte"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{} MB", bytes / 1_048_576),
    }
}

fn signal_words(signal: i32) -> String {
    let name = match signal {
        4 => "it ran something that is no instruction",
        6 => "it aborted itself",
        8 => "it divided by zero",
        9 => "it was killed",
        11 => "it used memory that is not its own",
        _ => return format!("signal {signal}"),
    };
    format!("signal {signal}: {name}")
}
