//! Two verdicts on the same work, side by side. Pure.
//!
//! What makes them the same is the work, the lesson, the outcome, how far it can be trusted, and every test's status. What
//! else differs – image, engine, kernel, limits, ending – is named as what may have made the difference.

use std::fmt;

use ide_protocol::record::{Attempt, AttemptEnd, Circumstances};
use ide_protocol::results::{Ending, TestResult, Verdict};

/// Longest text of a column; digests are cut, because their beginning tells them apart.
const COLUMN_CHARS: usize = 34;

/// As it was recorded.
pub struct Kept<'a> {
    pub verdict: &'a Verdict,
    pub attempt: &'a Attempt,
}

/// As it came out now.
pub struct Again<'a> {
    pub verdict: &'a Verdict,
    pub image_digest: &'a str,
    pub circumstances: &'a Circumstances,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Part of the verdict, or of what it is about.
    Decides,
    /// May be why.
    Explains,
}

#[derive(Debug)]
struct Row {
    what: String,
    kept: String,
    now: String,
    weight: Weight,
}

pub struct Comparison {
    rows: Vec<Row>,
}

pub fn compare(kept: &Kept<'_>, again: &Again<'_>) -> Comparison {
    let mut rows = Vec::new();
    let mut row = |weight, what: &str, kept: String, now: String| {
        rows.push(Row { what: what.to_owned(), kept, now, weight });
    };
    let unknown = Circumstances::default();
    let (then, now) = (kept.attempt.circumstances.as_ref().unwrap_or(&unknown), again.circumstances);
    let (before, after) = (kept.verdict, again.verdict);

    row(Weight::Decides, "work", then.submission_digest.clone(), now.submission_digest.clone());
    row(Weight::Decides, "lesson", then.lesson_digest.clone(), now.lesson_digest.clone());
    row(Weight::Decides, "outcome", debug(before.outcome), debug(after.outcome));
    let (outcome, trust, ending) = match kept.attempt.end {
        Some(AttemptEnd::Verdict { outcome, trust, ending }) => (debug(outcome), debug(trust), words(ending)),
        _ => Default::default(),
    };
    row(Weight::Decides, "outcome of the attempt", outcome, debug(after.outcome));
    row(Weight::Decides, "trust", debug(before.trust), debug(after.trust));
    row(Weight::Decides, "trust of the attempt", trust, debug(after.trust));
    for (what, before, after) in tests(&before.tests, &after.tests) {
        row(Weight::Decides, &what, before, after);
    }
    row(Weight::Explains, "ending", words(before.ending), words(after.ending));
    row(Weight::Explains, "ending of the attempt", ending, words(after.ending));
    let image = kept.attempt.image_digest.clone().unwrap_or_default();
    row(Weight::Explains, "image", image, again.image_digest.to_owned());
    row(Weight::Explains, "image's name", then.image.clone(), now.image.clone());
    row(Weight::Explains, "limits", limits(then), limits(now));
    row(Weight::Explains, "engine", then.host.engine.clone(), now.host.engine.clone());
    row(Weight::Explains, "runtime", then.host.runtime.clone(), now.host.runtime.clone());
    row(Weight::Explains, "kernel", then.host.kernel.clone(), now.host.kernel.clone());
    row(Weight::Explains, "guest", then.host.guest_digest.clone(), now.host.guest_digest.clone());
    row(Weight::Explains, "agent", then.host.agent.clone(), now.host.agent.clone());
    row(Weight::Explains, "protocol", then.protocol.to_string(), now.protocol.to_string());
    Comparison { rows }
}

/// Every test of either verdict, by id, with its status in both.
fn tests(before: &[TestResult], after: &[TestResult]) -> Vec<(String, String, String)> {
    let status = |tests: &[TestResult], id: &str| {
        tests.iter().find(|test| test.id == id).map_or("–".to_owned(), |test| debug(test.status))
    };
    let more = after.iter().filter(|test| before.iter().all(|other| other.id != test.id));
    let both = before.iter().chain(more);
    both.map(|test| (format!("test “{}”", test.id), status(before, &test.id), status(after, &test.id)))
        .collect()
}

fn debug(value: impl fmt::Debug) -> String {
    format!("{value:?}")
}

fn words(ending: Ending) -> String {
    match ending {
        Ending::Exited { code } => format!("exit code {code}"),
        Ending::Signaled { signal } => format!("signal {signal}"),
        Ending::TimedOut { limit_ms } => format!("stopped after {limit_ms} ms"),
        Ending::OutputLimit { limit_bytes } => format!("stopped after {limit_bytes} bytes of output"),
        Ending::OutOfMemory { limit_mib } => format!("out of its {limit_mib} MiB"),
        Ending::Stopped => "stopped".to_owned(),
    }
}

