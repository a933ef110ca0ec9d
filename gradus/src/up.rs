//! `gradus up`: everything on one machine, as tasks of one process.

use std::sync::Arc;

use clap::Args;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::api_part::Prepared;
use crate::metrics::MetricsArgs;
use crate::queue::{Opened, QueueArgs};
use crate::settings::{DataArgs, HostArgs, ServeArgs, Use};
use crate::{doctor, stop};

#[derive(Args)]
pub struct Up {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    queue: QueueArgs,
    #[command(flatten)]
    serve: ServeArgs,
    #[command(flatten)]
    host: HostArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
}

impl Up {
    /// Runs until a signal, then drains: gradings end, sessions are handed back, no container is left.
    ///
    /// # Errors
    /// When a part cannot start, or ends on its own.
    pub async fn run(self) -> anyhow::Result<()> {
        let shutdown = stop::on_signal()?;
        let data = self.data.prepare()?;
        let mut agent = self.host.config(&data);
        doctor::ready_for_agent(&agent)?;
        let _lock = data.lock(Use::Alone)?;
        let queue = self.queue.open_for_work(&data).await?;
        if let Opened::Embedded(queue) = &queue {
            let reclaimed = queue.reclaim().await?;
            tracing::info!(reclaimed, "jobs that an earlier run held are to be had again");
        }
        let queue = queue.shared();
        let mut prepared = Prepared::new(&self.serve, &data).await?;
        prepared.config.alone = data.has_store_alone();
        // Jobs may have waited since a start on another address.
        agent.api_url = Some(prepared.local_url()?);
        agent.warm = prepared.warm_images();
        let mut registry = Registry::default();
        agent.metrics.register(&mut registry);
        prepared.config.metrics.register(&mut registry);
        let _metrics = self.metrics.serve(registry).await?;
        prepared.greet();

        // The API outlives the agent's drain: gradings that still end are posted to it. Whichever part ends on its
        // own takes the other with it: half a Gradus helps nobody.
        let stop_api = CancellationToken::new();
        let api = async {
            let ended = prepared.serve(Arc::clone(&queue), stop_api.clone()).await;
            shutdown.cancel();
            ended
        };
        let agent = async {
            let ended = eval_agent::run(agent, Arc::clone(&queue), shutdown.clone()).await;
            stop_api.cancel();
            ended
        };
        let (api, agent) = tokio::join!(api, agent);
        api.and(agent)
    }
}
