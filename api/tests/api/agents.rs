//! Agents that are not what they say, or say what cannot be.

use std::time::Duration;

use ide_protocol::job::Assignment;
use ide_protocol::rest::SessionState;
use job_queue::Lane;
use serde_json::{Value, json};

use crate::support::World;
use crate::support::agent::{failed, passed};
use crate::support::socket::Socket;

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

story! {
    /// A queue that was away gives a session's message out again while its agent is well: the API lets nobody else begin it, and
    /// once somebody has, takes nothing more from the first.
    async fn a_session_is_one_agents_at_a_time(world: World) {
        let learner = world.learner().await;
        let session = learner.ask_for_session(learner.open("double").await.id).await.id;
        let job = world.agent().take(Lane::Sessions).await;
        let start = |agent: &str, delivery: u32| {
            let (http, path) = (job.http(), job.path("start"));
            let body = json!({ "agent": agent, "delivery": delivery });
            async move { http.post(&path, Some(body)).await }
        };
        let dial = |begun: u32| {
            let path = format!("{}?begun={begun}", job.path("relay"));
            let message = job.message.clone();
            async move { Socket::open(&message.api_url, &path, None, Some(&message.token)).await }
        };
        let begun = |assignment: Assignment| match assignment {
            Assignment::Session { begun, .. } => begun,
            other => panic!("{other:?}"),
        };
        assert_eq!(begun(start("host-1", 1).await.is(200)), 1);
        let mut line = dial(1).await.unwrap();
        line.say(json!({ "type": "hello", "version": 1 })).await;
        line.say(json!({ "type": "session_ready" })).await;
        while !matches!(learner.session(session).await.state, SessionState::Ready { .. }) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        assert_eq!(start("host-2", 2).await.problem(409), "stale-attempt");
        assert_eq!(begun(start("host-1", 2).await.is(200)), 2, "started anew, the same host may have it");
        let mut line = dial(2).await.unwrap();
        line.say(json!({ "type": "hello", "version": 1 })).await;
        line.hears("limit_changed").await;
        drop(line);

        let taken_over = loop {
            let answer = start("host-2", 2).await;
            if answer.status != 409 {
                break answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(begun(taken_over.is(200)), 3);
        assert_eq!(dial(2).await.err(), Some(409), "it was begun elsewhere since");
        dial(3).await.unwrap();
        world.end().await;
    }
}
