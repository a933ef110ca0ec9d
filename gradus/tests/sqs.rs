//! API and agent apart, their jobs on servers that speak SQS: `scripts/with-sqs cargo nextest run -p gradus --test sqs`.
#![expect(clippy::expect_used, reason = "a test may give up")]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::{Installation, is_final, root};
use ide_protocol::rest::SubmissionState;

type Environment = Vec<(&'static str, String)>;

fn gradus(environment: &Environment, data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus"));
    command.args(arguments).arg("--data").arg(data).envs(environment.clone()).current_dir(root());
    command.output().expect("gradus starts")
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn a_hand_in_is_graded_by_way_of(server: &str) {
    let Ok(endpoint) = std::env::var(server) else {
        eprintln!("{server} is not set: left out (scripts/with-sqs sets it)");
        return;
    };
    let queue = format!("sqs:story-{}", std::process::id());
    let environment = vec![("GRADUS_QUEUE", queue), ("GRADUS_QUEUE_ENDPOINT", endpoint)];
    let nowhere = tempfile::tempdir().expect("a temporary folder");
    let early = gradus(&environment, nowhere.path(), &["api", "--listen", "127.0.0.1:0"]);
    assert!(!early.status.success() && words(&early.stderr).contains("gradus queue ensure"), "{early:?}");
    for word in ["made ", "ok "] {
        let ensured = gradus(&environment, nowhere.path(), &["queue", "ensure"]);
        let lines = words(&ensured.stdout).lines().filter(|line| line.starts_with(word)).count();
        assert_eq!((lines, ensured.status.success()), (6, true), "{ensured:?}");
    }

    let installation = Installation::with("api", environment.clone());
    let _agent = installation.start_agent();
    let learner = installation.learner().await;
    let workspace = learner.workspace("sh-finding-files").await;
    let submission = learner.hand_in(&workspace, "by way of SQS").await;
    let state = learner.submission_when(&submission, is_final).await.state;
    assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}");

    let again = gradus(&environment, installation.data.path(), &["regrade", &submission.id.to_string()]);
    assert!(!again.status.success() && words(&again.stdout).contains("a verdict stands"), "{again:?}");
    let none = gradus(&environment, installation.data.path(), &["dlq", "ls"]);
    assert_eq!(words(&none.stdout), "No dead jobs.\n");
}

#[tokio::test]
async fn a_hand_in_is_graded_by_way_of_moto() {
    a_hand_in_is_graded_by_way_of("GRADUS_TEST_MOTO").await;
}

#[tokio::test]
async fn a_hand_in_is_graded_by_way_of_ministack() {
    a_hand_in_is_graded_by_way_of("GRADUS_TEST_MINISTACK").await;
}
