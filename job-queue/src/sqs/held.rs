//! One delivery, by the receipt that the server gave for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::send;
use super::server_queue::{ServerQueue, seconds};
use super::trouble::about_lease;
use crate::lease::Hold;
use crate::{MAX_VISIBILITY, Message, QueueError};

#[derive(Debug)]
pub(super) struct Held {
    queue: Arc<ServerQueue>,
    /// Where it goes when it is to be tried anew: the lane's own queue.
    back: Arc<ServerQueue>,
    url: String,
    receipt: String,
    group: Option<String>,
    /// When it runs out, by our clock and never before it does by the server's. Servers let an outdated receipt pass as
    /// long as they can make something of it – Amazon says "done" and does not delete – so this is asked first.
    until: Mutex<Instant>,
}

impl Held {
    pub(super) fn new(
        queue: Arc<ServerQueue>,
        back: Arc<ServerQueue>,
        url: String,
        receipt: String,
        group: Option<String>,
        until: Instant,
    ) -> Self {
        Self { queue, back, url, receipt, group, until: Mutex::new(until) }
    }

    fn still_ours(&self) -> Result<(), QueueError> {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() < until { Ok(()) } else { Err(QueueError::Lost) }
    }

    async fn hide(&self, time: Duration, doing: &'static str) -> Result<(), QueueError> {
        self.still_ours()?;
        let time = time.min(MAX_VISIBILITY);
        let asked = self
            .queue
            .client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(&self.receipt)
            .visibility_timeout(seconds(time));
        asked.send().await.map_err(about_lease(doing))?;
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + time;
        Ok(())
    }
}

#[async_trait]
impl Hold for Held {
    async fn extend(&self, visibility: Duration) -> Result<(), QueueError> {
        self.hide(visibility, "extending a job").await
    }

    async fn complete(&self) -> Result<(), QueueError> {
        self.still_ours()?;
        self.queue.deletes.delete(self.url.clone(), self.receipt.clone()).await
    }

    async fn release(&self, delay: Duration) -> Result<(), QueueError> {
        self.hide(delay, "releasing a job").await
    }

    /// Sent first and deleted then: killed in between, it is in both places, and whoever works on jobs bears that.
    async fn redrive(&self, body: &str, trace: Option<&str>) -> Result<(), QueueError> {
        self.still_ours()?;
        send::send_all(&self.back, &[Message { body, group: self.group.as_deref(), trace }]).await?;
        self.complete().await
    }
}
