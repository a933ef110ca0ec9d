//! What `make bench` measures with: asked by the programs in `bench/`, one question at a time, it does a thing once and says
//! how long it took. It decides nothing: which route comes next, and what its figures mean, is theirs.

mod agent;
mod programs;
mod store;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The ends of Gradus' benchmark that have to be fast.
#[derive(Parser)]
#[command(about, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Grades, opens sessions and runs programs, as lines of JSON on standard input ask for.
    Agent(agent::Agent),
    /// Serves the API on a database and says how many requests it took, each of them durable.
    Store(store::Load),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Agent(agent) => agent.run().await,
        Command::Store(load) => load.run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("gradus-bench: {why:#}");
            ExitCode::FAILURE
        }
    }
}
