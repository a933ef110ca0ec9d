//! Pulling the plug: nothing that was accepted is lost, nothing is recorded twice.

mod common;

use std::time::{Duration, Instant};

use common::{Installation, PATIENCE, is_final};
use ide_protocol::rest::SubmissionState;
use ide_protocol::results::Outcome;

/// How long the queue leaves a job with an agent that was killed: long enough for heartbeats on a busy machine.
const VISIBILITY: &str = "12s";

/// A solution that takes long enough to be interrupted.
const SLOW: &str =
    "import time\ntime.sleep(4)\ndef count_words(text): return {}\ndef top_words(text, limit): return []\n";

#[tokio::test]
async fn an_agent_killed_in_mid_grade_costs_nobody_a_verdict() {
    let installation = Installation::with("api", vec![("GRADUS_VISIBILITY", VISIBILITY.to_owned())]);
    let agent = installation.start_agent();
    let learner = installation.learner().await;
    let workspace = learner.workspace("py-word-count").await;
    learner.save_text(&workspace, "wordcount.py", SLOW).await;
    let submission = learner.hand_in(&workspace, "once").await;
    assert_eq!(
        learner.hand_in(&workspace, "once").await.id,
        submission.id,
        "the same key is the same hand-in"
    );

    learner.submission_when(&submission, |state| matches!(state, SubmissionState::Running { .. })).await;
    agent.kill();
    // The containers of a dead agent end by themselves. One that it had only just created never ran; it waits for
    // whoever starts next under this name.
    let began = Instant::now();
    while !installation.running().is_empty() {
        assert!(began.elapsed() < PATIENCE, "still running: {:?}", installation.running());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let left = installation.containers();

    let _second = installation.start_agent();
    let graded = learner.submission_when_within(&submission, Duration::from_secs(120), is_final).await;
    let SubmissionState::Graded { verdict, .. } = graded.state else {
        panic!("not graded: {:?}\n{}", graded.state, installation.log("agent"));
    };
    assert_eq!(verdict.outcome, Outcome::Failed, "{verdict:#?}");
    let now = installation.containers();
    assert!(!left.iter().any(|name| now.contains(name)), "{left:?} are still among {now:?}");
    let events = installation.events(&format!("submission:{}", submission.id)).await;
    let verdicts = events.iter().filter(|event| *event == "submission_graded").count();
    assert_eq!(verdicts, 1, "one hand-in, one verdict: {events:?}");
}

#[tokio::test]
async fn a_stop_lets_gradings_end_and_leaves_no_container() {
    let mut installation = Installation::up();
    let learner = installation.learner().await;
    let workspace = learner.workspace("py-word-count").await;
    learner.save_text(&workspace, "wordcount.py", SLOW).await;
    let submission = learner.hand_in(&workspace, "once").await;
    learner.submission_when(&submission, |state| matches!(state, SubmissionState::Running { .. })).await;

    let status = installation.stop();
    assert!(status.success(), "{status}: {}", installation.log("up"));
    assert_eq!(installation.containers(), Vec::<String>::new());

    // Nobody grades any more, so what is graded was graded before it stopped.
    installation.start("api");
    let learner = installation.learner().await;
    let state = learner.submission(&submission).await.state;
    assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}");
}

#[tokio::test]
async fn a_hand_in_nobody_can_grade_says_so() {
    let installation = Installation::api();
    let _agent = installation.start_agent();
    let learner = installation.learner().await;
    installation.publish_with_image("py-word-count", "no-such-image").await;
    let workspace = learner.workspace("py-word-count").await;
    let submission = learner.hand_in(&workspace, "once").await;
    let state = learner.submission_when(&submission, is_final).await.state;
    assert!(matches!(state, SubmissionState::NotGraded { .. }), "{state:?}");
}

#[tokio::test]
async fn what_waited_is_graded_after_a_start_on_another_address() {
    let mut installation = Installation::api();
    let learner = installation.learner().await;
    let workspace = learner.workspace("py-word-count").await;
    let submission = learner.hand_in(&workspace, "once").await;
    let before = installation.address.clone();
    installation.stop();

    installation.start("up");
    assert_ne!(installation.address, before, "the job names an address that is no more");
    let learner = installation.learner().await;
    let state = learner.submission_when(&submission, is_final).await.state;
    assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}\n{}", installation.log("up"));
}
