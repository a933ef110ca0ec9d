//! Saves a payload, types what is to be typed before, hands in, waits for the end.

use std::time::Instant;

use anyhow::Context as _;
use ide_protocol::rest::SubmissionState;
use uuid::Uuid;

use super::{Acted, Scene, terminal};
use crate::class::Class;

pub(super) async fn act(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let payload = scene.row.payload().context("there is no payload in this language")?;
    learner.save(workspace, &payload.files).await?;
    let mut wrong = Vec::new();
    let mut session = None;
    let types = &scene.row.case.file.types;
    if !types.is_empty() {
        let (id, mut live) = learner.settle(workspace).await?;
        terminal::type_all(scene, &mut live, types, &mut wrong).await?;
        // Held until the verdict is there: what was left running may reach for it.
        session = Some((id, live));
    }
    let began = Instant::now();
    let submission = learner.hand_in(workspace, &Uuid::new_v4().to_string()).await?;
    let submission = learner.result(submission.id, scene.patience()).await?;
    let took = began.elapsed();
    let told = serde_json::to_string(&submission)?;
    let slips = scene.row.case.file.never.iter().filter(|words| told.contains(words.as_str()));
    wrong.extend(slips.map(|words| format!("the learner is told {words:?}")));
    if let Some((id, live)) = session {
        drop(live);
        learner.end_session(id).await?;
    }
    let record = Some(learner.record(submission.id).await?);
    let class = Class::of(&submission.state);
    let seen = in_words(&submission.state);
    Ok(Acted { class, took, seen, submission: Some(submission), record, wrong })
}

/// How it ended, and how many of its tests passed.
fn in_words(state: &SubmissionState) -> String {
    match state {
        SubmissionState::Graded { verdict, .. } => {
            let (passed, all) = verdict.score();
            format!("{:?}; {passed} of {all} tests passed", verdict.ending)
        }
        other => format!("{other:?}"),
    }
}
