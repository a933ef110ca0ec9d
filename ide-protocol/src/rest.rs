//! The public HTTP API's bodies. Times are Unix microseconds (UTC); ids are UUIDs (version 7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files::{FileContent, FileRole, Revision, WorkspacePath};
use crate::results::{LessonFault, Verdict};
use crate::session::EndReason;

/// Microseconds since 1970-01-01T00:00Z.
pub type UnixMicros = i64;

/// What an account may do. Each includes what a learner may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum Role {
    Learner,
    Author,
    Grader,
    Admin,
}

/// `POST /api/v1/login`
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Login {
    pub name: String,
    pub password: String,
}

/// The account behind a request: `GET /api/v1/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Account {
    pub id: Uuid,
    pub name: String,
    pub role: Role,
}

/// `POST /api/v1/tokens`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct NewToken {
    /// What it is for, for the list.
    pub label: String,
    /// 1 to 366.
    pub days: u16,
}

/// A bearer token as listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Token {
    pub id: Uuid,
    pub label: String,
    pub expires_at: UnixMicros,
}

/// A bearer token just made; `secret` is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct IssuedToken {
    #[serde(flatten)]
    pub token: Token,
    pub secret: String,
}

/// How far the asking learner has got with a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum Progress {
    NotStarted,
    Started,
    Passed,
}

/// One row of `GET /api/v1/lessons`, in course order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct LessonSummary {
    /// Stable name in URLs (`pipes-and-filters`).
    pub slug: String,
    pub title: String,
    /// One sentence.
    pub summary: String,
    pub course: String,
    /// Place in its course, from 1.
    pub position: u32,
    pub language: String,
    /// Minutes a learner typically needs.
    pub time_budget_minutes: u32,
    pub progress: Progress,
}

/// `GET /api/v1/lessons/{slug}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct LessonDetail {
    #[serde(flatten)]
    pub summary: LessonSummary,
    /// Digest of the version shown (lower-case hex SHA-256).
    pub digest: String,
    /// Sanitised HTML.
    pub instructions_html: String,
    /// Pages to read, in order.
    pub theory: Vec<TheoryPage>,
    /// How many hints there are; `POST …/hints/{n}` shows them, from 1, one after the other.
    pub hints: u32,
    /// How many the asking learner has been shown.
    pub hints_shown: u32,
    /// Never hidden ones.
    pub files: Vec<LessonFile>,
    pub tests: LessonTests,
    /// Servers of the learner's that the IDE can show, in the author's order.
    pub previews: Vec<PreviewPort>,
    pub solution: SolutionAccess,
    /// Slug of the next lesson of the course.
    pub next: Option<String>,
}

/// A page of theory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct TheoryPage {
    pub title: String,
    /// Sanitised HTML.
    pub html: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct LessonFile {
    pub path: WorkspacePath,
    pub role: FileRole,
}

/// An HTTP server that the lesson has the learner start in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct PreviewPort {
    pub port: u16,
    pub title: String,
    /// Path and query shown first.
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct LessonTests {
    /// In the lesson's order.
    pub visible: Vec<VisibleTest>,
    /// How many more handing in runs.
    pub hidden: u32,
    pub wall_seconds: u32,
    pub memory_mib: u32,
}

/// A test that learners may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct VisibleTest {
    /// As in [`TestResult`](crate::results::TestResult).
    pub id: String,
    /// Where it is written, if it could be found.
    pub source: Option<TestSource>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct TestSource {
    pub path: WorkspacePath,
    /// Of its first line, from 1.
    pub line: u32,
    /// The lines that define it.
    pub text: String,
}

/// Whether the asking learner may see the author's solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum SolutionAccess {
    Open,
    /// Once they have passed.
    AfterPassing,
    /// Once they have passed, or `count` hand-ins are graded; `graded` are.
    AfterHandIns {
        count: u32,
        graded: u32,
    },
    Never,
}

/// `GET /api/v1/lessons/{slug}/solution`; `403` with `/problems/solution-locked` until it may be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Solution {
    /// Digest of the lesson version it belongs to.
    pub lesson_digest: String,
    /// The editable files that it changes, by path.
    pub files: Vec<SolutionFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct SolutionFile {
    pub path: WorkspacePath,
    pub content: FileContent,
}

/// `POST /api/v1/lessons/{slug}/hints/{n}` shows hint `n`, of which the one before must have been shown;
/// `GET /api/v1/lessons/{slug}/hints` lists those shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Hint {
    pub number: u32,
    /// Sanitised HTML.
    pub html: String,
}

/// A learner's files in a lesson: `POST /api/v1/lessons/{slug}/workspace`, `GET /api/v1/workspaces/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Workspace {
    pub id: Uuid,
    pub lesson: String,
    /// By path. Lesson files that are shown but not editable are among them, with role `read_only`.
    pub files: Vec<WorkspaceEntry>,
    /// The live session, if any.
    pub session: Option<Session>,
    /// Newest first, at most 20.
    pub submissions: Vec<Submission>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct WorkspaceEntry {
    pub path: WorkspacePath,
    pub role: FileRole,
    pub revision: Revision,
    pub size: u64,
}

/// `GET /api/v1/workspaces/{id}/files/{path}`; also the answer to a save, and (as `current` of the problem) to a
/// save on a stale revision. `ETag` is the revision in quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct StoredFile {
    pub path: WorkspacePath,
    pub role: FileRole,
    pub revision: Revision,
    pub content: FileContent,
    pub executable: bool,
}

