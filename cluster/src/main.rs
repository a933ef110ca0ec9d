//! `cluster`: starts many machines on one, does things to them, and says how everybody fared.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum as _};
use cluster::cases::{Case, Outcome, World};
use cluster::plan::{Plan, Size};
use cluster::report::{Machine, Report};

/// Many machines on one: balancer, PostgreSQL, SQS server, APIs, agents; killed, cut off, overrun. Exit status 1 when
/// something is wrong afterwards.
#[derive(Parser)]
struct Cli {
    /// What to do; everything when left out.
    cases: Vec<Case>,
    /// A few sessions and hand-ins, to see whether it works at all. Writes to target/cluster instead of docs/cluster.
    #[arg(long)]
    small: bool,
    /// So many APIs, and so many agents.
    #[arg(long, value_name = "N")]
    apis: Option<usize>,
    #[arg(long, value_name = "N")]
    agents: Option<usize>,
    /// Leave logs and data behind.
    #[arg(long)]
    keep: bool,
    /// The command under test.
    #[arg(long, env = "GRADUS_BINARY", default_value = "target/quick/gradus", value_name = "FILE")]
    gradus: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(why) => {
            eprintln!("cluster: {why:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let root = std::env::current_dir()?;
    let mut size = if cli.small { Size::small() } else { Size::whole() };
    size.apis = cli.apis.unwrap_or(size.apis).max(1);
    size.agents = cli.agents.unwrap_or(size.agents).max(1);
    let plan = Plan::new(&root, &cli.gradus, size.clone());
    let whole = cli.cases.is_empty();
    let cases = if whole { Case::value_variants().to_vec() } else { cli.cases };
    println!("-- starting {} APIs, {} agents, haproxy, PostgreSQL, SQS server", size.apis, size.agents);
    let mut world = World::new(plan).await?;
    let (mut outcomes, mut wrong) = (Vec::new(), Vec::new());
    let stopped = tokio::select! {
        done = all(&mut world, &cases, &mut outcomes) => done,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    if let Err(why) = &stopped {
        wrong.push(format!("{why:#}"));
    }
    println!("-- taking it down");
    world.dismiss().await;
    let left = world.topology.stop().await?;
    if !left.is_empty() {
        wrong.push(format!("containers outlived their agents: {left:?}"));
    }
    let took = began.elapsed().as_secs_f64();
    let report = Report { machine: Machine::describe(&root), size, outcomes, wrong, took };
    let folder = root.join(if whole && !cli.small { "docs/cluster" } else { "target/cluster" });
    report.write(&folder)?;
    let red = report.red();
    if cli.keep || red > 0 {
        println!("logs and data: {}", world.topology.keep().display());
    }
    println!("{:.0} s, {red} wrong; {}", report.took, folder.display());
    Ok(if red == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn all(world: &mut World, cases: &[Case], outcomes: &mut Vec<Outcome>) -> anyhow::Result<()> {
    for case in cases {
        println!("-- {case:?}");
        let outcome = world.run(*case).await?;
        for what in &outcome.books.wrong {
            println!("   WRONG: {what}");
        }
        println!(
            "   {:.0} s; {} hand-ins accepted, {} with one verdict, the right one; {} saves; {} keys acknowledged, {} echoed",
            outcome.took,
            outcome.books.accepted,
            outcome.books.right,
            outcome.books.saves,
            outcome.books.keys_acknowledged,
            outcome.books.keys_echoed
        );
        outcomes.push(outcome);
    }
    Ok(())
}
