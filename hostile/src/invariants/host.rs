//! I2, I4 and I5: the neighbour, the disk, our processes.

use std::path::Path;
use std::time::Duration;

use super::{Before, Finding, until};
use crate::ground::{Figures, Ground};
use crate::neighbour::Neighbour;

/// What people do not notice while they type; on a machine that is slow anyhow, twice its own measure.
const ECHO_LIMIT: Duration = Duration::from_millis(250);

/// A case may be over before the neighbour has typed a key; so many are waited for.
const FEWEST_ECHOES: usize = 3;

/// Ours on disk may grow by this much: the store's records of the hand-ins, and logs.
const MAX_GROWTH_BYTES: u64 = 5 * 1024 * 1024;
const MAX_GROWTH_FILES: u64 = 200;

/// API and agent, each, after things have settled.
const MAX_RSS_GROWTH_KIB: u64 = 32 * 1024;
const MAX_DESCRIPTOR_DRIFT: u64 = 4;
/// Idle connections of clients that went are closed by then.
const SETTLED_WITHIN: Duration = Duration::from_secs(10);

/// I2: the neighbour's echo.
pub(super) async fn the_neighbour_types_on(neighbour: &Neighbour, before: &Before) -> Option<Finding> {
    let look = async || neighbour.echo_since(before.at);
    let (p95, count) = until(SETTLED_WITHIN, look, |(_, count)| *count >= FEWEST_ECHOES).await;
    let limit = ECHO_LIMIT.max(neighbour.baseline * 2);
    let fine = count >= FEWEST_ECHOES && p95 <= limit;
    let what = || format!("p95 of {count} echoes of the neighbour {p95:.1?}, allowed {limit:.1?}");
    (!fine).then(|| Finding::new("I2", what()))
}

/// I2: the neighbour's files.
pub(super) async fn the_neighbours_files_are_the_same(neighbour: &Neighbour) -> Option<Finding> {
    match neighbour.files_changed().await {
        Ok(changed) => changed.map(|what| Finding::new("I2", what)),
        Err(why) => Some(Finding::new("I2", format!("{why:#}"))),
    }
}

/// What we have on disk.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Footprint {
    bytes: u64,
    files: u64,
}

impl Footprint {
    pub(super) fn of(ground: &Ground) -> anyhow::Result<Self> {
        let mut footprint = Self::default();
        footprint.add(ground.folder())?;
        Ok(footprint)
    }

    fn add(&mut self, folder: &Path) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            // What goes while we look has no size.
            let Ok(entry) = entry else { continue };
            let Ok(meta) = entry.metadata() else { continue };
            self.files += 1;
            if meta.is_dir() {
                self.add(&entry.path())?;
            } else {
                self.bytes += meta.len();
            }
        }
        Ok(())
    }
}

/// I4: what is ours on the host's disk. (Other users of the disk are none of our business, and would make this a matter of luck;
/// containers write to memory only, which the golden test of their settings keeps true.)
pub(super) fn the_disk_is_as_before(ground: &Ground, before: &Before) -> anyhow::Result<Vec<Finding>> {
    let now = Footprint::of(ground)?;
    let bytes = now.bytes.saturating_sub(before.footprint.bytes);
    let files = now.files.saturating_sub(before.footprint.files);
    let mut findings = Vec::new();
    if bytes > MAX_GROWTH_BYTES || files > MAX_GROWTH_FILES {
        findings.push(Finding::new("I4", format!("our folder has grown by {bytes} bytes, {files} files")));
    }
    Ok(findings)
}

/// I5: API and agent are the processes they were, and hold what they held.
pub(super) async fn processes_stay_flat(ground: &Ground, before: &Before) -> Vec<Finding> {
    let parts = [("API", &ground.api, before.api), ("agent", &ground.agent, before.agent)];
    let mut findings = Vec::new();
    for (name, process, before) in parts {
        let Some(before) = before else {
            findings.push(Finding::new("I5", format!("the {name} was not running")));
            continue;
        };
        let drift = |now: &Option<Figures>| match now {
            Some(now) => drift(before, *now),
            None => Some("is gone".to_owned()),
        };
        let now = until(SETTLED_WITHIN, async || process.figures(), |now| drift(now).is_none()).await;
        findings.extend(drift(&now).map(|what| Finding::new("I5", format!("the {name} {what}"))));
    }
    findings
}

fn drift(before: Figures, now: Figures) -> Option<String> {
    if now.pid != before.pid {
        return Some(format!("was process {} and is {}", before.pid, now.pid));
    }
    if now.rss_kib > before.rss_kib + MAX_RSS_GROWTH_KIB {
        return Some(format!("grew from {} KiB to {} KiB", before.rss_kib, now.rss_kib));
    }
    if now.descriptors.abs_diff(before.descriptors) > MAX_DESCRIPTOR_DRIFT {
        return Some(format!("had {} descriptors and has {}", before.descriptors, now.descriptors));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_flat_while_it_keeps_its_number_its_memory_and_its_descriptors() {
        let before = Figures { pid: 7, rss_kib: 50_000, descriptors: 20 };
        let rows = [
            (before, true),
            (Figures { rss_kib: 50_000 + MAX_RSS_GROWTH_KIB, descriptors: 24, ..before }, true),
            (Figures { rss_kib: 10, descriptors: 16, ..before }, true),
            (Figures { pid: 8, ..before }, false),
            (Figures { rss_kib: 50_001 + MAX_RSS_GROWTH_KIB, ..before }, false),
            (Figures { descriptors: 25, ..before }, false),
            (Figures { descriptors: 15, ..before }, false),
        ];
        for (now, flat) in rows {
            assert_eq!(drift(before, now).is_none(), flat, "{now:?}");
        }
    }
}
