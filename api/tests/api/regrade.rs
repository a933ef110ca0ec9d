//! What ended without a verdict through no fault of its learner's is graded after all, and delays nobody.

use std::time::Duration;

use api::store::{Actor, NewJob, Regrade};
use ide_protocol::job::JobKind;
use ide_protocol::rest::SubmissionState;
use job_queue::{JobQueue as _, Lane};
use uuid::Uuid;

use crate::support::World;
use crate::support::agent::{lesson_fault, passed};

/// As an operator asks for it, who has the store and no API.
async fn regrade(world: &World, submission: Uuid, api_url: &str) -> Regrade {
    let store = world.store().await;
    let digest = store.submission(submission).await.unwrap().unwrap().submission.lesson_digest;
    let lesson = lesson::unpack(&store.bundle(&digest).await.unwrap().unwrap(), &digest).unwrap();
    let job = NewJob::new(JobKind::Grading, &lesson.manifest, api_url);
    store.regrade(submission, job, &Actor::System, 7).await.unwrap()
}

story! {
    async fn a_hand_in_whose_lesson_was_at_fault_is_graded_again_behind_the_others(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let submission = learner.hand_in(workspace).await.id;
        let first = world.agent().take(Lane::Grading).await;
        let (attempt, _) = first.start_grading().await;
        first.finish(attempt, lesson_fault()).await.expect(200);

        let url = first.message.api_url.as_str();
        assert!(matches!(regrade(&world, submission, url).await, Regrade::Waits(_)));
        let twice = regrade(&world, submission, url).await;
        assert!(matches!(twice, Regrade::Refused(SubmissionState::Queued { .. })));
        let other = learner.hand_in(workspace).await.id;
        let graded_meanwhile = world.agent().take(Lane::Grading).await;
        let (attempt_of_other, _) = graded_meanwhile.start_grading().await;
        graded_meanwhile.finish(attempt_of_other, passed()).await.expect(200);
        assert!(matches!(learner.submission(other).await.state, SubmissionState::Graded { .. }));

        // The message of the first time is void.
        first.disown(attempt).await.expect(401);
        let again = world.agent().take(Lane::Regrading).await;
        assert_eq!(again.message.job, first.message.job);
        let (second, _) = again.start_grading().await;
        assert_eq!(second, attempt + 1);
        again.finish(second, passed()).await.expect(200);
        assert!(matches!(learner.submission(submission).await.state, SubmissionState::Graded { .. }));
        let events = world.store().await.events_of(&format!("submission:{submission}"), 20).await.unwrap();
        let kinds: Vec<_> = events.iter().skip(2).map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["lesson_fault_found", "regrading_asked", "attempt_started", "submission_graded"]);
        world.end().await;
    }
}

story! {
    async fn what_no_agent_could_grade_is_graded_once_one_can(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await.id;
        let mut url = String::new();
        for _ in 0..3 {
            let job = world.agent().take(Lane::Grading).await;
            url = job.message.api_url;
            job.lease.release(Duration::ZERO).await.unwrap();
        }
        let told = async {
            while !matches!(learner.submission(submission).await.state, SubmissionState::NotGraded { .. }) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), told).await.expect("the learner is told");
        assert!(matches!(regrade(&world, submission, &url).await, Regrade::Waits(_)));
        let job = world.agent().take(Lane::Regrading).await;
        assert_eq!(job.lease.delivery(), 1, "with all its tries");
        let (attempt, _) = job.start_grading().await;
        job.finish(attempt, passed()).await.expect(200);
        assert!(matches!(learner.submission(submission).await.state, SubmissionState::Graded { .. }));
        world.end().await;
    }
}

story! {
    async fn a_verdict_stands(world: World) {
        let learner = world.learner().await;
        let submission = learner.hand_in(learner.open("double").await.id).await.id;
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        let early = regrade(&world, submission, "").await;
        assert!(matches!(early, Regrade::Refused(SubmissionState::Running { .. })));
        job.finish(attempt, passed()).await.expect(200);
        let late = regrade(&world, submission, "").await;
        assert!(matches!(late, Regrade::Refused(SubmissionState::Graded { .. })));
        assert_eq!(world.queue.depth(Lane::Regrading).await.unwrap().waiting, 0);
        let store = world.store().await;
        let job = NewJob { image: "bash", needs: job.message.needs, api_url: "", trace: None };
        assert!(matches!(store.regrade(Uuid::now_v7(), job, &Actor::System, 7).await.unwrap(), Regrade::Unknown));
        world.end().await;
    }
}
