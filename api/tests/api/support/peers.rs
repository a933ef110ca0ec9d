//! Several API instances on one store and one queue, each in a runtime of its own so that it can be killed.

use std::net::{SocketAddr, TcpListener as Bound};
use std::sync::Arc;
use std::time::Duration;

use api::setup::{self, FirstAccount};
use api::store::Store;
use api::{Config, Listeners, PeerListener, serve};
use ide_protocol::rest::Role;
use job_queue::EmbeddedQueue;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::world::{PASSWORD, lesson};
use super::{AgentClient, AgentJob, Backend, Database, LearnerClient};

/// How many there are.
const COUNT: usize = 3;

pub struct Peers {
    pub each: Vec<Instance>,
    pub database: Database,
    pub queue: Arc<EmbeddedQueue>,
    _dir: tempfile::TempDir,
}

pub struct Instance {
    pub base: String,
    pub previews: SocketAddr,
    /// Where its peer listener is, without the gate that the others go through.
    pub peers: SocketAddr,
    gate: JoinHandle<()>,
    stop: CancellationToken,
    running: Option<(Runtime, JoinHandle<()>)>,
}

impl Peers {
    /// `None` when that database is not to be had.
    pub async fn new(backend: Backend) -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let database = Database::new(backend, dir.path()).await?;
        let store = Store::open(&database.url).await.unwrap();
        assert!(setup::publish(&store, &lesson("double")).await.unwrap());
        for (name, role) in [("learner", Role::Learner), ("grader", Role::Grader)] {
            let account = FirstAccount { name: name.into(), role, password: PASSWORD.into() };
            setup::create_account(&store, &account).await.unwrap();
        }
        store.close().await;
        let queue = Arc::new(EmbeddedQueue::open(&dir.path().join("queue.db")).await.unwrap());
        let bound: Vec<_> = (0..COUNT).map(|_| [bind(), bind(), bind()]).collect();
        let bases: Vec<_> = bound.iter().map(|[app, ..]| format!("http://{}", address(app))).collect();
        let mut each = Vec::new();
        for (base, [app, previews, peers]) in bases.iter().zip(bound) {
            let mut config = Config::new(&database.url, bases.first().unwrap());
            config.extra_origins.clone_from(&bases);
            config.previews = Some("http://{id}.localhost:1".parse().unwrap());
            config.drain_delay = Duration::from_millis(300);
            each.push(Instance::start(config, base, app, previews, peers, Arc::clone(&queue)).await);
        }
        Some(Self { each, database, queue, _dir: dir })
    }

    pub fn base(&self, instance: usize) -> &str {
        &self.each[instance].base
    }

    /// Somebody whose browser lands at this instance.
    pub async fn log_in(&self, instance: usize, name: &str) -> LearnerClient {
        LearnerClient::log_in(self.base(instance), name).await
    }

    /// The same person, landing elsewhere.
    pub fn moved(&self, who: &LearnerClient, instance: usize) -> LearnerClient {
        let base = self.base(instance);
        let anonymous = super::AnonymousClient::new(base).with("cookie", &who.cookie);
        LearnerClient { http: anonymous, account: who.account.clone(), cookie: who.cookie.clone() }
    }

    /// A job taken by an agent that is led to this instance.
    pub async fn take(&self, lane: job_queue::Lane, instance: usize) -> AgentJob {
        let mut job = AgentClient::new(Arc::clone(&self.queue)).take(lane).await;
        job.message.api_url = self.base(instance).to_owned();
        job
    }

    /// A second handle on the database.
    pub async fn store(&self) -> Store {
        Store::open(&self.database.url).await.unwrap()
    }

    /// As `kill -9` does: nothing is said to anybody.
    pub fn kill(&mut self, instance: usize) {
        self.each[instance].kill();
    }

    /// As SIGTERM does; answers when the process would have ended.
    pub async fn stop(&mut self, instance: usize) {
        let (runtime, running) = self.each[instance].running.take().unwrap();
        self.each[instance].stop.cancel();
        running.await.unwrap();
        runtime.shutdown_background();
    }

    /// Begins to stop it, and does not wait.
    pub fn ask_to_stop(&self, instance: usize) {
        self.each[instance].stop.cancel();
    }

    /// No other instance reaches this one any more.
    pub fn shut_off(&self, instance: usize) {
        self.each[instance].gate.abort();
    }

    pub async fn end(mut self) {
        self.each.iter_mut().for_each(Instance::kill);
        self.database.remove().await;
    }
}

impl Instance {
    async fn start(
        config: Config,
        base: &str,
        app: Bound,
        previews: Bound,
        peers: Bound,
        queue: Arc<EmbeddedQueue>,
    ) -> Self {
        let gate = bind();
        let (at_previews, at_peers) = (address(&previews), address(&peers));
        let url = format!("http://{}", address(&gate));
        let gate = tokio::spawn(pass(TcpListener::from_std(gate).unwrap(), at_peers));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let running = runtime.spawn(async move {
            let taken = |bound| TcpListener::from_std(bound).unwrap();
            let peers = PeerListener { listener: taken(peers), url };
            let listeners =
                Listeners { app: taken(app), previews: Some(taken(previews)), peers: Some(peers) };
            serve(config, listeners, queue, stopped).await.unwrap();
        });
        let running = Some((runtime, running));
        Self { base: base.to_owned(), previews: at_previews, peers: at_peers, gate, stop, running }
    }

    fn kill(&mut self) {
        self.gate.abort();
        if let Some((runtime, _)) = self.running.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}

fn bind() -> Bound {
    let bound = Bound::bind("127.0.0.1:0").unwrap();
    bound.set_nonblocking(true).unwrap();
    bound
}

fn address(bound: &Bound) -> SocketAddr {
    bound.local_addr().unwrap()
}

/// Passes connections on until it is aborted, and all of them with it.
async fn pass(gate: TcpListener, to: SocketAddr) {
    let mut passing = JoinSet::new();
    while let Ok((mut from, _)) = gate.accept().await {
        passing.spawn(async move {
            if let Ok(mut to) = TcpStream::connect(to).await {
                let _ = copy_bidirectional(&mut from, &mut to).await;
            }
        });
    }
}
