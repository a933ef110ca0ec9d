//! What one account, address or connection may ask of this server. Sizes of workspaces and messages are in
//! `ide_protocol::limits`.

use std::time::Duration;

/// Bytes of a request body, unless said otherwise below: logins, renames, settings.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// Bytes of a save: one file of `MAX_FILE_BYTES`, in base64 or with every line end escaped, in its envelope.
pub(crate) const MAX_SAVE_BODY_BYTES: usize = ide_protocol::limits::MAX_MESSAGE_BYTES + 16 * 1024;

/// Bytes of a grading result: a report of `MAX_REPORT_BYTES`, escaped at worst sixfold, in its envelope.
pub(crate) const MAX_FINISH_BODY_BYTES: usize = 8 * 1024 * 1024;

/// How long a browser stays logged in without logging in again.
pub(crate) const LOGIN_LIFETIME: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How long a ticket opens its socket.
pub(crate) const TICKET_LIFETIME: Duration = Duration::from_secs(30);

/// Bytes of an account's name and of a password, above which nothing is looked up or hashed.
pub(crate) const MAX_NAME_BYTES: usize = 200;
pub(crate) const MAX_PASSWORD_BYTES: usize = 1_024;

/// Bearer tokens of one account: one per program, machine and year, with room.
pub(crate) const MAX_TOKENS: u32 = 20;
pub(crate) const MAX_TOKEN_DAYS: u16 = 366;
pub(crate) const MAX_TOKEN_LABEL_BYTES: usize = 200;

/// Live sessions of one account: a learner looks at one or two lessons at a time; each is a container.
pub(crate) const MAX_LIVE_SESSIONS: u32 = 3;

/// What one extension adds to a session: enough to finish a lesson, not a day.
pub(crate) const EXTENSION: Duration = Duration::from_secs(30 * 60);

/// Extensions of one session; after them its learner takes a new one, with the same files.
pub(crate) const MAX_EXTENSIONS: u32 = 2;

/// Longest session an operator may ask for. With its extensions it stays below what eval hosts give a container.
pub const MAX_SESSION: Duration = Duration::from_secs(8 * 60 * 60);

/// Sessions in the list of those who look on: more than one person can look through.
pub(crate) const LISTED_SESSIONS: u32 = 200;

/// Accounts that may ask to look on in one session: a class has a teacher and a few helpers.
pub(crate) const MAX_WATCHERS: u32 = 20;

/// After a "no", the same person is not asked again for so long.
pub(crate) const ASK_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Hand-ins of one account that wait or run: a second lesson while the first is graded, and one more.
pub(crate) const MAX_WAITING_SUBMISSIONS: u32 = 3;

/// Submissions a workspace shows.
pub(crate) const SHOWN_SUBMISSIONS: u32 = 20;

/// Bytes of an `Idempotency-Key`: a UUID, or whatever else names a request.
pub(crate) const MAX_IDEMPOTENCY_KEY_BYTES: usize = 128;

/// Lessons kept unpacked and rendered in memory; a course has dozens, each some 100 KiB.
pub(crate) const CACHED_LESSONS: usize = 64;

/// Connections open at once. Each costs a few KiB idle; the limit of open files is above it.
pub(crate) const MAX_CONNECTIONS: usize = 4_096;

/// How long a client may take to send its request's head (slow senders hold a connection no longer).
pub(crate) const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a request may take in all, body included; sockets are not requests.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a browser is let into a preview without being sent by the IDE anew; the end of the session or of the login
/// ends it earlier.
pub(crate) const PREVIEW_GRANT_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Browsers let into the previews of one session: a few tabs and devices of one person. Another one replaces the oldest.
pub(crate) const MAX_PREVIEW_GRANTS: u32 = 20;

/// Connections to a learner's servers at once, per session: a browser opens six, and a page may hold some WebSockets.
pub(crate) const MAX_PREVIEW_CONNECTIONS: usize = 32;

/// Bytes of a preview request's head, and (of what is read at once, so not to the byte) of a response's.
pub(crate) const MAX_PREVIEW_HEAD_BYTES: usize = 64 * 1024;

/// Bytes of the path and query that a preview is opened with.
pub(crate) const MAX_PREVIEW_PATH_BYTES: usize = 2_048;

/// How long the way to a learner's server may take: one round trip to the eval host, and a connection on loopback.
pub(crate) const PREVIEW_DIAL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a learner's server may be silent, with nothing sent to it either, before its answer begins.
pub(crate) const PREVIEW_FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a connection may be silent in both directions once the answer has begun: event streams and WebSockets wait
/// for people, and proxies on the way allow less.
pub(crate) const PREVIEW_IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// How long running requests get when the server stops.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
