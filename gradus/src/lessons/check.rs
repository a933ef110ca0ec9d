//! `gradus lesson check`: by reading, and with `--run` by running, two lessons at a time.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use eval_agent::local::Local;
use lesson::{Lesson, Manifest};
use tokio::sync::Semaphore;

use super::{find, proof};
use crate::by_hand::ByHandArgs;

/// Exit status of a check that found something.
const FINDINGS: u8 = 1;
/// Lessons that are run at the same time: a grading keeps a core busy.
const AT_ONCE: usize = 2;

#[derive(Args)]
pub struct Check {
    /// Lesson folders, or folders of lesson folders.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Also run them in containers, as hand-ins are graded: the solution has to pass, the starter must not, nor may a
    /// program that ends early or never.
    #[arg(long)]
    run: bool,
    /// How often the solution has to pass, to find tests that only pass mostly.
    #[arg(long, default_value_t = 3, value_name = "N", requires = "run")]
    times: u32,
    #[command(flatten)]
    host: ByHandArgs,
}

impl Check {
    /// # Errors
    /// When a folder cannot be read, or there is nothing to run lessons in.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut read = Vec::new();
        for folder in &self.folders {
            read.extend(find(folder)?.into_iter().map(|place| (Lesson::from_dir(&place), place)));
        }
        let local = if self.run { Some(Arc::new(Local::open(self.host.config()).await?)) } else { None };
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut checks = Vec::new();
        for (lesson, place) in read {
            let (local, places, times) = (local.clone(), places.clone(), self.times);
            checks.push(tokio::spawn(async move {
                let _place = places.acquire().await;
                one(lesson, &place, local.as_deref(), times).await
            }));
        }
        let checked = checks.len();
        let mut broken = 0_usize;
        for check in checks {
            let (is_well, said) = check.await?;
            broken += usize::from(!is_well);
            println!("{said}");
        }
        if let Some(local) = local {
            anyhow::ensure!(local.close().await, "a container resists removal: `docker ps` shows it");
        }
        println!("{checked} lessons, {broken} with findings");
        Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
    }
}

/// Whether a lesson is well, and what to say of it.
async fn one(
    lesson: Result<Lesson, lesson::LoadError>,
    place: &std::path::Path,
    local: Option<&Local>,
    times: u32,
) -> (bool, String) {
    let place = place.display();
    let lesson = match lesson {
        Ok(lesson) => lesson,
        Err(why) => return (false, why.to_string()),
    };
    let leave = leave(&lesson.manifest);
    let Some(local) = local else {
        return (true, format!("{place}: ok, {} files{leave}", lesson.files.len()));
    };
    let clock = Instant::now();
    let proof = proof::of(local, &lesson, times).await;
    let took = clock.elapsed().as_secs_f32();
    let mut said = match proof.findings.is_empty() {
        true => format!("{place}: proven in {took:.1} s, {}{leave}", proof.summary),
        false => format!("{place}: not proven, {}", proof.summary),
    };
    for finding in &proof.findings {
        said.push_str("\n    ");
        said.push_str(&finding.replace('\n', "\n      "));
    }
    if proof.pins_are_wrong {
        said.push_str(&format!(
            "\n    to pin the tests that the solution reports: gradus lesson pin {place}"
        ));
    }
    (proof.findings.is_empty(), said)
}

/// What an author has to ask an operator for.
fn leave(manifest: &Manifest) -> String {
    match manifest.needs.names() {
        names if names.is_empty() => String::new(),
        names => {
            format!("\n    needs leave: hosts grade it with --allow {}={}", manifest.slug, names.join(","))
        }
    }
}
