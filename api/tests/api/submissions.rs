//! Handing in: once per key, graded once, whatever agents do.

use std::time::Duration;

use ide_protocol::rest::{LessonSummary, Progress, Submission, SubmissionState};
use job_queue::{JobQueue as _, Lane};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::relay::{Joined, joined};
use crate::support::agent::{failed, host_fault, lesson_fault, passed};
use crate::support::world::PATIENCE;
use crate::support::{LearnerClient, World};

/// Waits until the submission is as told.
pub async fn becomes(
    learner: &LearnerClient,
    id: Uuid,
    done: impl Fn(&SubmissionState) -> bool,
) -> SubmissionState {
    let seen = tokio::time::timeout(PATIENCE, async {
        loop {
            let state = learner.submission(id).await.state;
            if done(&state) {
                return state;
            }
            tokio::task::yield_now().await;
        }
    });
    seen.await.expect("the submission did not get there")
}

fn queued(ahead: u32) -> SubmissionState {
    SubmissionState::Queued { ahead, failed_attempts: 0 }
}

story! {
    async fn a_hand_in_is_graded(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        learner.save(workspace, "notes/why.md", 0, "allowed by the lesson").await;
        learner.save(workspace, "other.py", 0, "not allowed").await;
        let submission = learner.hand_in(workspace).await;
        assert_eq!(submission.state, queued(0));
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, files) = job.start_grading().await;
        assert_eq!((attempt, files), (1, vec!["double.py".to_owned(), "notes/why.md".to_owned()]));
        assert_eq!(learner.submission(submission.id).await.state, SubmissionState::Running { attempt: 1 });
        let bundle = job.http().get(&job.path("bundle")).await;
        assert_eq!(bundle.expect(200).headers["content-type"], "application/zstd");
        assert!(lesson::unpack(&bundle.bytes, &submission.lesson_digest).is_ok());
        assert_eq!(job.finish(attempt, passed()).await.expect(200).json(), json!({ "recorded": true }));
        job.lease.complete().await.unwrap();
        let state = learner.submission(submission.id).await.state;
        assert!(matches!(state, SubmissionState::Graded { verdict, .. } if verdict.score() == (2, 2)));
        let lessons: Vec<LessonSummary> = learner.http.get("/api/v1/lessons").await.is(200);
        assert_eq!(lessons[0].progress, Progress::Passed);
        let events = world.store().await.events_of(&format!("submission:{}", submission.id), 10).await.unwrap();
        let kinds: Vec<_> = events.iter().map(|event| (event.version, event.kind.as_str())).collect();
        assert_eq!(kinds, [(1, "submission_handed_in"), (2, "attempt_started"), (3, "submission_graded")]);
        world.end().await;
    }
}

story! {
    async fn the_snapshot_does_not_change_with_the_workspace(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        learner.save(workspace, "double.py", 1, "as handed in").await;
        let submission = learner.hand_in(workspace).await;
        learner.save(workspace, "double.py", 2, "changed later").await;
        learner.remove(workspace, "double.py", 3).await.expect(204);
        let files = world.store().await.submission_files(submission.id).await.unwrap();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].content.as_bytes(), b"as handed in");
        world.end().await;
    }
}

story! {
    async fn the_same_key_hands_in_once(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let elsewhere = learner.open("greet").await.id;
        let first: Submission = learner.try_hand_in(workspace, "click-1").await.is(201);
        learner.save(workspace, "double.py", 1, "changed in between").await;
        let again: Submission = learner.try_hand_in(workspace, "click-1").await.is(201);
        assert_eq!(again, first);
        assert_eq!(learner.try_hand_in(elsewhere, "click-1").await.problem(422), "idempotency-key-reused");
        assert_eq!(learner.try_hand_in(workspace, "").await.problem(400), "missing-header");
        assert_eq!(learner.try_hand_in(workspace, &"x".repeat(129)).await.problem(400), "missing-header");
        assert_eq!(learner.workspace(workspace).await.submissions.len(), 1);
        let other = world.log_in("other").await;
        let theirs = other.open("double").await.id;
        let theirs: Submission = other.try_hand_in(theirs, "click-1").await.is(201);
        assert_ne!(theirs.id, first.id, "keys are an account's own");
        world.end().await;
    }
}

