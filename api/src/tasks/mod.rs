//! What runs beside the requests: each task reads the state, mends it, and can be killed at any moment.

mod dead_letters;
mod dispatcher;
pub(crate) mod lost;
mod queue_places;
mod sessions;
mod sweeper;

use std::future::Future;
use std::time::Duration;

use ide_protocol::job::JobKind;
use job_queue::Lane;
use tokio_util::task::TaskTracker;

use crate::state::AppState;

/// Pause before a task that panicked begins again: one that does so at once must not spin.
const AFTER_PANIC: Duration = Duration::from_secs(1);

/// Starts them all; they end with the app's shutdown.
pub(crate) fn start(app: &AppState, tracker: &TaskTracker) {
    keep(app, tracker, "dispatcher", dispatcher::run);
    for lane in Lane::ALL {
        keep(app, tracker, "dead letters", move |app| dead_letters::run(app, lane));
    }
    for kind in [JobKind::Session, JobKind::Grading] {
        keep(app, tracker, "lost jobs", move |app| lost::run(app, kind));
    }
    keep(app, tracker, "queue places", queue_places::run);
    keep(app, tracker, "sessions", sessions::run);
    keep(app, tracker, "sweeper", sweeper::run);
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
