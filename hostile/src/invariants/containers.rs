//! I3, and of I4 the engine's logs: about containers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Finding, until};
use crate::ground::Ground;

/// After a case its containers are gone by then.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// What stays: the neighbour's. No container waits for work, see [`Ground`].
const STAYING: usize = 1;

/// An engine that is well answers a ping from memory.
const PING_LIMIT: Duration = Duration::from_millis(500);

/// I3: within 10 s nothing is left but the neighbour's container, and the engine answers.
pub(super) async fn nothing_is_left_running(ground: &Ground) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let left = until(
        GONE_WITHIN,
        async || ground.engine.containers().await,
        |left| left.as_ref().is_ok_and(|left| left.len() <= STAYING),
    )
    .await?;
    if left.len() > STAYING || left.iter().any(|container| container.state != "running") {
        findings.push(Finding::new("I3", format!("after {GONE_WITHIN:?} there are still {left:?}")));
    }
    if left.len() < STAYING {
        findings.push(Finding::new("I3", "the neighbour's container is gone"));
    }
    let ping = ground.engine.ping().await?;
    if ping > PING_LIMIT {
        findings.push(Finding::new("I3", format!("the engine took {ping:?} to answer a ping")));
    }
    Ok(findings)
}

/// Looks at the containers while a batch runs: what is only there then is seen only then.
pub struct Sampler {
    /// Where the engine logs each container, by name.
    seen: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Sampler {
    const LOOK_EVERY: Duration = Duration::from_millis(300);

    /// Runs `during` and samples beside it.
    pub async fn beside<T>(ground: &Ground, during: impl Future<Output = T>) -> (Self, T) {
        let sampler = Self { seen: Arc::default() };
        let done = tokio::select! {
            done = during => done,
            never = sampler.look(ground) => match never {},
        };
        (sampler, done)
    }

    async fn look(&self, ground: &Ground) -> std::convert::Infallible {
        loop {
            for container in ground.engine.containers().await.unwrap_or_default() {
                let known = self.with(|seen| seen.contains_key(&container.name));
                if !known && let Ok(path) = ground.engine.log_path(&container.name).await {
                    self.with(|seen| seen.insert(container.name, path));
                }
            }
            tokio::time::sleep(Self::LOOK_EVERY).await;
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// I4: what a container prints goes nowhere on the host.
pub(super) fn the_engine_logs_nothing(sampler: &Sampler) -> Vec<Finding> {
    let logged = sampler.with(|seen| seen.clone().into_iter().filter(|(_, path)| !path.is_empty()));
    logged.map(|(name, path)| Finding::new("I4", format!("{name} is logged to {path}"))).collect()
}
