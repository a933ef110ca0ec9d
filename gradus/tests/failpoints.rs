//! `kill -9` at each numbered step, of the agent (J01) and of the API (J02): exactly one verdict, the right one, in time.
//! For builds whose steps can be told to die (`--features failpoints`).
#![cfg(feature = "failpoints")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test may give up")]

mod common;

use std::time::{Duration, Instant};

use common::{Installation, LearnerClient, is_final, root};
use ide_protocol::rest::{Submission, SubmissionState, Workspace};
use ide_protocol::results::Outcome;
use lesson::Lesson;

/// How long the queue leaves a job with an agent that says nothing: short, so that a death is soon noticed.
const VISIBILITY: Duration = Duration::from_secs(4);
/// What a corpus row allows: visibility, the lesson's limit of 10 s, and 30 s.
const BOUND: Duration = Duration::from_secs(VISIBILITY.as_secs() + 10 + 30);
const LESSON: &str = "sh-finding-files";

fn environment() -> Vec<(&'static str, String)> {
    vec![("GRADUS_VISIBILITY", format!("{}s", VISIBILITY.as_secs()))]
}

/// A learner whose workspace holds the author's solution.
async fn prepared(installation: &Installation) -> (LearnerClient, Workspace) {
    let lesson =
        Lesson::from_dir(&root().join("lesson-images/lessons").join(LESSON)).expect("a shipped lesson");
    let learner = installation.learner().await;
    let workspace = learner.workspace(LESSON).await;
    learner.save(&workspace, &lesson.solution_files()).await;
    (learner, workspace)
}

/// One verdict and the right one, from `since` within the bound.
async fn ends_well(
    installation: &Installation,
    learner: &LearnerClient,
    submission: &Submission,
    since: Instant,
    step: &str,
) {
    let graded = learner.submission_when_within(submission, BOUND, is_final).await;
    let took = since.elapsed();
    let SubmissionState::Graded { verdict, .. } = graded.state else {
        panic!("{step}: {:?}\n{}", graded.state, installation.log("agent"));
    };
    assert_eq!(verdict.outcome, Outcome::Passed, "{step}: {verdict:#?}");
    assert!(took < BOUND, "{step}: {took:?}");
    let events = installation.events(&format!("submission:{}", submission.id)).await;
    let verdicts = events.iter().filter(|event| *event == "submission_graded").count();
    assert_eq!(verdicts, 1, "{step}: one hand-in, one verdict: {events:?}");
    println!("{step}: one right verdict {:.1} s after the death", took.as_secs_f32());
}

async fn an_agent_dies_at(steps: &[&str]) {
    let installation = Installation::with("api", environment());
    let (learner, workspace) = prepared(&installation).await;
    for step in steps {
        let agent = installation.start_agent_with(&[("GRADUS_DIE_AT", step)]);
        let submission = learner.hand_in(&workspace, step).await;
        agent.dies();
        let since = Instant::now();
        let next = installation.start_agent();
        ends_well(&installation, &learner, &submission, since, step).await;
        next.kill();
    }
}

#[tokio::test]
async fn an_agent_killed_on_the_way_to_a_run_costs_nobody_a_verdict() {
    an_agent_dies_at(&["agent:receive", "agent:lease", "agent:create", "agent:start", "agent:copy-in"]).await;
}

#[tokio::test]
async fn nor_one_killed_on_the_way_back() {
    an_agent_dies_at(&["agent:run", "agent:remove", "agent:collect", "agent:report", "agent:ack"]).await;
}

#[tokio::test]
async fn an_api_killed_at_any_step_loses_no_hand_in_and_makes_no_second_one() {
    let mut installation = Installation::with("api", environment());
    let (_, workspace) = prepared(&installation).await;
    for step in ["api:accept", "api:commit", "api:enqueue", "api:verdict", "api:verdict-commit"] {
        let listen = installation.address.trim_start_matches("http://").to_owned();
        installation.stop();
        installation.environment.push(("GRADUS_DIE_AT", step.to_owned()));
        installation.start_at("api", &listen);
        let learner = installation.learner().await;
        let agent = installation.start_agent();
        let first = learner.try_hand_in(&workspace, step).await;
        installation.server_dies();
        let since = Instant::now();
        installation.environment.pop();
        installation.start_at("api", &listen);

        let learner = installation.learner().await;
        // The browser asks again with the same key, whether or not it was answered.
        let submission = learner.hand_in(&workspace, step).await;
        if let Some(first) = first {
            assert_eq!(first.id, submission.id, "{step}: the same key is the same hand-in");
        }
        ends_well(&installation, &learner, &submission, since, step).await;
        agent.kill();
    }
    let learner = installation.learner().await;
    assert_eq!(learner.workspace(LESSON).await.submissions.len(), 5, "no hand-in was made twice");
}

/// J10: three deliveries, then words; the agent that it happens to works on.
#[tokio::test]
async fn a_job_that_breaks_its_task_is_given_up_in_words_and_its_agent_lives() {
    let installation = Installation::api();
    let (learner, workspace) = prepared(&installation).await;
    let mut agent = installation.start_agent_with(&[("GRADUS_PANIC_AT", "agent:run")]);
    let submission = learner.hand_in(&workspace, "once").await;
    let state = learner.submission_when(&submission, is_final).await.state;
    assert!(
        matches!(&state, SubmissionState::NotGraded { reason } if reason.contains("does not count")),
        "{state:?}"
    );
    let events = installation.events(&format!("submission:{}", submission.id)).await;
    let attempts = events.iter().filter(|event| *event == "attempt_started").count();
    assert_eq!(attempts, 3, "{events:?}");
    assert!(agent.is_alive());
    agent.kill();

    let _well = installation.start_agent();
    let again = learner.hand_in(&workspace, "again").await;
    let state = learner.submission_when(&again, is_final).await.state;
    assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}");
}
