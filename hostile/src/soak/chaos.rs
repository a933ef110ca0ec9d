//! Kills API and agent at random, as a power cut would, and starts them again.

use std::time::Duration;

use tokio::sync::RwLock;

use super::learners::below;
use crate::ground::Ground;

/// Between two kills, at least and at most.
const PAUSE_SECONDS: std::ops::RangeInclusive<u64> = 15..=45;

/// Goes on for as long as it is asked to.
///
/// # Errors
/// When a part does not start again.
pub(super) async fn reign(ground: &RwLock<Ground>) -> anyhow::Result<std::convert::Infallible> {
    loop {
        let span = PAUSE_SECONDS.end() - PAUSE_SECONDS.start();
        tokio::time::sleep(Duration::from_secs(PAUSE_SECONDS.start() + below(span))).await;
        let mut ground = ground.write().await;
        if below(2) == 0 {
            ground.kill_and_restart_api()?;
        } else {
            ground.kill_and_restart_agent()?;
        }
    }
}
