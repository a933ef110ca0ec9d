//! A queue of jobs that are leased, not taken: a job nobody completes comes back.
//!
//! Knows texts and times; not what a job is about. [`EmbeddedQueue`] keeps jobs in a SQLite file, [`SqsQueue`] on Amazon SQS
//! or a server that speaks it; the promises are no stronger than both can keep:
//!
//! - **At least once.** A job is delivered until somebody completes it, so it may be delivered twice: after a crash,
//!   after a lease that ran out, after a completion whose answer was lost. Whoever works on jobs must bear that.
//! - **One holder at a time**, as long as the holder extends its lease before it runs out. One that is late may still be
//!   at work when the next holder starts; it learns so from [`QueueError::Lost`], at its next call and not before.
//! - **Roughly in order.** Jobs are handed out in the order sent, but one that comes back is handed out again before
//!   those sent after it. On SQS mostly so.
//! - **Three tries.** A job delivered [`MAX_DELIVERIES`] times and not completed is dead: [`JobQueue::lease`] passes it
//!   over, [`JobQueue::lease_dead`] finds it.

mod clock;
mod embedded;
mod lease;
mod message;
pub mod sqs;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

pub use clock::{Clock, SystemClock};
pub use embedded::EmbeddedQueue;
pub use lease::Lease;
pub use message::Message;
pub use sqs::SqsQueue;

/// How often a job is delivered before it is dead: once, once more after a crash, and once to be sure that it is the
/// job that kills its workers.
pub const MAX_DELIVERIES: u32 = 3;

/// A leased job is its holder's for this long, unless it is extended. Consumers that choose another time tell those who
/// watch over lost jobs.
pub const VISIBILITY: Duration = Duration::from_secs(60);

/// Bytes of one job. Jobs are ids and a token; 256 KiB is what every SQS queue takes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// The longest one call waits for a job, SQS's bound; longer waits are cut to it.
pub const MAX_WAIT: Duration = Duration::from_secs(20);

/// The longest time a job can be held or delayed at once, SQS's bound; longer ones are cut to it.
pub const MAX_VISIBILITY: Duration = Duration::from_secs(12 * 60 * 60);

/// Jobs of one lane do not wait for those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Live containers: a person waits for each, and each takes hours.
    Sessions,
    /// Hand-ins: many at once before a deadline, and each takes seconds.
    Grading,
    /// Hand-ins that are graded once more. Nobody is at the keyboard for it, so it is looked into only when `Grading` has
    /// nothing.
    Regrading,
}

impl Lane {
    pub const ALL: [Self; 3] = [Self::Sessions, Self::Grading, Self::Regrading];

    /// What operators call it: in names of queues, metrics and commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Grading => "grading",
            Self::Regrading => "regrading",
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many jobs a lane holds; a moment's picture, for operators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// To be had now.
    pub waiting: u64,
    /// Held by someone, or delayed.
    pub in_flight: u64,
    /// Given up after [`MAX_DELIVERIES`], until somebody completes them by [`JobQueue::lease_dead`].
    pub dead: u64,
    /// How long the oldest of those waiting has been there; `None` when none waits, or the queue does not tell.
    pub oldest: Option<Duration>,
}

/// What came of giving dead jobs back to their lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redriven {
    /// They are there, so many.
    Moved(u64),
    /// The server moves them by itself, about so many.
    Moving(u64),
}

/// Why the queue did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The job has been delivered to someone else since, or is completed: stop working on it.
    #[error("the lease of this job is lost")]
    Lost,
    #[error("a job of {bytes} bytes is larger than {MAX_BODY_BYTES}")]
    TooLarge { bytes: usize },
    /// The queue could not be reached or failed; the same call may work later.
    #[error("{doing}")]
    Unavailable {
        doing: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// See the crate for what is promised.
#[async_trait]
pub trait JobQueue: Send + Sync + 'static {
    /// Adds a job. Once this returns, the job outlives a crash of every process and a power cut; after an error it may be
    /// there or not.
    async fn send(&self, lane: Lane, body: &str) -> Result<(), QueueError> {
        self.send_all(lane, &[Message::of(body)]).await
    }

    /// The same for several, in this order. If one is too large, none is added.
    async fn send_all(&self, lane: Lane, messages: &[Message<'_>]) -> Result<(), QueueError>;

    /// Waits up to `wait` (at most [`MAX_WAIT`]) for a job; it is ours for `visibility`, counted from its delivery.
    ///
    /// Dropping the future may leave a job delivered to nobody: it comes back after `visibility`, one try poorer.
    async fn lease(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError>;

    /// As [`lease`](Self::lease), for jobs given up after too many deliveries. Completing one removes it; otherwise it
    /// comes back here, as often as it takes.
    async fn lease_dead(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError>;

    /// How much there is; approximate where the queue is distributed.
    async fn depth(&self, lane: Lane) -> Result<Depth, QueueError>;

    /// Gives all of a lane's dead jobs back to it, with all their tries. One may be delivered twice for it, never not at
    /// all; those that somebody holds stay.
    async fn redrive(&self, lane: Lane) -> Result<Redriven, QueueError> {
        redrive_one_by_one(self, lane, Duration::ZERO).await.map(Redriven::Moved)
    }
}

/// How long a dead job is held on its way back.
const REDRIVE_HOLD: Duration = Duration::from_secs(30);

/// As many as are dead now, and no more: some may die again meanwhile. Each look waits up to `wait`.
async fn redrive_one_by_one<Q: JobQueue + ?Sized>(
    queue: &Q,
    lane: Lane,
    wait: Duration,
) -> Result<u64, QueueError> {
    let mut moved = 0;
    for _ in 0..queue.depth(lane).await?.dead {
        let Some(job) = queue.lease_dead(lane, REDRIVE_HOLD, wait).await? else { break };
        job.redrive().await?;
        moved += 1;
    }
    Ok(moved)
}
