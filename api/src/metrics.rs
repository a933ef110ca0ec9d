//! Figures of one API process for whoever watches over it, in the words of Prometheus. Knows what is counted, not who reads it:
//! [`register`](Metrics::register) hands everything to a registry, which somebody else serves.
//!
//! Labels are few, and none is a learner's: templates of routes, classes of status, lanes, outcomes. What belongs to the whole
//! installation – lanes, sessions – is told by the one process that has the duty of dispatching, and by nobody twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ide_protocol::rest::SubmissionState;
use ide_protocol::results::Outcome;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Of answering a request: most take a millisecond, one that is slow for a person takes more than a quarter of a second.
const REQUEST_SECONDS: [f64; 10] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];
/// From a hand-in to its verdict: half a second when nobody waits, minutes on a deadline night.
const VERDICT_SECONDS: [f64; 10] = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0];
/// What a job waited in the outbox.
const WAIT_SECONDS: [f64; 9] = [0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 1_800.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    /// `2xx`.
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InLane {
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    duty: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Task {
    task: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Connections {
    state: &'static str,
}

/// A lane, as the outbox and the queue have it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LaneFigures {
    pub(crate) outbox: u64,
    pub(crate) queued: u64,
    pub(crate) in_flight: u64,
    pub(crate) dead: u64,
    pub(crate) oldest: Option<Duration>,
}

/// Connections to the database.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pool {
    pub(crate) open: u64,
    pub(crate) idle: u64,
    pub(crate) most: u64,
}

/// Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    requests: Family<Request, Counter>,
    request: Family<Route, Histogram>,
    sockets: Gauge,
    rooms: Gauge,
    outbox: Family<InLane, Gauge>,
    queued: Family<InLane, Gauge>,
    in_flight: Family<InLane, Gauge>,
    dead: Family<InLane, Gauge>,
    oldest: Family<InLane, Gauge<f64, AtomicU64>>,
    dispatch: Family<InLane, Histogram>,
    verdict: Family<Ended, Histogram>,
    lost: Family<InLane, Counter>,
    duties: Family<Named, Gauge>,
    failures: Family<Task, Counter>,
    database: Family<Connections, Gauge>,
    read: Arc<AtomicBool>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            request: Family::new_with_constructor(|| Histogram::new(REQUEST_SECONDS)),
            sockets: Gauge::default(),
            rooms: Gauge::default(),
            outbox: Family::default(),
            queued: Family::default(),
            in_flight: Family::default(),
            dead: Family::default(),
            oldest: Family::default(),
            dispatch: Family::new_with_constructor(|| Histogram::new(WAIT_SECONDS)),
            verdict: Family::new_with_constructor(|| Histogram::new(VERDICT_SECONDS)),
            lost: Family::default(),
            duties: Family::default(),
            failures: Family::default(),
            database: Family::default(),
            read: Arc::default(),
        }
    }
}

