//! From the wish to stop to the stop: not ready at once, serving on for as long as a balancer needs to notice; then homes
//! of sessions are given up, before the sockets that meet there are closed and join again elsewhere.

use crate::state::AppState;

pub(crate) async fn run(app: AppState) {
    app.draining.cancelled().await;
    let delay = app.config.drain_delay;
    if !delay.is_zero() {
        tracing::info!(
            delay_seconds = delay.as_secs(),
            "not ready any more; stopping in {} s",
            delay.as_secs()
        );
        tokio::time::sleep(delay).await;
    }
    if let Some(peering) = &app.peering {
        peering.leave().await;
    }
    app.shutdown.cancel();
}
