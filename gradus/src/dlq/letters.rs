//! The dead jobs of a queue, taken in hand for a moment.

use std::time::Duration;

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::job::{JobKind, JobMessage};
use job_queue::{JobQueue, Lane, Lease, QueueError};
use sha2::{Digest as _, Sha256};

/// How long a job is in our hands while a command works; should it be killed, others see it again after this.
const HOLD: Duration = Duration::from_secs(30);

/// A look that waits asks all of a distributed queue.
const LOOK: Duration = Duration::from_secs(1);

/// Jobs of a lane in hand at once.
const MAX_LETTERS: u64 = 1_000;

/// Letters of a name: enough to tell a lane's dead apart.
const NAME_CHARS: usize = 12;

pub struct Letter {
    /// Of its body: the same in every queue, at every look, for every copy.
    pub name: String,
    pub lease: Lease,
}

/// Takes what is dead in a lane, and says how many more there may be.
pub async fn take(queue: &dyn JobQueue, lane: Lane) -> Result<(Vec<Letter>, u64), QueueError> {
    let depth = queue.depth(lane).await?;
    let mut letters = Vec::new();
    for _ in 0..depth.dead.min(MAX_LETTERS) {
        let Some(lease) = queue.lease_dead(lane, HOLD, LOOK).await? else { break };
        letters.push(Letter { name: name(lease.body()), lease });
    }
    let taken = u64::try_from(letters.len()).unwrap_or(u64::MAX);
    Ok((letters, depth.dead.saturating_sub(taken)))
}

impl Letter {
    /// What it is, in a line. Nothing of its text but what Gradus knows the meaning of.
    pub fn about(&self) -> String {
        let body = self.lease.body();
        match serde_json::from_str::<JobMessage>(body) {
            Ok(message) if message.version != PROTOCOL_VERSION => {
                format!(
                    "job {} of protocol version {} (this is {PROTOCOL_VERSION})",
                    message.job, message.version
                )
            }
            Ok(message) => {
                let kind = match message.kind {
                    JobKind::Session => "session",
                    JobKind::Grading => "grading",
                };
                format!("{kind} job {}", message.job)
            }
            Err(why) => format!("cannot be read: {:?} at character {}", why.classify(), why.column()),
        }
    }

    /// Back to where it was, for whoever looks next.
    pub async fn put_back(self) -> Result<(), QueueError> {
        self.lease.release(Duration::ZERO).await
    }
}

fn name(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().chars().take(NAME_CHARS).collect()
}
