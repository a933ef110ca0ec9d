//! Several APIs on one database and one queue. Each lives in a thread of its own, so that it can be killed, or stand still,
//! without the others noticing anything but that.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use api::setup::{self, FirstAccount};
use api::store::Store;
use api::{Config, serve};
use async_trait::async_trait;
use ide_protocol::job::JobMessage;
use ide_protocol::rest::Role;
use job_queue::{Depth, EmbeddedQueue, JobQueue, Lane, Lease, Message, QueueError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::world::{PASSWORD, PATIENCE, lesson};
use super::{AgentClient, Backend, Database, LearnerClient};

/// Which instance sent which job, in that order.
pub type Sent = Arc<Mutex<Vec<(usize, Uuid)>>>;

pub struct Instances {
    pub all: Vec<Instance>,
    pub sent: Sent,
    pub database: Database,
    pub queue: Arc<EmbeddedQueue>,
    _dir: tempfile::TempDir,
}

pub struct Instance {
    pub base: String,
    shutdown: CancellationToken,
    kill: Option<oneshot::Sender<()>>,
    /// How long it stands still when it is about to send the next time.
    pub pause: Arc<Mutex<Duration>>,
    ended: mpsc::Receiver<()>,
}

/// The queue, with a note of who sent what.
struct Telltale {
    number: usize,
    queue: Arc<EmbeddedQueue>,
    pause: Arc<Mutex<Duration>>,
    sent: Sent,
}

#[async_trait]
impl JobQueue for Telltale {
    async fn send_all(&self, lane: Lane, messages: &[Message<'_>]) -> Result<(), QueueError> {
        let pause = std::mem::take(&mut *self.pause.lock().unwrap());
        // Its whole world stands still, as a process does that the kernel has stopped.
        std::thread::sleep(pause);
        self.queue.send_all(lane, messages).await?;
        let jobs = messages.iter().map(|sent| serde_json::from_str::<JobMessage>(sent.body).unwrap().job);
        self.sent.lock().unwrap().extend(jobs.map(|job| (self.number, job)));
        Ok(())
    }

    async fn lease(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        self.queue.lease(lane, visibility, wait).await
    }

    async fn lease_dead(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        self.queue.lease_dead(lane, visibility, wait).await
    }

    async fn depth(&self, lane: Lane) -> Result<Depth, QueueError> {
        self.queue.depth(lane).await
    }
}

impl Instances {
    /// `None` when that database is not to be had.
    pub async fn new(backend: Backend, count: usize) -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let database = Database::new(backend, dir.path()).await?;
        let store = Store::open(&database.url).await.unwrap();
        setup::publish(&store, &lesson("double")).await.unwrap();
        store.close().await;
        let queue = Arc::new(EmbeddedQueue::open(&dir.path().join("queue.db")).await.unwrap());
        let mut instances = Self { all: Vec::new(), sent: Sent::default(), database, queue, _dir: dir };
        for _ in 0..count {
            instances.add().await;
        }
        Some(instances)
    }

    pub async fn add(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let listener = listener.into_std().unwrap();
        let config = Config::new(&self.database.url, &base);
        let pause = Arc::default();
        let queue = Telltale {
            number: self.all.len(),
            queue: Arc::clone(&self.queue),
            pause: Arc::clone(&pause),
            sent: Arc::clone(&self.sent),
        };
        let (kill, killed) = oneshot::channel();
        let (end, ended) = mpsc::channel();
        let shutdown = CancellationToken::new();
        let stopped = shutdown.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    ended = serve(config, listener, Arc::new(queue), stopped) => ended.unwrap(),
                    _ = killed => {}
                }
            });
            // What it had under way stops where it is.
            runtime.shutdown_background();
            let _ = end.send(());
        });
        self.all.push(Instance { base, shutdown, kill: Some(kill), pause, ended });
    }

    pub async fn store(&self) -> Store {
        Store::open(&self.database.url).await.unwrap()
    }

    pub async fn log_in(&self, at: usize, name: &str) -> LearnerClient {
        let account = FirstAccount { name: name.into(), role: Role::Learner, password: PASSWORD.into() };
        setup::create_account(&self.store().await, &account).await.unwrap();
        LearnerClient::log_in(&self.all[at].base, name).await
    }

    pub fn agent(&self) -> AgentClient {
        AgentClient::new(Arc::clone(&self.queue))
    }

    /// Who sent the jobs, once there are so many, and all of that is noted.
    pub async fn senders(&self, jobs: usize) -> Vec<usize> {
        let begun = Instant::now();
        let store = self.store().await;
        loop {
            let senders: Vec<usize> = self.sent.lock().unwrap().iter().map(|(number, _)| *number).collect();
            if senders.len() >= jobs && store.outbox(1).await.unwrap().is_empty() {
                return senders;
            }
            assert!(begun.elapsed() < PATIENCE, "{} of {jobs} jobs were sent", senders.len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn end(mut self) {
        for instance in &mut self.all {
            instance.kill();
        }
        self.database.remove().await;
    }
}

impl Instance {
    /// As `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(kill) = self.kill.take() {
            let _ = kill.send(());
            let _ = self.ended.recv();
        }
    }

    /// As SIGTERM does; returns once it has ended.
    pub fn stop(&mut self) {
        self.shutdown.cancel();
        let _ = self.ended.recv();
        self.kill = None;
    }
}
