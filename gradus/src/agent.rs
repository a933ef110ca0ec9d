//! `gradus agent`: an eval host's agent alone.

use std::time::Duration;

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
    /// Asks the agent that runs here – the same --agent-name, --data or --run-dir – to empty its host: it takes nothing new and ends
    /// when all that is under way has ended by itself. Prints what is left, and returns when nothing is.
    #[arg(long)]
    drain: bool,
    /// With --drain: sessions that are still there after this time go on at another host, with every saved file (90s, 30m, 3h).
    #[arg(long, requires = "drain", value_name = "TIME", value_parser = crate::settings::duration)]
    within: Option<Duration>,
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
        if self.drain {
            return self.empty().await;
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

    async fn empty(&self) -> anyhow::Result<()> {
        let config = self.host.config(&self.data.existing()?);
        let told = |left: eval_agent::control::Left| match left.is_empty {
            true => println!("the host is empty"),
            false => println!("left: {} sessions, {} gradings", left.sessions, left.gradings),
        };
        Ok(eval_agent::control::drain(&config.run_dir, self.within, told).await?)
    }
}
