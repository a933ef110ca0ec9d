//! What every queue must keep, told to any of them: [`check`] knows the trait and nothing else.
//!
//! An implementation brings a [`World`]: fresh queues, further handles on the same one, and a way to let time pass – a
//! clock that is set, or a wait.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use job_queue::{JobQueue, Lane, Lease, MAX_BODY_BYTES, MAX_DELIVERIES, Message, QueueError, Redriven};

use Lane::{Grading, Regrading, Sessions};

#[async_trait]
pub trait World: Sync {
    /// An empty queue. Each call makes another.
    async fn fresh(&self) -> Box<dyn Place>;
    /// Lets visibility times go by.
    async fn pass(&self, time: Duration);
    /// Whether stories may go on beside each other: not when one's passing time is everybody's.
    fn tells_stories_at_once(&self) -> bool;
    /// How soon a waiting consumer learns of a job sent through its own handle.
    fn wakes_within(&self) -> Duration;
    /// … and through another one.
    fn sees_within(&self) -> Duration;
    /// Stories that this one cannot keep, with the reason. They are left out by name.
    fn cannot(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}

/// Where a queue is.
#[async_trait]
pub trait Place: Send + Sync {
    /// A handle, as each process has its own.
    async fn open(&self) -> Arc<dyn JobQueue>;
}

/// Long enough not to run out while a test runs.
const HELD: Duration = Duration::from_secs(60);
/// Short enough to be waited for.
const BRIEFLY: Duration = Duration::from_secs(3);
const NO_WAIT: Duration = Duration::ZERO;

macro_rules! stories {
    ($world:expr, $($story:ident),* $(,)?) => {
        [$((stringify!($story), Box::pin($story($world)) as BoxFuture<'_, ()>)),*]
    };
}

pub async fn check(world: &dyn World) {
    let stories = stories!(
        world,
        what_is_sent_is_delivered_in_order,
        a_completed_job_never_comes_back,
        a_lease_that_runs_out_is_delivered_again,
        an_extended_lease_is_kept,
        a_stale_lease_is_lost,
        a_released_job_comes_back_after_its_delay,
        a_dropped_lease_runs_out,
        lanes_do_not_mix,
        a_job_keeps_its_trace,
        a_job_sent_twice_is_two_jobs,
        eleven_jobs_are_sent_at_once,
        many_are_completed_at_once,
        a_job_is_dead_after_its_last_try,
        a_released_job_is_dead_after_its_last_try,
        a_dead_job_is_redriven,
        a_job_handed_on_has_all_its_tries,
        all_dead_jobs_are_redriven,
        an_empty_queue_is_waited_for_and_no_longer,
        a_waiting_consumer_is_woken,
        a_waiting_consumer_sees_what_another_process_sent,
        no_job_is_held_twice,
        a_job_too_large_is_refused,
        jobs_are_sent_together_or_not_at_all,
        jobs_outlive_their_handle,
    );
    for (unknown, _) in world.cannot() {
        assert!(stories.iter().any(|(name, _)| name == unknown), "there is no story {unknown}");
    }
    let mut told = Vec::new();
    for (name, story) in stories {
        match world.cannot().iter().find(|(left_out, _)| *left_out == name) {
            Some((_, why)) => eprintln!("left out: {name}: {why}"),
            None if world.tells_stories_at_once() => told.push(story),
            None => story.await,
        }
    }
    futures_util::future::join_all(told).await;
}

async fn fresh(world: &dyn World) -> Arc<dyn JobQueue> {
    world.fresh().await.open().await
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
    let queue = fresh(world).await;
    for body in ["first", "zwölf 猫 \"'\\", "{}"] {
        queue.send(Sessions, body).await.unwrap();
    }
    assert_eq!(counted(&queue, Sessions).await, (3, 0, 0));
    for body in ["first", "zwölf 猫 \"'\\", "{}"] {
        let job = must_lease(&queue, Sessions).await;
        assert_eq!((job.body(), job.delivery()), (body, 1));
    }
    assert_eq!(counted(&queue, Sessions).await, (0, 3, 0));
}

async fn a_completed_job_never_comes_back(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send(Sessions, "job").await.unwrap();
    let job = queue.lease(Sessions, BRIEFLY, NO_WAIT).await.unwrap().unwrap();
    job.complete().await.unwrap();
    world.pass(BRIEFLY).await;
    assert!(lease(&queue, Sessions).await.is_none());
    assert_eq!(counted(&queue, Sessions).await, (0, 0, 0));
}

async fn a_lease_that_runs_out_is_delivered_again(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send(Sessions, "job").await.unwrap();
    let visibility = Duration::from_secs(2);
    let late = queue.lease(Sessions, visibility, NO_WAIT).await.unwrap().unwrap();
    assert!(lease(&queue, Sessions).await.is_none(), "held by one at a time");
    world.pass(visibility).await;
    let again = must_lease(&queue, Sessions).await;
    assert_eq!((again.body(), again.delivery()), (late.body(), 2));
}

async fn an_extended_lease_is_kept(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send(Sessions, "job").await.unwrap();
    let visibility = Duration::from_secs(4);
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
    let queue = fresh(world).await;
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
    let queue = fresh(world).await;
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
    let queue = fresh(world).await;
    queue.send(Sessions, "job").await.unwrap();
    let visibility = Duration::from_secs(1);
    drop(queue.lease(Sessions, visibility, NO_WAIT).await.unwrap().unwrap());
    assert!(lease(&queue, Sessions).await.is_none());
    world.pass(visibility).await;
    assert!(lease(&queue, Sessions).await.is_some());
}

async fn lanes_do_not_mix(world: &dyn World) {
    let queue = fresh(world).await;
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
    let queue = fresh(world).await;
    let followed = Message { body: "followed", group: Some("somewhere/rust-1"), trace: Some(TRACE) };
    queue.send_all(Grading, &[followed, Message::of("alone")]).await.unwrap();
    let job = must_lease(&queue, Grading).await;
    assert_eq!((job.body(), job.trace()), ("followed", Some(TRACE)));
    assert_eq!(must_lease(&queue, Grading).await.trace(), None);
    job.release(NO_WAIT).await.unwrap();
    assert_eq!(must_lease(&queue, Grading).await.trace(), Some(TRACE), "each time it is delivered");
}

async fn a_job_is_dead_after_its_last_try(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send(Grading, "poison").await.unwrap();
    queue.send(Grading, "healthy").await.unwrap();
    let visibility = Duration::from_secs(1);
    for delivery in 1..=MAX_DELIVERIES {
        let job = queue.lease(Grading, visibility, NO_WAIT).await.unwrap().unwrap();
        assert_eq!((job.body(), job.delivery()), ("poison", delivery));
        assert!(queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().is_none(), "not while it is held");
        world.pass(visibility).await;
    }
    assert_eq!(must_lease(&queue, Grading).await.body(), "healthy", "others are not delayed");
    assert!(lease(&queue, Grading).await.is_none());
    // Counted only now: some queues bury the dead when somebody looks for a job.
    assert_eq!(counted(&queue, Grading).await, (0, 1, 1));

    let dead = queue.lease_dead(Grading, visibility, NO_WAIT).await.unwrap().unwrap();
    assert_eq!(dead.body(), "poison");
    assert!(queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().is_none(), "the dead are held, too");
    world.pass(visibility).await;
    let dead_again = queue.lease_dead(Grading, BRIEFLY, NO_WAIT).await.unwrap().unwrap();
    assert!(lost(dead.complete().await));
    dead_again.complete().await.unwrap();
    world.pass(BRIEFLY).await;
    assert!(queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().is_none());
}

async fn a_released_job_is_dead_after_its_last_try(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send(Grading, "job").await.unwrap();
    for _ in 0..MAX_DELIVERIES {
        must_lease(&queue, Grading).await.release(NO_WAIT).await.unwrap();
    }
    assert!(lease(&queue, Grading).await.is_none());
    let dead = queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap();
    assert_eq!(dead.unwrap().body(), "job");
}

async fn an_empty_queue_is_waited_for_and_no_longer(world: &dyn World) {
    let queue = fresh(world).await;
    let wait = Duration::from_millis(300);
    let start = Instant::now();
    assert!(queue.lease(Sessions, HELD, wait).await.unwrap().is_none());
    assert!(start.elapsed() >= wait && start.elapsed() < wait * 10, "{:?}", start.elapsed());
}

/// A job that has died.
async fn buried(queue: &Arc<dyn JobQueue>, message: Message<'_>) {
    queue.send_all(Grading, &[message]).await.unwrap();
    for _ in 0..MAX_DELIVERIES {
        must_lease(queue, Grading).await.release(NO_WAIT).await.unwrap();
    }
    assert!(lease(queue, Grading).await.is_none());
}

async fn a_dead_job_is_redriven(world: &dyn World) {
    let queue = fresh(world).await;
    buried(&queue, Message { body: "job", group: Some("somewhere/c"), trace: Some("00-ab-cd-01") }).await;
    queue.lease_dead(Grading, HELD, NO_WAIT).await.unwrap().unwrap().redrive().await.unwrap();
    assert_eq!(counted(&queue, Grading).await, (1, 0, 0));
    for delivery in 1..=MAX_DELIVERIES {
        let again = must_lease(&queue, Grading).await;
        assert_eq!((again.body(), again.trace(), again.delivery()), ("job", Some("00-ab-cd-01"), delivery));
        again.release(NO_WAIT).await.unwrap();
    }
    assert!(lease(&queue, Grading).await.is_none());
    assert_eq!(counted(&queue, Grading).await, (0, 0, 1), "and may die again");
}

async fn a_job_handed_on_has_all_its_tries(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send(Sessions, "moves").await.unwrap();
    must_lease(&queue, Sessions).await.release(NO_WAIT).await.unwrap();
    let second = must_lease(&queue, Sessions).await;
    assert_eq!(second.delivery(), 2);
    second.redrive().await.unwrap();
    let anew = must_lease(&queue, Sessions).await;
    assert_eq!((anew.body(), anew.delivery()), ("moves", 1));
    anew.complete().await.unwrap();
    assert!(lease(&queue, Sessions).await.is_none());
}

async fn all_dead_jobs_are_redriven(world: &dyn World) {
    let queue = fresh(world).await;
    assert_eq!(queue.redrive(Grading).await.unwrap(), Redriven::Moved(0));
    for body in ["one", "two", "three"] {
        buried(&queue, Message::of(body)).await;
    }
    queue.send(Grading, "alive").await.unwrap();
    // A server that moves them by itself takes its time.
    queue.redrive(Grading).await.unwrap();
    let mut bodies = HashSet::new();
    while bodies.len() < 4 {
        let job = queue.lease(Grading, HELD, Duration::from_secs(20)).await.unwrap().expect("all come back");
        assert_eq!(job.delivery(), 1);
        bodies.insert(job.body().to_owned());
        job.complete().await.unwrap();
    }
    assert_eq!(counted(&queue, Grading).await, (0, 0, 0));
}

async fn a_job_sent_twice_is_two_jobs(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send_all(Sessions, &[Message::of("job"), Message::of("job")]).await.unwrap();
    let (one, other) = (must_lease(&queue, Sessions).await, must_lease(&queue, Sessions).await);
    one.complete().await.unwrap();
    other.release(NO_WAIT).await.unwrap();
    assert_eq!(must_lease(&queue, Sessions).await.delivery(), 2, "each has a fate of its own");
}

async fn eleven_jobs_are_sent_at_once(world: &dyn World) {
    let queue = fresh(world).await;
    let bodies: Vec<_> = (0..11).map(|number| number.to_string()).collect();
    let messages: Vec<_> = bodies.iter().map(|body| Message::of(body)).collect();
    queue.send_all(Grading, &messages).await.unwrap();
    queue.send_all(Grading, &[]).await.unwrap();
    assert_eq!(counted(&queue, Grading).await, (11, 0, 0));
    let mut found = HashSet::new();
    while let Some(job) = lease(&queue, Grading).await {
        found.insert(job.body().to_owned());
    }
    assert_eq!(found, HashSet::from_iter(bodies));
}

async fn many_are_completed_at_once(world: &dyn World) {
    let queue = fresh(world).await;
    queue.send_all(Grading, &[Message::of("job"); 25]).await.unwrap();
    let mut leases = Vec::new();
    while let Some(job) = lease(&queue, Grading).await {
        leases.push(job);
    }
    assert_eq!(leases.len(), 25);
    let kept = leases.pop().unwrap();
    let completed = futures_util::future::join_all(leases.into_iter().map(Lease::complete)).await;
    assert!(completed.iter().all(Result::is_ok), "{completed:?}");
    assert_eq!(counted(&queue, Grading).await, (0, 1, 0), "those, and no other");
    kept.complete().await.unwrap();
}

async fn a_waiting_consumer_is_woken(world: &dyn World) {
    let queue = fresh(world).await;
    let delay = sent_to_leased(Arc::clone(&queue), queue).await;
    assert!(delay <= world.wakes_within(), "{delay:?}");
}

async fn a_waiting_consumer_sees_what_another_process_sent(world: &dyn World) {
    let place = world.fresh().await;
    let delay = sent_to_leased(place.open().await, place.open().await).await;
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
    let place = world.fresh().await;
    let queue = place.open().await;
    for job in 0..JOBS {
        queue.send(Grading, &job.to_string()).await.unwrap();
    }
    let consumers = [Arc::clone(&queue), queue, place.open().await, place.open().await];
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
    let queue = fresh(world).await;
    let largest = "x".repeat(MAX_BODY_BYTES);
    queue.send(Sessions, &largest).await.unwrap();
    assert_eq!(must_lease(&queue, Sessions).await.body(), largest);
    let error = queue.send(Sessions, &(largest + "x")).await.unwrap_err();
    assert!(matches!(error, QueueError::TooLarge { bytes } if bytes == MAX_BODY_BYTES + 1));
}

async fn jobs_are_sent_together_or_not_at_all(world: &dyn World) {
    let queue = fresh(world).await;
    let large = "x".repeat(MAX_BODY_BYTES + 1);
    assert!(queue.send_all(Grading, &["never", &large].map(Message::of)).await.is_err());
    queue.send_all(Grading, &["first", "second", "third"].map(Message::of)).await.unwrap();
    for body in ["first", "second", "third"] {
        assert_eq!(must_lease(&queue, Grading).await.body(), body);
    }
    assert!(lease(&queue, Grading).await.is_none());
}

async fn jobs_outlive_their_handle(world: &dyn World) {
    let place = world.fresh().await;
    let queue = place.open().await;
    queue.send(Sessions, "held").await.unwrap();
    queue.send(Sessions, "waiting").await.unwrap();
    let held = must_lease(&queue, Sessions).await;
    drop(queue);
    let reopened = place.open().await;
    let waiting = reopened.lease(Sessions, BRIEFLY, NO_WAIT).await.unwrap().unwrap();
    assert_eq!(waiting.body(), "waiting");
    held.complete().await.unwrap();
    world.pass(BRIEFLY).await;
    let again = must_lease(&reopened, Sessions).await;
    assert_eq!((again.body(), again.delivery()), ("waiting", 2), "the other was completed through its lease");
}
