//! One live container: made, started, its guest greeted, its services up – and taken away again by a guard, whatever
//! happens in between.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bollard::models::HostConfig;
use lesson::Manifest;
use tokio::sync::{Semaphore, watch};

use crate::apart::{Networks, NotApart, OwnNetwork};
use crate::books::{Books, Entry};
use crate::cgroup::{Cgroup, Weight};
use crate::config::Config;
use crate::dense::{Dense, Holder, RuncError, Unexpected};
use crate::docker::{
    Deaths, Docker, DockerError, Maker, Obituary, Quarantine, Removal, RemovalError, Running,
};
use crate::freezer::{Freezer, Frozen};
use crate::guest_link::{Guest, GuestListener, LinkError};
use crate::metrics::Metrics;
use crate::root_inside::{self, NoRootInside};
use crate::run_dir::{Accounts, ContainerDir, RunDir, RunDirError};
use crate::sandbox::{ContainerLimits, Sandbox};
use crate::services::{self, ServiceError};
use crate::supervisor::Lane;
use crate::uids::{UidPair, Uids};
use crate::zygotes::Zygotes;

/// From the engine's "started" to the guest's greeting: 10 ms idle.
const GREETING_DEADLINE: Duration = Duration::from_secs(10);
/// How long a container may wait in the pool.
pub const POOL_AGE_LIMIT: Duration = Duration::from_secs(3_600);
/// Longest session, whatever the API says: the longest an operator may ask for there, with its extensions and a margin.
pub const SESSION_LIMIT: Duration = Duration::from_secs(36_000);
/// Longest grading: the longest two runs that a lesson may ask for, and everything around them.
const GRADING_LIMIT: Duration = Duration::from_secs(900);
/// After this a container ends by itself, even without agent: the longest wait and the longest session.
const LONGEST_LIFE: Duration = Duration::from_secs(POOL_AGE_LIMIT.as_secs() + SESSION_LIMIT.as_secs());
/// What the engine holds for a container beside its control group: its shim (2.4 MiB of its own, measured) and kernel
/// stacks.
const SHIM_KIB: u64 = 3 * 1024;
/// What tools write beside the learner's work; of no worth to anyone, and plenty.
const IGNORED: [&str; 4] = ["__pycache__", ".pytest_cache", "node_modules", ".git"];

/// What makes containers interchangeable: everything that is settled when one is started.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// Tag of the lesson image.
    pub image: String,
    pub limits: ContainerLimits,
    pub services: Vec<lesson::Command>,
    /// Names that the lesson has ignored, beside [`IGNORED`].
    pub ignore: Vec<String>,
    /// What only some lessons get.
    pub needs: lesson::Needs,
}

impl Shape {
    #[must_use]
    pub fn of(lesson: &Manifest) -> Self {
        let (ignore, needs) = (lesson.workspace.ignore.clone(), lesson.needs.clone());
        Self { ignore, needs, ..Self::new(&lesson.image, &lesson.limits, &lesson.services) }
    }

    /// Of the container that holds a lesson's tests and no byte of the learner's: what the learner's programs are
    /// allowed is not for whoever judges them.
    #[must_use]
    pub fn of_judge(lesson: &Manifest) -> Self {
        let shape = Self::of(lesson);
        Self { needs: lesson::Needs { root: false, ..shape.needs }, ..shape }
    }

    #[must_use]
    pub fn new(image: &str, limits: &lesson::Limits, services: &[lesson::Command]) -> Self {
        Self {
            image: image_tag(image),
            limits: ContainerLimits::from(limits),
            services: services.to_vec(),
            ignore: Vec::new(),
            needs: lesson::Needs::default(),
        }
    }
}

