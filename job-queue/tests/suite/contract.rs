//! What every queue must keep, told to any of them: [`check`] knows the trait and nothing else.
//!
//! An implementation brings a [`World`]: fresh queues, a second handle on the same one, and a way to let time pass – a
//! clock that is set, or a wait.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use job_queue::{JobQueue, Lane, Lease, MAX_BODY_BYTES, MAX_DELIVERIES, Message, QueueError};

use Lane::{Grading, Regrading, Sessions};

#[async_trait]
pub trait World: Sync {
    /// An empty queue. Each call makes another.
    async fn fresh(&self) -> Arc<dyn JobQueue>;
    /// What another process has: the queue of the last [`fresh`](Self::fresh), opened once more.
    async fn second_handle(&self) -> Arc<dyn JobQueue>;
    /// Lets visibility times go by.
    async fn pass(&self, time: Duration);
    /// How soon a waiting consumer learns of a job sent through its own handle.
    fn wakes_within(&self) -> Duration;
    /// … and through another one.
    fn sees_within(&self) -> Duration;
}

/// Long enough not to run out while a test runs.
const HELD: Duration = Duration::from_secs(30);
const NO_WAIT: Duration = Duration::ZERO;

pub async fn check(world: &dyn World) {
    what_is_sent_is_delivered_in_order(world).await;
    a_completed_job_never_comes_back(world).await;
    a_lease_that_runs_out_is_delivered_again(world).await;
    an_extended_lease_is_kept(world).await;
    a_stale_lease_is_lost(world).await;
    a_released_job_comes_back_after_its_delay(world).await;
    a_dropped_lease_runs_out(world).await;
    lanes_do_not_mix(world).await;
    a_job_keeps_its_trace(world).await;
    a_job_is_dead_after_its_last_try(world).await;
    a_released_job_is_dead_after_its_last_try(world).await;
    an_empty_queue_is_waited_for_and_no_longer(world).await;
    a_waiting_consumer_is_woken(world).await;
    a_waiting_consumer_sees_what_another_process_sent(world).await;
    no_job_is_held_twice(world).await;
    a_job_too_large_is_refused(world).await;
    jobs_are_sent_together_or_not_at_all(world).await;
    jobs_outlive_their_handle(world).await;
}

async fn lease(queue: &Arc<dyn JobQueue>, lane: Lane) -> Option<Lease> {
    queue.lease(lane, HELD, NO_WAIT).await.unwrap()
}

async fn must_lease(queue: &Arc<dyn JobQueue>, lane: Lane) -> Lease {
    lease(queue, lane).await.expect("a job is waiting")
}

/// Waiting, in flight, dead.
async fn counted(queue: &Arc<dyn JobQueue>, lane: Lane) -> (u64, u64, u64) {
    let depth = queue.depth(lane).await.unwrap();
    (depth.waiting, depth.in_flight, depth.dead)
}

fn lost(result: Result<(), QueueError>) -> bool {
    matches!(result, Err(QueueError::Lost))
}

async fn what_is_sent_is_delivered_in_order(world: &dyn World) {
    let queue = world.fresh().await;
    for body in ["first", "zwölf 猫 \"'\\", ""] {
        queue.send(Sessions, body).await.unwrap();
    }
    assert_eq!(counted(&queue, Sessions).await, (3, 0, 0));
    for body in ["first", "zwölf 猫 \"'\\", ""] {
        let job = must_lease(&queue, Sessions).await;
        assert_eq!((job.body(), job.delivery()), (body, 1));
    }
    assert_eq!(counted(&queue, Sessions).await, (0, 3, 0));
}

async fn a_completed_job_never_comes_back(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Sessions, "job").await.unwrap();
    must_lease(&queue, Sessions).await.complete().await.unwrap();
    world.pass(HELD).await;
    assert!(lease(&queue, Sessions).await.is_none());
    assert_eq!(counted(&queue, Sessions).await, (0, 0, 0));
}

async fn a_lease_that_runs_out_is_delivered_again(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Sessions, "job").await.unwrap();
    let visibility = Duration::from_secs(2);
    let late = queue.lease(Sessions, visibility, NO_WAIT).await.unwrap().unwrap();
    assert!(lease(&queue, Sessions).await.is_none(), "held by one at a time");
    world.pass(visibility).await;
    let again = must_lease(&queue, Sessions).await;
    assert_eq!((again.body(), again.delivery()), (late.body(), 2));
}

async fn an_extended_lease_is_kept(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Sessions, "job").await.unwrap();
    let visibility = Duration::from_secs(3);
    let held = queue.lease(Sessions, visibility, NO_WAIT).await.unwrap().unwrap();
    for _ in 0..3 {
        world.pass(visibility / 2).await;
        held.extend(visibility).await.unwrap();
        assert!(lease(&queue, Sessions).await.is_none());
    }
    held.extend(Duration::ZERO).await.unwrap();
    assert_eq!(must_lease(&queue, Sessions).await.delivery(), 2, "shortened to nothing");
}

