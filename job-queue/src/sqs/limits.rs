//! How long words with the server may take, and how much goes into one. Amazon answers within tens of milliseconds.

use std::time::Duration;

/// Making a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(3);

/// One try of a call, to the last byte of its answer.
pub(super) const TRY: Duration = Duration::from_secs(3);

/// A call with all its tries and the pauses between them. No longer than an agent gives one word about a lease.
pub(super) const CALL: Duration = Duration::from_secs(9);

/// Tries of a call: throttled, refused for a moment, or not answered.
pub(super) const TRIES: u32 = 3;

/// The pause before the second try is random, up to this; the next ones up to twice as long, and so on.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(200);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A look for a job may take this much longer than it waits. It is tried once: whoever looks looks again anyway.
pub(super) const LOOK_GRACE: Duration = Duration::from_secs(3);

/// Messages in one call, SQS's bound.
pub(super) const BATCH: usize = 10;

/// Bytes in one call, bodies and attributes: what every SQS queue takes (Amazon's take four times as much since 2025).
pub(super) const BATCH_BYTES: usize = 256 * 1024;

/// Bytes of an answer: ten messages as large as any server lets them be, and what is said about them.
pub(super) const ANSWER_BYTES: usize = 12 * 1024 * 1024;

/// How long the deletion of a job waits for others to go along. Nobody waits for it but the agent's books.
pub(super) const GATHER: Duration = Duration::from_millis(5);

/// Deletions under way at once, per queue.
pub(super) const DELETIONS: usize = 4;

/// Deletions that may wait for those; whoever brings one more waits with it, up to its deadline.
pub(super) const DELETIONS_WAITING: usize = 256;

/// A deletion: waiting for a place, for company, and for the call.
pub(super) const COMPLETE: Duration = Duration::from_secs(10);
