//! The API alone, for those who work on the IDE: no agent, so no sessions come up and nothing is graded.
//!
//! ```sh
//! GRADUS_PASSWORD=secret cargo run -p api --example serve
//! ```
//!
//! Accounts `learner`, `author`, `grader` and `admin`, all with `GRADUS_PASSWORD` (default `gradus`).
//! `GRADUS_LISTEN` (127.0.0.1:8080), `GRADUS_DB` (/tmp/gradus-dev.db), `GRADUS_LESSONS` (api/tests/lessons),
//! `GRADUS_IDE` (ide/dist, if it is there), `GRADUS_ORIGIN` (http://localhost:5173, Vite's).

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use api::setup::{self, FirstAccount};
use api::store::Store;
use api::{Config, serve};
use ide_protocol::rest::Role;
use job_queue::EmbeddedQueue;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let listen = env("GRADUS_LISTEN", "127.0.0.1:8080");
    let file = env("GRADUS_DB", "/tmp/gradus-dev.db");
    let database = format!("sqlite://{file}");
    let mut config = Config::new(&database, format!("http://{listen}"));
    config.extra_origins.push(env("GRADUS_ORIGIN", "http://localhost:5173"));
    let ide = PathBuf::from(env("GRADUS_IDE", "ide/dist"));
    config.ide_dir = ide.is_dir().then_some(ide);
    prepare(&database).await?;

    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    });
    let listener =
        tokio::net::TcpListener::bind(&listen).await.with_context(|| format!("listening on {listen}"))?;
    eprintln!("http://{listen}  (API: /api/docs)");
    let queue = EmbeddedQueue::open(Path::new(&file)).await.context("opening the queue")?;
    serve(config, listener, std::sync::Arc::new(queue), shutdown).await
}

async fn prepare(database: &str) -> anyhow::Result<()> {
    let store = Store::open(database).await?;
    let password = env("GRADUS_PASSWORD", "gradus");
    let roles = [
        ("learner", Role::Learner),
        ("author", Role::Author),
        ("grader", Role::Grader),
        ("admin", Role::Admin),
    ];
    let accounts =
        roles.map(|(name, role)| FirstAccount { name: name.into(), role, password: password.clone() });
    setup::create_first_accounts(&store, &accounts).await?;
    let folder = env("GRADUS_LESSONS", "api/tests/lessons");
    for entry in Path::new(&folder).read_dir().with_context(|| format!("reading {folder}"))? {
        let path = entry?.path();
        match lesson::Lesson::from_dir(&path) {
            Ok(lesson) => {
                setup::publish(&store, &lesson).await?;
            }
            Err(why) => eprintln!("{} is left out: {why}", path.display()),
        }
    }
    store.close().await;
    Ok(())
}

fn env(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}