async fn a_stale_lease_is_lost(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Sessions, "job").await.unwrap();
    let visibility = Duration::from_secs(1);
    let stale = queue.lease(Sessions, visibility, NO_WAIT).await.unwrap().unwrap();
    world.pass(visibility).await;
    let current = queue.lease(Sessions, visibility, NO_WAIT).await.unwrap().unwrap();
    assert!(lost(stale.extend(HELD).await));
    assert!(lost(stale.complete().await), "what another holds cannot be completed");

    world.pass(visibility).await;
    let newest = must_lease(&queue, Sessions).await;
    assert!(lost(current.release(NO_WAIT).await), "nor given back");
    assert!(lease(&queue, Sessions).await.is_none(), "the newest holder is undisturbed");
    newest.complete().await.unwrap();
}

async fn a_released_job_comes_back_after_its_delay(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Sessions, "one").await.unwrap();
    queue.send(Sessions, "two").await.unwrap();
    must_lease(&queue, Sessions).await.release(NO_WAIT).await.unwrap();
    let first = must_lease(&queue, Sessions).await;
    assert_eq!((first.body(), first.delivery()), ("one", 2), "at once, and before later ones");

    let delay = Duration::from_secs(2);
    first.release(delay).await.unwrap();
    assert_eq!(must_lease(&queue, Sessions).await.body(), "two", "later ones do not wait for it");
    assert!(lease(&queue, Sessions).await.is_none());
    world.pass(delay).await;
    assert_eq!(must_lease(&queue, Sessions).await.body(), "one");
}

async fn a_dropped_lease_runs_out(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Sessions, "job").await.unwrap();
    let visibility = Duration::from_secs(1);
    drop(queue.lease(Sessions, visibility, NO_WAIT).await.unwrap().unwrap());
    assert!(lease(&queue, Sessions).await.is_none());
    world.pass(visibility).await;
    assert!(lease(&queue, Sessions).await.is_some());
}

async fn lanes_do_not_mix(world: &dyn World) {
    let queue = world.fresh().await;
    for lane in Lane::ALL {
        queue.send(lane, lane.name()).await.unwrap();
    }
    for lane in [Regrading, Sessions, Grading] {
        assert_eq!(counted(&queue, lane).await, (1, 0, 0), "{lane}");
        let job = must_lease(&queue, lane).await;
        assert_eq!(job.body(), lane.name());
        assert!(lease(&queue, lane).await.is_none());
        job.complete().await.unwrap();
    }
}

async fn a_job_keeps_its_trace(world: &dyn World) {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let queue = world.fresh().await;
    let followed = Message { body: "followed", group: Some("somewhere/rust-1"), trace: Some(TRACE) };
    queue.send_all(Grading, &[followed, Message::of("alone")]).await.unwrap();
    let job = must_lease(&queue, Grading).await;
    assert_eq!((job.body(), job.trace()), ("followed", Some(TRACE)));
    assert_eq!(must_lease(&queue, Grading).await.trace(), None);
    job.release(NO_WAIT).await.unwrap();
    assert_eq!(must_lease(&queue, Grading).await.trace(), Some(TRACE), "each time it is delivered");
}

async fn a_job_is_dead_after_its_last_try(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Grading, "poison").await.unwrap();
    queue.send(Grading, "healthy").await.unwrap();
    let visibility = Duration::from_secs(1);
    for delivery in 1..=MAX_DELIVERIES {
        let job = queue.lease(Grading, visibility, NO_WAIT).await.unwrap().unwrap();
        assert_eq!((job.body(), job.delivery()), ("poison", delivery));
        assert!(queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().is_none(), "not while it is held");
        world.pass(visibility).await;
    }
    assert_eq!(counted(&queue, Grading).await, (1, 0, 1));
    assert_eq!(must_lease(&queue, Grading).await.body(), "healthy", "others are not delayed");
    assert!(lease(&queue, Grading).await.is_none());

    let dead = queue.lease_dead(Grading, visibility, NO_WAIT).await.unwrap().unwrap();
    assert_eq!(dead.body(), "poison");
    assert!(queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().is_none(), "the dead are held, too");
    world.pass(visibility).await;
    let dead_again = queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().unwrap();
    assert!(lost(dead.complete().await));
    dead_again.complete().await.unwrap();
    world.pass(HELD).await;
    assert!(queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().is_none());
}

