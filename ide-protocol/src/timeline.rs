//! The timeline of a workspace: its save points and hand-ins, the files as they were at each, and going back to them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files::{FileContent, Revision, WorkspacePath};
use crate::rest::{UnixMicros, Workspace};

/// Counts every change of any file of a workspace: the address of a state of it.
pub type SaveNumber = u64;

/// `GET /api/v1/workspaces/{id}/timeline?before=<save>`: the newest first, a page at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Timeline {
    pub entries: Vec<TimelineEntry>,
    /// `before` of the next page; nothing when this was the last.
    pub older: Option<SaveNumber>,
    /// Whether older saves were forgotten: history is bounded.
    pub forgotten: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum TimelineEntry {
    /// A burst of saves, addressed by its last.
    Saved {
        save: SaveNumber,
        /// When its first save was made.
        since: UnixMicros,
        /// When its last one was.
        at: UnixMicros,
        changes: Vec<PointChange>,
    },
    /// A hand-in, which took the files as they stood after `save`.
    HandedIn { submission: Uuid, save: SaveNumber, at: UnixMicros, result: HandInResult },
}

/// What a burst of saves did to one file, all in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct PointChange {
    pub path: WorkspacePath,
    pub kind: PointChangeKind,
    /// Everyone who had a hand in it, each once, the first first.
    pub by: Vec<SavedBy>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum PointChangeKind {
    Added,
    Changed,
    Removed,
}

/// Where a stored change came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum SavedBy {
    /// The learner, typing.
    Learner,
    /// A program in the learner's container.
    Program,
    /// The lesson: its starter files, or those of a new version.
    Lesson,
    /// The learner, going back to an earlier state.
    Restored,
    /// The learner, going back to the starter.
    Reset,
}

/// What became of a hand-in, in short; all of it is at `GET /api/v1/submissions/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum HandInResult {
    Waiting,
    Passed,
    NotPassed,
    /// The lesson's fault or ours.
    DidNotCount,
}

/// The files as they were then, beside what there is now: `GET /api/v1/workspaces/{id}/timeline/{save}`,
/// `GET /api/v1/submissions/{id}/files`. By path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct PastFiles {
    pub files: Vec<PastEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct PastEntry {
    pub path: WorkspacePath,
    pub compared: ThenAndNow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum ThenAndNow {
    Same,
    Different,
    /// There then, not now.
    OnlyThen,
    /// There now, not then.
    OnlyNow,
}

/// `GET …/timeline/{save}/files/{path}`, `GET /api/v1/submissions/{id}/files/{path}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct PastFile {
    pub path: WorkspacePath,
    pub revision: Revision,
    pub content: FileContent,
    pub executable: bool,
}

/// `POST /api/v1/workspaces/{id}/restores`: makes files what they were. That is a change like any other: it is in the
/// timeline and can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Restore {
    pub from: RestoreFrom,
    /// Only these; a path that was not there then is removed. Absent: all, and of a workspace's earlier state or its
    /// starter also what has been added since is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<WorkspacePath>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum RestoreFrom {
    /// The workspace as it stood after this save.
    Save { save: SaveNumber },
    /// What was handed in; files that were not are left alone.
    Submission { submission: Uuid },
    /// The files that the lesson's current version gives to begin with.
    Starter,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Restored {
    /// By path; empty when everything was so already.
    pub changed: Vec<WorkspacePath>,
    /// What to ask for to undo it; nothing when nothing changed.
    pub undo: Option<Restore>,
    /// As it is now.
    pub workspace: Workspace,
}
