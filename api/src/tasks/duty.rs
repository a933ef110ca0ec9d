//! What many processes must do one at a time: whoever holds the duty does it, and nobody else.
//!
//! The holder looks at its row a few times per [`LEASE`] and only answers when somebody has asked whether it is there; so where
//! nobody competes nothing is written. Whoever was asked and did not answer within the lease has lost it. A holder trusts a look
//! for less than the lease, by a clock that nobody can set, and is stopped before the next step once that is over: it stops
//! before another begins. What this cannot promise is that a step under way has no effect later – a request to the queue that
//! took seconds – so everything done under a duty bears being done twice.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::problem::Chain;
use crate::state::AppState;
use crate::store::{DutyRow, Store, StoreError};

/// A holder that was asked and says nothing for so long has lost its duty. With the time to notice, a process that was
/// killed is replaced within three seconds; a database that hesitates for two seconds ends nothing.
const LEASE: Duration = Duration::from_millis(2_400);

/// How often a holder looks whether it was asked.
const LOOK_EVERY: Duration = Duration::from_millis(800);

/// How often others look.
const ASK_EVERY: Duration = Duration::from_millis(400);

/// How much less than the lease a holder trusts: what commits and wake-ups may take.
const STOP_EARLY: Duration = Duration::from_millis(400);

/// Pause after the database did not answer.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// Asked within this time, a holder counts as one of several.
const COMPANY_FOR: Duration = Duration::from_secs(5);

/// The duties there are.
#[derive(Debug)]
pub(crate) struct Duties {
    /// Moving jobs to the queue, and looking for lost ones.
    pub(crate) dispatch: Duty,
    /// Removing what nobody needs.
    pub(crate) sweep: Duty,
}

impl Default for Duties {
    fn default() -> Self {
        Self { dispatch: Duty::new("dispatch"), sweep: Duty::new("sweep") }
    }
}

/// One of them, as this process sees it.
#[derive(Debug)]
pub(crate) struct Duty {
    pub(crate) name: &'static str,
    /// Until when it is ours.
    ours: watch::Sender<Option<Instant>>,
    /// When somebody else was seen to want it, or to have it.
    company: watch::Sender<Option<Instant>>,
    /// Those who work under it.
    at_work: TaskTracker,
}

impl Duty {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            ours: watch::Sender::new(None),
            company: watch::Sender::new(None),
            at_work: TaskTracker::new(),
        }
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.ours.borrow().is_some_and(|until| Instant::now() < until)
    }

    /// Whether other processes are there, as far as this one has noticed.
    pub(crate) fn has_company(&self) -> bool {
        self.company.borrow().is_some_and(|seen| seen.elapsed() < COMPANY_FOR)
    }
}

/// Holds the duty whenever it can be had, until the shutdown; then gives it up as soon as the work has ended.
pub(super) async fn hold(app: AppState, which: fn(&Duties) -> &Duty) {
    let duty = which(&app.duties);
    let me = app.instance.to_string();
    while !app.shutdown.is_cancelled() {
        let asked_at = Instant::now();
        let pause = match look(&app.store, duty.name, &me).await {
            Ok(Look { standing, company }) => {
                if company {
                    duty.company.send_replace(Some(asked_at));
                }
                let until = matches!(standing, Standing::Ours).then(|| asked_at + LEASE - STOP_EARLY);
                if until.is_some() != duty.ours.send_replace(until).is_some() {
                    tracing::info!(
                        duty = duty.name,
                        ours = until.is_some(),
                        "who has the duty `{}` has changed",
                        duty.name
                    );
                }
                match standing {
                    Standing::Ours => LOOK_EVERY,
                    Standing::Others { wait } => wait.min(ASK_EVERY),
                }
            }
            // Ours for as long as the last look is trusted.
            Err(why) => {
                app.config.metrics.failed("duty");
                tracing::warn!(error = %Chain(&why), duty = duty.name, "a duty could not be looked at");
                RETRY_AFTER
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.shutdown.cancelled() => {}
        }
    }
    duty.at_work.close();
    duty.at_work.wait().await;
    if duty.ours.send_replace(None).is_some()
        && let Err(why) = app.store.give_up_duty(duty.name, &me).await
    {
        tracing::warn!(error = %Chain(&why), duty = duty.name, "a duty was not given up: others wait for it");
    }
}

/// Works while the duty is ours, from the beginning each time, until the work ends by itself.
pub(super) async fn under<W: Future<Output = ()>>(
    app: AppState,
    which: fn(&Duties) -> &Duty,
    work: impl Fn(AppState) -> W,
) {
    let duty = which(&app.duties);
    let mut ours = duty.ours.subscribe();
    loop {
        tokio::select! {
            held = ours.wait_for(|until| until.is_some_and(|until| Instant::now() < until)) => if held.is_err() { return },
            () = app.shutdown.cancelled() => return,
        }
        let at_work = duty.at_work.token();
        let ended = while_ours(duty, work(app.clone())).await;
        drop(at_work);
        if ended {
            return;
        }
    }
}

/// Whether the work ended by itself. Before each of its steps it is asked whether the duty is still ours.
async fn while_ours(duty: &Duty, work: impl Future<Output = ()>) -> bool {
    let mut work = pin!(work);
    let mut over = pin!(over(duty.ours.subscribe()));
    poll_fn(|cx| {
        if !duty.is_ours() || over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(false);
        }
        work.as_mut().poll(cx).map(|()| true)
    })
    .await
}

