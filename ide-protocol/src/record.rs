//! What is known of how a verdict came about: how far it can be trusted, and all it takes to run the work again and to
//! say why another run may differ. Nothing in it tells of hidden tests, so that learners read the same as graders.
//!
//! The agent states [`Circumstances`] with each outcome; the API keeps them with the attempt and answers a [`Record`].

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rest::UnixMicros;
use crate::results::{Ending, Outcome, Trust};

/// How an attempt was made, as its agent saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Circumstances {
    /// Of the bundle the tests came from: lower-case hex SHA-256.
    pub lesson_digest: String,
    /// Of the files that were handed in, as `lesson::work_digest` counts it.
    pub submission_digest: String,
    /// Tag of the image, as lessons name it; its id stands beside the circumstances.
    pub image: String,
    pub limits: LimitsInForce,
    pub memory: MemoryUse,
    pub host: Host,
    /// Version of the messages between agent and guest.
    pub protocol: u16,
}

/// What the run could use at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LimitsInForce {
    /// Of build step and tests together.
    pub wall_ms: u32,
    pub memory_mib: u32,
    /// Hundredths of a core.
    pub cpu_percent: u32,
    pub processes: u32,
    /// Home directory, in memory.
    pub disk_mib: u32,
    /// What the run could print.
    pub output_bytes: u32,
}

/// What the kernel counted for the container the learner's program ran in; absent where the host cannot tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MemoryUse {
    /// The most it held at once since it was started, files in memory included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<u64>,
    /// Processes killed for want of memory during the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kills: Option<u64>,
}

/// Who graded, and on what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Host {
    /// Version of the agent.
    pub agent: String,
    /// Lower-case hex SHA-256 of the guest, the program that drives build step and tests inside.
    pub guest_digest: String,
    /// Of the container engine, its runtime and the kernel below them.
    pub engine: String,
    pub runtime: String,
    pub kernel: String,
}

/// Where the time of one attempt went, in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GradingTimings {
    /// Getting a container (warm: near nothing).
    pub container_ms: u64,
    /// Laying out files and starting services.
    pub prepare_ms: u64,
    /// Build step and tests.
    pub run_ms: u64,
    /// Absent for attempts from before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestones: Option<Milestones>,
}

/// When an attempt got how far, by the agent's clock; `None` where it never did. What lies before and behind is in the
/// record: `submitted_at`, `started_at`, `finished_at`, by the API's clock. On one machine they are the same clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Milestones {
    /// The queue's message was in hand.
    pub leased_at: Option<UnixMicros>,
    /// The API had said what the job is.
    pub assigned_at: Option<UnixMicros>,
    /// The lesson was there.
    pub fetched_at: Option<UnixMicros>,
    /// A container was.
    pub claimed_at: Option<UnixMicros>,
    /// The files lay in it, and services ran: the tests start.
    pub laid_at: Option<UnixMicros>,
    /// The tests had ended, and the verdict was made.
    pub ended_at: Option<UnixMicros>,
    /// It was about to be sent to the API.
    pub posted_at: Option<UnixMicros>,
}

/// Everything kept of how a submission was graded. `GET /api/v1/submissions/{id}/record`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Record {
    pub submission: Uuid,
    pub lesson: String,
    pub lesson_digest: String,
    /// Of the files as they are stored now; that of the attempt says which files were graded.
    pub submission_digest: String,
    pub submitted_at: UnixMicros,
    /// The newest first; the first one that ended with a verdict is the one that counts.
    pub attempts: Vec<Attempt>,
}

/// One try to grade it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attempt {
    pub attempt: u32,
    /// Name of the agent.
    pub agent: String,
    /// How often the queue had delivered the job.
    pub delivery: u32,
    pub started_at: UnixMicros,
    /// Absent while it runs, and for good when its agent was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<UnixMicros>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<AttemptEnd>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timings: Option<GradingTimings>,
    /// Id of the image the run used (`sha256:…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// Absent for attempts from before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circumstances: Option<Circumstances>,
}

/// What an attempt came to, in short; the tests are the submission's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum AttemptEnd {
    Verdict {
        outcome: Outcome,
        ending: Ending,
        trust: Trust,
    },
    /// The author's.
    LessonFault,
    /// Ours; what it was is in our logs.
    HostFault,
}
