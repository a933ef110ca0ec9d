//! Which runs a hand-in gets. Where the lesson hides files there are two: one without them, whose words the learner may
//! read, and one with them, which decides and says nothing – whatever it prints may quote what lies beside it.

use ide_protocol::files::WorkspaceFile;
use ide_protocol::results::{Ending, GradingOutcome, LessonFault};
use lesson::{Lesson, Report, RunRecord, Scope, explain};

use super::bench::{Bench, Run};
use super::host_fault;
use crate::guest_link::{CallError, Guest};

/// How many runs there are at most.
pub(super) fn count(lesson: &Lesson) -> u32 {
    if lesson.has_hidden() { 2 } else { 1 }
}

/// What has to be laid out before [`carry_out`].
pub(super) fn first_files(lesson: &Lesson, submitted: &[WorkspaceFile]) -> Vec<WorkspaceFile> {
    if lesson.has_hidden() { lesson.shown_grading_files(submitted) } else { lesson.grading_files(submitted) }
}

pub(super) async fn carry_out(
    bench: &Bench<'_>,
    guest: &mut Guest,
    lesson: &Lesson,
    submitted: &[WorkspaceFile],
) -> GradingOutcome {
    let first = match bench.run(guest).await {
        Ok(run) => run,
        Err(outcome) => return outcome,
    };
    if !lesson.has_hidden() {
        return first.judged(bench.manifest, Scope::All);
    }
    let shown = first.clone().judged(bench.manifest, Scope::Visible);
    let mut graded = if reached_the_tests_end(&first.record) {
        match with_hidden(bench, guest, lesson, submitted, first).await {
            Ok(run) => without_quotes(run.judged(bench.manifest, Scope::All)),
            Err(outcome) => return outcome,
        }
    } else {
        first.judged(bench.manifest, Scope::All)
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

/// The run that decides: every file laid out again, as pristine as before the first.
async fn with_hidden(
    bench: &Bench<'_>,
    guest: &mut Guest,
    lesson: &Lesson,
    submitted: &[WorkspaceFile],
    first: Run,
) -> Result<Run, GradingOutcome> {
    let mut second = match guest.lay(&lesson.grading_files(submitted)).await {
        Ok(()) => bench.run(guest).await?,
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
