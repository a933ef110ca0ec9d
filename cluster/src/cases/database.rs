//! PostgreSQL is restarted as for a small upgrade, and then is away as in a failover that takes a minute.

use super::{Allowed, Outcome, World};
use crate::topology::{Part, Topology};

pub(super) async fn run(world: &mut World, outcome: &mut Outcome) -> anyhow::Result<()> {
    let restart = async |topology: &mut Topology| {
        topology.stop_part(Part::Database).await?;
        topology.start_part(Part::Database).await
    };
    world.fault(outcome, "PostgreSQL restarted".to_owned(), Allowed::default(), restart).await?;
    let away = world.plan.size.away;
    let what = format!("PostgreSQL away for {} s", away.as_secs());
    world
        .fault(outcome, what, Allowed::default(), async |topology: &mut Topology| {
            topology.stop_part(Part::Database).await?;
            tokio::time::sleep(away).await;
            topology.start_part(Part::Database).await
        })
        .await
}
