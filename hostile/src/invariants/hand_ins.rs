//! I1, I7 and I9: about verdicts.

use std::time::Duration;

use ide_protocol::rest::SubmissionState;
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
    language: Language,
) -> anyhow::Result<Option<Finding>> {
    let class = reference(ground, language, Mode::Inside).await?;
    let wrong = class != Class::Passed;
    Ok(wrong.then(|| Finding::new("I7", format!("the {} reference came to {class:?}", language.word()))))
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

/// I9: the verdict says how the run ended, how long it took, and how far it can be trusted.
pub(super) fn the_verdict_keeps_a_record(acted: &Acted) -> Option<Finding> {
    let SubmissionState::Graded { verdict, .. } = &acted.submission.as_ref()?.state else { return None };
    let limit = match verdict.ending {
        ide_protocol::results::Ending::TimedOut { limit_ms } => limit_ms,
        ide_protocol::results::Ending::OutputLimit { limit_bytes } => limit_bytes,
        ide_protocol::results::Ending::OutOfMemory { limit_mib } => limit_mib,
        _ => 1,
    };
    let told = verdict.duration_ms > 0 && limit > 0;
    (!told).then(|| Finding::new("I9", format!("the record lacks limit or duration: {verdict:?}")))
}
