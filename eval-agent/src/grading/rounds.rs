//! Which runs a hand-in gets. Where the lesson hides files there are two: one without them, whose words the learner may
//! read, and one with them, which decides and says nothing – whatever it prints may quote what lies beside it.

use ide_protocol::results::{Ending, GradingOutcome, LessonFault};
use lesson::{Lesson, Report, RunRecord, Scope, explain};

use super::bench::{Bench, Run};
use super::host_fault;
use crate::guest_link::CallError;

/// What tests a round knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    Shown,
    All,
}

/// How many rounds there are at most.
pub(super) fn count(lesson: &Lesson) -> u32 {
    if lesson.has_hidden() { 2 } else { 1 }
}

/// Whose files have to be laid out before [`carry_out`].
pub(super) fn first(lesson: &Lesson) -> Round {
    if lesson.has_hidden() { Round::Shown } else { Round::All }
}

pub(super) async fn carry_out(bench: &mut Bench<'_>) -> GradingOutcome {
    let manifest = &bench.lesson.manifest;
    let first_run = match bench.run().await {
        Ok(run) => run,
        Err(outcome) => return outcome,
    };
    if first(bench.lesson) == Round::All {
        return first_run.judged(manifest, Scope::All);
    }
    let shown = first_run.clone().judged(manifest, Scope::Visible);
    let mut graded = if reached_the_tests_end(&first_run.record) {
        match with_hidden(bench, first_run).await {
            Ok(run) => without_quotes(run.judged(manifest, Scope::All)),
            Err(outcome) => return outcome,
        }
    } else {
        first_run.judged(manifest, Scope::All)
    };
    if let (GradingOutcome::Verdict { verdict: graded }, GradingOutcome::Verdict { verdict: shown }) =
        (&mut graded, &shown)
    {
        explain(graded, shown);
    }
    graded
}

/// What is wrong with a report is said in its own words, and a learner's program may have written it.
fn without_quotes(outcome: GradingOutcome) -> GradingOutcome {
    match outcome {
        GradingOutcome::LessonFault { fault: LessonFault::BadReport { .. } } => {
            let detail = "it came of the run with hidden tests and is not shown".to_owned();
            GradingOutcome::LessonFault { fault: LessonFault::BadReport { detail } }
        }
        other => other,
    }
}

/// A build that failed, or a limit that was hit, is no better with more files.
fn reached_the_tests_end(record: &RunRecord) -> bool {
    record.build.is_none() && matches!(record.ending, Ending::Exited { .. })
}

/// The run that decides: nothing of the first lives on, and every file is laid out again as pristine as before it.
async fn with_hidden(bench: &mut Bench<'_>, first: Run) -> Result<Run, GradingOutcome> {
    let laid = match bench.clear().await {
        Ok(()) => bench.lay(Round::All).await,
        Err(why) => Err(why),
    };
    let mut second = match laid {
        Ok(()) => bench.run().await?,
        // By now the learner's programs have run, and stand in the way; no test has passed.
        Err(CallError::Refused { .. }) => {
            let record = RunRecord { report: Ok(Report { tests: Vec::new() }), ..first.record };
            return Ok(Run { record, ..first });
        }
        Err(why) => return Err(host_fault("laying out the hidden files", &why)),
    };
    second.record.duration_ms = second.record.duration_ms.saturating_add(first.record.duration_ms);
    Ok(second)
}
