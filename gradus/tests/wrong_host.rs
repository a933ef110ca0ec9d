//! A host that goes bad: it passes whatever is handed in. It finds out by its own check, takes no more jobs, takes back what
//! it said, and another host grades it again – end to end, with agents as processes.
//!
//! For builds whose steps can be told to lie (`--features failpoints`).
#![cfg(feature = "failpoints")]
#![expect(clippy::panic, reason = "a test may give up")]

mod common;

use common::{Installation, LearnerClient, is_final};
use ide_protocol::rest::{Submission, SubmissionState};
use ide_protocol::results::Outcome;

const LESSON: &str = "sh-finding-files";

async fn outcome(learner: &LearnerClient, submission: &Submission) -> Outcome {
    match learner.submission_when(submission, is_final).await.state {
        SubmissionState::Graded { verdict, .. } => verdict.outcome,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_a_host_said_that_grades_wrongly_is_taken_back_and_graded_again_elsewhere() {
    let installation = Installation::api();
    let bad = installation.data.path().join("bad");
    let bad_while = bad.to_str().expect("text").to_owned();
    let lies = [("GRADUS_LIE_AT", "agent:grade"), ("GRADUS_LIE_WHILE", bad_while.as_str())];
    let mut agent = installation.start_agent_with(&lies);
    let learner = installation.learner().await;
    let workspace = learner.workspace(LESSON).await;
    let honest = learner.hand_in(&workspace, "while it is well").await;
    assert_ne!(outcome(&learner, &honest).await, Outcome::Passed, "the starter is no solution");

    std::fs::write(&bad, "").expect("written");
    let believed = learner.hand_in(&workspace, "when it lies").await;
    assert_eq!(outcome(&learner, &believed).await, Outcome::Passed, "nobody can know yet");

    // Something fails for a reason of its own, and it looks at itself.
    installation.publish_with_image("sh-pipes", "no-such-image").await;
    let other = learner.workspace("sh-pipes").await;
    let stuck = learner.hand_in(&other, "what makes it look").await;
    let is_open = |state: &SubmissionState| !is_final(state);
    learner.submission_when(&believed, is_open).await;
    assert!(installation.log("agent").contains("THIS HOST GRADES WRONGLY"), "{}", installation.log("agent"));

    let _well = installation.start_another_agent();
    for submission in [&believed, &honest] {
        assert_ne!(outcome(&learner, submission).await, Outcome::Passed, "graded again, by one who is well");
    }
    let record = learner.record(&believed).await;
    let agents: Vec<_> = record.attempts.iter().map(|attempt| attempt.agent.as_str()).collect();
    assert!(agents.len() == 2 && agents.first().is_some_and(|name| name.ends_with("-other")), "{agents:?}");
    assert!(agent.is_alive(), "it waits until it is well");
    learner.submission_when(&stuck, is_final).await;
}
