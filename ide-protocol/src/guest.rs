//! Agent ⇄ guest, over the Unix socket that the guest dials once when it starts.
//!
//! The guest greets with [`FromGuest::Hello`]. Every request that carries `request` is answered exactly once with the
//! same number, in any order. Bytes of terminals and channels are [`StreamFrame`](crate::frame::StreamFrame)s
//! with viewer 0.
//! When the socket closes, the guest ends, and with it everything in the container.

use serde::{Deserialize, Serialize};

use crate::channel::ChannelMessage;
use crate::files::{Base64Bytes, FileContent, FileEntry, WorkspacePath};
use crate::results::Ending;
use crate::terminal::{ExitStatus, TerminalId, TerminalSize};

/// Pairs an answer with its question; chosen by the agent, unique among those unanswered.
pub type RequestId = u32;
/// Names one run of a command in one container; chosen by the agent, never used twice there.
pub type RunId = u32;

/// A program to start as the learner, in the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Program and arguments; the program is looked up in the container's `PATH`.
    pub argv: Vec<String>,
    /// Added to the guest's clean base environment (PATH, HOME, USER, LANG, TERM on terminals).
    #[serde(default)]
    pub environment: Vec<(String, String)>,
}

/// What a run may use. Memory and processes are the container's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLimits {
    /// Wall clock, from start until the last byte.
    pub wall_ms: u32,
    /// Standard output and error together; one byte more ends the run.
    pub output_bytes: u32,
    /// The report channel; one byte more ends the run with [`Ending::OutputLimit`].
    pub report_bytes: u32,
}

/// What the agent asks of the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToGuest {
    /// Start reporting what programs change in the workspace. What changed before is not reported.
    WatchWorkspace {
        request: RequestId,
    },
    /// → [`FromGuest::FilesListed`]
    ListFiles {
        request: RequestId,
    },
    /// → [`FromGuest::FileRead`]
    ReadFile {
        request: RequestId,
        path: WorkspacePath,
    },
    /// Creates or replaces a file, with missing folders; not reported as a change. Appears at once or not at all. → [`FromGuest::Done`]
    WriteFile {
        request: RequestId,
        path: WorkspacePath,
        content: FileContent,
        executable: bool,
    },
    /// → [`FromGuest::Done`]
    CreateFolder {
        request: RequestId,
        path: WorkspacePath,
    },
    /// Refuses to replace what is there. → [`FromGuest::Done`]
    Rename {
        request: RequestId,
        from: WorkspacePath,
        to: WorkspacePath,
    },
    /// Deletes a file, or a folder with all in it; what is not there counts as deleted. → [`FromGuest::Done`]
    Delete {
        request: RequestId,
        path: WorkspacePath,
    },
    /// → [`FromGuest::TerminalOpened`] or [`FromGuest::RequestFailed`]; then output frames and
    /// [`FromGuest::TerminalExited`].
    OpenTerminal {
        request: RequestId,
        terminal: TerminalId,
        program: Program,
        size: TerminalSize,
    },
    /// The guest may send output of this terminal up to (not including) this offset. Starts at 0 for each
    /// terminal; never falls.
    GrantOutput {
        terminal: TerminalId,
        up_to: u64,
    },
    ResizeTerminal {
        terminal: TerminalId,
        size: TerminalSize,
    },
    /// Hangs up: SIGHUP, then SIGKILL, to all of the terminal's session.
    CloseTerminal {
        terminal: TerminalId,
    },
    /// → [`FromGuest::RunStarted`] or [`FromGuest::RequestFailed`]; then [`FromGuest::RunOutput`]s and exactly one
    /// [`FromGuest::RunFinished`]. When the program ends, everything it started is killed.
    ///
    /// The program finds in `GRADUS_REPORT` the path of a pipe for its test report (a descriptor it inherits), so
    /// that what learners print cannot be taken for the report.
    RunCommand {
        request: RequestId,
        run: RunId,
        program: Program,
        limits: RunLimits,
    },
    /// Ends the run with [`Ending::Stopped`].
    StopRun {
        run: RunId,
    },
    /// Starts a program in the background, without terminal; it lives until it ends or the container does.
    /// → [`FromGuest::Done`] once started.
    StartService {
        request: RequestId,
        program: Program,
    },
    /// The container is wanted no longer than this from now on, whatever it was started for: then the guest ends by
    /// itself. Only ever brings the end nearer.
    EndWithin {
        seconds: u32,
    },
    /// Kills every process of the learner's and closes every channel. → [`FromGuest::Done`]
    KillAll {
        request: RequestId,
    },
    /// About a channel of the agent's, numbered by it – or one of the guest's own.
    Channel {
        message: ChannelMessage<GuestTarget>,
    },
    /// From now on programs in the container may make calls: each becomes a channel that the *guest* opens
    /// ([`GuestTarget::Call`], numbered from [`FIRST_CALL`](crate::limits::FIRST_CALL) on). Once at most.
    /// → [`FromGuest::Done`]
    AcceptCalls {
        request: RequestId,
    },
    /// Have exactly so many interpreters of the image's own (zygotes) wait, each to become one run of `program`, a name
    /// without a slash. → [`FromGuest::Done`] once all of them are ready, or at once where the image has none;
    /// [`FromGuest::RequestFailed`] when they do not come up. Runs do without, then.
    WarmUp {
        request: RequestId,
        program: String,
        count: u8,
    },
}

