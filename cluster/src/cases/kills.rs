//! `kill -9` of each part in turn; a supervisor starts it again two seconds later.

use std::time::{Duration, Instant};

use super::{Allowed, LEASES_OVER, Outcome, PATIENCE, World};
use crate::plan::RESTART_AFTER;
use crate::topology::Part;

pub(super) async fn run(world: &mut World, outcome: &mut Outcome) -> anyhow::Result<()> {
    let parts = world.plan.size.kills.clone().unwrap_or_else(|| world.topology.parts());
    for part in parts {
        let allowed = match part {
            // Containers die with their agent: whoever was in one gets another.
            Part::Agent(_) => Allowed { may_replace: true, ..Allowed::default() },
            // This server forgets every message and every lease; Amazon's does not.
            Part::Queue => Allowed { may_replace: true, shows_after: LEASES_OVER },
            _ => Allowed::default(),
        };
        let deed = async |topology: &mut crate::topology::Topology| {
            topology.kill(part)?;
            tokio::time::sleep(RESTART_AFTER).await;
            topology.start_part(part).await
        };
        world.fault(outcome, format!("kill -9 {part}"), allowed, deed).await?;
    }
    flow_on(world).await
}

/// Until as much has flowed as the case asks for.
async fn flow_on(world: &World) -> anyhow::Result<()> {
    let (crowd, wanted, began) = (world.crowd()?, world.plan.size.hand_ins, Instant::now());
    while crowd.accepted() < wanted && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}
