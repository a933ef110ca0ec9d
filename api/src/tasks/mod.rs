//! What runs beside the requests: each task reads the state, mends it, and can be killed at any moment.

mod dead_letters;
mod dispatcher;
mod queue_places;
mod sessions;
mod sweeper;

use tokio_util::task::TaskTracker;

use crate::state::AppState;

/// Starts them all; they end with the app's shutdown.
pub(crate) fn start(app: &AppState, tracker: &TaskTracker) {
    tracker.spawn(dispatcher::run(app.clone()));
    for lane in [job_queue::Lane::Sessions, job_queue::Lane::Grading] {
        tracker.spawn(dead_letters::run(app.clone(), lane));
    }
    tracker.spawn(queue_places::run(app.clone()));
    tracker.spawn(sessions::run(app.clone()));
    tracker.spawn(sweeper::run(app.clone()));
}
