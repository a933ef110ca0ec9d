//! A job in someone's hands.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::QueueError;

/// The right to work on one job for a while. Used up by [`complete`](Self::complete) or [`release`](Self::release);
/// dropped, it simply runs out, and the job is delivered again.
#[must_use = "a lease that is dropped runs out, and the job is delivered again"]
pub struct Lease {
    body: String,
    trace: Option<String>,
    delivery: u32,
    hold: Box<dyn Hold>,
}

/// What a queue does with a job that it has delivered.
#[async_trait]
pub(crate) trait Hold: Send + Sync {
    async fn extend(&self, visibility: Duration) -> Result<(), QueueError>;
    async fn complete(&self) -> Result<(), QueueError>;
    async fn release(&self, delay: Duration) -> Result<(), QueueError>;
    async fn redrive(&self, body: &str, trace: Option<&str>) -> Result<(), QueueError>;
}

impl Lease {
    pub(crate) fn new(body: String, trace: Option<String>, delivery: u32, hold: Box<dyn Hold>) -> Self {
        Self { body, trace, delivery, hold }
    }

    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The `traceparent` it was sent with.
    #[must_use]
    pub fn trace(&self) -> Option<&str> {
        self.trace.as_deref()
    }

    /// How often this job has been delivered, 1 the first time.
    #[must_use]
    pub fn delivery(&self) -> u32 {
        self.delivery
    }

    /// Keeps the job for `visibility` from now on, shorter or longer than before.
    ///
    /// # Errors
    /// [`QueueError::Lost`] when it is no longer ours: stop. A lease that ran out is surely lost once the job was
    /// delivered again, and may be before that. [`QueueError::Unavailable`]: unknown; try again before it runs out.
    pub async fn extend(&self, visibility: Duration) -> Result<(), QueueError> {
        self.hold.extend(visibility).await
    }

    /// The job is done and never delivered again – once this returned. After an error it may be.
    ///
    /// # Errors
    /// [`QueueError::Lost`] when someone else has it by now; theirs to complete.
    pub async fn complete(self) -> Result<(), QueueError> {
        self.hold.complete().await
    }

    /// Gives the job back, to be delivered after `delay`. The try counts: the third one makes the job dead.
    ///
    /// # Errors
    /// [`QueueError::Lost`] when someone else has it by now.
    pub async fn release(self, delay: Duration) -> Result<(), QueueError> {
        self.hold.release(delay).await
    }

    /// Puts the job into its lane anew, with all its tries: one that is dead
    /// ([`JobQueue::lease_dead`](crate::JobQueue::lease_dead)), or one that is to be somebody else's though nothing went
    /// wrong. After an error it may be in both places, never in neither.
    ///
    /// # Errors
    /// [`QueueError::Lost`] when someone else has it by now.
    pub async fn redrive(self) -> Result<(), QueueError> {
        self.hold.redrive(&self.body, self.trace.as_deref()).await
    }
}

impl fmt::Debug for Lease {
    /// Without the body, which may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}