fn limits(how: &Circumstances) -> String {
    let limits = &how.limits;
    format!("{} ms, {} MiB, {} %", limits.wall_ms, limits.memory_mib, limits.cpu_percent)
}

impl Row {
    fn is_same(&self) -> bool {
        self.kept == self.now
    }
}

impl Comparison {
    /// Whether the same verdict came of the same work.
    pub fn is_same(&self) -> bool {
        self.rows.iter().filter(|row| row.weight == Weight::Decides).all(Row::is_same)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| cut(&row.what).chars().count()).max().unwrap_or(0);
        writeln!(f, "{:<width$}  {:<COLUMN_CHARS$}  {:<COLUMN_CHARS$}", "", "recorded", "now")?;
        for row in &self.rows {
            let mark = if row.is_same() { "same" } else { "DIFFERENT" };
            let (what, kept, now) = (cut(&row.what), cut(&row.kept), cut(&row.now));
            writeln!(f, "{what:<width$}  {kept:<COLUMN_CHARS$}  {now:<COLUMN_CHARS$}  {mark}")?;
        }
        let reasons: Vec<&str> = self
            .rows
            .iter()
            .filter(|row| row.weight == Weight::Explains && !row.is_same())
            .map(|row| row.what.as_str())
            .collect();
        let others = reasons.join(", ");
        match (self.is_same(), reasons.is_empty()) {
            (true, true) => writeln!(f, "The same verdict, under the same circumstances."),
            (true, false) => writeln!(f, "The same verdict, although these are not the same: {others}."),
            (false, true) => writeln!(
                f,
                "Not the same verdict, under the same circumstances: the work behaves otherwise from run to run, or what \
                 was recorded has been changed."
            ),
            (false, false) => {
                writeln!(f, "Not the same verdict. These are not the same, either, and may be why: {others}.")
            }
        }
    }
}

fn cut(text: &str) -> String {
    match text.chars().count() > COLUMN_CHARS {
        true => text.chars().take(COLUMN_CHARS - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests_of_this {
    use ide_protocol::results::{Outcome, TestStatus, Trust};

    use super::*;

    fn verdict(outcome: Outcome, statuses: &[(&str, TestStatus)]) -> Verdict {
        let test = |(id, status): &(&str, TestStatus)| TestResult {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            status: *status,
            message: None,
            output: None,
            duration_ms: None,
            hidden: false,
        };
        Verdict {
            outcome,
            ending: Ending::Exited { code: 0 },
            trust: Trust::InProcess,
            tests: statuses.iter().map(test).collect(),
            output: String::new(),
            output_dropped_bytes: 0,
            duration_ms: 1,
        }
    }

    fn attempt(outcome: Outcome, image: &str) -> Attempt {
        Attempt {
            attempt: 1,
            agent: "a".to_owned(),
            delivery: 1,
            started_at: 1,
            finished_at: Some(2),
            end: Some(AttemptEnd::Verdict {
                outcome,
                ending: Ending::Exited { code: 0 },
                trust: Trust::InProcess,
            }),
            timings: None,
            image_digest: Some(image.to_owned()),
            circumstances: Some(Circumstances::default()),
        }
    }

    #[test]
    fn the_verdict_decides_and_the_circumstances_explain() {
        use Outcome::{Failed, Passed};
        let good = verdict(Passed, &[("a", TestStatus::Passed)]);
        let bad = verdict(Failed, &[("a", TestStatus::Failed)]);
        let renamed = verdict(Passed, &[("b", TestStatus::Passed)]);
        let rows = [
            (&good, attempt(Passed, "i"), &good, true, "under the same circumstances."),
            (&good, attempt(Passed, "j"), &good, true, "although these are not the same: image."),
            (&good, attempt(Failed, "i"), &good, false, "has been changed."),
            (&good, attempt(Passed, "i"), &bad, false, "has been changed."),
            (&good, attempt(Passed, "j"), &bad, false, "may be why: image."),
            (&good, attempt(Passed, "i"), &renamed, false, "has been changed."),
        ];
        for (kept, attempt, now, same, end) in rows {
            let again = Again { verdict: now, image_digest: "i", circumstances: &Circumstances::default() };
            let comparison = compare(&Kept { verdict: kept, attempt: &attempt }, &again);
            let said = comparison.to_string();
            assert_eq!(comparison.is_same(), same, "{said}");
            assert!(said.trim_end().ends_with(end), "{said}");
        }
    }
}
