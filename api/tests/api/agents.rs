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
            (with(|v| v["duration_ms"] = json!(-1)), 422, "a run that ended before it began"),
            (with(|v| v["tests"][1] = v["tests"][0].clone()), 422, "one test twice"),
            (with(|v| v["tests"] = json!(vec![v["tests"][0].clone(); 2_001])), 422, "too many tests"),
            (with(|v| v["tests"][0]["id"] = json!("x".repeat(4 * 1024 + 1))), 422, "too long an id"),
            (json!([[[[]]]]), 422, "lists"),
        ];
        for (outcome, status, story) in rows {
            assert_eq!(job.finish(attempt, outcome).await.status, status, "{story}");
        }
        let raw = async |body: Vec<u8>| {
            job.http().raw(reqwest::Method::POST, &job.path("finish"), "application/json", body).await
        };
        raw(b"{".to_vec()).await.expect(400);
        raw(b"[".repeat(200_000)).await.expect(422);
        raw(b"{\"attempt\":1,\"attempt\":2}".to_vec()).await.expect(422);
        assert_eq!(job.finish(attempt + 1, failed()).await.status, 409, "an attempt that is yet to come");
        job.finish(attempt, failed()).await.expect(200);
        world.end().await;
    }
}

story! {
    /// What no text can hold – NUL, half a character – is stored, or refused in words; never a fault of ours.
    async fn a_verdict_full_of_odd_characters_is_stored_as_it_is(world: World) {
        let learner = world.learner().await;
        learner.hand_in(learner.open("double").await.id).await;
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        let mut outcome = failed();
        let odd = "nul \u{0} esc \u{1b}[2J rtl \u{202e} last \u{10ffff}";
        outcome["verdict"]["output"] = json!(odd);
        outcome["verdict"]["tests"][0]["message"] = json!(odd);
        outcome["verdict"]["duration_ms"] = json!(u64::MAX);
        job.finish(attempt, outcome).await.expect(200);
        world.end().await;
    }
}
