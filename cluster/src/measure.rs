//! What parts use: processor time, by process and of the machine; resident memory.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use hostile::ground::Process;
use serde::Serialize;

use crate::topology::{Part, Topology};

/// Processor seconds since each began, by kind of part.
#[derive(Debug, Clone)]
pub struct Spent {
    at: Instant,
    machine: f64,
    parts: BTreeMap<&'static str, f64>,
}

/// Processor seconds in a span.
#[derive(Debug, Clone, Serialize)]
pub struct Use {
    pub seconds: f64,
    /// Of all processors together, whoever used them.
    pub machine: f64,
    /// By part; `learners` is the runner, `engine and containers` all else on the machine.
    pub parts: BTreeMap<&'static str, f64>,
}

impl Spent {
    #[must_use]
    pub fn now(topology: &Topology) -> Self {
        let mut parts = BTreeMap::new();
        for part in topology.parts() {
            if let Ok(process) = topology.process(part) {
                *parts.entry(kind(part)).or_default() += family(process.pid());
            }
        }
        parts.insert("learners", family(std::process::id()) - parts.values().sum::<f64>());
        Self { at: Instant::now(), machine: machine(), parts }
    }

    /// What was used since.
    #[must_use]
    pub fn since(&self, before: &Self) -> Use {
        let machine = self.machine - before.machine;
        let spent = |kind| self.parts.get(kind).copied().unwrap_or_default();
        let mut parts: BTreeMap<_, _> =
            before.parts.iter().map(|(kind, then)| (*kind, (spent(*kind) - then).max(0.0))).collect();
        let known: f64 = parts.values().sum();
        parts.insert("engine and containers", (machine - known).max(0.0));
        Use { seconds: (self.at - before.at).as_secs_f64(), machine, parts }
    }
}

impl Use {
    /// Without what the topology uses when nobody does anything, and without the learners themselves.
    #[must_use]
    pub fn ours(&self, idle: &Self) -> f64 {
        let learners = self.parts.get("learners").copied().unwrap_or_default();
        let idle_learners = idle.parts.get("learners").copied().unwrap_or_default();
        (self.machine - learners - (idle.machine - idle_learners) * self.seconds / idle.seconds.max(0.1))
            .max(0.0)
    }
}

#[must_use]
pub fn kind(part: Part) -> &'static str {
    match part {
        Part::Api(_) => "API",
        Part::Agent(_) => "agents",
        Part::Balancer => "haproxy",
        Part::Queue => "SQS server",
        Part::Database => "PostgreSQL",
    }
}

/// Resident memory by kind of part, in KiB.
#[must_use]
pub fn resident(topology: &Topology) -> BTreeMap<&'static str, u64> {
    let mut all = BTreeMap::new();
    for part in topology.parts() {
        let figures = topology.process(part).ok().and_then(Process::figures);
        *all.entry(kind(part)).or_default() += figures.map_or(0, |figures| figures.rss_kib);
    }
    all
}

/// How long nothing happens by itself.
///
/// # Errors
/// Never; it waits.
pub async fn at_rest(topology: &Topology, span: Duration) -> Use {
    let before = Spent::now(topology);
    tokio::time::sleep(span).await;
    Spent::now(topology).since(&before)
}

/// Seconds of all processors that were not idle.
fn machine() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|tick| tick.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; guests are counted in user already.
    let busy = ticks.iter().take(8).enumerate().filter(|(place, _)| !matches!(place, 3 | 4));
    seconds(busy.map(|(_, tick)| *tick).sum())
}

/// Of a process, its children that have ended and all that live below it.
fn family(pid: u32) -> f64 {
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(pid) = all.get(next).copied() {
        next += 1;
        for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    seconds(all.into_iter().map(own).sum())
}

/// Ticks of a process and of its children that have ended.
fn own(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; behind it come state and numbers: utime is the 12th of them.
    let behind = stat.rsplit_once(')').map(|(_, behind)| behind).unwrap_or_default();
    behind.split_whitespace().skip(11).take(4).filter_map(|tick| tick.parse::<u64>().ok()).sum()
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// The value below which `share` of them lie.
#[must_use]
pub fn percentile(samples: &[Duration], share: f64) -> Duration {
    let mut sorted = samples.to_vec();
    sorted.sort();
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let samples: Vec<_> = (1..=30).map(Duration::from_secs).collect();
        let rows = [(0.5, 15), (0.95, 29), (1.0, 30)];
        for (share, expected) in rows {
            assert_eq!(percentile(&samples, share), Duration::from_secs(expected), "{share}");
        }
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
    }

    #[test]
    fn work_is_counted() {
        let before = family(std::process::id());
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(100) {}
        assert!(family(std::process::id()) > before);
    }
}
