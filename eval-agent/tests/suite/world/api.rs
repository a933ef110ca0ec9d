//! The API as agents see it: jobs with tokens, bundles, results recorded once, and the relay's end of the wire.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::serve::ListenerExt as _;
use ide_protocol::job::{Assignment, Disown, Disowned, FinishGrading, Finished, StartJob};
use lesson::Lesson;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::PATIENCE;
use super::line::{self, Line};

#[derive(Clone)]
pub struct Api {
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    bundles: Mutex<HashMap<String, Vec<u8>>>,
    jobs: Mutex<HashMap<Uuid, Arc<Job>>>,
}

struct Job {
    token: String,
    assignment: Assignment,
    result: watch::Sender<Option<FinishGrading>>,
    /// How often a result was posted.
    posts: watch::Sender<usize>,
    starts: watch::Sender<Vec<StartJob>>,
    disowned: watch::Sender<Vec<Disown>>,
    /// The session was ended behind the agent's back.
    ended: AtomicBool,
    lines: mpsc::Sender<Line>,
    accepted: tokio::sync::Mutex<mpsc::Receiver<Line>>,
}

impl Api {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let router = axum::Router::new()
            .route("/agent/v1/jobs/{job}/start", post(start))
            .route("/agent/v1/jobs/{job}/bundle", get(bundle))
            .route("/agent/v1/jobs/{job}/finish", post(finish))
            .route("/agent/v1/jobs/{job}/disown", post(disown))
            .route("/agent/v1/jobs/{job}/relay", any(relay))
            .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
            .with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // Or every key stroke waits 40 ms for the acknowledgement of the one before.
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared }
    }

    pub fn publish(&self, lesson: &Lesson) -> String {
        let bundle = lesson::pack(lesson).unwrap();
        self.shared.bundles.lock().unwrap().insert(bundle.digest.clone(), bundle.bytes);
        bundle.digest
    }

    /// Gives the job's token.
    pub fn expect_job(&self, job: Uuid, assignment: Assignment) -> String {
        let token = Uuid::new_v4().simple().to_string();
        let (lines, accepted) = mpsc::channel(8);
        let record = Job {
            token: token.clone(),
            assignment,
            result: watch::Sender::new(None),
            posts: watch::Sender::new(0),
            starts: watch::Sender::new(Vec::new()),
            disowned: watch::Sender::new(Vec::new()),
            ended: AtomicBool::new(false),
            lines,
            accepted: tokio::sync::Mutex::new(accepted),
        };
        self.shared.jobs.lock().unwrap().insert(job, Arc::new(record));
        token
    }

    pub async fn result(&self, job: Uuid) -> FinishGrading {
        let mut result = self.job(job).result.subscribe();
        result.wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    /// How often a result was posted so far.
    pub fn posts(&self, job: Uuid) -> usize {
        *self.job(job).posts.borrow()
    }

    /// How often a job was begun so far.
    pub fn deliveries(&self, job: Uuid) -> usize {
        self.job(job).starts.borrow().len()
    }

    /// Waits until an agent has asked for the job that often.
    pub async fn started(&self, job: Uuid, times: usize) -> Vec<StartJob> {
        let mut starts = self.job(job).starts.subscribe();
        let enough = starts.wait_for(|starts| starts.len() >= times);
        tokio::time::timeout(PATIENCE, enough).await.expect("the job was not started").unwrap().clone()
    }

    /// Waits until an agent takes its result back.
    pub async fn disowned(&self, job: Uuid) -> Disown {
        let mut disowned = self.job(job).disowned.subscribe();
        let enough = disowned.wait_for(|disowned| !disowned.is_empty());
        tokio::time::timeout(PATIENCE, enough).await.expect("the result stands").unwrap()[0].clone()
    }

    /// How often an agent has asked for the job so far.
    pub fn starts(&self, job: Uuid) -> usize {
        self.job(job).starts.borrow().len()
    }

    /// The next connection of an agent for this session.
    pub async fn line(&self, job: Uuid) -> Line {
        let record = self.job(job);
        let mut accepted = record.accepted.lock().await;
        tokio::time::timeout(PATIENCE, accepted.recv()).await.expect("no agent called").unwrap()
    }

    /// From now on the job is over, as agents are told when they ask or dial.
    pub fn end(&self, job: Uuid) {
        self.job(job).ended.store(true, Ordering::SeqCst);
    }

    fn job(&self, job: Uuid) -> Arc<Job> {
        self.shared.jobs.lock().unwrap()[&job].clone()
    }
}

impl Shared {
    fn authorised(&self, job: Uuid, headers: &HeaderMap) -> Result<Arc<Job>, StatusCode> {
        let record = self.jobs.lock().unwrap().get(&job).cloned().ok_or(StatusCode::NOT_FOUND)?;
        let given = headers.get("authorization").and_then(|value| value.to_str().ok());
        if given == Some(&format!("Bearer {}", record.token)) {
            Ok(record)
        } else {
            Err(StatusCode::UNAUTHORIZED)
        }
    }
}

type Shelf = State<Arc<Shared>>;

async fn start(
    State(shared): Shelf,
    Path(job): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<StartJob>,
) -> Result<Response, StatusCode> {
    let record = shared.authorised(job, &headers)?;
    record.starts.send_modify(|starts| starts.push(body));
    if record.result.borrow().is_some() || record.ended.load(Ordering::SeqCst) {
        return Err(StatusCode::GONE);
    }
    Ok(Json(&record.assignment).into_response())
}

async fn bundle(
    State(shared): Shelf,
    Path(job): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Vec<u8>, StatusCode> {
    let record = shared.authorised(job, &headers)?;
    let (Assignment::Grading { lesson_digest, .. } | Assignment::Session { lesson_digest, .. }) =
        &record.assignment;
    shared.bundles.lock().unwrap().get(lesson_digest).cloned().ok_or(StatusCode::NOT_FOUND)
}

async fn finish(
    State(shared): Shelf,
    Path(job): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<FinishGrading>,
) -> Result<Json<Finished>, StatusCode> {
    let record = shared.authorised(job, &headers)?;
    record.posts.send_modify(|posts| *posts += 1);
    let recorded = record.result.send_if_modified(|result| {
        let first = result.is_none();
        result.get_or_insert(body);
        first
    });
    Ok(Json(Finished { recorded }))
}

async fn disown(
    State(shared): Shelf,
    Path(job): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<Disown>,
) -> Result<Json<Disowned>, StatusCode> {
    let record = shared.authorised(job, &headers)?;
    record.disowned.send_modify(|disowned| disowned.push(body));
    Ok(Json(Disowned { voided: true }))
}

async fn relay(
    State(shared): Shelf,
    Path(job): Path<Uuid>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let record = shared.authorised(job, &headers)?;
    if record.ended.load(Ordering::SeqCst) {
        return Err(StatusCode::GONE);
    }
    Ok(upgrade.on_upgrade(async move |socket| {
        let (line, carry) = line::over(socket);
        record.lines.send(line).await.unwrap();
        carry.await;
    }))
}
