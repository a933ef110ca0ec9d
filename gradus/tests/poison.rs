//! Messages that no agent can work on die by their deliveries, are laid to rest, and keep nobody waiting (J08).

mod common;

use std::time::{Duration, Instant};

use common::{Installation, PATIENCE, is_final};
use ide_protocol::rest::SubmissionState;
use job_queue::{Depth, EmbeddedQueue, JobQueue as _, Lane, MAX_BODY_BYTES};
use serde_json::json;

/// What a hand-in beside them may take: the container is cold, and the machine may be busy.
const UNDELAYED: Duration = Duration::from_secs(20);

#[tokio::test]
async fn poisoned_messages_are_laid_to_rest_and_others_are_graded_meanwhile() {
    let installation = Installation::api();
    let queue = EmbeddedQueue::open(&installation.data.path().join("queue.db")).await.unwrap();
    let message = |version: u16, kind: &str| {
        let (job, token) = ("01890000-0000-7000-8000-000000000001", "nobody's");
        let (image, api_url) = ("bash", &installation.address);
        json!({ "version": version, "job": job, "kind": kind, "image": image, "api_url": api_url, "token": token })
    };
    let poison = [
        "{\"version\":1,".to_owned(),
        "x".repeat(MAX_BODY_BYTES),
        message(99, "grading").to_string(),
        message(1, "dancing").to_string(),
        // Well made, of a job that nobody knows.
        message(1, "grading").to_string(),
    ];
    for body in &poison {
        queue.send(Lane::Grading, body).await.unwrap();
    }
    let _agent = installation.start_agent();
    let learner = installation.learner().await;
    let workspace = learner.workspace("sh-finding-files").await;
    let began = Instant::now();
    let submission = learner.hand_in(&workspace, "beside").await;
    let state = learner.submission_when(&submission, is_final).await.state;
    assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}");
    assert!(began.elapsed() < UNDELAYED, "{:?}", began.elapsed());

    // Three cannot be read by anybody; whoever could have waited for the others has been told.
    let left = |depth: Depth| (depth.waiting, depth.in_flight, depth.dead) == (0, 0, 3);
    while !left(queue.depth(Lane::Grading).await.unwrap()) {
        assert!(began.elapsed() < PATIENCE, "{:?}", queue.depth(Lane::Grading).await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let told = installation.log("agent").matches("a job that cannot be read is given back").count();
    assert_eq!(told, 4 * 3, "each is delivered three times");
    assert_eq!(installation.log("api").matches("is left to an operator").count(), 3);

    // An operator looks at them, shows one, and clears them away.
    let listed = installation.command(&["dlq", "ls"]);
    assert_eq!(listed.lines().filter(|line| line.contains("cannot be read")).count(), 3, "{listed}");
    let dancing = listed.lines().find(|line| line.contains("Data")).expect("whose kind is unknown");
    let name = dancing.split_whitespace().next().unwrap();
    let shown = installation.command(&["dlq", "show", name]);
    assert!(shown.contains("\"kind\": \"dancing\"") && !shown.contains("nobody's"), "{shown}");
    assert_eq!(installation.command(&["dlq", "redrive", name]).trim(), "1 given back to their lane");
    assert_eq!(installation.command(&["dlq", "discard", "--all"]).trim(), "2 deleted");
}
