//! Bounds that every reader of the wire enforces. A peer that exceeds one is told with
//! [`close::TOO_BIG`](crate::close::TOO_BIG) and dropped.

/// Bytes of one message, text or binary, on any wire. Holds one workspace file of [`MAX_FILE_BYTES`] in base64
/// with room for its envelope.
pub const MAX_MESSAGE_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of one message that a browser may send. Browsers save files over HTTP, so their socket carries only
/// key strokes and short commands; a paste is cut into frames of [`MAX_PAYLOAD_BYTES`].
pub const MAX_VIEWER_MESSAGE_BYTES: usize = 64 * 1024;

/// Bytes of one workspace file. Lessons are source code; what is larger is data and belongs in the image.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Files in one workspace: far above any lesson, low enough that a listing stays one message.
pub const MAX_WORKSPACE_FILES: usize = 500;

/// Bytes of all files of one workspace together: what one session start has to carry.
pub const MAX_WORKSPACE_BYTES: usize = 8 * 1024 * 1024;

/// Entries of one directory listing; more are counted, not named (hostile case B11).
pub const MAX_LISTING_ENTRIES: usize = 2_000;

/// Bytes of one path, and of one part of a path (the Linux limit of a name).
pub const MAX_PATH_BYTES: usize = 1_024;
pub const MAX_PATH_PART_BYTES: usize = 255;

/// Directories below the workspace; deeper trees are not ours to walk (hostile case B11).
pub const MAX_PATH_DEPTH: usize = 16;

/// Bytes in one binary frame. The kernel hands out at most 4 KiB per read of a pseudo-terminal; eight of them per frame
/// keep bulk output fast while a key stroke never waits behind more than this.
pub const MAX_PAYLOAD_BYTES: usize = 32 * 1024;

/// Terminals of one session: editor-side tabs, a server and a shell, with room.
pub const MAX_TERMINALS: usize = 8;

/// Output a viewer may be sent beyond what it has acknowledged. Bounds memory in relay and browser.
pub const VIEWER_WINDOW_BYTES: u64 = 256 * 1024;

/// Output kept per terminal for those who come back. What is older is gone, and the gap is stated.
pub const TERMINAL_RING_BYTES: usize = 256 * 1024;

/// Bytes of a channel on their way in each direction: what its receiver may have to hold, in browser, API and guest. Four
/// frames: at 1 ms from end to end that is 128 MB/s, at 50 ms still 2.6 MB/s.
pub const CHANNEL_WINDOW_BYTES: u64 = 128 * 1024;

/// Channels to ports that one session's relay holds open: a browser opens six connections to a site at once, and a page
/// that is reloaded in several tabs keeps some of each. With a window each they take a session 4 MiB at worst.
pub const MAX_PORT_CHANNELS: usize = 32;

/// Channels of one browser tab: a language server for each of the languages of a lesson.
pub const MAX_VIEWER_CHANNELS: usize = 2;

/// Language servers of one session, all its tabs together. Each takes as much memory of the container as the learner's
/// own program.
pub const MAX_LANGUAGE_SERVERS: usize = 4;

/// Calls from a lesson's tests to the learner's program that are under way at once; others wait their turn. Each is two
/// processes on the program's side, and with a window both ways it takes the agent half a MiB at worst.
pub const MAX_CALLS: usize = 16;

/// The first number of a channel that a guest opens, for a call; those below are the agent's.
pub const FIRST_CALL: crate::channel::ChannelId = 1 << 31;

/// Bytes of the name of a language: `typescriptreact` and the like.
pub const MAX_LANGUAGE_BYTES: usize = 32;

/// Tests in one report; a lesson has dozens.
pub const MAX_TESTS: usize = 1_000;

/// Bytes of a test report as written by the test runner.
pub const MAX_REPORT_BYTES: usize = 1024 * 1024;

/// Bytes kept of each text a report carries per test (message, prints).
pub const MAX_TEST_TEXT_BYTES: usize = 16 * 1024;

/// Bytes kept of what a run printed (the rest is counted).
pub const MAX_RUN_OUTPUT_BYTES: usize = 64 * 1024;

/// Ids inside that a container whose programs are root has beside root's own, as first and count: those of a system's
/// own accounts, and those of people.
pub const ROOT_INSIDE_SYSTEM: (u32, u32) = (1, 99);
pub const ROOT_INSIDE_PEOPLE: (u32, u32) = (1_000, 28);
/// Ids outside that are set aside for them, for each such container; one is spare.
pub const ROOT_INSIDE_IDS: u32 = 128;
