//! Agents that are not what they say, or say what cannot be.

use job_queue::Lane;
use serde_json::{Value, json};

use crate::support::World;
use crate::support::agent::{failed, passed};

story! {
    async fn a_token_is_good_for_its_own_job_only(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        learner.hand_in(workspace).await;
        learner.hand_in(workspace).await;
        let (one, two) = (world.agent().take(Lane::Grading).await, world.agent().take(Lane::Grading).await);
        assert_ne!(one.message.job, two.message.job);
        let body = json!({ "agent": "host-1", "delivery": 1 });
        assert_eq!(one.http().post(&two.path("start"), Some(body.clone())).await.problem(401), "not-logged-in");
        assert_eq!(one.http().get("/api/v1/me").await.problem(401), "not-logged-in");
        assert_eq!(learner.http.post(&one.path("start"), Some(body)).await.problem(401), "not-logged-in");
        assert_eq!(one.http().get(&one.path("relay")).await.status, 400, "a relay is a WebSocket");
        world.end().await;
    }
}

story! {
    async fn results_that_cannot_be_are_refused_and_the_next_one_counts(world: World) {
        let learner = world.learner().await;
        learner.hand_in(learner.open("double").await.id).await;
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        let with = |change: fn(&mut Value)| {
            let mut outcome = passed();
            change(&mut outcome["verdict"]);
            outcome
        };
        let rows = [
            (with(|v| v["tests"].as_array_mut().unwrap().truncate(1)), 422, "passed without the hidden test"),
            (with(|v| v["ending"]["code"] = json!(1)), 422, "passed by a run that failed"),
            (with(|v| v["output"] = json!("x".repeat(64 * 1024 + 1))), 422, "too much output"),
            (with(|v| v["tests"][0]["message"] = json!("x".repeat(16 * 1024 + 1))), 422, "too long a message"),
            (with(|v| v["outcome"] = json!("excellent")), 422, "no such outcome"),
            (with(|v| v["output"] = json!("x".repeat(9 * 1024 * 1024))), 413, "too large a body"),
            (json!({ "type": "verdict" }), 422, "no verdict at all"),
        ];
        for (outcome, status, story) in rows {
            assert_eq!(job.finish(attempt, outcome).await.status, status, "{story}");
        }
        job.http().raw(reqwest::Method::POST, &job.path("finish"), "application/json", b"{".to_vec()).await.expect(400);
        job.finish(attempt, failed()).await.expect(200);
        world.end().await;
    }
}