/// Of the image that lessons call so.
#[must_use]
pub fn image_tag(image: &str) -> String {
    format!("gradus/{image}:latest")
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    RunDir(#[from] RunDirError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    NotApart(#[from] NotApart),
    #[error(transparent)]
    Runc(#[from] RuncError),
    #[error(transparent)]
    Unexpected(#[from] Unexpected),
    #[error("all uids of this agent are taken")]
    NoUids,
    #[error(transparent)]
    NoRootInside(#[from] NoRootInside),
    #[error("its guest was taken by another")]
    NoGuest,
    #[error("this agent is stopping")]
    Stopping,
    #[error("starting a container broke off")]
    Broke(#[source] tokio::sync::oneshot::error::RecvError),
}

impl StartError {
    /// Whether the lesson asks for what its image does not have. (An image that this host lacks is ours: another host
    /// may hold it.)
    #[must_use]
    pub fn is_lessons(&self) -> bool {
        matches!(self, Self::Service(ServiceError::Failed { .. }))
    }
}

/// What a container is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Someone's job, which waits for it.
    Job(Lane),
    /// Whoever comes next.
    Pool,
    /// To be looked at.
    Proof,
    /// For others to be made beside it; see [`dense`](crate::dense).
    Holder,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Job(Lane::Sessions) => "session",
            Self::Job(Lane::Grading | Lane::Regrading) => "grading",
            Self::Pool => "pool",
            Self::Proof => "proof",
            Self::Holder => "holder",
        }
    }

    fn lane(self) -> Option<Lane> {
        match self {
            Self::Job(lane) => Some(lane),
            Self::Pool | Self::Proof | Self::Holder => None,
        }
    }

    fn weight(self) -> Weight {
        match self {
            Self::Job(lane) => weight(lane),
            Self::Pool | Self::Proof | Self::Holder => Weight::Pool,
        }
    }
}

fn weight(lane: Lane) -> Weight {
    match lane {
        Lane::Sessions => Weight::Session,
        Lane::Grading | Lane::Regrading => Weight::Grading,
    }
}

/// Starts containers, a few at a time.
#[derive(Debug)]
pub struct Starter {
    pub docker: Docker,
    pub quarantine: Quarantine,
    pub books: Books,
    pub run_dir: Arc<RunDir>,
    /// Where the operator wants it.
    pub dense: Option<Dense>,
    deaths: Deaths,
    networks: Networks,
    uids: Uids,
    agent: String,
    #[cfg(feature = "knock-out")]
    knocked_out: Vec<crate::sandbox::Control>,
    /// One for all its containers, so that those of the pool fit everybody.
    runtime: Option<String>,
    /// Tells the containers of this run from those of earlier ones.
    run: u32,
    count: AtomicU32,
    permits: Arc<Semaphore>,
    /// Starts under way or queued that somebody's job waits for.
    waiting: watch::Sender<usize>,
    metrics: Metrics,
    /// What waits in those of the pool.
    pub zygotes: Zygotes,
}

impl Starter {
    #[must_use]
    pub fn new(docker: Docker, quarantine: Quarantine, run_dir: Arc<RunDir>, config: &Config) -> Self {
        let run = uuid::Uuid::new_v4().as_fields().0;
        let books = Books::default();
        Self {
            deaths: Deaths::listen(&docker, &config.name),
            docker,
            quarantine,
            books,
            run_dir,
            dense: None,
            networks: Networks::default(),
            uids: uids(config),
            #[cfg(feature = "knock-out")]
            knocked_out: config.knock_out.clone(),
            agent: config.name.clone(),
            runtime: config.runtime.clone(),
            run,
            count: AtomicU32::new(0),
            permits: Arc::new(Semaphore::new(config.parallel_starts.max(1))),
            waiting: watch::Sender::new(0),
            metrics: config.metrics.clone(),
            zygotes: Zygotes::default(),
        }
    }

    /// Makes containers beside others where `dense` is there, and not by the engine.
    #[must_use]
    pub fn with_dense(self, dense: Option<Dense>) -> Self {
        Self { dense, ..self }
    }

    /// Starts a container and everything its shape asks for. First come, first served; on an error nothing of it
    /// remains. Dropped, it goes on to its end and removes what it made: an engine asked to remove what it is still
    /// making would answer that there is no such thing.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn start(self: &Arc<Self>, shape: &Shape, purpose: Purpose) -> Result<Container, StartError> {
        self.start_for(shape, purpose, LONGEST_LIFE).await
    }

    /// As [`start`](Self::start), for a container that ends by itself after `life`.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn start_for(
        self: &Arc<Self>,
        shape: &Shape,
        purpose: Purpose,
        life: Duration,
    ) -> Result<Container, StartError> {
        let _waits = purpose.lane().map(|_| Waits::on(&self.waiting));
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StartError::Stopping)?;
        let (this, shape) = (self.clone(), shape.clone());
        let started = self.quarantine.spawn(async move {
            let _permit = permit;
            let clock = Instant::now();
            let made = this.make(&shape, purpose, life).await;
            this.metrics.started(purpose.name(), made.is_ok(), clock.elapsed());
            made
        });
        started.await.map_err(StartError::Broke)?
    }

    /// Resolves once no start is under way or queued that somebody's job waits for.
    pub async fn nobody_waits(&self) {
        let _ = self.waiting.subscribe().wait_for(|waiting| *waiting == 0).await;
    }

    async fn make(&self, shape: &Shape, purpose: Purpose, life: Duration) -> Result<Container, StartError> {
        let holder = match &self.dense {
            // What only some lessons get, they get from the engine.
            Some(dense) if shape.needs == lesson::Needs::default() => {
                dense.holder(shape, self.make_by(None, shape, Purpose::Holder, LONGEST_LIFE)).await?
            }
            _ => None,
        };
        let (mut container, _) = self.make_by(holder, shape, purpose, life).await?;
        if let Some(guest) = &mut container.guest {
            services::start(guest, &shape.services).await?;
            if purpose == Purpose::Pool {
                self.zygotes.warm_up(guest, &shape.image).await;
            }
        }
        Ok(container)
    }

    /// Beside a holder or, without one, by the engine; its services are not started.
    async fn make_by(
        &self,
        holder: Option<Arc<Holder>>,
        shape: &Shape,
        purpose: Purpose,
        life: Duration,
    ) -> Result<(Container, Sandbox), StartError> {
        let mut remains = self.prepare(shape)?;
        // A runtime that hangs costs the slot of whoever waits for it, until the engine is rid of the container.
        remains.lane = purpose.lane();
        let listener = GuestListener::bind(&remains.folder.socket())?;
        let sandbox = self.sandbox(shape, purpose, life, &remains);
        let beside = self.dense.as_ref().zip(holder);
        if let Some((dense, holder)) = &beside {
            remains.maker = Maker::Runtime(dense.runc.clone());
            remains.holder = Some(holder.clone());
        }
        let name = remains.name.clone();
        // From here on the engine may know the name, so whatever fails has it removed.
        let mut guard = Guard { remains: Some(remains), quarantine: self.quarantine.clone() };
        let running = match &beside {
            Some((dense, holder)) => {
                let pid = holder.start(&dense.runc, &name, &sandbox).await?;
                Running { pid, image_id: holder.image_id().to_owned() }
            }
            None => self.run_by_engine(&name, &sandbox).await?,
        };
        let guest = Some(Guest::new(listener.accept(GREETING_DEADLINE).await?));
        guard.keep(self.apart(running.pid)?);
        let cgroup = Cgroup::of(running.pid);
        // Before its services take the processors.
        weigh(cgroup.as_ref(), purpose.weight());
        let Running { pid, image_id } = running;
        Ok((Container { guest, frozen: None, image_id, pid, cgroup, guard }, sandbox))
    }

    async fn run_by_engine(&self, name: &str, sandbox: &Sandbox) -> Result<Running, DockerError> {
        self.docker.create(name, sandbox.settings()).await?;
        failpoints::reach("agent:create");
        self.docker.start(name).await?;
        failpoints::reach("agent:start");
        self.docker.inspect(name).await
    }

    /// No more starts: those that wait fail with [`StartError::Stopping`].
    pub fn stop(&self) {
        self.permits.close();
        if let Some(dense) = &self.dense {
            dense.close();
        }
    }

    fn prepare(&self, shape: &Shape) -> Result<Remains, StartError> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("gradus-{:08x}-{number}", self.run);
        let entry = self.books.enter(&name);
        let uids = self.uids.take().ok_or(StartError::NoUids)?;
        let root_ids = if shape.needs.root { Some(root_inside::ids_of(&uids)?) } else { None };
        let accounts =
            Accounts { guest: uids.guest(), learner: uids.learner(), root_inside: root_ids.is_some() };
        let folder = self.run_dir.container(&name, accounts, &shape.needs.network)?;
        let obituary = self.deaths.of(&name);
        Ok(Remains {
            name,
            folder,
            uids,
            root_ids,
            obituary,
            _entry: entry,
            network: None,
            maker: Maker::Engine,
            holder: None,
            lane: None,
        })
    }

    /// Left out where the control itself is: what would be missed then is for others to find.
    fn apart(&self, pid: u32) -> Result<Option<OwnNetwork>, NotApart> {
        #[cfg(feature = "knock-out")]
        if self.knocked_out.contains(&crate::sandbox::Control::Network) {
            return Ok(None);
        }
        self.networks.enter(pid).map(Some)
    }

    fn sandbox(&self, shape: &Shape, purpose: Purpose, life: Duration, remains: &Remains) -> Sandbox {
        let end = SystemTime::now() + life;
        Sandbox {
            image: shape.image.clone(),
            agent: self.agent.clone(),
            runtime: self.runtime.clone(),
            purpose: purpose.name(),
            limits: shape.limits,
            guest_uid: remains.uids.guest(),
            learner_uid: remains.uids.learner(),
            root_ids: remains.root_ids,
            has_hosts: !shape.needs.network.is_empty(),
            ttl_seconds: u32::try_from(life.as_secs()).unwrap_or(u32::MAX),
            deadline_unix: end.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            folder: remains.folder.path().to_owned(),
            guest: self.run_dir.guest(),
            call: self.run_dir.call(),
            ignore: IGNORED.iter().map(|name| (*name).to_owned()).chain(shape.ignore.clone()).collect(),
            #[cfg(feature = "knock-out")]
            knocked_out: self.knocked_out.clone(),
        }
    }
}

