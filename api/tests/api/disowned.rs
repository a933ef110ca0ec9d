//! A host that failed its check takes its verdicts back, and somebody else grades.

use std::time::Duration;

use ide_protocol::rest::{LessonSummary, Progress, SubmissionState};
use job_queue::Lane;
use serde_json::json;

use crate::support::World;
use crate::support::agent::{failed, lesson_fault, passed};

story! {
    async fn a_verdict_that_is_taken_back_is_kept_as_void_and_the_next_one_stands(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await.id;
        let sick = world.agent().take(Lane::Grading).await;
        let (first, _) = sick.start_grading().await;
        sick.finish(first, passed()).await.expect(200);
        assert_eq!(sick.disown(first).await.expect(200).json(), json!({ "voided": true }));
        // What the learner sees is a hand-in that waits, after one try that went wrong on our side.
        let state = learner.submission(submission).await.state;
        assert_eq!(state, SubmissionState::Queued { ahead: 0, failed_attempts: 1 });
        let lessons: Vec<LessonSummary> = learner.http.get("/api/v1/lessons").await.is(200);
        assert_eq!(lessons[0].progress, Progress::Started);
        sick.lease.complete().await.unwrap();
        let http = sick.message.clone();

        let well = world.agent().take(Lane::Regrading).await;
        assert_eq!(well.message.job, http.job);
        assert_ne!(well.message.token, http.token, "the sick host is told nothing of it");
        let (second, _) = well.start_grading().await;
        assert_eq!(second, first + 1);
        well.finish(second, failed()).await.expect(200);
        let state = learner.submission(submission).await.state;
        assert!(matches!(state, SubmissionState::Graded { verdict, .. } if verdict.score() == (0, 1)));
        let events = world.store().await.events_of(&format!("submission:{submission}"), 20).await.unwrap();
        let kinds: Vec<_> = events.iter().skip(2).map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["submission_graded", "attempt_voided", "attempt_started", "submission_graded"]);
        world.end().await;
    }
}

story! {
    async fn only_its_own_attempt_is_an_agents_to_take_back(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await.id;
        let slow = world.agent().take(Lane::Grading).await;
        let (stale, _) = slow.start_grading().await;
        slow.lease.release(Duration::ZERO).await.unwrap();
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        assert_eq!(job.disown(stale).await.expect(200).json(), json!({ "voided": false }));
        job.finish(attempt, passed()).await.expect(200);
        assert_eq!(job.disown(stale).await.expect(200).json(), json!({ "voided": false }));
        let stranger = job.http().with("authorization", "Bearer somebody-else");
        stranger.post(&job.path("disown"), Some(json!({ "attempt": attempt, "why": "" }))).await.expect(401);
        let long = json!({ "attempt": attempt, "why": "x".repeat(5_000) });
        job.http().post(&job.path("disown"), Some(long)).await.expect(422);
        assert!(matches!(learner.submission(submission).await.state, SubmissionState::Graded { .. }));
        assert_eq!(job.disown(attempt).await.expect(200).json(), json!({ "voided": true }));
        job.disown(attempt).await.expect(401);
        world.end().await;
    }
}

story! {
    async fn a_result_under_way_when_its_host_fails_is_refused_and_the_message_comes_again(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await.id;
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        assert_eq!(job.disown(attempt).await.expect(200).json(), json!({ "voided": true }));
        assert_eq!(job.finish(attempt, passed()).await.problem(409), "stale-attempt");
        let (next, _) = job.start_grading().await;
        job.finish(next, passed()).await.expect(200);
        assert!(matches!(learner.submission(submission).await.state, SubmissionState::Graded { .. }));
        world.end().await;
    }
}

story! {
    async fn an_agent_that_takes_everything_back_keeps_nobody_waiting_for_ever(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await.id;
        let rows = [
            (Lane::Grading, lesson_fault(), true),
            (Lane::Regrading, passed(), true),
            (Lane::Regrading, passed(), false),
        ];
        for (lane, outcome, voided) in rows {
            let job = world.agent().take(lane).await;
            let (attempt, _) = job.start_grading().await;
            job.finish(attempt, outcome).await.expect(200);
            assert_eq!(job.disown(attempt).await.expect(200).json(), json!({ "voided": voided }));
            job.lease.complete().await.unwrap();
        }
        assert!(matches!(learner.submission(submission).await.state, SubmissionState::Graded { .. }));
        world.end().await;
    }
}
