//! Stories of hand-ins.

use std::time::Instant;

use uuid::Uuid;

use crate::acts::{Acted, Scene};
use crate::class::Class;

/// C09: both get a verdict, each about its own.
pub(super) async fn two_at_once(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let began = Instant::now();
    let [first, second] = [Uuid::new_v4().to_string(), Uuid::new_v4().to_string()];
    let (first, second) =
        tokio::join!(learner.hand_in(workspace, &first), learner.hand_in(workspace, &second));
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
