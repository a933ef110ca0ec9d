//! What the container uses, told to those who look: measured only while somebody does, told only when it changed enough
//! to see and not too often. Knows no file; samples come from the driver.

use std::time::{Duration, Instant};

use ide_protocol::session::Usage;

use crate::cgroup::Sample;

/// How often the host is asked, and the most often that viewers are told. A person reads a number, not a curve.
const MEASURE_EVERY: Duration = Duration::from_secs(3);
/// Memory that moved by less looks the same, as megabytes are shown.
const MEMORY_STEP: u64 = 1024 * 1024;
/// Processor time that moved by less is noise.
const CPU_STEP: u16 = 2;

#[derive(Debug, Default)]
pub(super) struct Meter {
    /// When the driver was last asked to measure.
    asked: Option<Instant>,
    last: Option<(Instant, Sample)>,
    told: Option<Usage>,
}

impl Meter {
    /// Whether it is time to measure; `watched` tells whether anybody would see it.
    pub(super) fn is_due(&mut self, now: Instant, watched: bool) -> bool {
        if !watched {
            // What was used while nobody looked is no answer to "now".
            *self = Self::default();
            return false;
        }
        let due = self.asked.is_none_or(|then| now.saturating_duration_since(then) >= MEASURE_EVERY);
        if due {
            self.asked = Some(now);
        }
        due
    }

    /// Takes a sample; answers what is to be told, if it is worth it.
    pub(super) fn measured(&mut self, now: Instant, sample: Sample) -> Option<Usage> {
        let before = self.last.replace((now, sample));
        let cpu_percent = before.and_then(|(then, before)| {
            share(before.cpu?, sample.cpu?, now.saturating_duration_since(then), sample.cpus)
        });
        let usage = Usage {
            memory_bytes: sample.memory_bytes,
            memory_limit_bytes: sample.memory_limit_bytes,
            cpu_percent,
            processes: sample.processes,
        };
        let worth = self.told.is_none_or(|told| differs(&told, &usage));
        worth.then(|| {
            self.told = Some(usage);
            usage
        })
    }

    /// What a newcomer is told at once.
    pub(super) fn told(&self) -> Option<Usage> {
        self.told
    }
}

/// Processor time used between two samples, in percent of what there was.
fn share(before: Duration, after: Duration, elapsed: Duration, cpus: f64) -> Option<u16> {
    let had = elapsed.as_secs_f64() * cpus;
    if had <= 0.0 {
        return None;
    }
    Some((after.saturating_sub(before).as_secs_f64() / had * 100.0).round().clamp(0.0, 100.0) as u16)
}

fn differs(told: &Usage, now: &Usage) -> bool {
    let cpu = match (told.cpu_percent, now.cpu_percent) {
        (Some(told), Some(now)) => told.abs_diff(now) >= CPU_STEP || (told == 0) != (now == 0),
        (told, now) => told != now,
    };
    cpu || told.memory_bytes.abs_diff(now.memory_bytes) >= MEMORY_STEP
        || told.memory_limit_bytes != now.memory_limit_bytes
        || told.processes != now.processes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ide_protocol::session::Processes;

    const MIB: u64 = 1024 * 1024;

    fn sample(memory_mib: u64, cpu_ms: u64) -> Sample {
        Sample {
            memory_bytes: memory_mib * MIB,
            memory_limit_bytes: 256 * MIB,
            cpu: Some(Duration::from_millis(cpu_ms)),
            cpus: 0.5,
            processes: Some(Processes { count: 3, limit: 64 }),
        }
    }

    #[test]
    fn it_is_measured_every_few_seconds_and_only_for_somebody() {
        let start = Instant::now();
        let mut meter = Meter::default();
        let rows = [(0, true, true), (1, true, false), (3, true, true), (4, false, false), (5, true, true)];
        for (second, watched, due) in rows {
            assert_eq!(meter.is_due(start + Duration::from_secs(second), watched), due, "second {second}");
        }
    }

    #[test]
    fn only_what_changed_enough_is_told() {
        let start = Instant::now();
        let mut meter = Meter::default();
        // second, memory, processor time so far; told: memory and percent of the half processor it has
        let rows = [
            (0, sample(41, 0), Some((41, None)), "the first look"),
            (4, sample(41, 200), Some((41, Some(10))), "0.2 s of the 2 s that 4 s of half a processor are"),
            (8, sample(41, 420), None, "11 % is as good as 10 %"),
            (12, sample(43, 620), Some((43, Some(10))), "two megabytes more"),
            (16, sample(43, 620), Some((43, Some(0))), "idle"),
            (20, sample(43, 640), Some((43, Some(1))), "not quite idle"),
            (24, sample(43, 9_000), Some((43, Some(100))), "never more than all"),
        ];
        for (second, sample, told, story) in rows {
            let now = start + Duration::from_secs(second);
            let usage =
                meter.measured(now, sample).map(|usage| (usage.memory_bytes / MIB, usage.cpu_percent));
            assert_eq!(usage, told, "{story}");
        }
    }

    #[test]
    fn what_was_used_while_nobody_looked_is_not_averaged_in() {
        let start = Instant::now();
        let mut meter = Meter::default();
        meter.measured(start, sample(1, 0));
        meter.is_due(start + Duration::from_secs(1), false);
        let usage = meter.measured(start + Duration::from_secs(600), sample(1, 60_000)).unwrap();
        assert_eq!(usage.cpu_percent, None);
    }
}
