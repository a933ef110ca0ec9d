//! Nobody answers for the SQS server; what it holds it keeps.

use super::{Allowed, LEASES_OVER, Outcome, World};
use crate::topology::Topology;

pub(super) async fn run(world: &mut World, outcome: &mut Outcome) -> anyhow::Result<()> {
    let away = world.plan.size.away;
    let what = format!("SQS server away for {} s", away.as_secs());
    world
        .fault(
            outcome,
            what,
            Allowed { shows_after: LEASES_OVER, ..Allowed::default() },
            async |topology: &mut Topology| {
                topology.queue_line().leave();
                tokio::time::sleep(away).await;
                topology.queue_line().mend();
                Ok(())
            },
        )
        .await
}
