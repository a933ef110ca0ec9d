//! The database is cut off, killed and started again under load. Nobody hangs, nobody is told that it is their fault or
//! ours, nothing acknowledged is lost, and everything goes on by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ide_protocol::rest::{StoredFile, Submission, SubmissionState};
use job_queue::Lane;
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::submissions::becomes;
use crate::support::agent::passed;
use crate::support::proxy::Weather;
use crate::support::world::PATIENCE;
use crate::support::{Answer, Database, LearnerClient, OwnPostgres, Proxy, World};

/// Longer than any request may take that finds the database away: for a connection, and for an answer on one that broke.
const LONGEST: Duration = Duration::from_secs(25);

async fn world_on(url: String) -> World {
    World::on(Database { url, postgres: None }, tempfile::tempdir().unwrap(), |_| {}).await
}

/// What somebody who saves all the time was told.
#[derive(Default)]
struct Told {
    saved: AtomicUsize,
    away: AtomicUsize,
    stop: AtomicBool,
}

/// The same words as for every other problem, and when to come back.
fn is_away(answer: &Answer) {
    assert_eq!(answer.problem(503), "unavailable");
    assert!(answer.headers.contains_key("retry-after"));
}

/// Saves again and again, each on what it was told last; repeats what failed. Answers the last text acknowledged.
async fn keep_saving(learner: LearnerClient, workspace: Uuid, told: Arc<Told>) -> String {
    let (mut revision, mut text) = (1, String::new());
    while !told.stop.load(Ordering::SeqCst) {
        let next = format!("save {}", told.saved.load(Ordering::SeqCst));
        let asked = Instant::now();
        let answer = learner.try_save(workspace, "double.py", revision, &next).await;
        assert!(asked.elapsed() < LONGEST, "a save took {:?}", asked.elapsed());
        match answer.status.as_u16() {
            200 => {
                revision = answer.is::<StoredFile>(200).revision;
                text = next;
                told.saved.fetch_add(1, Ordering::SeqCst);
            }
            // An earlier try was stored although nobody could say so: what it made is told along.
            412 => {
                let stored = learner.try_read(workspace, "double.py").await;
                if stored.status == 200 {
                    revision = stored.is::<StoredFile>(200).revision;
                }
            }
            429 => tokio::time::sleep(Duration::from_millis(100)).await,
            _ => {
                is_away(&answer);
                told.away.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
    text
}

async fn until(what: &str, fact: impl Fn() -> bool) {
    let since = Instant::now();
    while !fact() {
        assert!(since.elapsed() < LONGEST, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

struct Class {
    told: Arc<Told>,
    saving: Vec<(LearnerClient, Uuid, JoinHandle<String>)>,
}

impl Class {
    async fn begin(world: &World) -> Self {
        let told = Arc::new(Told::default());
        let mut saving = Vec::new();
        for name in ["ada", "bo", "cy"] {
            let learner = world.log_in(name).await;
            let workspace = learner.open("double").await.id;
            let task = tokio::spawn(keep_saving(learner.clone(), workspace, told.clone()));
            saving.push((learner, workspace, task));
        }
        let class = Self { told, saving };
        class.goes_on().await;
        class
    }

    async fn goes_on(&self) {
        let before = self.told.saved.load(Ordering::SeqCst);
        until("nobody saves any more", || self.told.saved.load(Ordering::SeqCst) > before + 10).await;
    }

    async fn end(self) {
        self.told.stop.store(true, Ordering::SeqCst);
        for (learner, workspace, task) in self.saving {
            let last = task.await.unwrap();
            let stored = learner.read(workspace, "double.py").await;
            // It may hold one more, whose acknowledgement was lost; never an older one.
            let number = |text: &str| text.trim_start_matches("save ").parse::<usize>().unwrap();
            assert!(number(&stored) >= number(&last), "{last} was acknowledged, {stored} is there");
        }
    }
}

async fn is_graded(world: &World, learner: &LearnerClient, submission: Uuid) {
    let job = world.agent().take(Lane::Grading).await;
    let (attempt, _) = job.start_grading().await;
    job.finish(attempt, passed()).await.expect(200);
    job.lease.complete().await.unwrap();
    becomes(learner, submission, |state| matches!(state, SubmissionState::Graded { .. })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_and_comes_back_costs_nobody_their_work() {
    let Some(server) = OwnPostgres::new() else { return };
    let world = world_on(server.url()).await;
    let class = Class::begin(&world).await;
    let learner = world.learner().await;
    let workspace = learner.open("double").await.id;
    let before = learner.hand_in(workspace).await;
    server.stop_at_once();
    until("nobody was told that the database is away", || class.told.away.load(Ordering::SeqCst) > 0).await;
    // Asked while it is away, answered once it is back: that takes less time than a request may wait.
    let patient = tokio::spawn({
        let learner = learner.clone();
        async move { learner.try_hand_in(workspace, "while it was away").await }
    });
    server.start();
    let during: Submission = match patient.await.unwrap() {
        answer if answer.status == 503 => learner.try_hand_in(workspace, "while it was away").await.is(201),
        answer => answer.is(201),
    };
    class.goes_on().await;
    class.end().await;
    for submission in [before, during] {
        is_graded(&world, &learner, submission.id).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_are_replaced() {
    let Some(server) = OwnPostgres::new() else { return };
    let world = world_on(server.url()).await;
    let class = Class::begin(&world).await;
    let mut admin = PgConnection::connect(&server.url()).await.unwrap();
    for _ in 0..10 {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        sqlx::query(cut).execute(&mut admin).await.unwrap();
        class.goes_on().await;
    }
    class.end().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_swallows_everything_hangs_nobody() {
    let Some(server) = OwnPostgres::new() else { return };
    let proxy = Proxy::before(server.port()).await;
    let world = world_on(server.url_through(proxy.port)).await;
    let class = Class::begin(&world).await;
    proxy.set(Weather::Silent);
    until("nobody was told that the database is away", || class.told.away.load(Ordering::SeqCst) > 2).await;
    assert_eq!(world.anonymous().get("/livez").await.status, 204);
    proxy.set(Weather::Fine);
    class.goes_on().await;
    class.end().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_whose_acknowledgement_was_lost_may_be_repeated() {
    let Some(server) = OwnPostgres::new() else { return };
    let proxy = Proxy::before(server.port()).await;
    let world = world_on(server.url_through(proxy.port)).await;
    let learner = world.learner().await;
    let workspace = learner.open("double").await.id;
    let events = async |stream: String| world.store().await.events_of(&stream, 100).await.unwrap().len();

    // A save, by its revision.
    let before = events(format!("workspace:{workspace}")).await;
    let answer =
        lost(&world, &proxy, async || learner.try_save(workspace, "double.py", 1, "new").await).await;
    is_away(&answer);
    assert_eq!(learner.read(workspace, "double.py").await, "new", "it was stored all the same");
    assert_eq!(learner.save(workspace, "double.py", 1, "new").await, 2, "repeated, it is the same");
    assert_eq!(events(format!("workspace:{workspace}")).await, before + 1, "and happened once");

    // A hand-in, by its key.
    let answer = lost(&world, &proxy, async || learner.try_hand_in(workspace, "once").await).await;
    is_away(&answer);
    let again: Submission = learner.try_hand_in(workspace, "once").await.is(201);
    let all: Vec<Submission> =
        learner.http.get(&format!("/api/v1/workspaces/{workspace}/submissions")).await.is(200);
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [again.id]);
    is_graded(&world, &learner, again.id).await;

    // A session, as there is one per workspace.
    let answer = lost(&world, &proxy, async || learner.try_ask_for_session(workspace).await).await;
    is_away(&answer);
    learner.try_ask_for_session(workspace).await.expect(200);
    world.end().await;
}

/// Asks in such weather that the server commits what was asked and nobody hears of it.
async fn lost(world: &World, proxy: &Proxy, ask: impl AsyncFn() -> Answer) -> Answer {
    // The dispatcher commits as well, as long as it has something to do.
    let store = world.store().await;
    while !store.outbox(1).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    store.close().await;
    proxy.set(Weather::LoseAnswerToCommit);
    let answer = ask().await;
    assert!(proxy.is(Weather::Fine), "nothing was committed");
    answer
}

#[tokio::test]
async fn a_database_is_asked_over_tls_by_a_name_that_its_certificate_proves() {
    let Some(server) = OwnPostgres::new() else { return };
    let (data, certificate) = (server.data(), server.data().join("ca.crt"));
    let shell = format!(
        "cd {data} && new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes' && \
         openssl req -x509 $new -days 2 -subj /CN=ca -keyout ca.key -out ca.crt && \
         openssl req $new -subj /CN=localhost -keyout server.key -out server.csr && \
         echo subjectAltName=DNS:localhost > names && \
         openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt && \
         chmod 600 server.key && chown --reference=. server.key server.crt && echo 'ssl = on' >> postgresql.conf && \
         echo 'hostssl all all 127.0.0.1/32 trust' > pg_hba.conf",
        data = data.display()
    );
    assert!(std::process::Command::new("sh").args(["-c", &shell]).output().unwrap().status.success());
    server.stop_at_once();
    server.start();
    let url = |host: &str, mode: &str| {
        let root = certificate.display();
        format!("postgres://gradus@{host}:{}/postgres?sslmode={mode}&sslrootcert={root}", server.port())
    };
    for (host, mode, fine) in [
        ("localhost", "verify-full", true),
        ("127.0.0.1", "verify-full", false),
        ("127.0.0.1", "require", true),
        // The server takes nobody who comes without.
        ("localhost", "disable", false),
    ] {
        let opened = tokio::time::timeout(PATIENCE, api::store::Store::open(&url(host, mode))).await.unwrap();
        assert_eq!(opened.is_ok(), fine, "{host} {mode}: {:?}", opened.err());
    }
}
