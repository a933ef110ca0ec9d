//! Every shipped lesson, in its own image and under the agent's sandbox: the solution passes, the starter does not.

use std::path::Path;

use ide_protocol::results::{GradingOutcome, Outcome};
use lesson::Lesson;

use crate::world::World;

fn lessons() -> Vec<Lesson> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lesson-images/lessons");
    let mut folders: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let lessons = folders.iter().filter(|folder| folder.join("lesson.toml").exists());
    lessons.map(|folder| Lesson::from_dir(folder).unwrap_or_else(|why| panic!("{why}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_solution_passes_and_every_starter_does_not() {
    let world = World::new().await;
    let agent = world.agent();
    let lessons = lessons();
    assert!(!lessons.is_empty());
    let mut jobs = Vec::new();
    for lesson in &lessons {
        let solution = world.hand_in_files(lesson, lesson.solution_files()).await;
        let starter = world.hand_in_files(lesson, lesson.starter()).await;
        jobs.push((&lesson.manifest.slug, solution, starter));
    }
    let mut wrong = Vec::new();
    for (slug, solution, starter) in jobs {
        let solution = world.api.result(solution).await;
        let starter = world.api.result(starter).await.outcome;
        println!("{slug}: {:?}, starter {:?}", solution.timings, outcome(&starter));
        if outcome(&solution.outcome) != Some(Outcome::Passed) {
            wrong.push(format!("{slug}: the solution came to {:#?}", solution.outcome));
        }
        if outcome(&starter).is_none_or(|outcome| outcome == Outcome::Passed) {
            wrong.push(format!("{slug}: the starter came to {starter:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    agent.stop().await;
}

fn outcome(outcome: &GradingOutcome) -> Option<Outcome> {
    match outcome {
        GradingOutcome::Verdict { verdict } => Some(verdict.outcome),
        _ => None,
    }
}
