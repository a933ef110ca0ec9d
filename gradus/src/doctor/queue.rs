//! Whether the queue answers, and is as it should be.

use std::time::Instant;

use job_queue::Lane;
use job_queue::sqs::{Care, QueueState};

use super::{Lack, lack};
use crate::queue::{Opened, QueueArgs};
use crate::settings::Data;

/// Asks every lane how much it holds: there and back, with the rights that it takes.
pub(super) async fn answers(queue: &QueueArgs, data: &Data) -> Result<String, Lack> {
    let away = |why: anyhow::Error| {
        let remedy = "mind --queue and --queue-endpoint, the region and the credentials (AWS_…)";
        Lack { problem: format!("{why:#}"), remedy: remedy.to_owned() }
    };
    let opened = queue.open(data).await.map_err(away)?;
    if let Opened::Sqs(queue) = &opened {
        let findings = queue.ensure(Care::Look).await.map_err(|why| away(why.into()))?;
        let wrong = findings.iter().find(|finding| !finding.state.is_fine());
        if let Some(wrong) = wrong {
            return match wrong.state {
                QueueState::Missing => {
                    lack(format!("there is no queue {}", wrong.queue), "gradus queue ensure")
                }
                _ => lack(crate::queue::words(wrong), "gradus queue ensure --fix"),
            };
        }
    }
    let queue = opened.shared();
    let began = Instant::now();
    let (mut waiting, mut dead) = (0, 0);
    for lane in Lane::ALL {
        let depth = queue.depth(lane).await.map_err(|why| away(why.into()))?;
        waiting += depth.waiting;
        dead += depth.dead;
    }
    let elapsed_ms = began.elapsed().as_millis() / 3;
    Ok(format!("answers within {elapsed_ms} ms; {waiting} jobs wait, {dead} are dead"))
}
