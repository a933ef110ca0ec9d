//! The warm pool: started containers that wait, frozen, for whoever comes next. A claim from it takes a thaw instead of a
//! start; a container once claimed never comes back.
//!
//! [`Shelf`] decides what to start and what to throw away, [`Pace`] how fast; this file does it.

mod demand;
mod pace;
mod shelf;
mod timetable;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use lesson::Lesson;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::container::{Container, Purpose, Shape, StartError, Starter};
use crate::freezer::Freezer;
use crate::metrics::Metrics;
use crate::supervisor::Lane;

use pace::Pace;
use shelf::{Cost, Plan};
pub use shelf::{Count, Policy, Shelf};
use timetable::MinuteOfDay;
pub use timetable::{Expected, NotExpected, Timetable};

/// Between two looks at what has grown too old or is no longer expected; everything else wakes the pool at once.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// After a claim, the learner's own start – files, shell – has the processors before the refill takes them.
const REFILL_PAUSE: Duration = Duration::from_millis(300);

/// A refill waits for starts that somebody waits for; but not for ever, or a night of hand-ins would never see a warm one.
const YIELD_AT_MOST: Duration = Duration::from_secs(10);

/// Shared by all who need containers.
#[derive(Debug)]
pub struct Pool {
    starter: Arc<Starter>,
    /// What nothing is kept warm by needs none.
    freezer: Option<Freezer>,
    metrics: Metrics,
    shelf: Mutex<Shelf<Container>>,
    /// Wakes the refilling task; permits are kept, so none is lost.
    changed: Notify,
    /// Someone claimed since the last start.
    claimed: AtomicBool,
}

impl Pool {
    #[must_use]
    pub fn new(starter: Arc<Starter>, freezer: Option<Freezer>, policy: Policy, metrics: Metrics) -> Self {
        Self { freezer, metrics, shelf: Mutex::new(Shelf::new(policy)), ..Self::cold(starter) }
    }

    /// One that keeps nothing warm, and that nobody measures.
    #[must_use]
    pub fn cold(starter: Arc<Starter>) -> Self {
        Self {
            starter,
            freezer: None,
            metrics: Metrics::default(),
            shelf: Mutex::new(Shelf::new(Policy::default())),
            changed: Notify::new(),
            claimed: AtomicBool::new(false),
        }
    }

    /// A container of this shape that nobody had before: a warm one, else one started now.
    ///
    /// # Errors
    /// [`StartError`] when none is warm and none can be started.
    pub async fn claim(&self, shape: &Shape, lane: Lane) -> Result<Container, StartError> {
        let clock = Instant::now();
        let warm = self.take_warm(shape);
        let is_warm = warm.is_some();
        let mut container = match warm {
            Some(warm) => warm,
            None => self.starter.start(shape, Purpose::Job(lane)).await?,
        };
        container.give_to(lane).await;
        self.metrics.claimed(&shape.image, lane, is_warm, clock.elapsed());
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
            let mut pace = Pace::default();
            loop {
                match self.plan() {
                    // One at a time: a learner who waits for a cold start shares the engine with one refill at most.
                    Some(shape) => {
                        self.let_others_first(&pace).await;
                        let clock = Instant::now();
                        self.start(&shape).await;
                        pace.ended(Instant::now(), clock.elapsed());
                    }
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

    /// Throws away what has to go; says what is to be started.
    fn plan(&self) -> Option<Shape> {
        let minute = MinuteOfDay::of(SystemTime::now());
        let Plan { start, discard } = {
            let mut shelf = self.shelf();
            let plan = shelf.plan(Instant::now(), minute);
            self.metrics.pool(shelf.counts());
            plan
        };
        drop(discard);
        start
    }

    async fn let_others_first(&self, pace: &Pace) {
        tokio::time::sleep(pace.pause(Instant::now())).await;
        if self.claimed.swap(false, Ordering::Relaxed) {
            tokio::time::sleep(REFILL_PAUSE).await;
        }
        let _ = tokio::time::timeout(YIELD_AT_MOST, self.starter.nobody_waits()).await;
    }

    /// Notes what hand-ins run: it is to wait in containers from now on.
    pub fn expect(&self, lesson: &Lesson) {
        self.starter.zygotes.expect(lesson);
    }

    /// Starts one more now, whatever the policy wants.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn add(&self, shape: &Shape) -> Result<(), StartError> {
        let (container, cost) = self.start_waiting(shape).await?;
        let refused = self.shelf().put(Instant::now(), shape, container, cost);
        drop(refused);
        Ok(())
    }

    async fn start_waiting(&self, shape: &Shape) -> Result<(Container, Cost), StartError> {
        let clock = Instant::now();
        let mut container = self.starter.start(shape, Purpose::Pool).await?;
        let cost = Cost { memory_kib: container.memory_kib(), start: clock.elapsed() };
        if let Some(freezer) = &self.freezer {
            container.freeze(freezer);
        }
        Ok((container, cost))
    }

    async fn start(&self, shape: &Shape) {
        let started = self.start_waiting(shape).await;
        let now = Instant::now();
        let refused = match started {
            Ok((container, cost)) => self.shelf().put(now, shape, container, cost),
            Err(why) => {
                tracing::warn!(image = shape.image, error = %why, "could not warm up a container");
                self.shelf().failed(now, shape);
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
