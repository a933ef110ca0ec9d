//! `gradus trace`: where each millisecond of one hand-in or one key went, hop by hop.
//!
//! It is a learner's client: it logs in, does the thing so many times over the same wires as a browser, and puts its own
//! clock beside those of the hops – the stamps of a traced key (`ide_protocol::trace`), the milestones of a hand-in's record.
//! On one machine all of them are one clock; across machines a hop between two is off by as much as their clocks are.

mod keystroke;
mod submission;
mod table;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use learner_client::Learner;

use table::Table;

/// Bounds what is kept and how long it takes.
const MAX_COUNT: u64 = 10_000;

#[derive(Args)]
pub struct Trace {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One key: browser, relay, agent, guest, terminal, and the echo back.
    Keystroke(keystroke::Keystroke),
    /// One hand-in: browser, API, queue, agent, container, and the verdict back.
    Submission(submission::HandIn),
}

/// Whom to be, where.
#[derive(Args)]
struct Who {
    /// Where the API is.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A learner's account; a session and a workspace of it are used.
    #[arg(long, default_value = "learner")]
    name: String,
    /// As `gradus up` printed it.
    #[arg(long, env = "GRADUS_PASSWORD", hide_env_values = true)]
    password: String,
    /// A table for people, or every sample for programs.
    #[arg(long)]
    json: bool,
}

impl Trace {
    /// # Errors
    /// When the API is not there, says no, or does not answer in time.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (who, table) = match self.what {
            What::Keystroke(keystroke) => (keystroke.trace().await?, keystroke.who.json),
            What::Submission(hand_in) => (hand_in.trace().await?, hand_in.who.json),
        };
        print(&who, table)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Who {
    async fn log_in(&self) -> anyhow::Result<Learner> {
        Ok(Learner::log_in(&self.url, &self.name, &self.password).await?)
    }
}

fn print(table: &Table, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(&table.json())?);
    } else {
        print!("{table}");
    }
    Ok(())
}