/// Counts as long as it lives.
struct Waits<'a>(&'a watch::Sender<usize>);

impl<'a> Waits<'a> {
    fn on(waiting: &'a watch::Sender<usize>) -> Self {
        waiting.send_modify(|waiting| *waiting += 1);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting -= 1);
    }
}

fn uids(config: &Config) -> Uids {
    #[cfg(feature = "knock-out")]
    if config.knock_out.contains(&crate::sandbox::Control::UidPerContainer) {
        return Uids::shared_by_all(config.uid_base);
    }
    Uids::new(config.uid_base)
}

/// A host without weights serves everybody alike.
fn weigh(cgroup: Option<&Cgroup>, weight: Weight) {
    if let Some(Err(why)) = cgroup.map(|cgroup| cgroup.weigh(weight)) {
        tracing::debug!(error = %why, ?weight, "could not weigh a container");
    }
}

/// What must stay reserved until the engine says that the container is gone.
#[derive(Debug)]
struct Remains {
    name: String,
    folder: ContainerDir,
    uids: UidPair,
    root_ids: Option<u32>,
    obituary: Obituary,
    _entry: Entry,
    network: Option<OwnNetwork>,
    maker: Maker,
    /// Whose image it runs on: not to go before it.
    holder: Option<Arc<Holder>>,
    lane: Option<Lane>,
}

