//! The corpus's own lessons, made ready to be published: one per language and mode, hidden tests and solutions seeded with
//! words that no learner may ever see.

use std::path::Path;

use anyhow::Context as _;
use uuid::Uuid;

use super::{Ground, Plan};
use crate::case::{Language, Mode};
use crate::watch::Watch;

/// What of a manifest is the same in every lesson whose tests run outside stands beside it.
const OUTSIDE: &str = "outside.toml";

/// Copies the lessons to `to`; gives those there are.
pub(super) fn prepare(plan: &Plan, to: &Path, watch: &mut Watch) -> anyhow::Result<Vec<(Language, Mode)>> {
    let from = plan.root.join("hostile/lessons");
    let wall_seconds = plan.wall_seconds.to_string();
    let mut lessons = Vec::new();
    for language in Language::ALL {
        let source = from.join(language.word());
        for mode in Mode::ALL {
            let outside = source.join(OUTSIDE);
            if mode == Mode::Outside && !outside.is_file() {
                continue;
            }
            let slug = Ground::slug(language, mode);
            let marker = |what: &str| format!("{what}-{}", Uuid::new_v4().simple());
            let (hidden, solution) = (marker("hidden"), marker("solution"));
            watch.never("a marker in a hidden test", &hidden);
            watch.never("a marker in a solution", &solution);
            let judge = match mode {
                // What a lesson that says nothing gets.
                Mode::Inside => "",
                Mode::Outside => "judge = \"outside\"",
            };
            let words = [
                ("@SLUG@", slug.as_str()),
                ("@HIDDEN_MARKER@", &hidden),
                ("@SOLUTION_MARKER@", &solution),
                ("@JUDGE@", judge),
                ("@WALL_SECONDS@", &wall_seconds),
            ];
            let target = to.join(&slug);
            copy(&source, &target, &words)?;
            if mode == Mode::Outside {
                let manifest = target.join("lesson.toml");
                let text = std::fs::read_to_string(&manifest)? + "\n" + &std::fs::read_to_string(outside)?;
                std::fs::write(manifest, text)?;
            }
            lessons.push((language, mode));
        }
    }
    Ok(lessons)
}

/// Copies a folder, replacing words in every file.
fn copy(from: &Path, to: &Path, words: &[(&str, &str)]) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&source, &target, words)?;
        } else if entry.file_name() != OUTSIDE {
            let text = std::fs::read_to_string(&source)?;
            let text = words.iter().fold(text, |text, (word, value)| text.replace(word, value));
            std::fs::write(&target, text)?;
        }
    }
    Ok(())
}
