//! The driver: brings the parts up, turns what happens into the supervisor's events and its commands into deeds, and
//! takes everything down again.

mod checks;
mod keeper;
mod task;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::job::JobMessage;
use ide_protocol::record::Host;
use job_queue::{JobQueue, Lease};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::Api;
use crate::canary::{Alarm, Canary, Ledger, Notices};
use crate::clock;
use crate::config::Config;
use crate::container::{Shape, Starter};
use crate::dense::Dense;
use crate::docker::{Docker, Quarantine};
use crate::freezer::Freezer;
use crate::grading;
use crate::host::HostFacts;
use crate::lessons::Lessons;
use crate::metrics::Metrics;
use crate::pool::{Policy, Pool, Timetable};
use crate::reaper::{REAP_EVERY, reap};
use crate::run_dir::RunDir;
use crate::supervisor::{
    Command, Event, JobEnd, Lane, LeaseNumber, LeaseTimes, POLL_WAIT, StopReason, Supervisor,
};

use keeper::Keeper;
pub use task::Orders;

/// Events not yet handled. Senders wait when it is full: they are job tasks and polls, and handling takes microseconds.
const EVENTS: usize = 64;
/// On shutdown, for the removal of every container; what resists is left to the next start.
const REMOVAL_LIMIT: Duration = Duration::from_secs(20);
/// A job that nobody can read is given back for this long, so that it dies by its deliveries without haste.
const UNREADABLE_DELAY: Duration = Duration::from_secs(5);
/// Pause before a job whose task panicked is delivered again.
const PANIC_DELAY: Duration = Duration::from_secs(5);

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

    Driver::new(&config, queue, house, quarantine.lost()).run(shutdown).await;

    starter.stop();
    stop_helpers.cancel();
    helpers.close();
    helpers.wait().await;
    if !quarantine.settled(REMOVAL_LIMIT).await {
        tracing::error!("containers that resist removal are left to the next start");
    }
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

/// What comes back from tasks: an event, and with a fresh lease the lease itself.
#[derive(Debug)]
enum Report {
    Event(Event),
    Leased { lane: Lane, lease: Lease, asked: Instant },
}

/// A job under way.
struct UnderWay {
    keeper: Keeper,
    /// Taken when the task begins.
    message: Option<JobMessage>,
    delivery: u32,
    stop: watch::Sender<Option<StopReason>>,
}

struct Driver {
    api_url: Option<String>,
    queue: Arc<dyn JobQueue>,
    house: Arc<House>,
    supervisor: Supervisor,
    jobs: HashMap<LeaseNumber, UnderWay>,
    next_lease: LeaseNumber,
    reports: mpsc::Sender<Report>,
    inbox: mpsc::Receiver<Report>,
    lost: watch::Receiver<crate::docker::Lost>,
    alarm: watch::Receiver<()>,
    leases: LeaseTimes,
    metrics: Metrics,
    tasks: TaskTracker,
    /// Checks of the host are broken off by it.
    stop_checks: CancellationToken,
}

impl Driver {
    fn new(
        config: &Config,
        queue: Arc<dyn JobQueue>,
        house: Arc<House>,
        lost: watch::Receiver<crate::docker::Lost>,
    ) -> Self {
        let (reports, inbox) = mpsc::channel(EVENTS);
        let leases = LeaseTimes::of(config.visibility);
        let supervisor = Supervisor::new(config.session_slots, config.grading_slots).with_leases(leases);
        Self {
            api_url: config.api_url.clone(),
            queue,
            alarm: house.alarm.listen(),
            house,
            supervisor: if config.host_check { supervisor.with_host_check() } else { supervisor },
            leases,
            metrics: config.metrics.clone(),
            stop_checks: CancellationToken::new(),
            jobs: HashMap::new(),
            next_lease: 1,
            reports,
            inbox,
            lost,
            tasks: TaskTracker::new(),
        }
    }