impl Remains {
    fn removal(&self) -> Removal {
        Removal { name: self.name.clone(), lane: self.lane, maker: self.maker.clone() }
    }
}

/// Has a container removed when dropped.
#[derive(Debug)]
struct Guard {
    remains: Option<Remains>,
    quarantine: Quarantine,
}

impl Guard {
    /// Its network is nobody else's until it is gone.
    fn keep(&mut self, network: Option<OwnNetwork>) {
        if let Some(remains) = &mut self.remains {
            remains.network = network;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(remains) = self.remains.take() {
            if remains.lane == Some(Lane::Grading) {
                failpoints::reach("agent:remove");
            }
            self.quarantine.remove(remains.removal(), remains);
        }
    }
}

/// Kills for want of memory in one container: the kernel counts processes, the engine tells of occasions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryKills {
    /// `None` where the host cannot tell, or no longer.
    pub counted: Option<u64>,
    pub told: u64,
}

impl MemoryKills {
    /// How many came after `before`: the kernel's count, which is never late, where there is one.
    #[must_use]
    pub fn since(self, before: Self) -> u64 {
        match (self.counted, before.counted) {
            (Some(now), Some(before)) => now.saturating_sub(before),
            _ => self.told.saturating_sub(before.told),
        }
    }
}

/// A started container whose guest waits. Belongs to one learner at most; dropping it removes it.
#[derive(Debug)]
pub struct Container {
    // First, so that it closes before removal is asked for: the guest ends on it.
    guest: Option<Guest>,
    /// Before the guard: what stands still cannot be killed.
    frozen: Option<Frozen>,
    image_id: String,
    pid: u32,
    cgroup: Option<Cgroup>,
    guard: Guard,
}

impl Container {
    /// The conversation with its guest; there is only one.
    pub fn take_guest(&mut self) -> Option<Guest> {
        self.guest.take()
    }