story! {
    async fn two_clicks_at_once_hand_in_once(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let clicks = (0..6).map(|_| {
            let learner = learner.clone();
            tokio::spawn(async move { learner.try_hand_in(workspace, "double-click").await.is::<Submission>(201).id })
        });
        let mut ids = Vec::new();
        for click in clicks.collect::<Vec<_>>() {
            ids.push(click.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(learner.workspace(workspace).await.submissions.len(), 1);
        world.end().await;
    }
}

story! {
    async fn the_place_in_the_queue_is_the_true_one(world: World) {
        let (learner, other) = (world.learner().await, world.log_in("other").await);
        let (mine, theirs) = (learner.open("double").await.id, other.open("double").await.id);
        let first = learner.hand_in(mine).await;
        let second = other.hand_in(theirs).await;
        let third = learner.hand_in(mine).await;
        assert_eq!(second.state, queued(1));
        assert_eq!(third.state, queued(2));
        world.agent().take(Lane::Grading).await.start().await;
        assert_eq!(learner.submission(first.id).await.state, SubmissionState::Running { attempt: 1 });
        assert_eq!(learner.submission(third.id).await.state, queued(1));
        learner.hand_in(mine).await;
        let one_more = learner.try_hand_in(mine, "4").await;
        assert_eq!(one_more.problem(429), "too-many");
        world.end().await;
    }
}

story! {
    async fn those_who_wait_are_told_their_place_as_others_finish(world: World) {
        let Joined { learner, workspace, mut tab, .. } = joined(&world).await;
        let (first, second) = (world.log_in("first").await, world.log_in("second").await);
        let first_id = first.hand_in(first.open("double").await.id).await.id;
        second.hand_in(second.open("greet").await.id).await;
        let mine = learner.hand_in(workspace).await.id;
        let told = |value: &Value| (value["submission"].clone(), value["state"]["ahead"].clone(), value["state"]["failed_attempts"].clone());
        let place = |ahead: u32| (json!(mine), json!(ahead), json!(0));
        assert_eq!(told(&tab.hears("submission_changed").await), place(2));
        let agent = world.agent();
        let job = agent.take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        assert_eq!(told(&tab.hears("submission_changed").await), place(1));
        // Ours went wrong: it takes its place at the front again.
        job.finish(attempt, host_fault()).await.expect(200);
        assert_eq!(told(&tab.hears("submission_changed").await), place(2));
        let again = SubmissionState::Queued { ahead: 0, failed_attempts: 1 };
        assert_eq!(first.submission(first_id).await.state, again);
        job.start_grading().await;
        assert_eq!(told(&tab.hears("submission_changed").await), place(1));
        agent.take(Lane::Grading).await.start().await;
        assert_eq!(told(&tab.hears("submission_changed").await), place(0));
        agent.take(Lane::Grading).await.start().await;
        assert_eq!(tab.hears("submission_changed").await["state"], json!({ "type": "running", "attempt": 1 }));
        world.end().await;
    }
}

story! {
    async fn only_the_newest_attempt_counts_and_a_result_is_recorded_once(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await;
        let job = world.agent().take(Lane::Grading).await;
        let (dead, _) = job.start_grading().await;
        assert_eq!(job.start_grading().await.0, dead, "who did not hear the answer asks again");
        // Its host was thought dead; the message was delivered to another.
        job.lease.extend(Duration::ZERO).await.unwrap();
        let (alive, _) = world.agent().take(Lane::Grading).await.start_grading().await;
        assert_eq!((dead, alive), (1, 2));
        assert_eq!(job.try_start().await.problem(409), "stale-attempt", "a request long on its way");
        assert_eq!(job.finish(dead, passed()).await.problem(409), "stale-attempt");
        assert_eq!(job.finish(3, passed()).await.problem(409), "stale-attempt");
        assert_eq!(job.finish(alive, failed()).await.expect(200).json(), json!({ "recorded": true }));
        assert_eq!(job.finish(alive, failed()).await.expect(200).json(), json!({ "recorded": false }));
        assert_eq!(job.finish(dead, passed()).await.expect(200).json(), json!({ "recorded": false }));
        assert_eq!(job.try_start().await.problem(410), "nothing-to-do");
        job.http().get(&job.path("bundle")).await.expect(410);
        let state = learner.submission(submission.id).await.state;
        assert!(matches!(state, SubmissionState::Graded { verdict, .. } if verdict.score() == (0, 1)));
        world.end().await;
    }
}

story! {
    async fn our_faults_are_tried_again_and_given_up_in_words(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await;
        for delivery in 1..=3 {
            let job = world.agent().take(Lane::Grading).await;
            assert_eq!(job.lease.delivery(), delivery);
            let (attempt, _) = job.start_grading().await;
            assert_eq!(job.finish(attempt, host_fault()).await.expect(200).json(), json!({ "recorded": true }));
            if delivery < 3 {
                let state = learner.submission(submission.id).await.state;
                assert_eq!(state, SubmissionState::Queued { ahead: 0, failed_attempts: delivery });
            }
            job.lease.release(Duration::ZERO).await.unwrap();
        }
        let state = becomes(&learner, submission.id, |s| matches!(s, SubmissionState::NotGraded { .. })).await;
        assert!(matches!(state, SubmissionState::NotGraded { reason } if reason.contains("hand in again")));
        tokio::time::timeout(PATIENCE, async {
            while world.queue.depth(Lane::Grading).await.unwrap().dead > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the dead job is laid to rest");
        world.end().await;
    }
}

story! {
    /// The outbox may send a message twice, if the API dies between sending it and crossing it off.
    async fn a_dead_letter_does_not_give_up_what_another_copy_is_graded_for(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await;
        let dies = world.agent().take(Lane::Grading).await;
        world.queue.send(Lane::Grading, dies.lease.body()).await.unwrap();
        // Two agents receive the one copy and die before they say a word; a third is at work on the other.
        dies.lease.release(Duration::ZERO).await.unwrap();
        let again = world.agent().take(Lane::Grading).await;
        let other = world.agent().take(Lane::Grading).await;
        assert_eq!((again.lease.delivery(), other.lease.delivery()), (2, 1));
        let (attempt, _) = other.start_grading().await;
        again.lease.release(Duration::ZERO).await.unwrap();
        world.agent().take(Lane::Grading).await.lease.release(Duration::ZERO).await.unwrap();
        tokio::time::timeout(PATIENCE, async {
            while world.queue.depth(Lane::Grading).await.unwrap().dead > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the dead letter is read");

        let recorded = other.finish(attempt, passed()).await.expect(200).json();
        assert_eq!(recorded, json!({ "recorded": true }));
        let state = learner.submission(submission.id).await.state;
        assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}");
        world.end().await;
    }
}

story! {
    async fn a_broken_lesson_is_nobodys_failure(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await;
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        job.finish(attempt, lesson_fault()).await.expect(200);
        assert!(matches!(learner.submission(submission.id).await.state, SubmissionState::LessonFault { .. }));
        world.end().await;
    }
}
