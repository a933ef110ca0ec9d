//! `hostile`: runs the corpus against a real Gradus.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use hostile::forging;
use hostile::ground::{Plan, WALL_SECONDS};
use hostile::knock_out;
use hostile::run::{self, Options};
use hostile::soak;

/// What learners may try, done to a real Gradus. Exit status 1 when a case is red.
#[derive(Parser)]
struct Cli {
    /// Cases to run: ids (`A01`) and starts of ids (`F*`), with commas or spaces between; all when left out.
    #[arg(value_delimiter = ',')]
    cases: Vec<String>,
    /// Only the cases that are part of `make test`.
    #[arg(long)]
    fast: bool,
    /// Leave logs and data behind.
    #[arg(long)]
    keep: bool,
    /// Write the table of what forging comes to, in Markdown.
    #[arg(long, value_name = "FILE")]
    forging_table: Option<PathBuf>,
    /// Instead of cases: hand-ins for so many minutes, a tenth of them hostile, while API and agent are killed at random.
    #[arg(long, value_name = "MINUTES", conflicts_with_all = ["cases", "fast", "forging_table"])]
    soak: Option<f64>,
    /// Drop each control of the sandbox and see a case turn red; CASES are then names of controls. Writes
    /// docs/knock-out.md when all are tried.
    #[arg(long)]
    knock_out: bool,
    /// The command under test.
    #[arg(long, env = "GRADUS_BINARY", default_value = "target/debug/gradus", value_name = "FILE")]
    gradus: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match corpus(Cli::parse()).await {
        Ok(code) => code,
        Err(why) => {
            eprintln!("hostile: {why:#}");
            ExitCode::FAILURE
        }
    }
}

async fn corpus(cli: Cli) -> anyhow::Result<ExitCode> {
    let root = std::env::current_dir()?;
    let gradus = root.join(&cli.gradus);
    let plan = Plan { root: root.clone(), gradus, wall_seconds: WALL_SECONDS, agent_environment: Vec::new() };
    if let Some(minutes) = cli.soak {
        return soak(&plan, minutes).await;
    }
    let cases = cli.cases.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect();
    if cli.knock_out {
        return without_each(&plan, cases).await;
    }
    let options = Options { plan, cases, fast: cli.fast, until_red: false, keep: cli.keep };
    let report = run::run(&options).await?;
    let path = run::report_path(&root);
    report.write(&path)?;
    if let Some(file) = &cli.forging_table {
        std::fs::write(root.join(file), forging::table(&report.lines))?;
    }
    let (all, red) = (report.lines.len(), report.red());
    println!("{all} rows, {red} red, {:.0} s; {}", report.took_seconds, path.display());
    Ok(if red == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn soak(plan: &Plan, minutes: f64) -> anyhow::Result<ExitCode> {
    let length = Duration::try_from_secs_f64(minutes * 60.0).context("--soak takes minutes")?;
    let report = soak::run(plan, length).await?;
    report.print();
    report.write(&plan.root.join("target/hostile/soak.json"))?;
    Ok(if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn without_each(plan: &Plan, controls: Vec<String>) -> anyhow::Result<ExitCode> {
    let shown = knock_out::knock_out(plan, &controls).await?;
    let table = knock_out::table(&shown);
    println!("{table}");
    if controls.is_empty() {
        std::fs::write(plan.root.join(knock_out::TABLE), &table)?;
    }
    let unseen = shown.iter().filter(|shown| shown.red.is_none()).count();
    println!("{} controls, {unseen} dropped unseen", shown.len());
    Ok(if unseen == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