async fn a_released_job_is_dead_after_its_last_try(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Grading, "job").await.unwrap();
    for _ in 0..MAX_DELIVERIES {
        must_lease(&queue, Grading).await.release(NO_WAIT).await.unwrap();
    }
    assert!(lease(&queue, Grading).await.is_none());
    let dead = queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap();
    assert_eq!(dead.unwrap().body(), "job");
}

async fn an_empty_queue_is_waited_for_and_no_longer(world: &dyn World) {
    let queue = world.fresh().await;
    let wait = Duration::from_millis(300);
    let start = Instant::now();
    assert!(queue.lease(Sessions, HELD, wait).await.unwrap().is_none());
    assert!(start.elapsed() >= wait && start.elapsed() < wait * 10, "{:?}", start.elapsed());
}

async fn a_waiting_consumer_is_woken(world: &dyn World) {
    let queue = world.fresh().await;
    let delay = sent_to_leased(Arc::clone(&queue), queue).await;
    assert!(delay <= world.wakes_within(), "{delay:?}");
}

async fn a_waiting_consumer_sees_what_another_process_sent(world: &dyn World) {
    let queue = world.fresh().await;
    let delay = sent_to_leased(queue, world.second_handle().await).await;
    assert!(delay <= world.sees_within(), "{delay:?}");
}

/// The best of five: how soon a job sent by one is in the hands of the other, who waits for it.
async fn sent_to_leased(consumer: Arc<dyn JobQueue>, sender: Arc<dyn JobQueue>) -> Duration {
    let mut delays = Vec::new();
    for _ in 0..5 {
        let waiting = Arc::clone(&consumer);
        let (about_to_wait, told) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let _ = about_to_wait.send(());
            let job = waiting.lease(Sessions, HELD, Duration::from_secs(5)).await.unwrap().unwrap();
            (Instant::now(), job)
        });
        told.await.unwrap();
        sender.send(Sessions, "job").await.unwrap();
        let sent = Instant::now();
        let (leased, job) = task.await.unwrap();
        delays.push(leased.saturating_duration_since(sent));
        job.complete().await.unwrap();
    }
    delays.into_iter().min().unwrap()
}

async fn no_job_is_held_twice(world: &dyn World) {
    const JOBS: usize = 60;
    let queue = world.fresh().await;
    for job in 0..JOBS {
        queue.send(Grading, &job.to_string()).await.unwrap();
    }
    let consumers = [Arc::clone(&queue), queue, world.second_handle().await, world.second_handle().await];
    let tasks = consumers.map(|queue| {
        tokio::spawn(async move {
            let mut done = Vec::new();
            while let Some(job) = lease(&queue, Grading).await {
                assert_eq!(job.delivery(), 1);
                done.push(job.body().to_owned());
                job.complete().await.unwrap();
            }
            done
        })
    });
    let mut done = Vec::new();
    for task in tasks {
        done.extend(task.await.unwrap());
    }
    assert_eq!(done.len(), JOBS);
    assert_eq!(done.into_iter().collect::<HashSet<_>>().len(), JOBS);
}

async fn a_job_too_large_is_refused(world: &dyn World) {
    let queue = world.fresh().await;
    let largest = "x".repeat(MAX_BODY_BYTES);
    queue.send(Sessions, &largest).await.unwrap();
    assert_eq!(must_lease(&queue, Sessions).await.body(), largest);
    let error = queue.send(Sessions, &(largest + "x")).await.unwrap_err();
    assert!(matches!(error, QueueError::TooLarge { bytes } if bytes == MAX_BODY_BYTES + 1));
}

async fn jobs_are_sent_together_or_not_at_all(world: &dyn World) {
    let queue = world.fresh().await;
    let large = "x".repeat(MAX_BODY_BYTES + 1);
    assert!(queue.send_all(Grading, &["never", &large].map(Message::of)).await.is_err());
    queue.send_all(Grading, &["first", "second", "third"].map(Message::of)).await.unwrap();
    for body in ["first", "second", "third"] {
        assert_eq!(must_lease(&queue, Grading).await.body(), body);
    }
    assert!(lease(&queue, Grading).await.is_none());
}

async fn jobs_outlive_their_handle(world: &dyn World) {
    let queue = world.fresh().await;
    queue.send(Sessions, "held").await.unwrap();
    queue.send(Sessions, "waiting").await.unwrap();
    let held = must_lease(&queue, Sessions).await;
    drop(queue);
    let reopened = world.second_handle().await;
    assert_eq!(must_lease(&reopened, Sessions).await.body(), "waiting");
    held.complete().await.unwrap();
    world.pass(HELD).await;
    let again = must_lease(&reopened, Sessions).await;
    assert_eq!((again.body(), again.delivery()), ("waiting", 2), "the other was completed through its lease");
}