async fn over(mut ours: watch::Receiver<Option<Instant>>) {
    loop {
        let Some(until) = *ours.borrow_and_update() else { return };
        tokio::select! {
            () = tokio::time::sleep_until(until) => return,
            changed = ours.changed() => if changed.is_err() { return },
        }
    }
}

struct Look {
    standing: Standing,
    /// Other processes are there.
    company: bool,
}

impl Look {
    fn ours(company: bool) -> Self {
        Self { standing: Standing::Ours, company }
    }

    fn others(wait: Duration) -> Self {
        Self { standing: Standing::Others { wait }, company: true }
    }
}

enum Standing {
    Ours,
    Others {
        /// Nothing can change before.
        wait: Duration,
    },
}

/// What a look at the row leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Ours, and nobody asked.
    Keep,
    /// Ours, and somebody asked whether we are there.
    Answer,
    /// Another's, and nobody has asked yet.
    Ask,
    /// It was asked, and has this long to answer.
    Wait(Duration),
    /// It did not.
    TakeOver,
}

fn step(row: &DutyRow, me: &str) -> Step {
    match (row.holder == me, row.left_micros) {
        (true, None) => Step::Keep,
        (true, Some(_)) => Step::Answer,
        (false, None) => Step::Ask,
        (false, Some(left)) => match u64::try_from(left) {
            Ok(left) if left > 0 => Step::Wait(Duration::from_micros(left)),
            _ => Step::TakeOver,
        },
    }
}

/// One look, and what follows from it at once.
async fn look(store: &Store, name: &str, me: &str) -> Result<Look, StoreError> {
    let Some(row) = store.duty(name).await? else {
        let taken = store.take_duty(name, me).await?;
        return Ok(if taken { Look::ours(false) } else { Look::others(RETRY_AFTER) });
    };
    Ok(match step(&row, me) {
        Step::Keep => Look::ours(false),
        Step::Answer if store.answer_for_duty(name, row.epoch).await? => Look::ours(true),
        Step::Ask => {
            store.ask_for_duty(name, row.epoch, LEASE).await?;
            Look::others(LEASE)
        }
        Step::Wait(wait) => Look::others(wait),
        Step::TakeOver if store.take_duty_over(name, row.epoch, me).await? => Look::ours(false),
        Step::Answer | Step::TakeOver => Look::others(RETRY_AFTER),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_look_leads_to() {
        let rows = [
            ("me", None, Step::Keep),
            ("me", Some(1_000), Step::Answer),
            // Late, but nobody has taken it: the store decides.
            ("me", Some(-1_000), Step::Answer),
            ("other", None, Step::Ask),
            ("other", Some(1_000), Step::Wait(Duration::from_millis(1))),
            ("other", Some(0), Step::TakeOver),
            ("other", Some(-1_000), Step::TakeOver),
        ];
        for (holder, left_micros, expected) in rows {
            let row = DutyRow { holder: holder.into(), epoch: 1, left_micros };
            assert_eq!(step(&row, "me"), expected, "{holder} {left_micros:?}");
        }
    }

    /// The figures of ARCHITECTURE.md.
    #[test]
    fn a_dead_holder_is_replaced_within_three_seconds() {
        assert!(ASK_EVERY + LEASE + RETRY_AFTER <= Duration::from_secs(3));
        assert!(LOOK_EVERY * 2 + STOP_EARLY <= LEASE, "one look may fail");
    }

    #[tokio::test(start_paused = true)]
    async fn work_stops_the_moment_the_duty_is_over_and_begins_anew_when_it_is_back() {
        let duty = Duty::new("test");
        duty.ours.send_replace(Some(Instant::now() + Duration::from_secs(2)));
        let begun = Instant::now();
        let steps = std::cell::Cell::new(0);
        let work = async {
            loop {
                tokio::time::sleep(Duration::from_millis(150)).await;
                steps.set(steps.get() + 1);
            }
        };
        assert!(!while_ours(&duty, work).await);
        assert_eq!((begun.elapsed(), steps.get()), (Duration::from_secs(2), 13));
        // A process that stood still finds its duty over before it takes another step.
        duty.ours.send_replace(Some(Instant::now() + Duration::from_secs(2)));
        let standing_still = async {
            tokio::time::advance(Duration::from_secs(60)).await;
            steps.set(1_000);
        };
        assert!(!while_ours(&duty, standing_still).await);
        assert_eq!(steps.get(), 13);
    }
}