impl Metrics {
    /// Everything, under names that begin with `gradus_api_`.
    pub fn register(&self, registry: &mut Registry) {
        self.read.store(true, Ordering::Relaxed);
        let api = registry.sub_registry_with_prefix("gradus_api");
        api.register("http_requests", "Requests answered, by class of status", self.requests.clone());
        let request = "From a request's head to its answer's head";
        api.register_with_unit("http_request", request, Unit::Seconds, self.request.clone());
        api.register("sockets", "Sockets open, of pages and agents", self.sockets.clone());
        api.register("rooms", "Sessions with somebody connected here", self.rooms.clone());
        api.register("outbox_jobs", "Jobs that wait for their turn", self.outbox.clone());
        api.register("queue_waiting_jobs", "Jobs in the queue, to be had now", self.queued.clone());
        api.register("queue_in_flight_jobs", "Jobs held by agents, or delayed", self.in_flight.clone());
        api.register(
            "queue_dead_jobs",
            "Jobs given up by every agent, not yet laid to rest",
            self.dead.clone(),
        );
        let oldest = "Age of the oldest job that no agent has taken, in outbox or queue";
        api.register_with_unit("oldest_waiting", oldest, Unit::Seconds, self.oldest.clone());
        let dispatch = "From a job's being asked for to its going to the queue";
        api.register_with_unit("dispatch_wait", dispatch, Unit::Seconds, self.dispatch.clone());
        let verdict = "From a hand-in to what came of it";
        api.register_with_unit("verdict", verdict, Unit::Seconds, self.verdict.clone());
        api.register(
            "lost_jobs",
            "Jobs that were found lost, and sent out anew or given up",
            self.lost.clone(),
        );
        api.register("duty_held", "1 where this process has the duty", self.duties.clone());
        let failures = "Looks of a background task that failed";
        api.register("task_failures", failures, self.failures.clone());
        let database = "Connections to the database: open, idle, and most that may be open";
        api.register("database_connections", database, self.database.clone());
    }

    /// Whether anybody reads them: what has to be asked for is not asked otherwise.
    pub(crate) fn are_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }

    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let method = method_name(method);
        let status = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let route = route.to_owned();
        self.requests.get_or_create(&Request { method, route: route.clone(), status }).inc();
        self.request.get_or_create(&Route { method, route }).observe(took.as_secs_f64());
    }

    pub(crate) fn ended(&self, state: &SubmissionState, took: Duration) {
        let outcome = match state {
            SubmissionState::Queued { .. } | SubmissionState::Running { .. } => return,
            SubmissionState::Graded { verdict, .. } if verdict.outcome == Outcome::Passed => "passed",
            SubmissionState::Graded { .. } => "failed",
            SubmissionState::LessonFault { .. } => "lesson_fault",
            SubmissionState::NotGraded { .. } => "not_graded",
        };
        self.verdict.get_or_create(&Ended { outcome }).observe(took.as_secs_f64());
    }

    pub(crate) fn dispatched(&self, lane: &'static str, waited: Duration) {
        self.dispatch.get_or_create(&InLane { lane }).observe(waited.as_secs_f64());
    }

    pub(crate) fn lost(&self, lane: &'static str) {
        self.lost.get_or_create(&InLane { lane }).inc();
    }

    pub(crate) fn failed(&self, task: &'static str) {
        self.failures.get_or_create(&Task { task }).inc();
    }

    pub(crate) fn duty(&self, duty: &'static str, is_ours: bool) {
        self.duties.get_or_create(&Named { duty }).set(i64::from(is_ours));
    }

    pub(crate) fn connected(&self, sockets: usize, rooms: usize) {
        self.sockets.set(integer(sockets as u64));
        self.rooms.set(integer(rooms as u64));
    }

    pub(crate) fn database(&self, pool: Pool) {
        for (state, value) in [("open", pool.open), ("idle", pool.idle), ("most", pool.most)] {
            self.database.get_or_create(&Connections { state }).set(integer(value));
        }
    }

    /// `None`: another process tells.
    pub(crate) fn lane(&self, lane: &'static str, figures: Option<LaneFigures>) {
        let lane = InLane { lane };
        let gauges = [&self.outbox, &self.queued, &self.in_flight, &self.dead];
        let Some(figures) = figures else {
            for gauge in gauges {
                gauge.remove(&lane);
            }
            self.oldest.remove(&lane);
            return;
        };
        let values = [figures.outbox, figures.queued, figures.in_flight, figures.dead];
        for (gauge, value) in gauges.into_iter().zip(values) {
            gauge.get_or_create(&lane).set(integer(value));
        }
        let oldest = figures.oldest.unwrap_or_default();
        self.oldest.get_or_create(&lane).set(oldest.as_secs_f64());
    }
}

/// Methods that anybody can make up are one.
fn method_name(method: &str) -> &'static str {
    ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
