//! An upgrade: every API is stopped as by its service manager and started anew, then every agent is drained and replaced. Nobody
//! notices: no request fails, no session is lost.

use super::{Allowed, Outcome, World};
use crate::topology::{Part, Topology};

pub(super) async fn run(world: &mut World, outcome: &mut Outcome) -> anyhow::Result<()> {
    for number in 0..world.topology.apis() {
        let part = Part::Api(number);
        let deed = async |topology: &mut Topology| {
            topology.stop_part(part).await?;
            topology.start_part(part).await
        };
        world.fault(outcome, format!("{part} replaced"), Allowed::default(), deed).await?;
    }
    for number in 0..world.topology.agents() {
        let part = Part::Agent(number);
        let deed = async |topology: &mut Topology| {
            topology.stop_part(part).await?;
            topology.start_part(part).await
        };
        world
            .fault(
                outcome,
                format!("{part} drained and replaced"),
                Allowed { may_replace: true, ..Allowed::default() },
                deed,
            )
            .await?;
    }
    let failed = outcome.rows.iter().filter(|row| row.failed > 0);
    let failed: Vec<_> = failed.map(|row| format!("{}: {} requests failed", row.what, row.failed)).collect();
    outcome.books.wrong.extend(failed);
    Ok(())
}
