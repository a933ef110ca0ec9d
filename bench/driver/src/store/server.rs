//! The API of this process, and learners who are logged in to it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use api::store::{Actor, NewAccount, Store};
use ide_protocol::rest::{Role, UnixMicros};
use job_queue::EmbeddedQueue;
use lesson::Lesson;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const HOUR_MICROS: UnixMicros = 3_600_000_000;

pub struct Server {
    pub address: SocketAddr,
    pub lesson: String,
    store: Store,
    stop: CancellationToken,
    serving: JoinHandle<anyhow::Result<()>>,
    /// The queue's file; gone with us.
    _folder: TempDir,
}

/// Serves an API that nobody takes jobs from: they wait in its queue.
pub async fn start(database: &str, lesson: &Path) -> anyhow::Result<Server> {
    let lesson = Lesson::from_dir(lesson)?;
    let store = Store::open(database).await.context("opening the store")?;
    api::setup::publish(&store, &lesson).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    // A file of its own, as `gradus up` has it.
    let folder = TempDir::new()?;
    let queue = Arc::new(EmbeddedQueue::open(&folder.path().join("queue.db")).await?);
    let config = api::Config::new(database, format!("http://{address}"));
    let stop = CancellationToken::new();
    let serving = tokio::spawn(api::serve(config, listener, queue, stop.clone()));
    Ok(Server { address, lesson: lesson.manifest.slug.clone(), store, stop, serving, _folder: folder })
}

impl Server {
    /// Cookies of so many new learners. Logged in without a password: checking one is slow on purpose.
    pub async fn learners(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let now = UnixMicros::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?;
        let mut cookies = Vec::with_capacity(count);
        for number in 0..count {
            let new = NewAccount {
                name: &format!("learner-{number}"),
                role: Role::Learner,
                institution: "default",
                password_hash: "none",
            };
            let account =
                self.store.create_account(new, &Actor::System, now).await?.context("a name is taken")?;
            let secret = Uuid::new_v4().simple().to_string();
            let hash: String = Sha256::digest(&secret).iter().map(|byte| format!("{byte:02x}")).collect();
            self.store.log_in(account, &hash, now, now + HOUR_MICROS).await?;
            cookies.push(secret);
        }
        Ok(cookies)
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.store.close().await;
        self.serving.await?
    }
}
