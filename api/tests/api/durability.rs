//! The plug is pulled: what had been acknowledged as saved is there afterwards.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::setup::{self, FirstAccount};
use api::store::Store;
use api::{Config, serve};
use ide_protocol::files::WorkspacePath;
use ide_protocol::rest::Role;
use job_queue::EmbeddedQueue;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::world::{PASSWORD, lesson};
use crate::support::{Backend, Database, LearnerClient};

const DATABASE: &str = "GRADUS_TEST_KILLED_DATABASE";
const QUEUE: &str = "GRADUS_TEST_KILLED_QUEUE";

/// Not a story: the process that the stories kill.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the stories below"]
async fn server() {
    let Ok(url) = std::env::var(DATABASE) else { return };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let queue = EmbeddedQueue::open(std::env::var(QUEUE).unwrap().as_ref()).await.unwrap();
    println!("\nlistening at {base}");
    serve(Config::new(url, base), listener, Arc::new(queue), CancellationToken::new()).await.unwrap();
}

fn start(url: &str, queue: &std::path::Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durability::server", "--ignored", "--nocapture"])
        .env(DATABASE, url)
        .env(QUEUE, queue)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let base =
        lines.map_while(Result::ok).find_map(|line| line.strip_prefix("listening at ").map(str::to_owned));
    (child, base.expect("the server listens"))
}

/// What was acknowledged: path → revision and text.
type Acknowledged = Arc<Mutex<HashMap<String, (u64, String)>>>;

/// Saves one file again and again until the server is gone.
async fn keep_saving(
    learner: LearnerClient,
    workspace: uuid::Uuid,
    path: String,
    acknowledged: Acknowledged,
) {
    loop {
        let (base, _) = acknowledged.lock().unwrap().get(&path).cloned().unwrap_or_default();
        let text = format!("{path} after {base}");
        let body = json!({ "content": { "encoding": "text", "data": text } });
        let url = format!("{}/api/v1/workspaces/{workspace}/files/{path}", learner.http.base);
        let request = reqwest::Client::new().put(url).json(&body).header("if-match", format!("\"{base}\""));
        let request = request.header("cookie", &learner.cookie).header("origin", &learner.http.base);
        match request.send().await {
            Ok(answer) if answer.status() == 200 => {
                let saved: serde_json::Value = answer.json().await.unwrap();
                acknowledged
                    .lock()
                    .unwrap()
                    .insert(path.clone(), (saved["revision"].as_u64().unwrap(), text));
            }
            Ok(answer) if answer.status() == 429 => tokio::time::sleep(Duration::from_millis(50)).await,
            Ok(answer) => panic!("{}", answer.text().await.unwrap()),
            Err(_) => return,
        }
    }
}

async fn story(backend: Backend) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let Some(database) = Database::new(backend, dir.path()).await else { return };
    let store = Store::open(&database.url).await.unwrap();
    let account = FirstAccount { name: "learner".into(), role: Role::Learner, password: PASSWORD.into() };
    setup::create_account(&store, &account).await.unwrap();
    setup::publish(&store, &lesson("double")).await.unwrap();
    store.close().await;
    for round in 1..=3 {
        let (mut server, base) = start(&database.url, &dir.path().join("queue.db"));
        let learner = LearnerClient::log_in(&base, "learner").await;
        let workspace = learner.open("double").await.id;
        let acknowledged = Acknowledged::default();
        let savers: Vec<_> = (0..4)
            .map(|n| keep_saving(learner.clone(), workspace, format!("r{round}/{n}"), acknowledged.clone()))
            .map(tokio::spawn)
            .collect();
        while acknowledged.lock().unwrap().values().map(|(revision, _)| revision).sum::<u64>() < 40 {
            tokio::task::yield_now().await;
        }
        server.kill().unwrap();
        server.wait().unwrap();
        for saver in savers {
            saver.await.unwrap();
        }
        let store = Store::open(&database.url).await.unwrap();
        let acknowledged = acknowledged.lock().unwrap().clone();
        for (path, (revision, text)) in acknowledged {
            let file = store.file(workspace, &WorkspacePath::new(path).unwrap()).await.unwrap().unwrap();
            // The one that was under way may have been stored, too; nothing older may stand there.
            assert!(
                file.revision == revision || file.revision == revision + 1,
                "{} after {revision}",
                file.revision
            );
            assert!(file.revision > revision || file.content.as_bytes() == text.as_bytes());
        }
        store.close().await;
    }
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_keeps_every_acknowledged_save_on_sqlite() {
    story(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_keeps_every_acknowledged_save_on_postgres() {
    story(Backend::Postgres).await;
}
