//! Figures of one agent for whoever watches over hosts, in the words of Prometheus. Knows what is counted, not who reads it:
//! [`register`](Metrics::register) hands everything to a registry, which somebody else serves.
//!
//! Labels are few: images of this host, lanes, and what a container was started for. Nothing of a learner's, and no lesson.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::pool::Count;
use crate::supervisor::room::Taken;
use crate::supervisor::{Lane, Work};

/// Images that are told apart; those after them are `other`. Lessons name images, and authors write lessons.
const MAX_IMAGES: usize = 64;
const OTHER: &str = "other";

/// Of starting a container, in seconds: 0.1 s with a lean runtime, 0.2 s through the engine, minutes when it is stuck.
const START_SECONDS: [f64; 10] = [0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
/// Of a claim: a thaw takes a tenth of a millisecond, a miss as long as a start.
const CLAIM_SECONDS: [f64; 10] = [0.000_2, 0.000_5, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByImage {
    image: String,
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Image {
    image: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InLane {
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Part {
    lane: &'static str,
    part: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct For {
    purpose: &'static str,
}

/// Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    hits: Family<ByImage, Counter>,
    misses: Family<ByImage, Counter>,
    ready: Family<Image, Gauge>,
    wanted: Family<Image, Gauge>,
    memory: Family<Image, Gauge>,
    claim: Family<InLane, Histogram>,
    start: Family<For, Histogram>,
    failed_starts: Family<For, Counter>,
    slots: Family<InLane, Gauge>,
    taken: Family<InLane, Gauge>,
    lost: Family<InLane, Gauge>,
    memory_room: Family<Part, Gauge>,
    cpu_room: Family<Part, Gauge<f64, AtomicU64>>,
    draining: Gauge,
    images: Arc<Mutex<BTreeSet<String>>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            hits: Family::default(),
            misses: Family::default(),
            ready: Family::default(),
            wanted: Family::default(),
            memory: Family::default(),
            claim: Family::new_with_constructor(|| Histogram::new(CLAIM_SECONDS)),
            start: Family::new_with_constructor(|| Histogram::new(START_SECONDS)),
            failed_starts: Family::default(),
            slots: Family::default(),
            taken: Family::default(),
            lost: Family::default(),
            memory_room: Family::default(),
            cpu_room: Family::default(),
            draining: Gauge::default(),
            images: Arc::default(),
        }
    }
}

impl Metrics {
    /// Everything, under names that begin with `gradus_agent_`.
    pub fn register(&self, registry: &mut Registry) {
        let agent = registry.sub_registry_with_prefix("gradus_agent");
        agent.register("pool_hits", "Claims that found a warm container", self.hits.clone());
        agent.register("pool_misses", "Claims that waited for a start", self.misses.clone());
        agent.register("pool_ready", "Warm containers that wait", self.ready.clone());
        agent.register("pool_wanted", "Warm containers that there should be", self.wanted.clone());
        let memory = "What warm containers hold, as measured when each kind was last started";
        agent.register_with_unit("pool_memory", memory, Unit::Bytes, self.memory.clone());
        let claim = "From a job's wish for a container to the container";
        agent.register_with_unit("claim", claim, Unit::Seconds, self.claim.clone());
        let start = "Starting a container, its services included, without waiting for a turn";
        agent.register_with_unit("container_start", start, Unit::Seconds, self.start.clone());
        agent.register("failed_starts", "Containers that did not start", self.failed_starts.clone());
        agent.register("slots", "Jobs that this agent takes at once", self.slots.clone());
        agent.register("slots_taken", "Jobs under way", self.taken.clone());
        let lost = "Slots held by containers that resist removal";
        agent.register("slots_lost", lost, self.lost.clone());
        let memory = "Memory for jobs: all there is for this kind of work (total), what those under way take (taken), what is \
                      kept for one that does not fit yet (held)";
        agent.register_with_unit("room_memory", memory, Unit::Bytes, self.memory_room.clone());
        agent.register("room_processors", "Processors for jobs, in the same parts", self.cpu_room.clone());
        agent.register("draining", "1 while no new jobs are taken", self.draining.clone());
    }

    pub(crate) fn claimed(&self, tag: &str, lane: Lane, is_hit: bool, took: Duration) {
        let (image, lane) = (self.image(tag), lane.name());
        let counter = if is_hit { &self.hits } else { &self.misses };
        counter.get_or_create(&ByImage { image, lane }).inc();
        self.claim.get_or_create(&InLane { lane }).observe(took.as_secs_f64());
    }

    pub(crate) fn started(&self, purpose: &'static str, is_well: bool, took: Duration) {
        if is_well {
            self.start.get_or_create(&For { purpose }).observe(took.as_secs_f64());
        } else {
            self.failed_starts.get_or_create(&For { purpose }).inc();
        }
    }

    /// What the shelf holds now, by image.
    pub(crate) fn pool(&self, counts: BTreeMap<&str, Count>) {
        let mut told = BTreeMap::<String, Count>::new();
        for (tag, count) in counts {
            *told.entry(self.image(tag)).or_default() += count;
        }
        // An image that is no longer there has none.
        for image in self.lock().iter() {
            told.entry(image.clone()).or_default();
        }
        for (image, count) in told {
            let image = Image { image };
            self.ready.get_or_create(&image).set(integer(count.ready as u64));
            self.wanted.get_or_create(&image).set(integer(count.wanted as u64));
            self.memory.get_or_create(&image).set(integer(count.memory_kib * 1_024));
        }
    }

    pub(crate) fn slots(&self, work: Work, slots: usize, taken: usize, lost: usize) {
        let lane = InLane { lane: work.name() };
        for (gauge, value) in [(&self.slots, slots), (&self.taken, taken), (&self.lost, lost)] {
            gauge.get_or_create(&lane).set(integer(value as u64));
        }
    }

    /// What jobs of a kind may take together, take, and wait for.
    pub(crate) fn room(&self, work: Work, parts: [(&'static str, Taken); 3]) {
        for (part, amount) in parts {
            let part = Part { lane: work.name(), part };
            self.memory_room.get_or_create(&part).set(integer(amount.memory_mib.saturating_mul(1 << 20)));
            self.cpu_room.get_or_create(&part).set(amount.cpu_percent as f64 / 100.0);
        }
    }

    pub(crate) fn draining(&self, is_draining: bool) {
        self.draining.set(is_draining.into());
    }

    /// `python` of `gradus/python:latest`, while there are not too many.
    fn image(&self, tag: &str) -> String {
        let name = tag.trim_start_matches("gradus/").trim_end_matches(":latest");
        let mut images = self.lock();
        if images.len() < MAX_IMAGES || images.contains(name) {
            images.insert(name.to_owned());
            return name.to_owned();
        }
        OTHER.to_owned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(metrics: &Metrics) -> String {
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn figures_have_the_names_that_dashboards_ask_for() {
        let metrics = Metrics::default();
        metrics.claimed("gradus/python:latest", Lane::Grading, true, Duration::from_micros(300));
        metrics.claimed("gradus/python:latest", Lane::Sessions, false, Duration::from_millis(200));
        metrics.started("session", true, Duration::from_millis(190));
        metrics.started("pool", false, Duration::from_secs(10));
        metrics
            .pool(BTreeMap::from([("gradus/python:latest", Count { ready: 2, wanted: 3, memory_kib: 8 })]));
        metrics.pool(BTreeMap::from([("gradus/node:latest", Count { ready: 1, wanted: 1, memory_kib: 4 })]));
        metrics.slots(Work::Gradings, 2, 1, 0);
        let taken = Taken { memory_mib: 256, cpu_percent: 150 };
        metrics.room(Work::Gradings, [("taken", taken)].repeat(3).try_into().unwrap());
        metrics.draining(true);
        let text = told(&metrics);
        for line in [
            r#"gradus_agent_pool_hits_total{image="python",lane="grading"} 1"#,
            r#"gradus_agent_pool_misses_total{image="python",lane="sessions"} 1"#,
            r#"gradus_agent_pool_ready{image="python"} 0"#,
            r#"gradus_agent_pool_ready{image="node"} 1"#,
            r#"gradus_agent_pool_memory_bytes{image="node"} 4096"#,
            r#"gradus_agent_claim_seconds_bucket{le="0.0005",lane="grading"} 1"#,
            r#"gradus_agent_container_start_seconds_count{purpose="session"} 1"#,
            r#"gradus_agent_failed_starts_total{purpose="pool"} 1"#,
            r#"gradus_agent_slots{lane="grading"} 2"#,
            r#"gradus_agent_slots_taken{lane="grading"} 1"#,
            r#"gradus_agent_room_memory_bytes{lane="grading",part="taken"} 268435456"#,
            r#"gradus_agent_room_processors{lane="grading",part="taken"} 1.5"#,
            "gradus_agent_draining 1",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_thousand_images_are_no_thousand_series() {
        let metrics = Metrics::default();
        for number in 0..1_000 {
            let tag = format!("gradus/image-{number}:latest");
            metrics.claimed(&tag, Lane::Sessions, false, Duration::ZERO);
            metrics.pool(BTreeMap::from([(tag.as_str(), Count { ready: 1, wanted: 1, memory_kib: 1 })]));
        }
        let series =
            told(&metrics).lines().filter(|line| line.starts_with("gradus_agent_pool_ready{")).count();
        assert_eq!(series, MAX_IMAGES + 1);
    }
}
