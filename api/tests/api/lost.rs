//! Jobs that nobody will ever work on are found, sent out anew, and in the end given up in words.

use std::time::Duration;

use api::Patience;
use api::setup;
use ide_protocol::rest::SubmissionState;
use job_queue::{JobQueue as _, Lane};
use uuid::Uuid;

use crate::submissions::becomes;
use crate::support::agent::passed;
use crate::support::world::{PATIENCE, lesson};
use crate::support::{Backend, World};

/// An impatient API: a job counts as lost after seconds, not minutes.
async fn world(backend: Backend) -> Option<World> {
    let second = Duration::from_secs(1);
    World::with(backend, |config| {
        config.patience = Patience { visibility: second / 2, around_attempt: second / 2 };
    })
    .await
}

/// One story, told once on each database.
macro_rules! impatient {
    ($name:ident, $world:ident, $story:block) => {
        mod $name {
            use super::*;

            async fn story($world: World) $story

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story(world(Backend::Sqlite).await.unwrap()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                match world(Backend::Postgres).await {
                    Some(world) => story(world).await,
                    None => eprintln!("GRADUS_TEST_POSTGRES is not set: PostgreSQL is left out"),
                }
            }
        }
    };
}

/// How often the API has found its job lost.
async fn finds(world: &World, submission: Uuid) -> usize {
    let events = world.store().await.events_of(&format!("submission:{submission}"), 50).await.unwrap();
    events.iter().filter(|event| event.kind == "job_lost").count()
}

impatient!(a_message_that_is_lost_is_sent_anew_and_the_old_one_is_void, world, {
    let learner = world.learner().await;
    let submission = learner.hand_in(learner.open("double").await.id).await.id;
    let agent = world.agent();
    // Somebody takes it off the queue and never says a word to us.
    let stolen = agent.take(Lane::Grading).await;
    let message = stolen.message.clone();
    stolen.lease.complete().await.unwrap();
    // Others come after it and are graded; one more has only just come each time, and is nobody's loss.
    let other = world.log_in("other").await;
    let (theirs, mut waiting) = (other.open("double").await.id, Vec::new());
    let again = loop {
        waiting.push(other.hand_in(theirs).await.id);
        let job = agent.take(Lane::Grading).await;
        if job.message.job == message.job {
            break job;
        }
        let (attempt, _) = job.start_grading().await;
        job.finish(attempt, passed()).await.expect(200);
        job.lease.complete().await.unwrap();
        assert!(waiting.len() < 200, "it is not missed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(finds(&world, submission).await, 1);
    for one in waiting {
        assert_eq!(finds(&world, one).await, 0);
    }
    assert_ne!(again.message.token, message.token);
    let old =
        world.anonymous().with("origin", "").with("authorization", &format!("Bearer {}", message.token));
    let start = serde_json::json!({ "agent": "host-1", "delivery": 1 });
    old.post(&format!("/agent/v1/jobs/{}/start", message.job), Some(start)).await.expect(401);
    let (attempt, _) = again.start_grading().await;
    again.finish(attempt, passed()).await.expect(200);
    assert!(matches!(learner.submission(submission).await.state, SubmissionState::Graded { .. }));
    world.end().await;
});

impatient!(one_that_is_lost_each_time_is_given_up_in_words_and_costs_nothing, world, {
    let learner = world.learner().await;
    let submission = learner.hand_in(learner.open("double").await.id).await.id;
    for _ in 0..3 {
        world.agent().take(Lane::Grading).await.lease.complete().await.unwrap();
    }
    let state = becomes(&learner, submission, |s| matches!(s, SubmissionState::NotGraded { .. })).await;
    assert!(matches!(state, SubmissionState::NotGraded { reason } if reason.contains("does not count")));
    assert_eq!(finds(&world, submission).await, 2);
    let standing = world.store().await.standing(learner.account.id, "double").await.unwrap();
    assert_eq!(standing.graded, 0);
    world.end().await;
});

impatient!(an_attempt_that_never_ends_is_replaced_and_its_late_result_refused, world, {
    let mut quick = lesson("double");
    quick.manifest.limits.wall_seconds = 1;
    setup::publish(&world.store().await, &quick).await.unwrap();
    let learner = world.learner().await;
    let submission = learner.hand_in(learner.open("double").await.id).await.id;
    let agent = world.agent();
    let hung = agent.take(Lane::Grading).await;
    let (first, _) = hung.start_grading().await;
    // Its lease lives on; the other message is another job to the queue.
    let next = agent.take(Lane::Grading).await;
    let (second, _) = next.start_grading().await;
    assert_eq!((first, second, next.lease.delivery()), (1, 2, 1));
    hung.finish(first, passed()).await.expect(401);
    next.finish(second, passed()).await.expect(200);
    let state = learner.submission(submission).await.state;
    assert!(matches!(state, SubmissionState::Graded { .. }), "{state:?}");
    assert_eq!(finds(&world, submission).await, 1);
    world.end().await;
});

impatient!(a_session_whose_message_is_lost_gets_another, world, {
    let learner = world.learner().await;
    let session = learner.ask_for_session(learner.open("double").await.id).await;
    let lost = world.agent().take(Lane::Sessions).await;
    let job = lost.message.job;
    lost.lease.complete().await.unwrap();
    let again = world.agent().take(Lane::Sessions).await;
    assert_eq!(again.message.job, job);
    again.start().await;
    let depth = world.queue.depth(Lane::Sessions).await.unwrap();
    assert_eq!((depth.waiting, depth.in_flight), (0, 1), "one session, one message");
    tokio::time::timeout(PATIENCE, again.dial()).await.expect("the relay takes it");
    drop(session);
    world.end().await;
});
