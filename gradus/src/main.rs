//! `gradus`: everything on one machine, or one part of it.

mod account;
mod agent;
mod api_part;
mod by_hand;
mod dlq;
mod doctor;
mod lessons;
mod logging;
mod memory;
mod metrics;
mod passwords;
mod peers;
mod previews;
mod queue;
mod regrade;
mod settings;
mod stop;
mod trace;
mod transfer;
mod up;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Practice lessons that run for real: a Linux container per learner, graded by the lesson's own tests.
#[derive(Parser)]
#[command(version, about, max_term_width = 110)]
struct Cli {
    /// How log lines look, on standard error.
    #[arg(long, global = true, env = "GRADUS_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    log: logging::LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything on this machine: API, agent, queue, database, lessons, first accounts.
    Up(up::Up),
    /// The web API alone.
    Api(api_part::ApiPart),
    /// An eval host's agent alone.
    Agent(agent::AgentPart),
    /// Makes accounts, and lists them.
    Account(account::AccountCommand),
    /// Gives an account a new random password and prints it.
    Password(api_part::NewPassword),
    /// Makes and checks the queues, and says how much waits in them.
    Queue(queue::QueueCommand),
    /// Jobs that no agent could finish: lists, shows, retries, deletes them.
    Dlq(dlq::DeadLetters),
    /// Grades hand-ins after all that ended without a verdict, through no fault of their learner's.
    Regrade(regrade::RegradeCommand),
    /// Checks lesson folders, proves them by running them, pins their tests.
    Lesson(lessons::LessonCommand),
    /// Runs a hand-in again and compares what comes of it with what was recorded.
    Verify(verify::Verify),
    /// Says where the time of one hand-in or one key went, hop by hop.
    Trace(trace::Trace),
    /// Writes everything a store holds into one file, while others work on it.
    Export(transfer::Export),
    /// Puts what `export` wrote into an empty store: from SQLite to PostgreSQL, or back.
    Import(transfer::Import),
    /// Says what this machine lacks, and the command that mends it.
    Doctor(doctor::Doctor),
}

fn main() -> ExitCode {
    memory::give_back_large_blocks();
    let cli = Cli::parse();
    logging::start(cli.log);
    match run(cli.command) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("gradus: {why:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up(up) => up.run().await.map(|()| ExitCode::SUCCESS),
        Command::Api(part) => part.run().await.map(|()| ExitCode::SUCCESS),
        Command::Agent(part) => part.run().await.map(|()| ExitCode::SUCCESS),
        Command::Account(command) => command.run().await.map(|()| ExitCode::SUCCESS),
        Command::Password(change) => change.run().await.map(|()| ExitCode::SUCCESS),
        Command::Queue(queue) => queue.run().await,
        Command::Dlq(letters) => letters.run().await,
        Command::Regrade(regrade) => regrade.run().await,
        Command::Lesson(lesson) => lesson.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Trace(trace) => trace.run().await,
        Command::Export(export) => export.run().await.map(|()| ExitCode::SUCCESS),
        Command::Import(import) => import.run().await.map(|()| ExitCode::SUCCESS),
        Command::Doctor(doctor) => doctor.run().await,
    }
}
