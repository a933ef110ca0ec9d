//! `gradus agent`: an eval host's agent alone.

use clap::Args;
use prometheus_client::registry::Registry;

use crate::metrics::MetricsArgs;
use crate::queue::QueueArgs;
use crate::settings::{DataArgs, HostArgs, Use};
use crate::{doctor, stop};

#[derive(Args)]
pub struct AgentPart {
    /// The API's data folder: the embedded queue lies in it.
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    queue: QueueArgs,
    #[command(flatten)]
    host: HostArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
    /// Names the controls that can be knocked out, and ends.
    #[cfg(feature = "knock-out")]
    #[arg(long)]
    list_controls: bool,
}

impl AgentPart {
    /// # Errors
    /// When Docker, the guest or the queue is not there.
    pub async fn run(self) -> anyhow::Result<()> {
        #[cfg(feature = "knock-out")]
        if self.list_controls {
            for control in eval_agent::Control::ALL {
                println!("{control}\t{}", control.purpose());
            }
            return Ok(());
        }
        let shutdown = stop::on_signal()?;
        let data = self.data.prepare()?;
        let config = self.host.config(&data);
        doctor::ready_for_agent(&config)?;
        let _lock = data.lock(Use::Shared)?;
        let mut registry = Registry::default();
        config.metrics.register(&mut registry);
        let _metrics = self.metrics.serve(registry).await?;
        let queue = self.queue.open_for_work(&data).await?.shared();
        eval_agent::run(config, queue, shutdown).await
    }
}
