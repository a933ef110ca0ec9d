//! Nothing passes between one agent and the API for a minute, and neither is told.

use super::{Allowed, LEASES_OVER, Outcome, World};
use crate::topology::Topology;

pub(super) async fn run(world: &mut World, outcome: &mut Outcome) -> anyhow::Result<()> {
    let away = world.plan.size.away;
    let what = format!("agent 1 cut off from the API for {} s", away.as_secs());
    // An agent that loses the API for minutes keeps its sessions.
    world
        .fault(
            outcome,
            what,
            Allowed { shows_after: LEASES_OVER, ..Allowed::default() },
            async |topology: &mut Topology| {
                topology.line_of(0)?.cut();
                tokio::time::sleep(away).await;
                topology.line_of(0)?.mend();
                Ok(())
            },
        )
        .await
}
