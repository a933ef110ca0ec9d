//! A live session: browser ⇄ relay ⇄ agent.
//!
//! A browser opens the relay's socket with a ticket and speaks [`ViewerMessage`]; an agent dials the relay with its
//! job token and speaks [`AgentToRelay`]. The relay answers itself what concerns the stored workspace and the
//! session's state, and passes the rest through.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::channel::ChannelMessage;
use crate::files::{FileChange, FileContent, Revision, WorkspacePath};
use crate::frame::ViewerId;
use crate::guest::{RunId, RunStream};
use crate::rest::{SessionState, SubmissionState, Watcher};
use crate::results::{TestResult, Verdict};
use crate::terminal::{ExitStatus, TerminalId, TerminalInfo, TerminalSize};

/// Browser → relay. All but [`Hello`](Self::Hello) and [`Point`](Self::Point) are passed on to the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub enum ViewerMessage {
    /// First message. `client` names the browser tab across its reconnects, so that what it typed is neither lost
    /// nor typed twice.
    Hello {
        version: u16,
        client: Uuid,
    },
    /// → [`SessionMessage::TerminalOpened`], to every viewer. The opener is attached from offset 0.
    OpenTerminal {
        size: TerminalSize,
    },
    /// Asks for the output from `from_offset` on. → [`SessionMessage::TerminalAttached`], then output frames.
    AttachTerminal {
        terminal: TerminalId,
        from_offset: u64,
    },
    /// Everything before `offset` is on the screen: as much again may be sent.
    AcknowledgeOutput {
        terminal: TerminalId,
        offset: u64,
    },
    ResizeTerminal {
        terminal: TerminalId,
        size: TerminalSize,
    },
    CloseTerminal {
        terminal: TerminalId,
    },
    /// Runs the lesson's visible tests in this container. One run at a time. → [`SessionMessage::RunStarted`]
    RunTests,
    StopRun {
        run: RunId,
    },
    /// About one of this viewer's channels, numbered by it.
    Channel {
        message: ChannelMessage,
    },
    /// Only from who looks on: shows the learner a line of a file. `None` takes it back. The relay's own.
    /// → [`SessionMessage::Pointed`]
    Point {
        place: Option<Place>,
    },
}

/// A line of a file, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub struct Place {
    pub path: WorkspacePath,
    pub line: u32,
}

/// What a container uses of what it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub struct Usage {
    /// What cannot be taken back without killing: programs and files in memory, without caches of files on disk.
    pub memory_bytes: u64,
    pub memory_limit_bytes: u64,
    /// Of the processor time it may have, since the last look; absent at the first one.
    pub cpu_percent: Option<u16>,
    /// Processes and threads; absent where the host does not count them.
    pub processes: Option<Processes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub struct Processes {
    pub count: u32,
    pub limit: u32,
}

/// Relay or agent → browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub enum SessionMessage {
    /// First message, from the relay.
    Welcome {
        version: u16,
        viewer: ViewerId,
        state: SessionState,
    },
    /// From the relay, whenever it changes.
    StateChanged {
        state: SessionState,
    },
    /// From the agent, after a viewer came or the agent (re)connected: every terminal there is.
    TerminalsListed {
        terminals: Vec<TerminalInfo>,
        /// The run in flight, if any.
        run: Option<RunId>,
    },
    TerminalOpened {
        terminal: TerminalId,
        size: TerminalSize,
        /// Who asked for it.
        viewer: ViewerId,
    },
    /// Output follows from `offset`. `offset > from_offset` means that the bytes between are gone: a stated gap.
    TerminalAttached {
        terminal: TerminalId,
        offset: u64,
        /// What this client typed up to here has arrived; resend from here on.
        input_offset: u64,
    },
    /// This client's input up to `offset` has reached the terminal.
    InputReceived {
        terminal: TerminalId,
        offset: u64,
    },
    TerminalResized {
        terminal: TerminalId,
        size: TerminalSize,
    },
    /// No output follows the frame that ends at `offset`.
    TerminalExited {
        terminal: TerminalId,
        status: ExitStatus,
    },
    /// The terminal is forgotten.
    TerminalClosed {
        terminal: TerminalId,
    },
    /// From the relay: another tab or a program changed a file; `revision` is the stored one.
    FileChanged {
        path: WorkspacePath,
        revision: Revision,
        removed: bool,
        /// What changed it, so that a tab can leave out its own saves.
        origin: ChangeOrigin,
    },
    RunStarted {
        run: RunId,
    },
    RunOutput {
        run: RunId,
        stream: RunStream,
        text: String,
    },
    /// One test, as soon as it is known.
    TestFinished {
        run: RunId,
        result: TestResult,
    },
    /// Feedback, not a grade.
    RunFinished {
        run: RunId,
        verdict: Verdict,
    },
    /// The run could not be done (lesson's or host's fault); `message` is for people.
    RunFailed {
        run: Option<RunId>,
        message: String,
    },
    /// From the relay: where a hand-in of this workspace has got to.
    SubmissionChanged {
        submission: Uuid,
        state: SubmissionState,
    },
    /// From the agent, to those who look, when it changed enough to be worth a look and at most every few seconds.
    Usage {
        usage: Usage,
    },
    /// From the relay, to the learner's own pages: who asked to look on and who may. Replaces what was told before.
    WatchersChanged {
        watchers: Vec<Watcher>,
    },
    /// From the relay: where somebody who looks on points at; `None`: nowhere any more.
    Pointed {
        mentor: Uuid,
        name: String,
        place: Option<Place>,
    },
    /// A request could not be met (too many terminals, no such terminal); `message` is for people.
    RequestRefused {
        message: String,
    },
    /// About one of this viewer's channels.
    Channel {
        message: ChannelMessage,
    },
}

