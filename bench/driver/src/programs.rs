//! Programs of this machine, run to their end: the bare process, and every peer that is a command.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Instant;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::process::Command;

/// A command with the environment it gets, and no other.
#[derive(Deserialize)]
pub struct Program {
    argv: Vec<String>,
    environment: BTreeMap<String, String>,
}

/// Runs it with nothing to read and nobody to read it; it has to end well.
pub async fn run(program: &Program) -> anyhow::Result<Value> {
    let (name, rest) = program.argv.split_first().context("a program without a name")?;
    let mut command = Command::new(name);
    command.args(rest).env_clear().envs(&program.environment);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let clock = Instant::now();
    let status = command.spawn().with_context(|| format!("starting {name}"))?.wait().await?;
    let micros = clock.elapsed().as_micros();
    anyhow::ensure!(status.success(), "{} ended with {status}", program.argv.join(" "));
    Ok(json!({ "micros": micros }))
}
