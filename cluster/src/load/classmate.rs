//! One learner who hands in: right and wrong work by turns, each under a key of its own that every try repeats.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hostile::class::Class;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::writer::Paper;
use super::{Ledger, Seat, insist};

const SOLUTION: &str = "solution.sh";
/// Between looks at what is not final yet.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// One hand-in.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When the button was pressed.
    pub pressed: Instant,
    /// Once it was accepted.
    pub submission: Option<Uuid>,
    pub right: bool,
    /// Once there is an end, and which.
    pub end: Option<(Instant, Class)>,
}

impl Entry {
    #[must_use]
    pub fn expected(&self) -> Class {
        if self.right { Class::Passed } else { Class::Failed }
    }
}

/// What one learner handed in.
#[derive(Debug, Default)]
pub struct HandIn {
    entries: Mutex<Vec<Entry>>,
    resting: AtomicBool,
    /// From the moment a work is begun to its verdict.
    busy: AtomicBool,
}

impl HandIn {
    fn book(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.book().clone()
    }

    #[must_use]
    pub fn accepted(&self) -> usize {
        self.book().iter().filter(|entry| entry.submission.is_some()).count()
    }

    #[must_use]
    pub fn open_before(&self, when: Instant) -> usize {
        self.book().iter().filter(|entry| entry.pressed < when && entry.end.is_none()).count()
    }

    pub(super) fn rest(&self, rest: bool) {
        self.resting.store(rest, Ordering::SeqCst);
    }

    /// Takes up a work, unless nobody is to.
    fn begins(&self) -> bool {
        self.busy.store(true, Ordering::SeqCst);
        let begins = !self.resting.load(Ordering::SeqCst);
        self.busy.store(begins, Ordering::SeqCst);
        begins
    }

    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst)
    }

    fn last(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.book().last_mut() {
            change(entry);
        }
    }
}

/// Hands in after `first` and then every `pace`, the last verdict awaited, until it is over.
pub(super) async fn hand_in_on(
    seat: &Seat,
    ledger: &Ledger,
    hand_ins: &HandIn,
    (first, pace): (Duration, Duration),
    over: &CancellationToken,
) {
    let mut paper = Paper::new(seat, SOLUTION, true);
    let mut next = tokio::time::Instant::now() + first;
    loop {
        if over.run_until_cancelled(tokio::time::sleep_until(next)).await.is_none() {
            return;
        }
        next = tokio::time::Instant::now() + pace;
        if !hand_ins.begins() {
            next = tokio::time::Instant::now() + LOOK_EVERY;
            continue;
        }
        match hand_in(seat, ledger, hand_ins, &mut paper, over).await {
            Ok(Some(())) => hand_ins.busy.store(false, Ordering::SeqCst),
            Ok(None) => return,
            Err(why) => {
                hand_ins.busy.store(false, Ordering::SeqCst);
                return ledger.wrong(format!("{why:#}"));
            }
        }
    }
}

/// One work, from saving to verdict.
pub(super) async fn hand_in(
    seat: &Seat,
    ledger: &Ledger,
    hand_ins: &HandIn,
    paper: &mut Paper,
    over: &CancellationToken,
) -> anyhow::Result<Option<()>> {
    let number = hand_ins.book().len();
    let right = number.is_multiple_of(2);
    let factor = if right { 3 } else { 2 };
    let text = format!("#!/bin/bash\n# {number}\necho $(($1 * {factor}))\n");
    if paper.put(seat, ledger, over, &text).await?.is_none() {
        return Ok(None);
    }
    let key = Uuid::new_v4().to_string();
    hand_ins.book().push(Entry { pressed: Instant::now(), submission: None, right, end: None });
    let accepted =
        insist(ledger, over, "handing in", || async { seat.learner.hand_in(seat.workspace.id, &key).await });
    let Some(submission) = accepted.await? else { return Ok(None) };
    hand_ins.last(|entry| entry.submission = Some(submission.id));
    let class = loop {
        let seen = insist(ledger, over, "looking for a verdict", || async {
            seat.learner.submission(submission.id).await
        });
        let Some(seen) = seen.await? else { return Ok(None) };
        let class = Class::of(&seen.state);
        if class != Class::Unknown {
            break class;
        }
        if over.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
            return Ok(None);
        }
    };
    hand_ins.last(|entry| entry.end = Some((Instant::now(), class)));
    Ok(Some(()))
}
