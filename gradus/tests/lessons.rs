//! Every lesson that ships: its solution passes and its starter does not, through API, queue, agent and container.

mod common;

use common::{Installation, is_final, root};
use ide_protocol::rest::SubmissionState;
use ide_protocol::results::{Outcome, TestStatus};
use lesson::Lesson;

#[tokio::test]
async fn every_solution_passes_and_every_starter_fails() {
    let installation = Installation::api();
    let _agent = installation.start_agent();
    let learner = installation.learner().await;

    let mut folders: Vec<_> = std::fs::read_dir(root().join("lesson-images/lessons"))
        .expect("lessons")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("lesson.toml").is_file())
        .collect();
    folders.sort();
    assert!(folders.len() >= 8, "at least eight lessons ship, found {}", folders.len());
    assert_eq!(learner.lessons().await.len(), folders.len(), "every lesson is listed");

    for folder in folders {
        let lesson = Lesson::from_dir(&folder).unwrap_or_else(|why| panic!("{why}"));
        let slug = &lesson.manifest.slug;
        let workspace = learner.workspace(slug).await;

        let submission = learner.hand_in(&workspace, &format!("{slug}-starter")).await;
        let SubmissionState::Graded { verdict, .. } =
            learner.submission_when(&submission, is_final).await.state
        else {
            panic!("{slug}: the starter was not graded");
        };
        assert_ne!(verdict.outcome, Outcome::Passed, "{slug}: the starter passes");

        learner.save(&workspace, &lesson.solution_files()).await;
        let submission = learner.hand_in(&workspace, &format!("{slug}-solution")).await;
        let SubmissionState::Graded { verdict, .. } =
            learner.submission_when(&submission, is_final).await.state
        else {
            panic!("{slug}: the solution was not graded");
        };
        assert_eq!(verdict.outcome, Outcome::Passed, "{slug}: {verdict:#?}");
        let expected = &lesson.manifest.tests.expected;
        assert_eq!(verdict.tests.len(), expected.visible.len() + expected.hidden.len(), "{slug}");
        assert!(verdict.tests.iter().all(|test| test.status == TestStatus::Passed), "{slug}");
    }
}
