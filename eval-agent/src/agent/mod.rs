//! Brings the parts of an agent up, lets the [`driver`] work with them, and takes everything down again.

mod checks;
mod driver;
mod keeper;
mod task;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ide_protocol::record::Host;
use job_queue::JobQueue;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::Api;
use crate::canary::{Alarm, Canary, Ledger, Notices};
use crate::config::Config;
use crate::container::{Shape, Starter};
use crate::control::{Control, Left};
use crate::dense::Dense;
use crate::docker::{Docker, Quarantine};
use crate::freezer::Freezer;
use crate::grading;
use crate::host::HostFacts;
use crate::lessons::Lessons;
use crate::pool::{Policy, Pool, Timetable};
use crate::reaper::{REAP_EVERY, reap};
use crate::run_dir::RunDir;

use driver::Driver;
pub use task::Orders;

/// On shutdown, for the removal of every container; what resists is left to the next start.
const REMOVAL_LIMIT: Duration = Duration::from_secs(20);

/// What every job's task works with.
#[derive(Debug)]
pub struct House {
    pub name: String,
    pub api: Api,
    pub lessons: Lessons,
    pub pool: Pool,
    /// What every verdict says of this host.
    pub host: Host,
    pub(crate) alarm: Alarm,
    pub(crate) ledger: Ledger,
    pub(crate) notices: Notices,
    canary: Canary,
}

/// Runs one agent until `shutdown`, then lets go of its jobs, removes every container and returns.
///
/// # Errors
/// When Docker does not answer, the run folder cannot be used, or another agent of this name runs here.
pub async fn run(
    config: Config,
    queue: Arc<dyn JobQueue>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    // Someone may have chosen a provider already; both are fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let docker = Docker::connect(&config.docker_socket).await?;
    let facts = HostFacts::ask(&docker, config.runtime.as_deref()).await?;
    tracing::info!(agent = config.name, "containers run on {facts}");
    look_at_floors(&facts, config.strict_floors)?;
    #[cfg(feature = "knock-out")]
    for control in &config.knock_out {
        tracing::warn!(%control, "KNOCKED OUT: containers of this agent are not safe");
    }
    let run_dir = Arc::new(RunDir::open(&config.run_dir, &config.guest_binary)?);
    // Before the reaper: what an earlier run froze cannot be removed.
    let freezer = Freezer::open(&run_dir, config.freeze && config.warm_total > 0);
    let quarantine = Quarantine::new(docker.clone());
    let dense = Dense::wanted(&docker, &config, &run_dir).await?;
    let starter = Starter::new(docker, quarantine.clone(), run_dir.clone(), &config).with_dense(dense);
    let starter = Arc::new(starter);
    reap_once(&config.name, &starter).await.context("removing what an earlier run left")?;
    let api = Api::new().context("setting up TLS")?;
    let house = Arc::new(House {
        name: config.name.clone(),
        lessons: Lessons::new(api.clone(), config.permits.clone()),
        api,
        pool: Pool::new(starter.clone(), Some(freezer), policy(&config), config.metrics.clone()),
        host: grading::host(&facts, &config.guest_binary),
        alarm: Alarm::default(),
        ledger: Ledger::open(run_dir.path()),
        notices: Notices::new(run_dir.path()),
        canary: Canary::new(starter.clone()).context("reading the lesson that hosts are checked with")?,
    });
    let helpers = TaskTracker::new();
    let stop_helpers = CancellationToken::new();
    helpers.spawn({
        let (house, stop) = (house.clone(), stop_helpers.clone());
        async move { house.pool.keep_filled(stop).await }
    });
    helpers.spawn(keep_reaping(config.name.clone(), starter.clone(), stop_helpers.clone()));
    helpers.spawn({
        let (house, stop) = (house.clone(), stop_helpers.clone());
        async move { stop.run_until_cancelled(checks::keep_disowning(&house)).await }
    });

    let control = Control::listen(starter.run_dir.path()).context("listening in the run folder")?;
    let control = Driver::new(&config, queue, house, quarantine.lost(), control).run(shutdown).await;

    starter.stop();
    stop_helpers.cancel();
    helpers.close();
    helpers.wait().await;
    if !quarantine.settled(REMOVAL_LIMIT).await {
        tracing::error!("containers that resist removal are left to the next start");
    }
    control.tell(Left { is_empty: true, ..Left::default() });
    tracing::info!(agent = config.name, "the agent has stopped");
    Ok(())
}

/// A host with a known hole is not worth stopping at by itself: a distribution may have closed it. Said each time.
fn look_at_floors(host: &HostFacts, strict: bool) -> anyhow::Result<()> {
    let shortfalls = host.shortfalls();
    for shortfall in &shortfalls {
        tracing::warn!("{shortfall}");
    }
    match shortfalls.first() {
        Some(first) if strict => {
            anyhow::bail!("{first}; --strict-floors refuses to run learners' programs on it")
        }
        _ => Ok(()),
    }
}

fn policy(config: &Config) -> Policy {
    let always = config.warm.iter().map(|warm| Shape::new(&warm.image, &warm.limits, &warm.services));
    let mut always: Vec<_> = always.collect();
    for expected in &config.warm_expected {
        let usual = Shape::new(&expected.image, &lesson::Limits::default(), &[]);
        if always.iter().all(|shape| shape.image != usual.image) {
            always.push(usual);
        }
    }
    Policy {
        floor: config.warm_per_key,
        ceiling: config.warm_most_per_key,
        total: config.warm_total,
        budget_kib: u64::from(config.warm_mib) * 1_024,
        always,
        timetable: Timetable::new(&config.warm_expected),
    }
}

async fn reap_once(agent: &str, starter: &Starter) -> Result<usize, crate::docker::DockerError> {
    reap(
        &starter.docker,
        starter.dense.as_ref(),
        agent,
        &starter.books,
        &starter.run_dir,
        &starter.quarantine,
    )
    .await
}

async fn keep_reaping(agent: String, starter: Arc<Starter>, stop: CancellationToken) {
    let rounds = async {
        loop {
            tokio::time::sleep(REAP_EVERY).await;
            if let Err(why) = reap_once(&agent, &starter).await {
                tracing::warn!(error = %why, "could not look for stray containers");
            }
        }
    };
    stop.run_until_cancelled(rounds).await;
}
