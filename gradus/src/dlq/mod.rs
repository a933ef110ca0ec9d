//! `gradus dlq`: jobs that no agent could finish and the API could not lay to rest, in an operator's hands. The same on
//! every queue.

mod letters;
mod redact;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use job_queue::{JobQueue, Lane, Redriven};

use crate::queue::QueueArgs;
use crate::settings::DataArgs;
use letters::Letter;

#[derive(Args)]
pub struct DeadLetters {
    #[command(subcommand)]
    what: What,
}

#[derive(Args)]
struct Where {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    queue: QueueArgs,
    /// One lane alone: sessions, grading or regrading.
    #[arg(long, value_parser = lane)]
    lane: Option<Lane>,
}

#[derive(Subcommand)]
enum What {
    /// Lists them.
    Ls(Where),
    /// Shows one, without its token.
    Show {
        /// As `ls` names it.
        name: String,
        #[command(flatten)]
        place: Where,
    },
    /// Gives them back to their lane, to be tried anew.
    Redrive(Which),
    /// Deletes them for good.
    Discard(Which),
}

#[derive(Args)]
struct Which {
    /// As `ls` names them.
    #[arg(required_unless_present = "all")]
    names: Vec<String>,
    /// All there are.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    #[command(flatten)]
    place: Where,
}

impl DeadLetters {
    /// # Errors
    /// When the queue does not answer.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Ls(place) => place.hand().await?.list().await,
            What::Show { name, place } => place.hand().await?.show(&name).await,
            What::Redrive(Which { all: true, place, .. }) => place.hand().await?.redrive_all().await,
            What::Redrive(Which { names, place, .. }) => {
                place.hand().await?.each(Some(&names), "given back to their lane", redrive).await
            }
            What::Discard(Which { all: true, place, .. }) => {
                place.hand().await?.each(None, "deleted", discard).await
            }
            What::Discard(Which { names, place, .. }) => {
                place.hand().await?.each(Some(&names), "deleted", discard).await
            }
        }
    }
}

impl Where {
    async fn hand(&self) -> anyhow::Result<Hand> {
        let queue = self.queue.open(&self.data.existing()?).await?.shared();
        let lanes = self.lane.map_or_else(|| Lane::ALL.to_vec(), |lane| vec![lane]);
        Ok(Hand { queue, lanes })
    }
}

async fn redrive(letter: Letter) -> Result<(), job_queue::QueueError> {
    letter.lease.redrive().await
}

async fn discard(letter: Letter) -> Result<(), job_queue::QueueError> {
    letter.lease.complete().await
}

/// What a command works with.
struct Hand {
    queue: Arc<dyn JobQueue>,
    lanes: Vec<Lane>,
}

impl Hand {
    async fn list(&self) -> anyhow::Result<ExitCode> {
        let mut listed = 0;
        for &lane in &self.lanes {
            let (letters, missed) = letters::take(&*self.queue, lane).await?;
            for letter in letters {
                listed += 1;
                let (name, about) = (&letter.name, letter.about());
                let (bytes, deliveries) = (letter.lease.body().len(), letter.lease.delivery());
                println!("{name}  {:<10} {bytes:>6} bytes  {deliveries:>3} deliveries  {about}", lane.name());
                letter.put_back().await?;
            }
            if missed > 0 {
                println!(
                    "{missed} more in {lane} are in somebody's hands or beyond what is listed; look again."
                );
            }
        }
        if listed == 0 {
            println!("No dead jobs.");
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn show(&self, name: &str) -> anyhow::Result<ExitCode> {
        let mut shown = false;
        for &lane in &self.lanes {
            for letter in letters::take(&*self.queue, lane).await?.0 {
                if letter.name.starts_with(name) && !shown {
                    shown = true;
                    println!("{} in {lane}: {}", letter.name, letter.about());
                    println!(
                        "delivered {} times, trace {}",
                        letter.lease.delivery(),
                        letter.lease.trace().unwrap_or("–")
                    );
                    println!("{}", redact::redact(letter.lease.body()));
                }
                letter.put_back().await?;
            }
        }
        if shown {
            return Ok(ExitCode::SUCCESS);
        }
        println!("There is no dead job {name}; `gradus dlq ls` lists them.");
        Ok(ExitCode::FAILURE)
    }

    async fn redrive_all(&self) -> anyhow::Result<ExitCode> {
        for &lane in &self.lanes {
            match self.queue.redrive(lane).await? {
                Redriven::Moved(count) => println!("{lane}: {count} given back"),
                Redriven::Moving(count) => {
                    println!(
                        "{lane}: the server is moving about {count} back; `gradus queue show` tells how far it is"
                    );
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Does it to those named, or to all.
    async fn each<F>(
        &self,
        names: Option<&[String]>,
        done: &str,
        act: impl Fn(Letter) -> F,
    ) -> anyhow::Result<ExitCode>
    where
        F: Future<Output = Result<(), job_queue::QueueError>>,
    {
        let mut count = 0;
        for &lane in &self.lanes {
            for letter in letters::take(&*self.queue, lane).await?.0 {
                let wanted = names.is_none_or(|names| names.contains(&letter.name));
                if wanted {
                    act(letter).await?;
                    count += 1;
                } else {
                    letter.put_back().await?;
                }
            }
        }
        println!("{count} {done}");
        let found = names.is_none_or(|_| count > 0);
        Ok(if found { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn lane(text: &str) -> Result<Lane, String> {
    let known = Lane::ALL.into_iter().find(|lane| lane.name() == text);
    known.ok_or_else(|| "write sessions, grading or regrading".to_owned())
}