    /// Everything in it stands still until it is claimed, where the host can do that.
    pub fn freeze(&mut self, freezer: &Freezer) {
        if let Some(remains) = &self.guard.remains {
            self.frozen = freezer.freeze(&remains.name, self.cgroup.as_ref());
        }
    }

    /// Lets it go on. False when it died while it waited.
    pub fn wake(&mut self) -> bool {
        self.frozen = None;
        self.is_alive()
    }

    /// Notes whose it is. A grading's needs not live for as long as a session might: its guest is told so, that it
    /// does not outlive an agent which hangs.
    pub async fn give_to(&mut self, lane: Lane) {
        if let Some(remains) = &mut self.guard.remains {
            remains.lane = Some(lane);
        }
        weigh(self.cgroup.as_ref(), weight(lane));
        let Some(guest) = &mut self.guest else { return };
        // One that cannot be told is gone, and whoever asks it next finds out.
        let _ = match lane {
            Lane::Grading | Lane::Regrading => guest.end_within(GRADING_LIMIT).await,
            // What waits costs memory, and most sessions run no test for long.
            Lane::Sessions => guest.give_up_zygotes().await,
        };
    }

    /// `sha256:…`
    #[must_use]
    pub fn image_id(&self) -> &str {
        &self.image_id
    }

    /// The engine's name for it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.guard.remains.as_ref().map(|remains| remains.name.as_str())
    }

    /// Its guest's and its learner's uid.
    #[must_use]
    pub fn uids(&self) -> Option<(u32, u32)> {
        self.guard.remains.as_ref().map(|remains| (remains.uids.guest(), remains.uids.learner()))
    }

    /// Of its PID 1, in the host's numbering.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What the kernel counts for it, if the host can tell.
    #[must_use]
    pub fn cgroup(&self) -> Option<&Cgroup> {
        self.cgroup.as_ref()
    }

    /// Kills for want of memory so far.
    #[must_use]
    pub fn memory_kills(&self) -> MemoryKills {
        let told = self.guard.remains.as_ref().map_or(0, |remains| remains.obituary.kills());
        MemoryKills { counted: self.cgroup.as_ref().and_then(Cgroup::kills), told }
    }

    /// Of one that has died: whether there were more kills for want of memory than `before`. By the kernel's count if that
    /// is still there, else by the engine's last word; `None` when neither can tell any more.
    pub async fn died_of_memory(&self, before: MemoryKills) -> Option<bool> {
        let now = self.memory_kills();
        if now.counted.is_some() && before.counted.is_some() {
            return Some(now.since(before) > 0);
        }
        let told = self.guard.remains.as_ref()?.obituary.last_word().await?;
        Some(told > before.told)
    }

    /// What the engine says it was made with; made beside a holder, what the holder was, but for its own folder.
    ///
    /// # Errors
    /// [`DockerError`]
    pub async fn settings(&self, docker: &Docker) -> Result<HostConfig, DockerError> {
        let Some(remains) = &self.guard.remains else { return Ok(HostConfig::default()) };
        let Some(holder) = &remains.holder else { return docker.settings_of(&remains.name).await };
        let mut settings = docker.settings_of(holder.engine_name().unwrap_or_default()).await?;
        for source in settings.mounts.iter_mut().flatten().filter_map(|mount| mount.source.as_mut()) {
            if let Ok(file) = Path::new(source.as_str()).strip_prefix(holder.folder()) {
                *source = remains.folder.path().join(file).to_string_lossy().into_owned();
            }
        }
        Ok(settings)
    }

    /// Kills and removes it, and says when it is gone; it is otherwise removed when it is dropped.
    ///
    /// # Errors
    /// [`RemovalError`] when it may still be there.
    pub async fn remove(&self) -> Result<(), RemovalError> {
        match &self.guard.remains {
            Some(remains) => self.guard.quarantine.once(&remains.removal()).await,
            None => Ok(()),
        }
    }

    /// What it costs to keep, with the engine's share.
    #[must_use]
    pub fn memory_kib(&self) -> u64 {
        let sample = self.cgroup.as_ref().and_then(Cgroup::sample);
        SHIM_KIB + sample.map_or(0, |sample| sample.memory_bytes / 1024)
    }

    /// Whether its guest is still there.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.guest.as_ref().is_some_and(Guest::is_connected)
    }
}
