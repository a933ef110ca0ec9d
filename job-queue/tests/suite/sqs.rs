//! The queue on servers that speak SQS keeps the contract: `scripts/with-sqs cargo nextest run -p job-queue`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use job_queue::sqs::Care;
use job_queue::{JobQueue, Lane, SqsQueue};

use crate::contract::{self, Place, World};

/// Counts of a server's clock begin whenever it likes.
const TICK: Duration = Duration::from_millis(400);

/// A server that `scripts/with-sqs` has started.
struct Server {
    endpoint: String,
    made: AtomicUsize,
    cannot: &'static [(&'static str, &'static str)],
}

struct Queues {
    endpoint: String,
    prefix: String,
}

impl Server {
    fn named(variable: &str) -> Option<Self> {
        let Ok(endpoint) = std::env::var(variable) else {
            eprintln!("{variable} is not set: left out (scripts/with-sqs sets it)");
            return None;
        };
        Some(Self { endpoint, made: AtomicUsize::new(0), cannot: &[] })
    }
}

#[async_trait]
impl World for Server {
    async fn fresh(&self) -> Box<dyn Place> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("contract-{}-{number}", std::process::id());
        let queue = SqsQueue::connect(&prefix, Some(&self.endpoint)).await.unwrap();
        let findings = queue.ensure(Care::Make).await.unwrap();
        assert!(findings.iter().all(|finding| finding.state.is_fine()), "{findings:?}");
        Box::new(Queues { endpoint: self.endpoint.clone(), prefix })
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time + TICK).await;
    }

    fn tells_stories_at_once(&self) -> bool {
        true
    }

    fn wakes_within(&self) -> Duration {
        Duration::from_secs(3)
    }

    fn sees_within(&self) -> Duration {
        Duration::from_secs(3)
    }

    fn cannot(&self) -> &'static [(&'static str, &'static str)] {
        self.cannot
    }
}

#[async_trait]
impl Place for Queues {
    async fn open(&self) -> Arc<dyn JobQueue> {
        Arc::new(SqsQueue::connect(&self.prefix, Some(&self.endpoint)).await.unwrap())
    }
}

#[tokio::test]
async fn a_long_look_at_an_empty_queue_is_no_failure() {
    /// Longer than any other call may take to one try.
    const LONG: Duration = Duration::from_secs(5);
    let look = |variable| async move {
        let Some(server) = Server::named(variable) else { return };
        let queue = server.fresh().await.open().await;
        let began = Instant::now();
        let live = queue.lease(Lane::Grading, LONG, LONG);
        let (live, dead) = tokio::join!(live, queue.lease_dead(Lane::Grading, LONG, LONG));
        assert!(live.unwrap().is_none() && dead.unwrap().is_none());
        assert!(began.elapsed() >= LONG - TICK, "{:?}", began.elapsed());
    };
    tokio::join!(look("GRADUS_TEST_MOTO"), look("GRADUS_TEST_MINISTACK"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_queue_on_moto_keeps_the_contract() {
    let Some(server) = Server::named("GRADUS_TEST_MOTO") else { return };
    contract::check(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_queue_on_ministack_keeps_the_contract() {
    let Some(server) = Server::named("GRADUS_TEST_MINISTACK") else { return };
    contract::check(&server).await;
}
