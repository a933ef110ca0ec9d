//! Verdicts in plain words: what happened, and what to do next.

use ide_protocol::results::{Ending, Outcome, TestStatus, Verdict};

use crate::text::counted;

/// One or two sentences about `verdict`, for the person whose work it is.
#[must_use]
pub fn sentence(verdict: &Verdict) -> String {
    let (passed, all) = verdict.score();
    match verdict.outcome {
        Outcome::Passed if all == 1 => "The test passes.".to_owned(),
        Outcome::Passed => format!("All {all} tests pass."),
        Outcome::Failed => format!("{} {}.{}", of(passed, all), passes(all), skipped(verdict)),
        Outcome::CompileError => {
            "Your program does not build yet, so no test has run. The output says where.".to_owned()
        }
        _ => ending_sentence(verdict.ending),
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

fn of(passed: usize, all: usize) -> String {
    match passed {
        0 => format!("None of {}", counted(all, "test")),
        _ => format!("{passed} of {}", counted(all, "test")),
    }
}

fn passes(all: usize) -> &'static str {
    if all == 1 { "passes" } else { "pass" }
}

fn skipped(verdict: &Verdict) -> String {
    match verdict.tests.iter().filter(|test| test.status == TestStatus::Skipped).count() {
        0 => String::new(),
        count => format!(
            " {} skipped, which does not count as passed.",
            counted(count, "test") + if count == 1 { " was" } else { " were" }
        ),
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
