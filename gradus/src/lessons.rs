//! Lesson folders: finding them, checking them, publishing them into the store.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use lesson::Lesson;

#[derive(Args)]
pub struct LessonCommand {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Reads lesson folders and names everything that is wrong with them, by file and line.
    Check {
        /// Lesson folders, or folders of lesson folders.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
    },
}

/// Exit status of a check that found something.
const FINDINGS: u8 = 1;

impl LessonCommand {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Verb::Check { folders } = self.command;
        let mut broken = 0_usize;
        let mut checked = 0_usize;
        for folder in &folders {
            for place in find(folder)? {
                checked += 1;
                match Lesson::from_dir(&place) {
                    Ok(lesson) => println!("{}: ok, {} files", place.display(), lesson.files.len()),
                    Err(why) => {
                        broken += 1;
                        println!("{why}");
                    }
                }
            }
        }
        println!("{checked} lessons, {broken} with findings");
        Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
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
