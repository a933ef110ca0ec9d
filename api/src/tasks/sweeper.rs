//! Lets the store remove what nobody needs any more.

use std::time::Duration;

use crate::clock;
use crate::problem::Chain;
use crate::state::AppState;

const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

pub(super) async fn run(app: AppState) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            () = app.shutdown.cancelled() => return,
        }
        // In small rounds, so that saves get their turn in between.
        loop {
            match app.store.sweep(clock::now()).await {
                Ok(0) => break,
                Ok(removed) => tracing::debug!(removed, "{removed} unused file contents removed"),
                Err(why) => {
                    tracing::warn!(error = %Chain(&why), "the store could not be swept");
                    break;
                }
            }
        }
    }
}
