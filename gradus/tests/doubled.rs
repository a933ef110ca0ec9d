//! One message at two agents at once (J05): the outbox may send it twice. One verdict comes of it, and nothing of the one who
//! comes second stays.

mod common;

use std::time::{Duration, Instant};

use common::{Installation, PATIENCE, is_final};
use ide_protocol::rest::SubmissionState;
use job_queue::{Depth, EmbeddedQueue, JobQueue as _, Lane, VISIBILITY};

/// From the verdict until the loser's container is gone, too. The corpus's bound, with a busy machine's share.
const GONE_WITHIN: Duration = Duration::from_secs(5 + 5);

#[tokio::test]
async fn one_message_at_two_agents_is_one_verdict_and_leaves_nothing() {
    // Nothing kept warm: what runs, works.
    let installation = Installation::with("api", vec![("GRADUS_WARM", "0".to_owned())]);
    let learner = installation.learner().await;
    let workspace = learner.workspace("sh-finding-files").await;
    let submission = learner.hand_in(&workspace, "doubled").await;
    let queue = EmbeddedQueue::open(&installation.data.path().join("queue.db")).await.expect("the queue");
    let lease = queue.lease(Lane::Grading, VISIBILITY, PATIENCE).await.expect("asked").expect("a message");
    // Both copies are fresh, so that neither agent is told at once that it comes late.
    for _ in 0..2 {
        queue.send(Lane::Grading, lease.body()).await.expect("sent");
    }
    lease.complete().await.expect("crossed off");
    let _agents = [installation.start_agent(), installation.start_another_agent()];

    let state = learner.submission_when(&submission, is_final).await.state;
    let graded = Instant::now();
    assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}");
    while !installation.containers().is_empty() {
        assert!(graded.elapsed() < GONE_WITHIN, "{:?} is still there", installation.containers());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    while queue.depth(Lane::Grading).await.expect("counted") != Depth::default() {
        assert!(graded.elapsed() < PATIENCE, "{:?}", queue.depth(Lane::Grading).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let events = installation.events(&format!("submission:{}", submission.id)).await;
    let verdicts = events.iter().filter(|event| *event == "submission_graded").count();
    assert_eq!(verdicts, 1, "{events:?}");
    assert_eq!(learner.submission(&submission).await.state, state, "and it stays");
}
