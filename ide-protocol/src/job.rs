//! Jobs: what the queue carries, and what an agent asks of the API over HTTP.
//!
//! All requests carry `Authorization: Bearer <job token>`, good for that job alone until it is finished.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `POST /agent/v1/jobs/{job}/start` | [`StartJob`] | 200 [`Assignment`], the same one to the same delivery · 409 of a grading: a later delivery is worked on; of a session: another agent serves it, ask again later · 410 nothing left to do: complete the message |
//! | `GET /agent/v1/jobs/{job}/bundle` | – | the lesson's bundle, `application/zstd` |
//! | `POST /agent/v1/jobs/{job}/finish` | [`FinishGrading`] | 200 [`Finished`] · 409 a newer attempt is under way: drop it |
//! | `POST /agent/v1/jobs/{job}/disown` | [`Disown`] | 200 [`Disowned`] – with the token of a job that is finished, too |
//! | `GET /agent/v1/jobs/{job}/relay?begun=N` | WebSocket | see [`session`](crate::session) · 409 it was begun elsewhere since |

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files::WorkspaceFile;
use crate::record::Circumstances;
pub use crate::record::GradingTimings;
use crate::results::GradingOutcome;

/// The body of a queue message: ids and a token, never content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    pub version: u16,
    pub job: Uuid,
    pub kind: JobKind,
    /// Image of the lesson, so that an agent can choose what it holds.
    pub image: String,
    /// What its containers may use together, so that an agent takes what it has room for.
    #[serde(default)]
    pub needs: Room,
    /// Where the API is to be reached, without trailing slash (`https://gradus.example.org`).
    pub api_url: String,
    /// Opaque; see the module.
    pub token: String,
    /// The `traceparent` of the click it belongs to. Not part of the message's text: it comes beside it.
    #[serde(skip)]
    pub trace: Option<String>,
}

/// A part of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub memory_mib: u32,
    /// Hundredths of a core.
    pub cpu_percent: u32,
}

/// What lessons get that say nothing of limits; messages of earlier builds did not say.
impl Default for Room {
    fn default() -> Self {
        Self { memory_mib: 256, cpu_percent: 100 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    Session,
    Grading,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartJob {
    /// Who works on it: the agent's name, for operators.
    pub agent: String,
    /// How often the queue has delivered the message, 1 the first time.
    pub delivery: u32,
}

/// What the job is about. `lesson_digest` names the bundle (lower-case hex SHA-256).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Assignment {
    Session {
        session: Uuid,
        lesson_digest: String,
        /// The stored workspace, editable files and whatever else the learner keeps there.
        files: Vec<WorkspaceFile>,
        /// Seconds without any viewer after which the container is stopped.
        idle_seconds: u32,
        /// Seconds after which it is stopped whatever happens.
        limit_seconds: u32,
        /// How often it was begun, this time included: the agent names it when it dials the relay, which takes only the newest.
        #[serde(default)]
        begun: u32,
    },
    Grading {
        submission: Uuid,
        /// Fences late results: only the newest attempt may finish.
        attempt: u32,
        lesson_digest: String,
        /// The snapshot that was handed in.
        files: Vec<WorkspaceFile>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishGrading {
    pub attempt: u32,
    pub outcome: GradingOutcome,
    pub timings: GradingTimings,
    /// Id of the image the run used (`sha256:…`).
    pub image_digest: String,
    /// What else is known of how it was made; kept with the verdict.
    #[serde(default)]
    pub circumstances: Circumstances,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// False when the submission had its verdict already; it stands.
    pub recorded: bool,
}

/// An agent whose host has failed its check no longer stands by what it posted for this job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disown {
    /// The attempt that was its own.
    pub attempt: u32,
    /// What the check of the host showed, for operators; at most [`MAX_DISOWN_BYTES`] bytes.
    pub why: String,
}

/// Bytes of [`Disown::why`].
pub const MAX_DISOWN_BYTES: usize = 4 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disowned {
    /// Whether that changed anything: the hand-in is graded again. False when the attempt does not count (any more), or
    /// was graded again often enough.
    pub voided: bool,
}
