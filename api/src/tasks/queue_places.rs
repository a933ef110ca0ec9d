//! Tells those who wait for a verdict where they stand, whenever somebody before them has left the queue.

use std::time::Duration;

use ide_protocol::rest::SubmissionState;

use crate::problem::Chain;
use crate::state::AppState;

/// Hand-ins from the front of the queue that are told at once. Who is farther behind asks every few seconds anyway, and
/// nothing is to be done sooner there.
const TOLD_AT_ONCE: u32 = 200;

/// At most so often: places are read from everybody who waits, and nobody follows them faster.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Where other processes work: nobody rings here for what is begun on there.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// In each process, for those whose pages are connected to it.
pub(super) async fn run(app: AppState) {
    loop {
        tokio::select! {
            // Rung often, told once: one ring waits at most.
            () = app.queue_moved.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => if !app.duties.dispatch.has_company() { continue },
            () = app.shutdown.cancelled() => return,
        }
        match app.store.front_of_queue(TOLD_AT_ONCE).await {
            Ok(waiting) => {
                for one in waiting {
                    let state =
                        SubmissionState::Queued { ahead: one.ahead, failed_attempts: one.failed_attempts };
                    app.hub.submission_told(one.workspace, one.id, state);
                }
            }
            // The next ring tells it; until then people ask.
            Err(why) => tracing::warn!(error = %Chain(&why), "those who wait were not told their places"),
        }
        tokio::select! {
            () = tokio::time::sleep(TELL_EVERY) => {}
            () = app.shutdown.cancelled() => return,
        }
    }
}
