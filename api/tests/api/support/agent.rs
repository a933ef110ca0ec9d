//! An eval host as the API sees it: takes jobs from the queue, asks, dials, posts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ide_protocol::job::{Assignment, JobMessage};
use ide_protocol::record::{Circumstances, Host, LimitsInForce, MemoryUse};
use job_queue::{EmbeddedQueue, JobQueue as _, Lane, Lease};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AnonymousClient, Answer, Socket};

const VISIBILITY: Duration = Duration::from_secs(60);
const WAIT: Duration = Duration::from_secs(10);

pub struct AgentClient {
    queue: Arc<EmbeddedQueue>,
}

/// A leased job.
pub struct AgentJob {
    pub lease: Lease,
    pub message: JobMessage,
    /// What its results are about, once it was started.
    circumstances: Mutex<Circumstances>,
}

impl AgentClient {
    pub fn new(queue: Arc<EmbeddedQueue>) -> Self {
        Self { queue }
    }

    pub async fn take(&self, lane: Lane) -> AgentJob {
        let lease = self.queue.lease(lane, VISIBILITY, WAIT).await.unwrap().expect("a job");
        let message = serde_json::from_str(lease.body()).unwrap();
        AgentJob { lease, message, circumstances: Mutex::default() }
    }
}

impl AgentJob {
    pub fn http(&self) -> AnonymousClient {
        let bearer = format!("Bearer {}", self.message.token);
        AnonymousClient::new(&self.message.api_url).with("origin", "").with("authorization", &bearer)
    }

    pub fn path(&self, what: &str) -> String {
        format!("/agent/v1/jobs/{}/{what}", self.message.job)
    }

    pub async fn try_start(&self) -> Answer {
        let body = json!({ "agent": "host-1", "delivery": self.lease.delivery() });
        self.http().post(&self.path("start"), Some(body)).await
    }

    pub async fn start(&self) -> Assignment {
        self.try_start().await.is(200)
    }

    /// Starts a grading; answers the attempt and the files.
    pub async fn start_grading(&self) -> (u32, Vec<String>) {
        match self.start().await {
            Assignment::Grading { attempt, files, lesson_digest, .. } => {
                let submission_digest = lesson::work_digest(&files);
                let about = Circumstances { lesson_digest, submission_digest, ..circumstances() };
                *self.circumstances.lock().unwrap() = about;
                (attempt, files.into_iter().map(|file| file.path.to_string()).collect())
            }
            other => panic!("{other:?}"),
        }
    }

    pub async fn finish(&self, attempt: u32, outcome: Value) -> Answer {
        self.post(self.result(attempt, outcome)).await
    }

    /// What an honest agent would post of this job.
    pub fn result(&self, attempt: u32, outcome: Value) -> Value {
        let timings = json!({ "container_ms": 1, "prepare_ms": 2, "run_ms": 3 });
        let circumstances = json!(*self.circumstances.lock().unwrap());
        json!({
            "attempt": attempt, "outcome": outcome, "timings": timings, "image_digest": "sha256:1",
            "circumstances": circumstances,
        })
    }

    pub async fn post(&self, result: Value) -> Answer {
        self.http().post(&self.path("finish"), Some(result)).await
    }

    pub async fn disown(&self, attempt: u32) -> Answer {
        let body = json!({ "attempt": attempt, "why": "the host says that 2 + 2 is 5" });
        self.http().post(&self.path("disown"), Some(body)).await
    }

    /// Dials the relay and says hello.
    pub async fn dial(&self) -> Socket {
        let message = &self.message;
        let mut socket =
            Socket::open(&message.api_url, &self.path("relay"), None, Some(&message.token)).await.unwrap();
        socket.say(json!({ "type": "hello", "version": 1 })).await;
        socket
    }
}

fn circumstances() -> Circumstances {
    Circumstances {
        image: "gradus/python:latest".to_owned(),
        limits: LimitsInForce { wall_ms: 10_000, memory_mib: 256, ..LimitsInForce::default() },
        memory: MemoryUse { peak_bytes: Some(50_000_000), kills: Some(0) },
        host: Host { engine: "20.10".to_owned(), kernel: "6.1".to_owned(), ..Host::default() },
        protocol: 1,
        ..Circumstances::default()
    }
}

/// The outcome of somebody who solved `double`.
pub fn passed() -> Value {
    let test = |id: &str| json!({ "id": id, "name": id, "status": "passed" });
    verdict("passed", 0, vec![test("test_double.test_two"), test("test_hidden.test_many")])
}

pub fn failed() -> Value {
    let test = json!({ "id": "test_double.test_two", "name": "two", "status": "failed", "message": "assert None == 4" });
    verdict("failed", 1, vec![test])
}

fn verdict(outcome: &str, code: i32, tests: Vec<Value>) -> Value {
    json!({ "type": "verdict", "verdict": {
        "outcome": outcome, "ending": { "type": "exited", "code": code }, "trust": "in_process", "tests": tests,
        "output": "", "output_dropped_bytes": 0, "duration_ms": 12,
    }})
}

pub fn host_fault() -> Value {
    json!({ "type": "host_fault", "fault": { "doing": "starting the container", "detail": "no space" } })
}

pub fn lesson_fault() -> Value {
    json!({ "type": "lesson_fault", "fault": { "type": "no_report", "detail": "nothing was written" } })
}

/// An id nobody has.
pub fn nobody() -> Uuid {
    Uuid::from_u128(1)
}
