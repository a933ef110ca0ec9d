//! Echo of keys and bulk output of several terminals, by turns, by one small client on one thread.
//!
//!     bench-client --terminal gradus=http://127.0.0.1:8080 --password … --terminal terminado=ws://127.0.0.1:9999/terminal \
//!         --terminal pty=bash --terminal attach=<container> --rounds 10 --keys 100 --bulk 'seq 1 2000000'
//!
//! Prints JSON with every sample: `{"gradus": {"echo_us": […], "bulk": {"seq 1 2000000": [{"seconds": …, "bytes": …}]}}}`.

mod measure;
mod raw;
mod terminado;
mod terminal;

use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use serde_json::{Map, Value, json};

use measure::{bulk, echo, settle};
use terminal::Terminal;

#[derive(Parser)]
#[command(about, max_term_width = 110)]
struct Args {
    /// `gradus=URL`, `terminado=URL`, `pty=PROGRAM` or `attach=CONTAINER` (a container that runs a shell on a terminal).
    #[arg(long = "terminal", required = true)]
    terminals: Vec<String>,
    /// Of the learner, for Gradus.
    #[arg(long, default_value = "learner")]
    name: String,
    #[arg(long, env = "GRADUS_PASSWORD", default_value = "")]
    password: String,
    #[arg(long, default_value = "sh-pipes")]
    lesson: String,
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// Pressed per round and terminal.
    #[arg(long, default_value_t = 100)]
    keys: usize,
    /// Between keys: nothing is under way when the next goes down.
    #[arg(long, default_value_t = 20)]
    pause_ms: u64,
    /// A command whose output is read whole, once per round and terminal; may be given several times.
    #[arg(long)]
    bulk: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let samples = runtime.block_on(measure(&args))?;
    println!("{}", serde_json::to_string(&samples)?);
    Ok(())
}

async fn measure(args: &Args) -> anyhow::Result<Value> {
    let pause = Duration::from_millis(args.pause_ms);
    let mut terminals = Vec::new();
    for name in &args.terminals {
        let mut terminal = Terminal::open(name, args).await.with_context(|| format!("opening {name}"))?;
        settle(&mut terminal).await?;
        terminals.push((terminal, Vec::new(), Map::new()));
    }
    for _ in 0..args.rounds {
        for (terminal, echoes, _) in &mut terminals {
            echoes.extend(echo(terminal, args.keys, pause).await?);
        }
        for command in &args.bulk {
            for (terminal, _, bulks) in &mut terminals {
                let (took, bytes) = bulk(terminal, command).await?;
                let sample = json!({ "seconds": took.as_secs_f64(), "bytes": bytes });
                let rounds = bulks.entry(command).or_insert_with(|| json!([]));
                if let Some(rounds) = rounds.as_array_mut() {
                    rounds.push(sample);
                }
            }
        }
        // Nobody is always first.
        terminals.rotate_left(1);
    }
    let mut all = Map::new();
    for (terminal, echoes, bulks) in terminals {
        all.insert(terminal.name.to_owned(), json!({ "echo_us": echoes, "bulk": bulks }));
    }
    Ok(Value::Object(all))
}
