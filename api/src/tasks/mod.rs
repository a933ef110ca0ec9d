//! What runs beside the requests: each task reads the state, mends it, and can be killed at any moment. What only
//! one process may do at a time is done under a [`duty`].

mod dead_letters;
mod dispatcher;
pub(crate) mod duty;
mod figures;
pub(crate) mod lost;
mod queue_places;
mod sessions;
mod sweeper;

use std::future::Future;
use std::time::Duration;

use job_queue::Lane;
use tokio_util::task::TaskTracker;

use crate::state::AppState;
use duty::{Duties, Duty};

/// Pause before a task that panicked begins again: one that does so at once must not spin.
const AFTER_PANIC: Duration = Duration::from_secs(1);

const DISPATCH: fn(&Duties) -> &Duty = |duties| &duties.dispatch;
const SWEEP: fn(&Duties) -> &Duty = |duties| &duties.sweep;

/// Starts them all; they end with the app's shutdown.
pub(crate) fn start(app: &AppState, tracker: &TaskTracker) {
    for which in [DISPATCH, SWEEP] {
        keep(app, tracker, "duty", move |app| duty::hold(app, which));
    }
    keep(app, tracker, "dispatcher", |app| duty::under(app, DISPATCH, dispatcher::run));
    for lane in Lane::ALL {
        keep(app, tracker, "dead letters", move |app| dead_letters::run(app, lane));
    }
    for lane in Lane::ALL {
        keep(app, tracker, "lost jobs", move |app| {
            duty::under(app, DISPATCH, move |app| lost::run(app, lane))
        });
    }
    keep(app, tracker, "figures", figures::run);
    keep(app, tracker, "queue places", queue_places::run);
    keep(app, tracker, "sessions", sessions::run);
    keep(app, tracker, "sweeper", |app| duty::under(app, SWEEP, sweeper::run));
    keep(app, tracker, "heart", crate::peers::beat);
    keep(app, tracker, "log", crate::peers::read_log);
}

/// Runs a task until the shutdown, whatever happens in it: without one of them, people would wait for nothing, and the
/// process would look well.
fn keep<T>(
    app: &AppState,
    tracker: &TaskTracker,
    name: &'static str,
    task: impl Fn(AppState) -> T + Send + 'static,
) where
    T: Future<Output = ()> + Send + 'static,
{
    let app = app.clone();
    tracker.spawn(async move {
        while let Err(why) = tokio::spawn(task(app.clone())).await {
            tracing::error!(task = name, error = %why, "a task broke and begins again");
            tokio::time::sleep(AFTER_PANIC).await;
            if app.shutdown.is_cancelled() {
                return;
            }
        }
    });
}
