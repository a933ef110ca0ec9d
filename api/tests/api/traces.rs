//! What belongs to one click is known by one id, through the queue.

use ide_protocol::traceparent::trace_id;
use job_queue::Lane;
use serde_json::json;

use crate::support::World;

const THEIRS: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

story! {
    async fn a_trace_goes_with_the_job_of_a_click(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let path = format!("/api/v1/workspaces/{workspace}/submissions");
        let hand_in = |key: &str| learner.http.with("idempotency-key", key);
        hand_in("one").with("traceparent", THEIRS).post(&path, None).await.expect(201);
        let job = world.agent().take(Lane::Grading).await;
        assert_eq!(job.lease.trace(), Some(THEIRS));
        // Who names none, or what is none, is given one.
        for (key, named) in [("two", ""), ("three", "00-nonsense")] {
            hand_in(key).with("traceparent", named).post(&path, None).await.expect(201);
            let job = world.agent().take(Lane::Grading).await;
            let made = job.lease.trace().and_then(trace_id).unwrap_or_default().to_owned();
            assert_eq!(made.len(), 32);
            assert!(!THEIRS.contains(&made));
        }
        let ask = json!({ "workspace": workspace });
        learner.http.with("traceparent", THEIRS).post("/api/v1/sessions", Some(ask)).await.expect(201);
        assert_eq!(world.agent().take(Lane::Sessions).await.lease.trace(), Some(THEIRS));
        world.end().await;
    }
}
