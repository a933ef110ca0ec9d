//! The embedded queue keeps the contract, and what only it promises.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use job_queue::{Clock, EmbeddedQueue, JobQueue, Lane, QueueError};

use crate::contract::{self, Place, World};

/// A clock that moves when it is told to.
#[derive(Clone)]
struct SetClock(Arc<AtomicI64>);

impl SetClock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_800_000_000_000_000)))
    }

    fn forward(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now_micros(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// SQLite files in a folder of their own.
struct Files {
    dir: tempfile::TempDir,
    clock: SetClock,
    made: AtomicUsize,
}

/// One of them.
struct File {
    path: PathBuf,
    clock: SetClock,
}

impl Files {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, clock: SetClock::new(), made: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl World for Files {
    async fn fresh(&self) -> Box<dyn Place> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        Box::new(File { path: self.dir.path().join(format!("{number}.db")), clock: self.clock.clone() })
    }

    async fn pass(&self, time: Duration) {
        self.clock.forward(time);
    }

    fn tells_stories_at_once(&self) -> bool {
        false
    }

    fn wakes_within(&self) -> Duration {
        Duration::from_millis(50)
    }

    fn sees_within(&self) -> Duration {
        Duration::from_millis(200)
    }
}

#[async_trait]
impl Place for File {
    async fn open(&self) -> Arc<dyn JobQueue> {
        Arc::new(EmbeddedQueue::open_with_clock(&self.path, self.clock.clone()).await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_embedded_queue_keeps_the_contract() {
    contract::check(&Files::new()).await;
}

#[tokio::test]
async fn a_clock_set_back_hides_no_waiting_job() {
    let world = Files::new();
    let queue = world.fresh().await.open().await;
    queue.send(Lane::Sessions, "sent").await.unwrap();
    queue.send(Lane::Sessions, "released").await.unwrap();
    let first = queue.lease(Lane::Sessions, Duration::from_secs(9), Duration::ZERO).await.unwrap().unwrap();
    first.release(Duration::ZERO).await.unwrap();
    world.clock.0.fetch_sub(3_600_000_000, Ordering::Relaxed);
    for body in ["sent", "released"] {
        let job = queue.lease(Lane::Sessions, Duration::from_secs(9), Duration::ZERO).await.unwrap().unwrap();
        assert_eq!(job.body(), body);
    }
}

#[tokio::test]
async fn a_release_wakes_who_waits() {
    let world = Files::new();
    let queue = world.fresh().await.open().await;
    queue.send(Lane::Sessions, "job").await.unwrap();
    let held = queue.lease(Lane::Sessions, Duration::from_secs(60), Duration::ZERO).await.unwrap().unwrap();
    let waiting = queue.lease(Lane::Sessions, Duration::from_secs(60), Duration::from_secs(5));
    let (released, leased) = tokio::join!(held.release(Duration::ZERO), waiting);
    released.unwrap();
    assert_eq!(leased.unwrap().unwrap().delivery(), 2);
}

#[tokio::test]
async fn an_only_consumer_that_starts_again_waits_for_no_lease() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gradus.db");
    let before = EmbeddedQueue::open(&path).await.unwrap();
    before.send(Lane::Grading, "held").await.unwrap();
    let hour = Duration::from_secs(3_600);
    let lease = before.lease(Lane::Grading, hour, Duration::ZERO).await.unwrap().unwrap();
    // kill -9: nobody says anything to the queue any more.
    std::mem::forget(lease);

    let after = EmbeddedQueue::open(&path).await.unwrap();
    assert!(after.lease(Lane::Grading, hour, Duration::ZERO).await.unwrap().is_none());
    assert_eq!(after.reclaim().await.unwrap(), 1);
    let again = after.lease(Lane::Grading, hour, Duration::ZERO).await.unwrap().unwrap();
    assert_eq!((again.body(), again.delivery()), ("held", 2));
}

#[tokio::test]
async fn other_tables_of_the_file_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gradus.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let store = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE accounts (name TEXT); INSERT INTO accounts VALUES ('ada')")
        .execute(&store)
        .await
        .unwrap();

    for _ in 0..2 {
        let queue = EmbeddedQueue::open(&path).await.unwrap();
        queue.send(Lane::Grading, "job").await.unwrap();
    }
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .fetch_all(&store)
    .await
    .unwrap();
    assert_eq!(tables, ["accounts", "queue_jobs"]);
}

#[tokio::test]
async fn a_file_of_an_earlier_build_keeps_its_jobs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("queue.db");
    // As of before there were traces and a lane for regrading.
    let earlier = "CREATE TABLE queue_jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, body TEXT NOT NULL, visible_at INTEGER NOT NULL,
            deliveries INTEGER NOT NULL, enqueued_at INTEGER NOT NULL
        );
        CREATE INDEX queue_jobs_by_lane ON queue_jobs (lane, id);";
    let insert = "INSERT INTO queue_jobs (lane, body, visible_at, deliveries, enqueued_at)
                  VALUES ('grading', 'waiting', 0, 1, 7), ('sessions', 'dead', 0, 3, 7)";
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let old = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql(earlier).execute(&old).await.unwrap();
    sqlx::raw_sql(insert).execute(&old).await.unwrap();

    let hour = Duration::from_secs(3_600);
    for _ in 0..2 {
        let queue = EmbeddedQueue::open(&path).await.unwrap();
        queue.send(Lane::Regrading, "new").await.unwrap();
    }
    let queue = EmbeddedQueue::open(&path).await.unwrap();
    let job = queue.lease(Lane::Grading, hour, Duration::ZERO).await.unwrap().unwrap();
    assert_eq!((job.body(), job.delivery(), job.trace()), ("waiting", 2, None));
    assert_eq!(queue.lease_dead(Lane::Sessions, hour, Duration::ZERO).await.unwrap().unwrap().body(), "dead");
    assert_eq!(queue.depth(Lane::Regrading).await.unwrap().waiting, 2);
    // The earlier build, should it run on beside this one.
    sqlx::raw_sql(insert).execute(&old).await.unwrap();
}

#[tokio::test]
async fn what_is_no_database_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    std::fs::write(&text, "not a database, however long this text may be made ".repeat(100)).unwrap();
    for path in [text, dir.path().join("no/such/folder/gradus.db")] {
        assert!(matches!(EmbeddedQueue::open(&path).await, Err(QueueError::Unavailable { .. })));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_open_a_new_file_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for file in 0..20 {
        let path = dir.path().join(format!("{file}.db"));
        let opening = [(); 8].map(|()| {
            let path = path.clone();
            tokio::spawn(async move { EmbeddedQueue::open(&path).await.map(|_| ()) })
        });
        for opened in opening {
            opened.await.unwrap().unwrap();
        }
    }
}
