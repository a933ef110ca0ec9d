//! A class of one institution hands in at once; then the same class does so again while another institution has a thousand
//! hand-ins waiting. Fair turns mean that it waits twice as long at most: half of the machine is its own.

use std::time::Duration;

use hostile::class::Class;

use super::{Outcome, World};
use crate::load::flood::{self, Graded, WAITING_AT_MOST};
use crate::load::{Ledger, enrol};
use crate::measure::percentile;

/// What a class may have to wait beside the noise, against alone.
const AT_MOST: f64 = 2.0;

/// The share of a class that is looked at.
const MOST: f64 = 0.95;

pub(super) async fn run(world: &mut World, outcome: &mut Outcome) -> anyhow::Result<()> {
    world.dismiss().await;
    let (topology, size, ledger) = (&world.topology, &world.plan.size, Ledger::new());
    let quiet = enrol(topology, &ledger, "quiet", size.quiet, &["quiet"]).await?;
    let noisy = enrol(topology, &ledger, "noisy", size.noise.div_ceil(WAITING_AT_MOST), &["noisy"]).await?;
    // One before what counts: images, pools and caches are as they are in use.
    flood::burst(quiet.get(..1).unwrap_or_default(), &ledger, 1).await?;
    let alone = flood::burst(&quiet, &ledger, 1).await?;

    let nearly_all = submissions(world).await? + size.noise * 9 / 10;
    let noise = flood::burst(&noisy, &ledger, WAITING_AT_MOST);
    let class = async {
        until_waiting(world, nearly_all).await?;
        flood::burst(&quiet, &ledger, 1).await
    };
    let (noise, beside) = tokio::try_join!(noise, class)?;

    let (before, after) = (p95(&alone), p95(&beside));
    let ratio = after.as_secs_f64() / before.as_secs_f64().max(0.001);
    outcome.notes.push(format!(
        "{} hand-ins of a quiet institution at once: p95 {:.1} s alone, {:.1} s beside {} of a noisy one (its p95: {:.1} s): {ratio:.2} times",
        quiet.len(), before.as_secs_f64(), after.as_secs_f64(), noise.len(), p95(&noise).as_secs_f64(),
    ));
    println!("   {}", outcome.notes.last().map_or("", String::as_str));
    let books = &mut outcome.books;
    if ratio > AT_MOST {
        books.wrong.push(format!("the quiet institution's p95 is {ratio:.2} times what it is alone"));
    }
    books.accepted = alone.len() + beside.len() + noise.len();
    // What a workspace begins with is wrong.
    books.right =
        [&alone, &beside, &noise].into_iter().flatten().filter(|one| one.class == Class::Failed).count();
    if books.right < books.accepted {
        books.wrong.push(format!("{} hand-ins came to something else", books.accepted - books.right));
    }
    books.wrong.extend(ledger.take_wrong());
    Ok(())
}

fn p95(graded: &[Graded]) -> Duration {
    percentile(&graded.iter().map(|one| one.waited).collect::<Vec<_>>(), MOST)
}

/// Until nearly all of the noise is accepted.
async fn until_waiting(world: &World, wanted: usize) -> anyhow::Result<()> {
    loop {
        if submissions(world).await? >= wanted {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn submissions(world: &World) -> anyhow::Result<usize> {
    Ok(world.topology.psql("SELECT count(*) FROM submissions").await?.parse()?)
}
