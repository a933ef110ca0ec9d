//! The learners: some type into terminals and save, some hand in one work after the other. All of them do what a page does when
//! the far end is not there – they try again – and everything is written down.

mod classmate;
pub mod flood;
mod insist;
pub mod keys;
mod learner;
mod ledger;
mod typist;
mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use classmate::HandIn;
pub use insist::insist;
pub use learner::{Seat, enrol};
pub use ledger::{Failure, Ledger};
pub use typist::Typing;
pub use writer::Saves;

use crate::topology::Topology;

/// The lesson of everybody.
pub const LESSON: &str = "triple";

/// Institutions that the crowd comes from.
const INSTITUTIONS: [&str; 4] = ["north", "south", "east", "west"];

/// Everybody until a terminal is there: thirty cold starts on two cores.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Typists and classmates at work.
pub struct Crowd {
    pub ledger: Arc<Ledger>,
    pub typists: Vec<Arc<Typing>>,
    pub savers: Vec<Arc<Saves>>,
    pub classmates: Vec<Arc<HandIn>>,
    over: CancellationToken,
    tasks: JoinSet<()>,
}

impl Crowd {
    /// Opens the sessions and begins to type and to hand in.
    ///
    /// # Errors
    /// When somebody is not let in, or has no terminal in time.
    pub async fn gather(
        topology: &Topology,
        typists: usize,
        classmates: usize,
        pace: Duration,
    ) -> anyhow::Result<Self> {
        let ledger = Arc::new(Ledger::new());
        let over = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let mut crowd = Self {
            ledger: Arc::clone(&ledger),
            typists: Vec::new(),
            savers: Vec::new(),
            classmates: Vec::new(),
            over: over.clone(),
            tasks: JoinSet::new(),
        };
        let seats = enrol(topology, &ledger, "typist", typists, &INSTITUTIONS).await?;
        for (number, seat) in seats.into_iter().enumerate() {
            let (typing, saves) = (Arc::new(Typing::new(number)), Arc::new(Saves::default()));
            crowd.typists.push(Arc::clone(&typing));
            crowd.savers.push(Arc::clone(&saves));
            let (seat, ledger, over) = (Arc::new(seat), Arc::clone(&ledger), over.clone());
            tasks.spawn({
                let (seat, ledger, over) = (Arc::clone(&seat), Arc::clone(&ledger), over.clone());
                async move { writer::save_on(&seat, &ledger, &saves, &over).await }
            });
            tasks.spawn(async move { typist::type_on(&seat, &ledger, &typing, &over).await });
        }
        crowd.tasks = tasks;
        crowd.until_all_type(Instant::now(), SETTLED_WITHIN).await.context("opening the sessions")?;
        let seats = enrol(topology, &ledger, "classmate", classmates, &INSTITUTIONS).await?;
        for (number, seat) in seats.into_iter().enumerate() {
            let hand_ins = Arc::new(HandIn::default());
            crowd.classmates.push(Arc::clone(&hand_ins));
            let (ledger, over) = (Arc::clone(&ledger), over.clone());
            // Not all at once: spread over one pace.
            let first = pace.mul_f64(number as f64 / classmates.max(1) as f64);
            crowd.tasks.spawn(async move {
                classmate::hand_in_on(&seat, &ledger, &hand_ins, (first, pace), &over).await;
            });
        }
        Ok(crowd)
    }

    /// Waits until every typist has seen a key echoed that was pressed after `since`.
    ///
    /// # Errors
    /// Names those who have not, when `within` is over.
    pub async fn until_all_type(&self, since: Instant, within: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let waiting = self.typists.iter().filter(|typing| !typing.echoed_key_pressed_after(since));
            let waiting: Vec<_> = waiting.map(|typing| typing.state()).collect();
            if waiting.is_empty() {
                return Ok(());
            }
            anyhow::ensure!(
                began.elapsed() < within,
                "{} of {} sessions do not echo after {within:?}: {}",
                waiting.len(),
                self.typists.len(),
                waiting.first().map_or("", String::as_str)
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until everything that was handed in before `when` has come to its end.
    ///
    /// # Errors
    /// Says how much has not, when `within` is over.
    pub async fn until_graded(&self, when: Instant, within: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let open: usize = self.classmates.iter().map(|one| one.open_before(when)).sum();
            if open == 0 {
                return Ok(());
            }
            anyhow::ensure!(began.elapsed() < within, "{open} hand-ins have no verdict after {within:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until nobody has a work in hand; nobody begins one where the crowd [rests](Self::rest).
    ///
    /// # Errors
    /// Says how many have, when `within` is over.
    pub async fn until_idle(&self, within: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let busy = self.classmates.iter().filter(|one| one.is_busy()).count();
            if busy == 0 {
                return Ok(());
            }
            anyhow::ensure!(began.elapsed() < within, "{busy} learners wait for a verdict after {within:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Hand-ins accepted so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.classmates.iter().map(|one| one.accepted()).sum()
    }

    /// Nobody hands in any more; what is typed goes on.
    pub fn rest(&self, rest: bool) {
        for one in &self.classmates {
            one.rest(rest);
        }
    }

    /// Everybody goes home: sessions are ended.
    pub async fn dismiss(mut self) {
        self.over.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}
