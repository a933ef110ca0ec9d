//! Tells those who wait for a verdict where they stand, whenever somebody before them has left the queue.

use ide_protocol::rest::SubmissionState;

use crate::problem::Chain;
use crate::state::AppState;

/// Hand-ins from the front of the queue that are told at once. Who is farther behind asks every few seconds anyway, and
/// nothing is to be done sooner there.
const TOLD_AT_ONCE: u32 = 200;

pub(super) async fn run(app: AppState) {
    loop {
        tokio::select! {
            // Rung often, told once: one ring waits at most.
            () = app.queue_moved.notified() => {}
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
    }
}
