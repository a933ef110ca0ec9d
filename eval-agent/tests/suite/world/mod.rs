//! One world per test: an API, a queue, and agents with names and uids of their own.

mod agents;
mod api;
mod engine;
mod lessons;
mod line;

use std::sync::Arc;
use std::time::Duration;

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use ide_protocol::job::{Assignment, FinishGrading, JobKind, JobMessage};
use job_queue::{EmbeddedQueue, JobQueue, Lane};
use lesson::Lesson;
use uuid::Uuid;

pub use agents::{
    Agent, beside, container_pids, containers, containers_become, containers_run, guest, run_as_process,
};
pub use api::Api;
pub use engine::{Engine, Fault};
pub use lessons::{ANSWER, outside_lesson, shell_lesson, shell_lesson_with};
pub use line::{Line, Said, Screen};

/// Nothing in these stories takes this long unless it is broken.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What sessions may take, unless the story is about it.
const AN_HOUR: u32 = 3_600;

pub struct World {
    pub api: Api,
    pub queue: Arc<EmbeddedQueue>,
    pub folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        // Sockets' paths must be short, so not below a long TMPDIR.
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let queue = EmbeddedQueue::open(&folder.path().join("queue.db")).await.unwrap();
        Self { api: Api::start().await, queue: Arc::new(queue), folder }
    }

    /// A learner hands in this content as the lesson's answer.
    pub async fn hand_in(&self, lesson: &Lesson, answer: &str) -> Uuid {
        self.hand_in_files(lesson, vec![file(ANSWER, answer)]).await
    }

    pub async fn hand_in_files(&self, lesson: &Lesson, files: Vec<WorkspaceFile>) -> Uuid {
        let lesson_digest = self.api.publish(lesson);
        let assignment = Assignment::Grading { submission: Uuid::new_v4(), attempt: 1, lesson_digest, files };
        self.enqueue(Lane::Grading, JobKind::Grading, lesson, assignment).await
    }

    /// The grading's result, once the API has it.
    pub async fn result(&self, job: Uuid) -> FinishGrading {
        tokio::time::timeout(PATIENCE, self.api.result(job)).await.expect("no result was posted")
    }

    /// A learner opens a session on the lesson's starter files.
    pub async fn open_session(&self, lesson: &Lesson) -> Uuid {
        self.open_session_with(lesson, lesson.starter(), AN_HOUR, AN_HOUR).await
    }

    pub async fn open_session_with(
        &self,
        lesson: &Lesson,
        files: Vec<WorkspaceFile>,
        idle_seconds: u32,
        limit_seconds: u32,
    ) -> Uuid {
        let lesson_digest = self.api.publish(lesson);
        let session = Uuid::new_v4();
        let begun = 1;
        let assignment =
            Assignment::Session { session, lesson_digest, files, idle_seconds, limit_seconds, begun };
        self.enqueue(Lane::Sessions, JobKind::Session, lesson, assignment).await
    }

    async fn enqueue(&self, lane: Lane, kind: JobKind, lesson: &Lesson, assignment: Assignment) -> Uuid {
        let job = Uuid::new_v4();
        let token = self.api.expect_job(job, assignment);
        let message = JobMessage {
            version: PROTOCOL_VERSION,
            job,
            kind,
            image: lesson.manifest.image.clone(),
            needs: match kind {
                JobKind::Session => lesson.manifest.session_room(),
                JobKind::Grading => lesson.manifest.grading_room(),
            },
            api_url: self.api.url.clone(),
            token,
            trace: None,
        };
        self.queue.send(lane, &serde_json::to_string(&message).unwrap()).await.unwrap();
        job
    }
}

pub fn file(path: &str, text: &str) -> WorkspaceFile {
    WorkspaceFile {
        path: WorkspacePath::new(path).unwrap(),
        revision: 1,
        content: FileContent::Text(text.to_owned()),
        executable: false,
    }
}
