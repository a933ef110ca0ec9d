//! Lesson folders: finding them, checking them, proving them by running them, pinning what their tests are called.

mod check;
mod pin;
mod probes;
mod proof;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct LessonCommand {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Reads lesson folders and names everything that is wrong with them, by file and line.
    Check(check::Check),
    /// Runs a lesson's solution and writes the ids of its tests into lesson.toml, visible and hidden apart.
    Pin(pin::Pin),
}

impl LessonCommand {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Verb::Check(check) => check.run().await,
            Verb::Pin(pin) => pin.run().await,
        }
    }
}

/// The lesson folders in `folder`: itself, or those right below it; sorted.
///
/// # Errors
/// When it cannot be read, or holds no lesson.
pub fn find(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if folder.join("lesson.toml").is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.join("lesson.toml").is_file() {
            found.push(path);
        }
    }
    anyhow::ensure!(!found.is_empty(), "there is no lesson in {}: no lesson.toml", folder.display());
    found.sort();
    Ok(found)
}
