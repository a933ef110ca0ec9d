//! A Gradus without containers: API, database, queue and two lessons.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::setup::{self, FirstAccount};
use api::store::Store;
use api::{Config, Listeners, serve};
use ide_protocol::rest::Role;
use job_queue::EmbeddedQueue;
use lesson::Lesson;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{AgentClient, AnonymousClient, Backend, Database, LearnerClient};

pub const PASSWORD: &str = "correct horse";
pub struct World {
    pub config: Config,
    /// Where it listens.
    pub base: String,
    /// Where it listens for previews.
    pub previews: SocketAddr,
    pub database: Database,
    pub queue: Arc<EmbeddedQueue>,
    /// Kept until the end of the story.
    _dir: tempfile::TempDir,
    running: Option<(CancellationToken, JoinHandle<()>)>,
}

impl World {
    /// `None` when that database is not to be had.
    pub async fn new(backend: Backend) -> Option<Self> {
        Self::with(backend, |_| {}).await
    }

    pub async fn with(backend: Backend, adjust: impl FnOnce(&mut Config)) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::new(backend, dir.path()).await?;
        Some(Self::on(database, dir, adjust).await)
    }

    /// On a database that the story brings along.
    pub async fn on(database: Database, dir: tempfile::TempDir, adjust: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let for_previews = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let previews = for_previews.local_addr().unwrap();
        let mut config = Config::new(&database.url, &base);
        config.previews = Some(format!("http://{{id}}.localhost:{}", previews.port()).parse().unwrap());
        adjust(&mut config);
        let store = Store::open(&database.url).await.unwrap();
        for slug in ["double", "greet"] {
            assert!(setup::publish(&store, &lesson(slug)).await.unwrap());
        }
        store.close().await;
        let queue = Arc::new(EmbeddedQueue::open(&dir.path().join("queue.db")).await.unwrap());
        let mut world = Self { config, base, previews, database, queue, _dir: dir, running: None };
        world.start(Listeners { app: listener, previews: Some(for_previews), peers: None });
        world
    }

    fn start(&mut self, listeners: Listeners) {
        let shutdown = CancellationToken::new();
        let serving = serve(self.config.clone(), listeners, self.queue.clone(), shutdown.clone());
        self.running = Some((shutdown, tokio::spawn(async move { serving.await.unwrap() })));
    }

    /// Stops it as SIGTERM does.
    pub async fn stop(&mut self) {
        let (shutdown, running) = self.running.take().unwrap();
        shutdown.cancel();
        running.await.unwrap();
    }

    /// Starts it again on the same address.
    pub async fn restart(&mut self) {
        let app = TcpListener::bind(self.base.trim_start_matches("http://")).await.unwrap();
        let previews = Some(TcpListener::bind(self.previews).await.unwrap());
        self.start(Listeners { app, previews, peers: None });
    }

    /// A second handle on the database, to look at what is stored.
    pub async fn store(&self) -> Store {
        Store::open(&self.database.url).await.unwrap()
    }

    pub fn anonymous(&self) -> AnonymousClient {
        AnonymousClient::new(&self.base)
    }

    pub async fn learner(&self) -> LearnerClient {
        self.log_in("learner").await
    }

    /// Somebody new, or known already. Authors, graders and admins are called so.
    pub async fn log_in(&self, name: &str) -> LearnerClient {
        self.account(name).await;
        LearnerClient::log_in(&self.base, name).await
    }

    /// Makes the account if it is not there. Accounts are made when a story needs them: hashing takes its time.
    pub async fn account(&self, name: &str) {
        let role = match name {
            "author" => Role::Author,
            "grader" => Role::Grader,
            "admin" => Role::Admin,
            _ => Role::Learner,
        };
        let account = FirstAccount { name: name.into(), role, password: PASSWORD.into() };
        setup::create_account(&self.store().await, &account).await.unwrap();
    }

    pub fn agent(&self) -> AgentClient {
        AgentClient::new(self.queue.clone())
    }

    /// Ends the story, without waiting for sockets that a story still holds. One that failed leaves its database for
    /// a look.
    pub async fn end(mut self) {
        let (shutdown, running) = self.running.take().unwrap();
        shutdown.cancel();
        running.abort();
        self.database.remove().await;
    }
}

/// One of the lessons of the tests.
pub fn lesson(slug: &str) -> Lesson {
    Lesson::from_dir(&lessons().join(slug)).unwrap()
}

pub fn lessons() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons")
}

/// How long a fact is waited for before the story fails.
pub const PATIENCE: Duration = Duration::from_secs(15);
