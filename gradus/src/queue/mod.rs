//! `gradus queue`: the queues themselves – whether they are there and as they should be, and how much waits in them.

mod choice;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use job_queue::Lane;
use job_queue::sqs::{Care, Difference, Finding, QueueState};

use crate::settings::DataArgs;
pub use choice::{Opened, QueueArgs};

#[derive(Args)]
pub struct QueueCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes the queues that are missing and says how the others differ from what they should be.
    Ensure {
        #[command(flatten)]
        data: DataArgs,
        #[command(flatten)]
        queue: QueueArgs,
        /// Change what differs.
        #[arg(long)]
        fix: bool,
    },
    /// Says how many jobs wait in each lane, are being worked on, and are dead.
    Show {
        #[command(flatten)]
        data: DataArgs,
        #[command(flatten)]
        queue: QueueArgs,
    },
}

impl QueueCommand {
    /// # Errors
    /// When the queue does not answer.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Ensure { data, queue, fix } => ensure(&queue.open(&data.prepare()?).await?, fix).await,
            What::Show { data, queue } => show(queue.open(&data.existing()?).await?).await,
        }
    }
}

async fn ensure(queue: &Opened, fix: bool) -> anyhow::Result<ExitCode> {
    let Opened::Sqs(queue) = queue else {
        println!("The embedded queue is a file in the data folder and needs nothing.");
        return Ok(ExitCode::SUCCESS);
    };
    let findings = queue.ensure(if fix { Care::MakeAndMend } else { Care::Make }).await?;
    for finding in &findings {
        println!("{}", words(finding));
    }
    if findings.iter().all(|finding| finding.state.is_fine()) {
        return Ok(ExitCode::SUCCESS);
    }
    println!("Say --fix to change what differs.");
    Ok(ExitCode::FAILURE)
}

/// What came of one queue, for a person.
pub fn words(finding: &Finding) -> String {
    let list = |differences: &[Difference], word: &str| -> String {
        let line =
            |one: &Difference| format!("\n         {}: {} {word} {}", one.attribute, one.found, one.wanted);
        differences.iter().map(line).collect()
    };
    let queue = &finding.queue;
    match &finding.state {
        QueueState::Fine => format!("ok       {queue}"),
        QueueState::Made => format!("made     {queue}"),
        QueueState::Missing => format!("MISSING  {queue}"),
        QueueState::Differs(differences) => format!("DIFFERS  {queue}{}", list(differences, "should be")),
        QueueState::Mended(differences) => format!("mended   {queue}{}", list(differences, "became")),
    }
}

async fn show(queue: Opened) -> anyhow::Result<ExitCode> {
    let queue = queue.shared();
    println!("{:<10} {:>8} {:>10} {:>6}  oldest waiting", "lane", "waiting", "in flight", "dead");
    for lane in Lane::ALL {
        let depth = queue.depth(lane).await?;
        let oldest = depth.oldest.map_or_else(|| "–".to_owned(), age);
        let (waiting, in_flight, dead) = (depth.waiting, depth.in_flight, depth.dead);
        println!("{:<10} {waiting:>8} {in_flight:>10} {dead:>6}  {oldest}", lane.name());
    }
    Ok(ExitCode::SUCCESS)
}

fn age(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_a_unit_that_fits() {
        for (seconds, text) in
            [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h")]
        {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }
}
