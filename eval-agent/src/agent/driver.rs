//! Turns what happens into the supervisor's events, and its commands into deeds. All deciding is the supervisor's.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::job::JobMessage;
use ide_protocol::traceparent::trace_id;
use job_queue::{JobQueue, Lease, QueueError};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::keeper::Keeper;
use super::{House, checks, task};
use crate::clock;
use crate::config::Config;
use crate::control::{Control, Left, Order};
use crate::docker::Lost;
use crate::host::size;
use crate::metrics::Metrics;
use crate::supervisor::room::TooBig;
use crate::supervisor::{
    Command, Event, JobEnd, Lane, LeaseNumber, LeaseTimes, POLL_WAIT, StopReason, Supervisor, Work,
};

/// Events not yet handled. Senders wait when it is full: they are job tasks and polls, and handling takes microseconds.
const EVENTS: usize = 64;
/// A job that nobody can read is given back for this long, so that it dies by its deliveries without haste.
const UNREADABLE_DELAY: Duration = Duration::from_secs(5);
/// Pause before a job whose task panicked is delivered again.
const PANIC_DELAY: Duration = Duration::from_secs(5);

/// What comes back from tasks: an event, and with a fresh lease the lease itself.
#[derive(Debug)]
pub(super) enum Report {
    Event(Event),
    Leased { lane: Lane, lease: Lease, asked: Instant },
}

/// A job under way.
struct UnderWay {
    keeper: Keeper,
    message: JobMessage,
    delivery: u32,
    stop: watch::Sender<Option<StopReason>>,
}

pub(super) struct Driver {
    api_url: Option<String>,
    queue: Arc<dyn JobQueue>,
    house: Arc<House>,
    supervisor: Supervisor,
    jobs: HashMap<LeaseNumber, UnderWay>,
    next_lease: LeaseNumber,
    reports: mpsc::Sender<Report>,
    inbox: mpsc::Receiver<Report>,
    lost: watch::Receiver<Lost>,
    alarm: watch::Receiver<()>,
    leases: LeaseTimes,
    metrics: Metrics,
    tasks: TaskTracker,
    /// Checks of the host are broken off by it.
    stop_checks: CancellationToken,
    control: Control,
}

impl Driver {
    pub(super) fn new(
        config: &Config,
        queue: Arc<dyn JobQueue>,
        house: Arc<House>,
        lost: watch::Receiver<Lost>,
        control: Control,
    ) -> Self {
        let (reports, inbox) = mpsc::channel(EVENTS);
        let leases = LeaseTimes::of(config.visibility);
        let supervisor = Supervisor::new(config.session_slots, config.grading_slots)
            .with_room(size::room(config))
            .with_leases(leases);
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
            control,
        }
    }

    /// Until nothing is left; what is told of that goes on through the answer.
    pub(super) async fn run(mut self, shutdown: CancellationToken) -> Control {
        let mut tick = tokio::time::interval(self.leases.tick());
        let mut drained = false;
        while !self.supervisor.is_finished() {
            let event = tokio::select! {
                report = self.inbox.recv() => match report {
                    Some(Report::Event(event)) => event,
                    Some(Report::Leased { lane, lease, asked }) => self.admit(lane, lease, asked),
                    None => return self.control,
                },
                () = shutdown.cancelled(), if !drained => {
                    drained = true;
                    tracing::info!("draining: no new jobs are taken");
                    Event::Drain
                }
                Some(order) = self.control.orders.recv() => ordered(order),
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
        self.control
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
        for work in Work::ALL {
            let (slots, taken, lost) = self.supervisor.slots(work);
            self.metrics.slots(work, slots, taken, lost);
            self.metrics.room(work, self.supervisor.room(work));
        }
        self.metrics.draining(self.supervisor.is_leaving());
        let under_way = |work| self.supervisor.slots(work).1;
        let (sessions, gradings) = (under_way(Work::Sessions), under_way(Work::Gradings));
        self.control.tell(Left { sessions, gradings, is_empty: false });
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
        let trace = lease.trace().filter(|trace| trace_id(trace).is_some());
        message.trace = trace.map(str::to_owned);
        let number = self.next_lease;
        self.next_lease += 1;
        let (job, needs, delivery) = (message.job, message.needs, lease.delivery());
        // Each sending has a token of its own.
        let sending = hash(&message.token);
        let keeper = Keeper::spawn(&self.tasks, number, lease, self.leases, self.reports.clone());
        let under_way = UnderWay { keeper, message, delivery, stop: watch::Sender::new(None) };
        self.jobs.insert(number, under_way);
        Event::Leased { lane, lease: number, job, sending, needs, delivery, asked }
    }

    fn act(&mut self, command: Command) {
        match command {
            Command::Poll { lane } => self.poll(lane),
            Command::Begin { lease } => self.begin(lease, None),
            Command::PassOn { lease, why } => self.begin(lease, Some(why)),
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
                Ok(Some((lane, lease))) => {
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

    fn begin(&mut self, lease: LeaseNumber, too_big: Option<TooBig>) {
        let Some(job) = self.jobs.get(&lease) else { return };
        let (message, delivery, stop) = (job.message.clone(), job.delivery, job.stop.subscribe());
        let orders = task::Orders { message, delivery, leased_at: clock::now(), stop };
        let reports = self.reports.clone();
        let house = self.house.clone();
        let task = self.tasks.spawn(async move {
            match too_big {
                None => {
                    let trace = orders.message.trace.as_deref().and_then(trace_id).unwrap_or_default();
                    let span = tracing::info_span!("job", job = %orders.message.job, trace_id = trace);
                    task::carry_out(house, orders).instrument(span).await
                }
                Some(why) => task::turn_away(&house, &orders, why).await,
            }
        });
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

/// The grading slots take what is to be graded again only when nobody's hand-in waits; neither has to wait for the other's look.
async fn look(
    queue: &dyn JobQueue,
    lane: Lane,
    visibility: Duration,
) -> Result<Option<(Lane, Lease)>, QueueError> {
    if lane == Lane::Grading {
        for lane in [Lane::Grading, Lane::Regrading] {
            if let Some(lease) = queue.lease(lane, visibility, Duration::ZERO).await? {
                return Ok(Some((lane, lease)));
            }
        }
    }
    Ok(queue.lease(lane, visibility, POLL_WAIT).await?.map(|lease| (lane, lease)))
}

fn ordered(Order::Drain { within_seconds }: Order) -> Event {
    tracing::info!(within_seconds, "asked to empty this host: no new jobs are taken");
    Event::Empty { hand_over: within_seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds)) }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
