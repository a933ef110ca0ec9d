//! What must be done by one of many instances is done by one, whatever becomes of the others.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ide_protocol::rest::SubmissionState;
use job_queue::{JobQueue as _, Lane};

use crate::submissions::becomes;
use crate::support::agent::passed;
use crate::support::instances::Instances;
use crate::support::{AnonymousClient, Backend};

/// One story, told once on each database, with so many instances.
macro_rules! instances {
    ($name:ident, $count:expr, $world:ident, $story:block) => {
        mod $name {
            use super::*;

            async fn story($world: Instances) $story

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story(Instances::new(Backend::Sqlite, $count).await.unwrap()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                match Instances::new(Backend::Postgres, $count).await {
                    Some(world) => story(world).await,
                    None => eprintln!("GRADUS_TEST_POSTGRES is not set: PostgreSQL is left out"),
                }
            }
        }
    };
}

/// As an agent does that has nothing else to do.
async fn grade_what_waits(world: &Instances) {
    while world.queue.depth(Lane::Grading).await.unwrap().waiting > 0 {
        let job = world.agent().take(Lane::Grading).await;
        if job.try_start().await.status == 200 {
            let (attempt, _) = job.start_grading().await;
            job.finish(attempt, passed()).await.expect(200);
        }
        job.lease.complete().await.unwrap();
    }
}

instances!(one_of_three_sends_and_when_it_is_killed_another_does, 3, world, {
    let mut world = world;
    let mut learners = Vec::new();
    for number in 0..3 {
        let learner = world.log_in(number, &format!("learner {number}")).await;
        let workspace = learner.open("double").await.id;
        learners.push((learner, workspace));
    }
    // Wherever it is handed in, the same one sends.
    for (learner, workspace) in &learners {
        learner.hand_in(*workspace).await;
    }
    let senders = world.senders(3).await;
    let first = senders[0];
    assert_eq!(senders, [first; 3]);
    grade_what_waits(&world).await;

    world.all[first].kill();
    let killed_at = Instant::now();
    let (learner, workspace) = &learners[(first + 1) % 3];
    learner.hand_in(*workspace).await;
    let second = world.senders(4).await[3];
    assert_ne!(second, first);
    println!("taken over {} ms after the kill", killed_at.elapsed().as_millis());

    // Told to stop, it gives up its duty, and nobody has to wait for a lease to run out.
    world.all[second].stop();
    let stopped_at = Instant::now();
    let last = 3 - first - second;
    let (learner, workspace) = &learners[last];
    learner.hand_in(*workspace).await;
    assert_eq!(world.senders(5).await[4], last);
    println!("taken over {} ms after the stop", stopped_at.elapsed().as_millis());
    world.end().await;
});

instances!(one_that_stood_still_while_it_sent_does_no_harm, 2, world, {
    let learner = world.log_in(0, "learner").await;
    let workspace = learner.open("double").await.id;
    learner.hand_in(workspace).await;
    let holder = world.senders(1).await[0];
    let other = 1 - holder;

    // Between taking a message from the outbox and sending it, its world stands still for longer than its duty lasts.
    let stands_still = Duration::from_secs(4);
    *world.all[holder].pause.lock().unwrap() = stands_still;
    let second = world.log_in(other, "second").await;
    let seconds = second.open("double").await.id;
    for _ in 0..3 {
        second.hand_in(seconds).await;
    }
    let senders = world.senders(4).await;
    assert!(senders[1..].iter().all(|sender| *sender == other), "{senders:?}");
    grade_what_waits(&world).await;
    // It wakes. What it was about to do it may do once more; then it leaves the sending to the other.
    AnonymousClient::new(&world.all[holder].base).get("/livez").await.expect(204);
    let before = world.sent.lock().unwrap().len();
    let third = world.log_in(other, "third").await;
    let thirds = third.open("double").await.id;
    for _ in 0..3 {
        third.hand_in(thirds).await;
    }
    let senders = world.senders(before + 3).await;
    assert!(senders[before..].iter().all(|sender| *sender == other), "{senders:?}");

    // Everything is graded once, though messages came twice.
    let mut copies = BTreeMap::new();
    for (_, job) in world.sent.lock().unwrap().iter() {
        *copies.entry(*job).or_insert(0) += 1;
    }
    assert_eq!(copies.len(), 7);
    assert!(copies.values().all(|copies| *copies <= 2), "{copies:?}");
    grade_what_waits(&world).await;
    let store = world.store().await;
    for (learner, workspace) in [(learner, workspace), (second, seconds), (third, thirds)] {
        for submission in store.submissions_of(workspace, 20).await.unwrap() {
            becomes(&learner, submission.id, |state| matches!(state, SubmissionState::Graded { .. })).await;
            let events = store.events_of(&format!("submission:{}", submission.id), 20).await.unwrap();
            assert_eq!(events.iter().filter(|event| event.kind == "submission_graded").count(), 1);
        }
    }
    world.end().await;
});
