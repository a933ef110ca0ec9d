//! Pulling the plug: nothing that was accepted is lost, nothing is recorded twice.

mod common;

use std::time::{Duration, Instant};

use common::{Installation, PATIENCE, is_final};
use ide_protocol::rest::SubmissionState;
use ide_protocol::results::Outcome;

/// A solution that takes long enough to be interrupted.
const SLOW: &str =
    "import time\ntime.sleep(4)\ndef count_words(text): return {}\ndef top_words(text, limit): return []\n";

#[tokio::test]
async fn an_agent_killed_in_mid_grade_costs_nobody_a_verdict() {
    let installation = Installation::new();
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
    // The containers of a dead agent end by themselves.
    let began = Instant::now();
    while !installation.containers().is_empty() {
        assert!(began.elapsed() < PATIENCE, "left over: {:?}", installation.containers());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let _second = installation.start_agent();
    let graded = learner.submission_when_within(&submission, Duration::from_secs(120), is_final).await;
    let SubmissionState::Graded { verdict, .. } = graded.state else {
        panic!("not graded: {:?}\n{}", graded.state, installation.log("agent"));
    };
    assert_eq!(verdict.outcome, Outcome::Failed, "{verdict:#?}");
    assert_eq!(learner.workspace("py-word-count").await.submissions.len(), 1, "one hand-in, one verdict");
}