    async fn run(mut self, shutdown: CancellationToken) {
        let mut tick = tokio::time::interval(self.leases.tick());
        let mut drained = false;
        while !self.supervisor.is_finished() {
            let event = tokio::select! {
                report = self.inbox.recv() => match report {
                    Some(Report::Event(event)) => event,
                    Some(Report::Leased { lane, lease, asked }) => self.admit(lane, lease, asked),
                    None => return,
                },
                () = shutdown.cancelled(), if !drained => {
                    drained = true;
                    tracing::info!("draining: no new jobs are taken");
                    Event::Drain
                }
                Ok(()) = self.lost.changed() => {
                    self.count_lost();
                    continue;
                }
                Ok(()) = self.alarm.changed() => {
                    self.alarm.mark_unchanged();
                    Event::Suspected
                }
                _ = tick.tick() => Event::Tick,
            };
            self.handle(event);
        }
        self.stop_checks.cancel();
        // Leases settled last may still be on their way to the queue.
        self.jobs.clear();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn count_lost(&mut self) {
        let lost = *self.lost.borrow_and_update();
        self.handle(Event::SlotsLost { lane: Lane::Sessions, count: lost.sessions });
        self.handle(Event::SlotsLost { lane: Lane::Grading, count: lost.gradings });
    }

    fn handle(&mut self, event: Event) {
        for command in self.supervisor.handle(Instant::now(), event) {
            self.act(command);
        }
        for lane in [Lane::Sessions, Lane::Grading] {
            let (slots, taken, lost) = self.supervisor.slots(lane);
            self.metrics.slots(lane, slots, taken, lost);
        }
    }

    /// Puts a fresh lease in hands. One that cannot be read is given back and never reaches the supervisor.
    fn admit(&mut self, lane: Lane, lease: Lease, asked: Instant) -> Event {
        let mut message = match serde_json::from_str::<JobMessage>(lease.body()) {
            Ok(message) if message.version == ide_protocol::PROTOCOL_VERSION => message,
            _ => {
                tracing::error!(
                    ?lane,
                    delivery = lease.delivery(),
                    "a job that cannot be read is given back"
                );
                let keeper = Keeper::spawn(&self.tasks, 0, lease, self.leases, self.reports.clone());
                keeper.settle(JobEnd::Again { delay: UNREADABLE_DELAY });
                return Event::LaneEmpty(lane);
            }
        };
        if let Some(url) = &self.api_url {
            message.api_url.clone_from(url);
        }
        let number = self.next_lease;
        self.next_lease += 1;
        let (job, delivery) = (message.job, lease.delivery());
        // Each sending has a token of its own.
        let sending = hash(&message.token);
        let keeper = Keeper::spawn(&self.tasks, number, lease, self.leases, self.reports.clone());
        let under_way = UnderWay { keeper, message: Some(message), delivery, stop: watch::Sender::new(None) };
        self.jobs.insert(number, under_way);
        Event::Leased { lane, lease: number, job, sending, delivery, asked }
    }

    fn act(&mut self, command: Command) {
        match command {
            Command::Poll { lane } => self.poll(lane),
            Command::Begin { lease } => self.begin(lease),
            Command::Extend { lease } => {
                if let Some(job) = self.jobs.get(&lease) {
                    job.keeper.extend();
                }
            }
            Command::Stop { lease, reason } => {
                if let Some(job) = self.jobs.get(&lease) {
                    job.stop.send_replace(Some(reason));
                }
            }
            Command::Settle { lease, end } => {
                if let Some(job) = self.jobs.remove(&lease) {
                    job.keeper.settle(end);
                }
            }
            Command::Forget { lease } => drop(self.jobs.remove(&lease)),
            Command::CheckHost => self.check_host(),
            Command::DisownVerdicts => self.house.ledger.condemn(),
        }
    }

    fn poll(&self, lane: Lane) {
        let (queue, reports, visibility) = (self.queue.clone(), self.reports.clone(), self.leases.visibility);
        self.tasks.spawn(async move {
            let asked = Instant::now();
            let report = match look(&*queue, lane, visibility).await {
                Ok(Some(lease)) => {
                    failpoints::arm();
                    failpoints::reach("agent:receive");
                    Report::Leased { lane, lease, asked }
                }
                Ok(None) => Report::Event(Event::LaneEmpty(lane)),
                Err(why) => {
                    tracing::warn!(?lane, error = %why, "could not ask for jobs");
                    Report::Event(Event::LaneFailed(lane))
                }
            };
            // Closed only when the driver is gone; the lease then runs out.
            let _ = reports.send(report).await;
        });
    }

    fn check_host(&self) {
        let (house, reports, stop) = (self.house.clone(), self.reports.clone(), self.stop_checks.clone());
        self.tasks.spawn(async move {
            let Some(check) = stop.run_until_cancelled(checks::check(&house)).await else { return };
            let _ = reports.send(Report::Event(Event::HostChecked(check))).await;
        });
    }

    fn begin(&mut self, lease: LeaseNumber) {
        let Some(job) = self.jobs.get_mut(&lease) else { return };
        let Some(message) = job.message.take() else { return };
        let (delivery, stop) = (job.delivery, job.stop.subscribe());
        let orders = task::Orders { message, delivery, leased_at: clock::now(), stop };
        let reports = self.reports.clone();
        let task = self.tasks.spawn(task::carry_out(self.house.clone(), orders));
        let house = self.house.clone();
        self.tasks.spawn(async move {
            // A task that panicked has dropped its container; its job comes again, and dies if it does that each time.
            let end = task.await.unwrap_or_else(|why| {
                tracing::error!(error = %why, "a job's task broke");
                house.alarm.ring();
                JobEnd::Again { delay: PANIC_DELAY }
            });
            let _ = reports.send(Report::Event(Event::JobEnded { lease, end })).await;
        });
    }
}

/// The grading slots take what is to be graded again only when nobody's hand-in waits.
async fn look(
    queue: &dyn JobQueue,
    lane: Lane,
    visibility: Duration,
) -> Result<Option<Lease>, job_queue::QueueError> {
    let leased = queue.lease(lane, visibility, POLL_WAIT).await?;
    if leased.is_some() || lane != Lane::Grading {
        return Ok(leased);
    }
    queue.lease(Lane::Regrading, visibility, Duration::ZERO).await
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
