//! What processes hold, over time. API and agent are killed and start anew, so each of their lives is looked at by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

use crate::ground::{Figures, Ground};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A process settles in this many looks: connections are made, caches filled.
const SETTLING_LOOKS: usize = 5;
/// More than this after settling is growth.
const MAX_GROWTH_KIB: u64 = 32 * 1024;
const MAX_DESCRIPTORS: u64 = 64;
/// Of containers at once: what is graded, what is being removed, what a killed agent has left to its next life.
const MAX_CONTAINERS: u64 = 24;

/// How much one part came to hold, in the life in which it grew most.
#[derive(Debug, Clone, Serialize)]
pub struct Growth {
    pub part: &'static str,
    pub lives: usize,
    pub settled_kib: u64,
    pub most_kib: u64,
    pub most_descriptors: u64,
}

type Lives = BTreeMap<u32, Vec<Figures>>;

/// Looks until it is over.
pub(super) async fn sample(ground: &RwLock<Ground>, over: &CancellationToken) -> Vec<Growth> {
    let (mut api, mut agent, mut containers) = (Lives::new(), Lives::new(), 0);
    while over.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
        let ground = ground.read().await;
        for (lives, process) in [(&mut api, &ground.api), (&mut agent, &ground.agent)] {
            if let Some(figures) = process.figures() {
                lives.entry(figures.pid).or_default().push(figures);
            }
        }
        if let Ok(seen) = ground.engine.containers().await {
            containers = containers.max(seen.len() as u64);
        }
    }
    let containers =
        Growth { part: "containers", lives: 1, settled_kib: 0, most_kib: 0, most_descriptors: containers };
    vec![growth("API", &api), growth("agent", &agent), containers]
}

fn growth(part: &'static str, lives: &Lives) -> Growth {
    let worst = lives.values().map(|looks| {
        let settled = looks.iter().take(SETTLING_LOOKS).map(|look| look.rss_kib).max().unwrap_or_default();
        let most = looks.iter().map(|look| look.rss_kib).max().unwrap_or_default();
        (most.saturating_sub(settled), settled, most)
    });
    let (_, settled_kib, most_kib) = worst.max().unwrap_or_default();
    let most_descriptors = lives.values().flatten().map(|look| look.descriptors).max().unwrap_or_default();
    Growth { part, lives: lives.len(), settled_kib, most_kib, most_descriptors }
}

impl Growth {
    fn limit(&self) -> u64 {
        if self.part == "containers" { MAX_CONTAINERS } else { MAX_DESCRIPTORS }
    }

    pub(super) fn too_much(&self) -> Option<String> {
        let grown = self.most_kib.saturating_sub(self.settled_kib);
        let fine = grown <= MAX_GROWTH_KIB && self.most_descriptors <= self.limit();
        (!fine)
            .then(|| format!("{}: grown by {grown} KiB, at most {} held", self.part, self.most_descriptors))
    }

    pub(super) fn print(&self) {
        if self.part == "containers" {
            println!("containers: {} at once at most", self.most_descriptors);
        } else {
            println!(
                "{}: {} lives; the one that grew most from {} to {} MiB; {} descriptors at most",
                self.part,
                self.lives,
                self.settled_kib / 1024,
                self.most_kib / 1024,
                self.most_descriptors
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_what_a_life_adds_after_it_has_settled() {
        let look = |rss_kib| Figures { pid: 1, rss_kib, descriptors: 9 };
        let steady = vec![look(10), look(30), look(20), look(25), look(30), look(30)];
        let mut growing = vec![look(10); SETTLING_LOOKS];
        growing.push(look(11 + MAX_GROWTH_KIB));
        assert!(growth("API", &Lives::from([(1, steady.clone())])).too_much().is_none());
        let both = growth("API", &Lives::from([(1, steady), (2, growing)]));
        assert_eq!((both.settled_kib, both.lives), (10, 2));
        assert!(both.too_much().is_some());
    }
}