/// `PUT /api/v1/workspaces/{id}/files/{path}` with `If-Match: "<revision>"` (`"0"` to create) and, from browsers,
/// `Gradus-Client: <client>`. `412` with the stored file when the revision is stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct SaveFile {
    pub content: FileContent,
    #[serde(default)]
    pub executable: bool,
}

/// `POST /api/v1/workspaces/{id}/renames`. Refuses to replace what is there. Renames a file, or every file below a
/// folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct RenameFile {
    pub from: WorkspacePath,
    pub to: WorkspacePath,
}

/// `POST /api/v1/sessions`: answers the live session of the workspace, or asks for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct NewSession {
    pub workspace: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Session {
    pub id: Uuid,
    pub workspace: Uuid,
    pub state: SessionState,
}

/// The life of a session. Only forward, but for a lost host: `ready` → `queued`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum SessionState {
    /// Waiting for a free slot.
    Queued,
    /// A host prepares the container.
    Starting,
    Ready {
        since: UnixMicros,
        /// When the time limit ends it.
        until: UnixMicros,
        /// How long it is kept while no page of its learner is connected.
        idle_seconds: u32,
        /// How often it may still be extended, and by how much each time.
        extensions_left: u32,
        extension_seconds: u32,
    },
    Ended {
        reason: EndReason,
    },
}

/// `POST /api/v1/sessions/{id}/tickets`: the right to open the session's socket once, within 30 seconds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Ticket {
    /// Path and query of the socket, on this host (`/api/v1/sessions/…/socket?ticket=…`).
    pub url: String,
    /// The server's clock, as the browser's may be wrong.
    pub now: UnixMicros,
}

/// `POST /api/v1/sessions/{id}/extensions`: more time. Names the end that it moves, so that two clicks extend once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct NewExtension {
    /// `until` of the state, as the caller knows it.
    pub until: UnixMicros,
}

/// One row of `GET /api/v1/live-sessions`: a lesson that somebody has open right now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct LiveSession {
    pub id: Uuid,
    pub workspace: Uuid,
    /// Name of the learner's account.
    pub learner: String,
    /// Slug and title of the lesson.
    pub lesson: String,
    pub title: String,
    /// How long ago it was asked for, in seconds.
    pub age_seconds: u64,
    pub state: SessionState,
    /// How the asking account stands to it; absent when it never asked to look on.
    pub watching: Option<WatchState>,
}

/// `GET /api/v1/live-sessions`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct LiveSessions {
    /// Newest first, at most 200.
    pub sessions: Vec<LiveSession>,
    /// There are more than are listed.
    pub more: bool,
}

/// What has become of a wish to look on in a session. A wish that was refused or ended may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum WatchState {
    /// The learner has not answered yet.
    Asked,
    /// The learner allowed it; good until either side ends it, or the session is over.
    Allowed,
    /// The learner said no.
    Refused,
    /// Either side ended it.
    Ended,
}

/// Somebody who asked to look on: `POST` and `GET /api/v1/sessions/{id}/watchers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Watcher {
    /// Whose account, and its name.
    pub mentor: Uuid,
    pub name: String,
    pub state: WatchState,
    /// Whether a page of theirs is connected at this moment.
    pub present: bool,
}

/// `PUT /api/v1/sessions/{id}/watchers/{mentor}`: the learner's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct WatchAnswer {
    pub allowed: bool,
}

/// `POST /api/v1/sessions/{id}/previews`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct OpenPreview {
    /// One that the lesson declares.
    pub port: u16,
    /// Path and query to begin at; `/` and visible ASCII characters.
    pub path: String,
}

/// Lets one browser into a preview: to be opened, in a frame or a window, once and within 30 seconds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct PreviewTicket {
    /// Absolute, on the preview's own origin.
    pub url: String,
}

/// `POST /api/v1/workspaces/{id}/submissions` hands in what is stored, with `Idempotency-Key`.
/// `GET /api/v1/submissions/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Submission {
    pub id: Uuid,
    pub workspace: Uuid,
    pub lesson: String,
    pub lesson_digest: String,
    pub submitted_at: UnixMicros,
    pub state: SubmissionState,
}

/// The life of a submission. `graded`, `lesson_fault` and `not_graded` are final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum SubmissionState {
    /// Waiting; `ahead` submissions are before it. `failed_attempts` tries to grade it have failed, which is our
    /// fault and does not count.
    Queued {
        ahead: u32,
        #[serde(default)]
        failed_attempts: u32,
    },
    /// Being graded, for the `attempt`th time.
    Running {
        attempt: u32,
    },
    Graded {
        verdict: Verdict,
        graded_at: UnixMicros,
    },
    /// The lesson is broken; its author is told. Did not count.
    LessonFault {
        fault: LessonFault,
    },
    /// Ours: every try failed. Did not count; operators are told.
    NotGraded {
        reason: String,
    },
}

/// RFC 9457 problem details, `application/problem+json`: the body of every error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Problem {
    /// Stable, relative to the API's documentation (`/problems/stale-revision`).
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// What happened and what to do next, for people.
    pub detail: String,
    /// Quote it when asking for help; it is in the server's log.
    pub request_id: String,
    /// With `/problems/stale-revision`: what is stored now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<StoredFile>,
}
