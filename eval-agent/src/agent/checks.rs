//! Checking the host, and taking back what it posted when it fails.

use std::time::{Duration, Instant};

use ide_protocol::job::{Disown, MAX_DISOWN_BYTES};

use super::House;
use crate::supervisor::HostCheck;

/// Between two looks for verdicts that are to be taken back.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause while the API cannot be told.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Grades the lesson that hosts are checked with, and says what came of it: in the log, in the notice, to the ledger.
pub(super) async fn check(house: &House) -> HostCheck {
    let (mark, clock) = (house.ledger.mark(), Instant::now());
    let finding = house.canary.check().await;
    house.notices.leave(&finding);
    let elapsed_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
    match finding.check {
        HostCheck::Fit => {
            tracing::info!(elapsed_ms, "the host grades right");
            house.ledger.trust(&mark);
        }
        HostCheck::Wrong => {
            tracing::error!(elapsed_ms, why = finding.why, "THIS HOST GRADES WRONGLY: no jobs are taken");
        }
        HostCheck::Unable => {
            tracing::error!(elapsed_ms, why = finding.why, "this host cannot grade: no jobs are taken");
        }
    }
    house.ledger.remember(finding.why);
    finding.check
}

/// Tells the API of each verdict that no longer stands, until it knows.
pub(super) async fn keep_disowning(house: &House) {
    loop {
        let pause = match house.ledger.condemned() {
            None => LOOK_EVERY,
            Some((entry, mut why)) => {
                let job = entry.message.job;
                why.truncate(why.floor_char_boundary(MAX_DISOWN_BYTES));
                let body = Disown { attempt: entry.attempt, why };
                match house.api.disown(&entry.message, &body).await {
                    Ok(answer) => tracing::warn!(%job, voided = answer.voided, "a verdict was taken back"),
                    Err(why) if why.may_pass() => {
                        tracing::warn!(%job, error = %why, "a verdict could not be taken back yet");
                        tokio::time::sleep(RETRY_AFTER).await;
                        continue;
                    }
                    Err(why) => tracing::warn!(%job, error = %why, "a verdict is not ours to take back"),
                }
                house.ledger.strike(&entry);
                Duration::ZERO
            }
        };
        tokio::time::sleep(pause).await;
    }
}
