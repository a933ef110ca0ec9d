//! I1, I7 and I9: about verdicts.

use std::time::Duration;

use ide_protocol::limits::MAX_RUN_OUTPUT_BYTES;
use ide_protocol::record::{Attempt, AttemptEnd};
use ide_protocol::rest::{Submission, SubmissionState};
use ide_protocol::results::Ending;
use uuid::Uuid;

use super::Finding;
use crate::acts::{Acted, Scene};
use crate::case::{Kind, Language, Mode};
use crate::class::Class;
use crate::ground::Ground;

/// On top of a case's own bound: containers are started cold here, and two cores do everything.
pub const START_ALLOWANCE: Duration = Duration::from_secs(4);

/// Until the reference solution has to have passed: a cold start, two runs of three small tests.
const REFERENCE_PATIENCE: Duration = Duration::from_secs(30);

/// L: what every lesson of the corpus says.
const LESSON_WALL_MS: u32 = 3_000;

/// Events of one submission, with room for every try.
const EVENTS: u32 = 100;

/// What ends a submission, in the words of the event log.
const TERMINAL_EVENTS: [&str; 3] = ["submission_graded", "lesson_fault_found", "grading_given_up"];

/// I1: exactly one terminal verdict, of a class that the case allows, within its bound.
pub(super) async fn one_verdict_in_time(scene: Scene<'_>, acted: &Acted) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let (row, expected) = (scene.row, scene.row.expected());
    if !expected.contains(&acted.class) {
        let words: Vec<_> = expected.iter().map(|class| class.word()).collect();
        let what = format!("{} instead of {}: {}", acted.class.word(), words.join(" or "), acted.seen);
        findings.push(Finding::new("I1", what));
    }
    let bound = scene.bound() + START_ALLOWANCE;
    if acted.took > bound {
        findings.push(Finding::new("I1", format!("took {:.1?} of {bound:?}", acted.took)));
    }
    if row.case.file.kind == Kind::HandIn
        && let Some(submission) = &acted.submission
    {
        let events = scene.ground.store.events_of(&format!("submission:{}", submission.id), EVENTS).await?;
        let ends = events.iter().filter(|event| TERMINAL_EVENTS.contains(&event.kind.as_str())).count();
        if ends != 1 {
            let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
            findings.push(Finding::new("I1", format!("{ends} terminal events among {kinds:?}")));
        }
    }
    Ok(findings)
}

/// I7, first half: what is handed in here is wrong, so it never passes, whatever `expect` may say.
pub(super) fn wrong_never_passes(scene: Scene<'_>, acted: &Acted) -> Option<Finding> {
    let meant = scene.row.expected().contains(&Class::Passed);
    (acted.class == Class::Passed && !meant).then(|| Finding::new("I7", "wrong work has passed"))
}

/// I7, second half: right work passes, at once, on the same host.
pub(super) async fn the_reference_still_passes(
    ground: &Ground,
    (language, mode): (Language, Mode),
) -> anyhow::Result<Option<Finding>> {
    let class = reference(ground, language, mode).await?;
    let what = || format!("the {} reference, {}, came to {}", language.word(), mode.word(), class.word());
    Ok((class != Class::Passed).then(|| Finding::new("I7", what())))
}

/// Hands the reference solution in.
///
/// # Errors
/// When the API does not take it.
pub async fn reference(ground: &Ground, language: Language, mode: Mode) -> anyhow::Result<Class> {
    let learner = ground.learner("honest").await?;
    let workspace = learner.open(&Ground::slug(language, mode)).await?.id;
    learner.save_text(workspace, language.solution(), right(language)).await?;
    let submission = learner.hand_in(workspace, &Uuid::new_v4().to_string()).await?;
    let submission = learner.result(submission.id, REFERENCE_PATIENCE).await?;
    if let SubmissionState::Graded { verdict, .. } = &submission.state
        && verdict.outcome != ide_protocol::results::Outcome::Passed
    {
        eprintln!("reference in {}: {verdict:#?}", language.word());
    }
    Ok(Class::of(&submission.state))
}

/// The lessons' solutions, without the marker in them.
fn right(language: Language) -> &'static str {
    match language {
        Language::Python => "def triple(number):\n    return number * 3\n",
        Language::Javascript => "export const triple = (number) => number * 3;\n",
        Language::Shell => "#!/bin/bash\necho $(($1 * 3))\n",
        Language::C => "#include \"solution.h\"\nlong triple(long number) { return number * 3; }\n",
    }
}

/// I9: the verdict says how the run ended and what limit it hit; the record beside it, on what, of what and in which bounds.
pub(super) fn the_verdict_keeps_a_record(acted: &Acted) -> Vec<Finding> {
    let (Some(submission), Some(record)) = (&acted.submission, &acted.record) else { return Vec::new() };
    let SubmissionState::Graded { verdict, .. } = &submission.state else { return Vec::new() };
    let limit = match verdict.ending {
        Ending::TimedOut { limit_ms } => limit_ms,
        Ending::OutputLimit { limit_bytes } => limit_bytes,
        Ending::OutOfMemory { limit_mib } => limit_mib,
        Ending::Exited { .. } | Ending::Signaled { .. } | Ending::Stopped => 1,
    };
    let mut rows = vec![
        (verdict.duration_ms > 0, "how long it took"),
        (limit > 0, "the limit it hit"),
        (verdict.output.len() <= MAX_RUN_OUTPUT_BYTES, "a bounded part of what it printed"),
    ];
    let ended = |attempt: &&Attempt| matches!(attempt.end, Some(AttemptEnd::Verdict { .. }));
    match record.attempts.iter().filter(ended).collect::<Vec<_>>().as_slice() {
        [attempt] => rows.extend(told(attempt, submission)),
        several => rows.push((false, if several.is_empty() { "its attempt" } else { "one attempt alone" })),
    }
    let lacking = rows.into_iter().filter(|(told, _)| !told);
    lacking
        .map(|(_, what)| Finding::new("I9", format!("the record does not tell {what}: {record:?}")))
        .collect()
}

/// What an attempt has to tell, and whether it does.
fn told(attempt: &Attempt, submission: &Submission) -> Vec<(bool, &'static str)> {
    let Some(circumstances) = &attempt.circumstances else { return vec![(false, "its circumstances")] };
    let host = &circumstances.host;
    let versions = [&host.agent, &host.guest_digest, &host.engine, &host.runtime, &host.kernel];
    let image = attempt.image_digest.as_deref().unwrap_or_default();
    vec![
        (image.starts_with("sha256:"), "the image"),
        (circumstances.lesson_digest == submission.lesson_digest, "the lesson"),
        (!circumstances.submission_digest.is_empty(), "the work"),
        (circumstances.limits.wall_ms == LESSON_WALL_MS, "the limits"),
        (versions.iter().all(|version| !version.is_empty()), "the host"),
        (attempt.timings.is_some() && attempt.finished_at.is_some(), "the timings"),
    ]
}
