//! How large this machine is, and how much of it learners' jobs may have.

use std::thread::available_parallelism;

use crate::config::Config;
use crate::supervisor::room::HostRoom;

/// Kept for the system, the engine (150 MiB) and this agent, and for the images' files: a host that reads them from disk for each
/// container starts none in time.
const RESERVE_MIB: u64 = 512;
/// Or one part in so many of the machine, if that is more.
const RESERVE_SHARE: u64 = 8;

/// What jobs may have: what the operator says, or the machine less what it needs itself and what the pool may hold. Never less than
/// half of it. Of processors nothing is kept back: who needs them first has the greater weight.
pub fn room(config: &Config) -> HostRoom {
    let pool_mib = if config.warm_total > 0 { u64::from(config.warm_mib) } else { 0 };
    let memory_mib = config.host_memory_mib.map_or_else(|| left_of(machine_mib(), pool_mib), u64::from);
    let cpu_percent = config.host_cpu_percent.map_or_else(machine_percent, u64::from);
    HostRoom { memory_mib, cpu_percent }
}

fn left_of(machine_mib: u64, pool_mib: u64) -> u64 {
    let reserve = RESERVE_MIB.max(machine_mib / RESERVE_SHARE) + pool_mib;
    machine_mib.saturating_sub(reserve).max(machine_mib / 2)
}

fn machine_percent() -> u64 {
    100 * available_parallelism().map_or(1, |cores| cores.get() as u64)
}

/// A system that does not say has as much as it takes: slots alone count then.
fn machine_mib() -> u64 {
    let told = std::fs::read_to_string("/proc/meminfo").ok();
    told.as_deref().and_then(total_mib).unwrap_or(HostRoom::ENDLESS.memory_mib)
}

fn total_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_for_jobs() {
        // machine, pool's budget, left
        for (machine, pool, left) in [
            (1_024, 512, 512),
            (2_048, 512, 1_024),
            (4_096, 512, 3_072),
            (8_192, 0, 7_168),
            (65_536, 512, 56_832),
        ] {
            assert_eq!(left_of(machine, pool), left, "{machine} MiB");
        }
    }

    #[test]
    fn memory_is_read_as_linux_writes_it() {
        assert_eq!(total_mib("MemTotal:       16384000 kB\nMemFree: 1 kB\n"), Some(16_000));
        for odd in ["", "MemTotal: much", "MemTotal: 12 MB"] {
            assert_eq!(total_mib(odd), None, "{odd}");
        }
    }
}
