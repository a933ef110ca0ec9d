//! Requests by the thousand: the API served here, on the database that was named, and asked over its own sockets. Measured is
//! from the first byte of a request to the last of its answer, which comes only when what it did is durable.

mod http;
mod load;
mod server;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use load::Kind;

#[derive(Args)]
pub struct Load {
    /// `sqlite:///absolute/path` or `postgres://…`; empty, it is filled.
    #[arg(long)]
    database: String,
    /// The lesson that is handed in.
    #[arg(long)]
    lesson: PathBuf,
    /// Requests of each kind in one round.
    #[arg(long, default_value_t = 1_000)]
    requests: usize,
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// Connections, each with one request under way.
    #[arg(long, default_value_t = 64)]
    connections: usize,
}

impl Load {
    /// Prints one line of JSON per round and kind, by turns.
    pub async fn run(self) -> anyhow::Result<()> {
        let server = server::start(&self.database, &self.lesson).await?;
        let learners =
            server.learners(load::learners_for(self.requests, self.rounds, self.connections)).await?;
        let mut load = load::Desk::open(server.address, &server.lesson, learners, self.connections).await?;
        for _ in 0..self.rounds {
            for kind in [Kind::HandIn, Kind::Save] {
                let round = load.round(kind, self.requests).await?;
                println!(
                    "{}",
                    json!({ "kind": kind.name(), "seconds": round.seconds, "micros": round.micros })
                );
            }
        }
        server.stop().await
    }
}
