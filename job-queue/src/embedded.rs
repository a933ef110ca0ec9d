//! The queue in a SQLite file, which it may share with other tables and other processes.
//!
//! A job is a row; leasing it moves its `visible_at` into the future and counts a delivery. The pair of id and delivery
//! is the receipt: unique for each delivery, so a lease that ran out can neither extend nor complete what someone else
//! holds by now. Every call is one SQL statement or a transaction of inserts, so it happens whole or not at all.

mod table;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::clock::{Clock, SystemClock};
use crate::lease::{Hold, Lease};
use crate::{Depth, JobQueue, Lane, MAX_BODY_BYTES, MAX_VISIBILITY, MAX_WAIT, Message, QueueError};
use table::{Delivery, Kind, Table};

/// How long a job sent by another process, or one whose lease ran out, may lie unseen. Ten looks a second at an index
/// cost nothing that can be measured; a person does not notice the wait.
const POLL: Duration = Duration::from_millis(100);

/// See the module. Cheap to clone: clones share connections and wake each other.
#[derive(Clone)]
pub struct EmbeddedQueue {
    shared: Arc<Shared>,
}

struct Shared {
    table: Table,
    clock: Box<dyn Clock>,
    // Wakes everyone who waits in this process; carries nothing, so it cannot fill up. Who was not waiting yet looks
    // at the table first, and other processes poll.
    sessions_changed: Notify,
    grading_changed: Notify,
    regrading_changed: Notify,
}

/// One delivery of one job.
struct Held {
    shared: Arc<Shared>,
    lane: Lane,
    job: i64,
    delivery: u32,
}

impl EmbeddedQueue {
    /// Opens the queue in the SQLite file at `path`, and makes what is missing; the folder must exist. Other tables in
    /// the file are left alone.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`] when the file cannot be opened or is no SQLite database.
    pub async fn open(path: &Path) -> Result<Self, QueueError> {
        Self::open_with_clock(path, SystemClock).await
    }

    /// As [`open`](Self::open), with another clock than the machine's.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with_clock(path: &Path, clock: impl Clock) -> Result<Self, QueueError> {
        let shared = Shared {
            table: Table::open(path).await?,
            clock: Box::new(clock),
            sessions_changed: Notify::new(),
            grading_changed: Notify::new(),
            regrading_changed: Notify::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Makes every job that is held or delayed to be had at once, and counts them. For an only consumer that starts
    /// again: nobody is left who could hold one, so there is no lease to wait for.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`] when the database does not answer.
    pub async fn reclaim(&self) -> Result<u64, QueueError> {
        self.shared.table.show_all().await
    }

    async fn claim(
        &self,
        lane: Lane,
        kind: Kind,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        let deadline = Instant::now() + wait.min(MAX_WAIT);
        loop {
            // Listening before looking: a job sent in between wakes us.
            let changed = self.shared.changed(lane).notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(delivery) = self.shared.claim(lane, kind, visibility).await? {
                return Ok(Some(self.lease_of(lane, delivery)));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            let next_look = deadline.min(Instant::now() + POLL);
            // Woken or not, the table is looked at again.
            let _ = timeout_at(next_look, changed).await;
        }
    }

    fn lease_of(&self, lane: Lane, delivery: Delivery) -> Lease {
        let Delivery { id, deliveries, body, trace } = delivery;
        let held = Held { shared: Arc::clone(&self.shared), lane, job: id, delivery: deliveries };
        Lease::new(body, trace, deliveries, Box::new(held))
    }
}

#[async_trait]
impl JobQueue for EmbeddedQueue {
    async fn send_all(&self, lane: Lane, messages: &[Message<'_>]) -> Result<(), QueueError> {
        if let Some(large) = messages.iter().find(|message| message.body.len() > MAX_BODY_BYTES) {
            return Err(QueueError::TooLarge { bytes: large.body.len() });
        }
        self.shared.table.insert(lane, messages, self.shared.clock.now_micros()).await?;
        self.shared.changed(lane).notify_waiters();
        Ok(())
    }

    async fn lease(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        self.claim(lane, Kind::Live, visibility, wait).await
    }

    async fn lease_dead(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        self.claim(lane, Kind::Dead, visibility, wait).await
    }

    async fn depth(&self, lane: Lane) -> Result<Depth, QueueError> {
        self.shared.table.depth(lane, self.shared.clock.now_micros()).await
    }
}

impl Shared {
    fn changed(&self, lane: Lane) -> &Notify {
        match lane {
            Lane::Sessions => &self.sessions_changed,
            Lane::Grading => &self.grading_changed,
            Lane::Regrading => &self.regrading_changed,
        }
    }

    async fn claim(
        &self,
        lane: Lane,
        kind: Kind,
        visibility: Duration,
    ) -> Result<Option<Delivery>, QueueError> {
        let now = self.clock.now_micros();
        if !self.table.any_visible(lane, kind, now).await? {
            return Ok(None);
        }
        self.table.claim(lane, kind, now, later(now, visibility)).await
    }
}

#[async_trait]
impl Hold for Held {
    async fn extend(&self, visibility: Duration) -> Result<(), QueueError> {
        let until = later(self.shared.clock.now_micros(), visibility);
        self.shared.table.hide(self.job, self.delivery, until).await
    }

    async fn complete(&self) -> Result<(), QueueError> {
        self.shared.table.delete(self.job, self.delivery).await
    }

    async fn release(&self, delay: Duration) -> Result<(), QueueError> {
        // Without a delay the job is visible at any time, even should the clock be set back.
        let at = if delay.is_zero() { 0 } else { later(self.shared.clock.now_micros(), delay) };
        self.shared.table.hide(self.job, self.delivery, at).await?;
        self.shared.changed(self.lane).notify_waiters();
        Ok(())
    }

    async fn redrive(&self, _: &str, _: Option<&str>) -> Result<(), QueueError> {
        self.shared.table.revive(self.job, self.delivery, self.shared.clock.now_micros()).await?;
        self.shared.changed(self.lane).notify_waiters();
        Ok(())
    }
}

fn later(now_micros: i64, by: Duration) -> i64 {
    let by = i64::try_from(by.min(MAX_VISIBILITY).as_micros()).unwrap_or(i64::MAX);
    now_micros.saturating_add(by)
}
