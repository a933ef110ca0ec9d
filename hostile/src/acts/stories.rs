//! Cases that no table can say, each a function named by `story` in its `case.toml`.

use std::time::Instant;

use uuid::Uuid;

use super::{Acted, Scene};
use crate::class::Class;

pub(super) async fn act(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let name = scene.row.case.file.story.as_deref().unwrap_or_default();
    match name {
        "two_hand_ins_at_once" => two_hand_ins_at_once(scene).await,
        _ => anyhow::bail!("there is no story called {name:?}"),
    }
}

/// C09: both get a verdict, each about its own.
async fn two_hand_ins_at_once(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let began = Instant::now();
    let keys = [Uuid::new_v4().to_string(), Uuid::new_v4().to_string()];
    let [first, second] = &keys;
    let (first, second) = tokio::join!(learner.hand_in(workspace, first), learner.hand_in(workspace, second));
    let (first, second) = (first?, second?);
    let mut wrong = Vec::new();
    if first.id == second.id {
        wrong.push("two hand-ins became one".to_owned());
    }
    for submission in [first, second] {
        let class = Class::of(&learner.result(submission.id, scene.patience()).await?.state);
        if class != Class::Failed {
            wrong.push(format!("the starter, handed in twice at once, came to {}", class.word()));
        }
    }
    Ok(Acted::held(began, wrong, String::new()))
}
