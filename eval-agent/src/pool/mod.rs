//! The warm pool: started containers that wait, frozen, for whoever comes next. A claim from it takes a thaw instead of a
//! start; a container once claimed never comes back.
//!
//! [`Shelf`] decides what to start and what to throw away; this file does it.

mod shelf;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::container::{Container, Purpose, Shape, StartError, Starter};
use crate::freezer::Freezer;
use crate::supervisor::Lane;

pub use shelf::{Policy, Shelf};

/// Between two looks at what has grown too old; everything else wakes the pool at once.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// After a claim, the learner's own start – files, shell – has the processors before the refill takes them.
const REFILL_PAUSE: Duration = Duration::from_millis(300);

/// Shared by all who need containers.
#[derive(Debug)]
pub struct Pool {
    starter: Arc<Starter>,
    /// What nothing is kept warm by needs none.
    freezer: Option<Freezer>,
    shelf: Mutex<Shelf<Container>>,
    /// Wakes the refilling task; permits are kept, so none is lost.
    changed: Notify,
    /// Someone claimed since the last start.
    claimed: AtomicBool,
}

impl Pool {
    #[must_use]
    pub fn new(starter: Arc<Starter>, freezer: Option<Freezer>, policy: Policy) -> Self {
        Self {
            starter,
            freezer,
            shelf: Mutex::new(Shelf::new(policy)),
            changed: Notify::new(),
            claimed: AtomicBool::new(false),
        }
    }

    /// A container of this shape that nobody had before: a warm one, else one started now.
    ///
    /// # Errors
    /// [`StartError`] when none is warm and none can be started.
    pub async fn claim(&self, shape: &Shape, lane: Lane) -> Result<Container, StartError> {
        let mut container = match self.take_warm(shape) {
            Some(warm) => warm,
            None => self.starter.start(shape, Purpose::Job(lane)).await?,
        };
        container.give_to(lane).await;
        Ok(container)
    }

    fn take_warm(&self, shape: &Shape) -> Option<Container> {
        self.shelf().ask(Instant::now(), shape);
        // One that died while it waited is thrown away by being dropped.
        let waiting = std::iter::from_fn(|| self.shelf().claim(shape));
        let warm = waiting.map(|mut one| (one.wake(), one)).find(|(is_alive, _)| *is_alive);
        self.claimed.store(true, Ordering::Relaxed);
        self.changed.notify_one();
        warm.map(|(_, container)| container)
    }

    /// Keeps the shelf as its policy wants it until told to stop, then empties it.
    pub async fn keep_filled(&self, stop: CancellationToken) {
        let refill = async {
            loop {
                let plan = self.shelf().plan(Instant::now());
                drop(plan.discard);
                match plan.start {
                    // One at a time: a learner who waits for a cold start shares the engine with one refill at most.
                    Some(shape) => self.start(shape).await,
                    None => {
                        let _ = tokio::time::timeout(LOOK_EVERY, self.changed.notified()).await;
                    }
                }
            }
        };
        stop.run_until_cancelled(refill).await;
        let left = self.shelf().close();
        drop(left);
    }

    /// Starts one more now, whatever the policy wants.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn add(&self, shape: &Shape) -> Result<(), StartError> {
        let container = self.start_waiting(shape).await?;
        let refused = self.shelf().put(Instant::now(), shape, container);
        drop(refused);
        Ok(())
    }

    async fn start_waiting(&self, shape: &Shape) -> Result<Container, StartError> {
        let mut container = self.starter.start(shape, Purpose::Pool).await?;
        if let Some(freezer) = &self.freezer {
            container.freeze(freezer);
        }
        Ok(container)
    }

    async fn start(&self, shape: Shape) {
        if self.claimed.swap(false, Ordering::Relaxed) {
            tokio::time::sleep(REFILL_PAUSE).await;
        }
        let started = self.start_waiting(&shape).await;
        let now = Instant::now();
        let refused = match started {
            Ok(container) => self.shelf().put(now, &shape, container),
            Err(why) => {
                tracing::warn!(image = shape.image, error = %why, "could not warm up a container");
                self.shelf().failed(now, &shape);
                None
            }
        };
        drop(refused);
    }

    /// Held for moments only, never across an await; what leaves the shelf is dropped after it is let go.
    fn shelf(&self) -> MutexGuard<'_, Shelf<Container>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
