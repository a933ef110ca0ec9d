//! `make simulate`: many seeds, or one of them told event by event.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulation::model::Model;
use simulation::mutant::Mutant;
use simulation::plan::{Plan, Trouble};
use simulation::search::{explain, search, tell};

#[derive(Parser)]
#[command(about = "Hand-ins on bad days: finds the order of events that loses one")]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Tell the day of one seed
    #[arg(long)]
    replay: Option<u64>,
    /// Leave a kind of trouble out of that day
    #[arg(long)]
    without: Vec<Trouble>,
    /// Break a rule on purpose
    #[arg(long)]
    planted: Option<Mutant>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.replay {
        Some(seed) => replay(seed, &arguments),
        None => many(&arguments),
    }
}

fn replay(seed: u64, arguments: &Arguments) -> ExitCode {
    let plan = Plan::new(seed).without(&arguments.without);
    println!("{plan:?}");
    match tell(&plan, arguments.planted, &mut Model::default(), |line| println!("{line}")) {
        Ok(day) => {
            println!("nothing found: {day:?}");
            ExitCode::SUCCESS
        }
        Err(finding) => {
            println!("found: {}", finding.what);
            ExitCode::FAILURE
        }
    }
}

fn many(arguments: &Arguments) -> ExitCode {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let began = Instant::now();
    let tally = search(arguments.from, arguments.seeds, arguments.planted, threads);
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} days, {} events, {} submissions ({} not graded) in {seconds:.1} s",
        tally.days, tally.events, tally.submissions, tally.not_graded
    );
    match tally.finding {
        None => ExitCode::SUCCESS,
        Some((seed, _)) => {
            println!("{}", explain(seed, arguments.planted));
            ExitCode::FAILURE
        }
    }
}
