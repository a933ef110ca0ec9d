use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::store::events::{self, Actor};
use crate::store::test_database::{Backend, Database};

struct World {
    store: Arc<Store>,
    database: Database,
    _dir: TempDir,
}

impl World {
    async fn new(backend: Backend) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::new(backend, dir.path()).await?;
        Some(Self { store: Arc::new(Store::open(&database.url).await.unwrap()), database, _dir: dir })
    }

    async fn begin(&self) -> Tx {
        self.store.db.begin().await.unwrap()
    }

    /// A change that has written something, and so has its place among the server's transactions.
    async fn begin_to_write(&self) -> Tx {
        let mut tx = self.begin().await;
        tx.run("UPDATE accounts SET name = name WHERE name = 'nobody'", &[]).await.unwrap();
        tx.one::<(String,)>("SELECT CAST(pg_current_xact_id() AS TEXT)", &[]).await.unwrap();
        tx
    }

    async fn after(&self, position: LogPosition) -> Vec<(String, i64)> {
        let read = self.store.events_after(position, 1_000).await.unwrap();
        read.into_iter().map(|(_, event)| (event.stream, event.version)).collect()
    }

    /// The server of the tests has other databases, whose short transactions hold up the order as well.
    async fn becomes(&self, expected: &[(&str, i64)]) {
        let expected: Vec<_> =
            expected.iter().map(|(stream, version)| ((*stream).to_owned(), *version)).collect();
        let since = Instant::now();
        loop {
            let seen = self.after(LogPosition::BEGINNING).await;
            if seen == expected {
                return;
            }
            assert!(since.elapsed() < Duration::from_secs(15), "{seen:?} stayed so, not {expected:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end(self) {
        self.store.close().await;
        self.database.remove().await;
    }
}

async fn happens(tx: &mut Tx, stream: &str) {
    events::append(tx, stream, "happened", json!({}), &Actor::System, 1).await.unwrap();
}

#[tokio::test]
async fn who_began_first_and_commits_last_is_not_skipped() {
    let Some(world) = World::new(Backend::Postgres).await else { return };
    let mut slow = world.begin().await;
    happens(&mut slow, "slow").await;
    let mut quick = world.begin().await;
    happens(&mut quick, "quick").await;
    quick.commit().await.unwrap();
    // By seq a reader would now take `quick`, which is second, and never look for the first.
    assert!(world.after(LogPosition::BEGINNING).await.is_empty());
    let glimpsed = world.store.events_glimpsed_after(LogPosition::BEGINNING, 10).await.unwrap();
    assert!(matches!(&glimpsed[..], [(None, event)] if event.stream == "quick"), "{glimpsed:?}");
    let news_from = world.store.log_end().await.unwrap();
    slow.commit().await.unwrap();
    world.becomes(&[("slow", 1), ("quick", 1)]).await;
    assert_eq!(world.after(news_from).await.len(), 2, "both were settled after that reader began");
    world.end().await;
}

#[tokio::test]
async fn what_was_written_knowing_of_an_event_comes_after_it() {
    let Some(world) = World::new(Backend::Postgres).await else { return };
    let mut second = world.begin_to_write().await;
    let bystander = world.begin_to_write().await;
    let mut first = world.begin_to_write().await;
    happens(&mut first, "thing").await;
    first.commit().await.unwrap();
    happens(&mut second, "thing").await;
    second.commit().await.unwrap();
    // By transaction ids the second would be settled before the bystander, and the first after it.
    assert!(world.after(LogPosition::BEGINNING).await.is_empty());
    drop(bystander);
    world.becomes(&[("thing", 1), ("thing", 2)]).await;
    world.end().await;
}

#[tokio::test]
async fn an_event_needs_no_later_one_to_be_settled() {
    let Some(world) = World::new(Backend::Postgres).await else { return };
    let mut writer = world.begin_to_write().await;
    world.begin_to_write().await.commit().await.unwrap();
    happens(&mut writer, "alone").await;
    writer.commit().await.unwrap();
    world.becomes(&[("alone", 1)]).await;
    world.end().await;
}

#[tokio::test]
async fn a_log_from_another_server_goes_on_after_its_last_event() {
    let Some(world) = World::new(Backend::Postgres).await else { return };
    for stream in ["one", "two"] {
        let mut tx = world.begin().await;
        happens(&mut tx, stream).await;
        tx.commit().await.unwrap();
    }
    world.becomes(&[("one", 1), ("two", 1)]).await;
    // As it lies in a dump of a server that has run for years.
    let mut tx = world.begin().await;
    tx.run("UPDATE events SET turn = turn + 7000000000", &[]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.after(LogPosition::BEGINNING).await.is_empty());
    // Instances that start at once on the new server.
    let (a, b) = tokio::join!(Store::open(&world.database.url), Store::open(&world.database.url));
    let read = world.store.events_after(LogPosition::BEGINNING, 10).await.unwrap();
    let [_, (last, _)] = &read[..] else { panic!("{read:?}") };
    let mut tx = a.unwrap().db.begin().await.unwrap();
    happens(&mut tx, "three").await;
    tx.commit().await.unwrap();
    world.becomes(&[("one", 1), ("two", 1), ("three", 1)]).await;
    assert_eq!(world.after(*last).await, [("three".to_owned(), 1)]);
    // A reader of the old server that was ahead of the dump.
    let ahead = LogPosition { turn: last.turn + 1_000_000_000, seq: 1 };
    assert_eq!(world.after(ahead).await, [("three".to_owned(), 1)]);
    b.unwrap().close().await;
    let again = Store::open(&world.database.url).await.unwrap();
    world.becomes(&[("one", 1), ("two", 1), ("three", 1)]).await;
    again.close().await;
    world.end().await;
}

#[tokio::test]
async fn the_log_is_read_by_its_index() {
    let Some(world) = World::new(Backend::Postgres).await else { return };
    let mut tx = world.begin().await;
    tx.run(
        "INSERT INTO events (stream, version, type, data, actor, at)
         SELECT 'much:' || n, 1, 'happened', '{}', 'system', n FROM generate_series(1, 20000) n",
        &[],
    )
    .await
    .unwrap();
    tx.run("ANALYZE events", &[]).await.unwrap();
    for (turn, seq) in [(-1, 0), (0, 19_990), (i64::MAX, 0)] {
        let sql = concat!("EXPLAIN ", after_in_postgres!());
        let plan = tx.all::<(String,)>(sql, args![turn, seq, 100_i64]).await.unwrap();
        let plan: String = plan.into_iter().map(|(line,)| line + "\n").collect();
        assert!(plan.contains("events_in_order") && !plan.contains("Sort"), "from {turn}.{seq}:\n{plan}");
    }
    drop(tx);
    world.end().await;
}

#[test]
fn a_position_is_the_same_after_a_journey_as_text() {
    for (text, whole) in [
        ("0.0", true),
        ("-1.0", true),
        ("1099511628776.9223372036854775807", true),
        ("", false),
        ("1", false),
        ("1.", false),
        ("+1.2", false),
        ("01.2", false),
        ("1.2.3", false),
        ("1.99999999999999999999", false),
    ] {
        let read = text.parse::<LogPosition>().map(|position| position.to_string());
        assert_eq!(read.as_deref().ok(), whole.then_some(text));
    }
}

const STREAMS: usize = 3;

/// What one writer does, transaction by transaction.
#[derive(Debug, Clone)]
struct Step {
    stream: usize,
    events: usize,
    /// It wrote elsewhere before, so that its id is older than its events.
    late: bool,
    given_up: bool,
}

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = (0..STREAMS, 1..4_usize, any::<bool>(), prop::bool::weighted(0.2))
        .prop_map(|(stream, events, late, given_up)| Step { stream, events, late, given_up });
    prop::collection::vec(prop::collection::vec(step, 1..20), 2..6)
}

