//! What has to hold after every case, whatever it did: I1–I9 of HOSTILE.md. Each is a function with its bounds beside it;
//! each answers with findings, and an empty list means that it holds.

mod containers;
mod hand_ins;
mod host;
mod secrets;

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::acts::{Acted, Scene};
use crate::case::{Language, Mode};
use crate::ground::{Figures, Ground};
use crate::neighbour::Neighbour;

pub use containers::Sampler;
pub use hand_ins::{START_ALLOWANCE, reference as hand_in_reference};

/// Something that does not hold.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// `I1` to `I9`, or `case` for what the case itself asks.
    pub invariant: &'static str,
    pub what: String,
}

impl Finding {
    #[must_use]
    pub fn new(invariant: &'static str, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

/// How things stood before a batch.
pub struct Before {
    pub at: Instant,
    api: Option<Figures>,
    agent: Option<Figures>,
    api_log: u64,
    agent_log: u64,
    footprint: host::Footprint,
}

impl Before {
    /// # Errors
    /// When our own folders cannot be read.
    pub fn note(ground: &Ground) -> anyhow::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            api: ground.api.figures(),
            agent: ground.agent.figures(),
            api_log: ground.api.log_bytes(),
            agent_log: ground.agent.log_bytes(),
            footprint: host::Footprint::of(ground)?,
        })
    }
}

/// Of one row: I1, the first half of I7, I9, and what the case itself asks.
///
/// # Errors
/// When the event log cannot be read.
pub async fn of_row(scene: Scene<'_>, acted: &Acted) -> anyhow::Result<Vec<Finding>> {
    let mut findings: Vec<_> = acted.wrong.iter().map(|what| Finding::new("case", what)).collect();
    findings.extend(hand_ins::one_verdict_in_time(scene, acted).await?);
    findings.extend(hand_ins::wrong_never_passes(scene, acted));
    findings.extend(hand_ins::the_verdict_keeps_a_record(acted));
    Ok(findings)
}

/// Of everything that was done since `before`, in this order because each waits for what the one before has seen settle.
///
/// # Errors
/// When the runner itself cannot go on.
pub async fn of_batch(
    ground: &Ground,
    neighbour: &Neighbour,
    before: &Before,
    sampler: &Sampler,
    lessons: &[(Language, Mode)],
) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::from_iter(host::the_neighbour_types_on(neighbour, before).await);
    findings.extend(containers::nothing_is_left_running(ground).await?);
    findings.extend(containers::the_engine_logs_nothing(sampler));
    findings.extend(host::processes_stay_flat(ground, before).await);
    findings.extend(host::the_disk_is_as_before(ground, before)?);
    for lesson in lessons {
        findings.extend(hand_ins::the_reference_still_passes(ground, *lesson).await?);
    }
    findings.extend(host::the_neighbours_files_are_the_same(neighbour).await);
    findings.extend(secrets::nothing_was_seen(ground, before));
    findings.extend(secrets::nothing_panicked(ground, before));
    Ok(findings)
}

/// Looks until `fine` says so or `patience` is over; the last answer.
async fn until<T>(patience: Duration, mut look: impl AsyncFnMut() -> T, fine: impl Fn(&T) -> bool) -> T {
    const LOOK_EVERY: Duration = Duration::from_millis(100);
    let began = Instant::now();
    loop {
        let found = look().await;
        if fine(&found) || began.elapsed() >= patience {
            return found;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