/// Who changed a stored file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub enum ChangeOrigin {
    /// A browser tab, by the `client` it named itself in [`ViewerMessage::Hello`] and in `Gradus-Client`.
    Client { client: Option<Uuid> },
    /// A program in the container.
    Container,
}

/// Relay → agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelayToAgent {
    /// `read_only` viewers may attach and acknowledge, nothing else; they neither keep a session alive nor set its pace.
    ViewerJoined {
        viewer: ViewerId,
        client: Uuid,
        read_only: bool,
    },
    ViewerLeft {
        viewer: ViewerId,
    },
    ViewerSaid {
        viewer: ViewerId,
        message: ViewerMessage,
    },
    /// A browser saved a file: bring the working copy up to date.
    FileSaved {
        path: WorkspacePath,
        revision: Revision,
        content: FileContent,
        executable: bool,
    },
    FileRemoved {
        path: WorkspacePath,
        revision: Revision,
    },
    /// Answers [`AgentToRelay::WorkspaceChanged`]: stored as `revision`.
    ChangeStored {
        path: WorkspacePath,
        revision: Revision,
    },
    /// Answers [`AgentToRelay::WorkspaceChanged`]: someone saved `path` meanwhile. Both are kept – the stored one
    /// under `path`, the container's under `kept_as`; [`FileSaved`](Self::FileSaved) for both follows.
    ChangeConflicted {
        path: WorkspacePath,
        kept_as: WorkspacePath,
    },
    /// Answers [`AgentToRelay::WorkspaceChanged`]: not stored (too big, too many); `reason` is for people.
    ChangeRefused {
        path: WorkspacePath,
        reason: String,
    },
    /// How long the session still has. The API ends it; this is for an agent that hears nothing more from it.
    LimitChanged {
        left_seconds: u32,
    },
    /// Stop the container; the session is over.
    EndSession {
        reason: EndReason,
    },
    /// About one of the relay's own channels, numbered by it; their frames carry viewer 0.
    Channel {
        message: ChannelMessage,
    },
}

/// Agent → relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentToRelay {
    /// First message after dialling, and after every reconnect.
    Hello {
        version: u16,
    },
    /// Container up, files laid out, terminals can be opened.
    SessionReady,
    ToViewer {
        viewer: ViewerId,
        message: SessionMessage,
    },
    ToAllViewers {
        message: SessionMessage,
    },
    /// A program changed a file that the agent last knew as `base_revision` (0: unknown to it). One at a time per
    /// path; the answer carries the new revision.
    WorkspaceChanged {
        path: WorkspacePath,
        base_revision: Revision,
        change: FileChange,
    },
    /// Last message: the container is gone.
    SessionEnded {
        reason: EndReason,
    },
    /// About one of the relay's own channels.
    Channel {
        message: ChannelMessage,
    },
}

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum EndReason {
    /// The learner or an administrator ended it.
    Asked,
    /// No page of the learner was connected for the idle limit.
    Idle,
    /// The time limit of a session was reached.
    TimeLimit,
    /// Everything in the container died: its memory ran out, or PID 1 was lost.
    ContainerLost { detail: String },
    /// Ours: no container could be made.
    HostFault { detail: String },
}