async fn write(store: Arc<Store>, steps: Vec<Step>, committed: Arc<AtomicUsize>) {
    for step in steps {
        let mut tx = store.db.begin().await.unwrap();
        if step.late {
            happens(&mut tx, &format!("own:{}", uuid::Uuid::now_v7())).await;
            tokio::task::yield_now().await;
        }
        let stream = format!("shared:{}", step.stream);
        // What keeps two appends to one stream apart.
        let lock = "UPDATE store_facts SET number = number + 1 WHERE name = $1";
        assert_eq!(tx.run(lock, args![&stream]).await.unwrap(), 1);
        for _ in 0..step.events {
            happens(&mut tx, &stream).await;
        }
        if !step.given_up {
            tx.commit().await.unwrap();
            committed.fetch_add(step.events + usize::from(step.late), Ordering::SeqCst);
        }
    }
}

/// Reads until the writers are done and all they committed is there.
async fn read(
    store: &Store,
    limit: u32,
    writers: &[tokio::task::JoinHandle<()>],
    committed: &AtomicUsize,
) -> Vec<(LogPosition, Event)> {
    let (mut position, mut seen, since) = (LogPosition::BEGINNING, Vec::new(), Instant::now());
    loop {
        let done = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let news = store.events_after(position, limit).await.unwrap();
        position = news.last().map_or(position, |(position, _)| *position);
        let idle = news.is_empty();
        seen.extend(news);
        if done && idle && seen.len() >= committed.load(Ordering::SeqCst) {
            return seen;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "only {} of {committed:?} are read", seen.len());
    }
}

async fn many_writers_and_a_reader(backend: Backend, steps: Vec<Vec<Step>>, limit: u32) {
    let Some(world) = World::new(backend).await else { return };
    let mut tx = world.begin().await;
    for stream in 0..STREAMS {
        let sql = "INSERT INTO store_facts (name, number) VALUES ($1, 0)";
        tx.run(sql, args![&format!("shared:{stream}")]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let committed = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = steps
        .into_iter()
        .map(|steps| tokio::spawn(write(world.store.clone(), steps, committed.clone())))
        .collect();
    let seen = read(&world.store, limit, &writers, &committed).await;
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(seen.len(), committed.load(Ordering::SeqCst), "each once");
    let mut versions = HashMap::new();
    for (_, event) in &seen {
        let version = versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        assert_eq!(event.version, *version, "{} is told in its own order", event.stream);
    }
    assert!(seen.is_sorted_by(|a, b| a.0 < b.0));
    let again = world.store.events_after(LogPosition::BEGINNING, 100_000).await.unwrap();
    let places = |log: &[(LogPosition, Event)]| log.iter().map(|(position, _)| *position).collect::<Vec<_>>();
    assert_eq!(places(&again), places(&seen), "nothing moved or came between");
    world.end().await;
}

/// Each case is a database of its own, and so some seconds for all.
fn cases() -> ProptestConfig {
    ProptestConfig { cases: 6, max_shrink_iters: 20, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn every_event_is_read_once_in_one_order(steps in steps(), limit in 1..20_u32) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            many_writers_and_a_reader(Backend::Sqlite, steps.clone(), limit).await;
            many_writers_and_a_reader(Backend::Postgres, steps, limit).await;
        });
    }
}