/// Where a channel leads, as the guest is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GuestTarget {
    /// A TCP port of the container's own network: `127.0.0.1`, then `::1`. Connected with the learner's rights.
    Port { port: u16 },
    /// Standard input and output of this program, started for the channel as the learner and killed with it.
    Program { program: Program },
    /// From the guest only: a program in its container calls. Either side's end is the end of both: what was said before
    /// still arrives.
    Call,
}

/// Which of a run's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum RunStream {
    Stdout,
    Stderr,
    /// The pipe named by `GRADUS_REPORT`.
    Report,
}

/// What the guest tells the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromGuest {
    /// First message after connecting.
    Hello {
        version: u16,
    },
    Done {
        request: RequestId,
    },
    RequestFailed {
        request: RequestId,
        error: GuestError,
    },
    /// Up to [`MAX_LISTING_ENTRIES`](crate::limits::MAX_LISTING_ENTRIES) entries, folders before what is in them;
    /// `omitted` counts those left out (too many, too deep, names that are no [`WorkspacePath`]).
    FilesListed {
        request: RequestId,
        entries: Vec<FileEntry>,
        omitted: u32,
    },
    FileRead {
        request: RequestId,
        content: FileContent,
        executable: bool,
    },
    /// Something changed on disk that the agent did not do: read it again. Coalesced; at most one is on its way
    /// per path. Paths that match the ignore list given at start are not reported.
    FileChanged {
        path: WorkspacePath,
        removed: bool,
    },
    /// Too much changed to be told piece by piece: list all.
    ChangesLost,
    TerminalOpened {
        request: RequestId,
        terminal: TerminalId,
    },
    /// After the last output frame.
    TerminalExited {
        terminal: TerminalId,
        status: ExitStatus,
    },
    RunStarted {
        request: RequestId,
        run: RunId,
        /// Whether a program that waited ([`ToGuest::WarmUp`]) became this run.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        zygote: bool,
    },
    RunOutput {
        run: RunId,
        stream: RunStream,
        bytes: Base64Bytes,
    },
    /// About a channel, whoever opened it.
    Channel {
        message: ChannelMessage<GuestTarget>,
    },
    /// After the last output. Never says [`Ending::OutOfMemory`]: only the host can know.
    RunFinished {
        run: RunId,
        ending: Ending,
        duration_ms: u64,
    },
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GuestError {
    #[error("there is no such file")]
    NotFound,
    #[error("something of that name is there already")]
    AlreadyExists,
    /// A link, device, pipe or socket, or a folder where a file was asked for (or the other way round).
    #[error("that is not a regular file or folder")]
    NotRegular,
    #[error("the file is over the size limit")]
    TooBig,
    #[error("the container's disk is full")]
    DiskFull,
    #[error("permission denied in the container")]
    Denied,
    #[error("there are too many terminals")]
    TooMany,
    #[error("the program cannot be started: {detail}")]
    CannotStart { detail: String },
    #[error("{detail}")]
    Other { detail: String },
}
