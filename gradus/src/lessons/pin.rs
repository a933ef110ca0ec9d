//! `gradus lesson pin`: the tests that a lesson expects are those that its solution reports, visible ones in a run
//! without the hidden files, hidden ones by what a run with them reports more. Written into lesson.toml where they
//! belong, everything else of it as it was.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use eval_agent::local::Local;
use ide_protocol::files::FileRole;
use ide_protocol::results::{GradingOutcome, Outcome, TestStatus};
use lesson::{Expected, Lesson};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::by_hand::ByHandArgs;

/// Stands for the tests nobody knows yet: no test framework reports it.
const UNKNOWN: &str = "(to be pinned by `gradus lesson pin`)";

#[derive(Args)]
pub struct Pin {
    /// The lesson's folder.
    folder: PathBuf,
    #[command(flatten)]
    host: ByHandArgs,
}

impl Pin {
    /// # Errors
    /// When the lesson is not sound otherwise, or its solution does not pass.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let path = self.folder.join("lesson.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let unpinned = pinned(&text, &Expected { visible: vec![UNKNOWN.to_owned()], hidden: Vec::new() })?;
        let lesson = Lesson::from_dir_as(&self.folder, &unpinned)?;
        let local = Local::open(self.host.config()).await?;
        let found = found(&local, &lesson).await;
        let clean = local.close().await;
        let expected = found?;
        anyhow::ensure!(clean, "a container resists removal: `docker ps` shows it");
        let new = pinned(&text, &expected)?;
        let before = Lesson::from_dir(&self.folder).map(|lesson| lesson.manifest.tests.expected);
        let changes = changes(&before.unwrap_or_default(), &expected);
        Lesson::from_dir_as(&self.folder, &new)?;
        if new == text {
            println!("{}: nothing to change", path.display());
        } else {
            write(&path, &new)?;
            println!("{}:", path.display());
            changes.iter().for_each(|line| println!("{line}"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What the solution reports, proven to pass by it.
async fn found(local: &Local, lesson: &Lesson) -> anyhow::Result<Expected> {
    let mut shown = lesson.clone();
    shown.files.retain(|_, file| file.role != FileRole::Hidden);
    let mut open = lesson.clone();
    for file in open.files.values_mut().filter(|file| file.role == FileRole::Hidden) {
        file.role = FileRole::ReadOnly;
    }
    let visible = reported(local, &shown).await.context("the run with the visible tests")?;
    let all = reported(local, &open).await.context("the run with every test")?;
    let hidden = all.iter().filter(|id| !visible.contains(id)).cloned().collect();
    let mut pinned = lesson.clone();
    pinned.manifest.tests.expected = Expected { visible, hidden };
    let digest = lesson::pack(&pinned)?.digest;
    let (tried, _) = local.grade(&pinned, &digest, &pinned.solution_files()).await;
    match tried.outcome {
        GradingOutcome::Verdict { verdict } if verdict.outcome == Outcome::Passed => {
            Ok(pinned.manifest.tests.expected)
        }
        GradingOutcome::Verdict { verdict } => {
            let failing = verdict.tests.iter().filter(|test| test.status != TestStatus::Passed);
            let names: Vec<_> = failing.map(|test| format!("{:?}", test.id)).collect();
            anyhow::bail!(
                "nothing was pinned, because the solution does not pass: {} ({})\n{}",
                lesson::sentence(&verdict),
                names.join(", "),
                verdict.output
            )
        }
        other => {
            anyhow::bail!("nothing was pinned, because the solution cannot be graded: {}", words(&other))
        }
    }
}

/// The ids of one run, in the order reported.
async fn reported(local: &Local, lesson: &Lesson) -> anyhow::Result<Vec<String>> {
    let digest = lesson::pack(lesson)?.digest;
    let (tried, _) = local.grade(lesson, &digest, &lesson.solution_files()).await;
    let GradingOutcome::Verdict { verdict } = tried.outcome else {
        anyhow::bail!("the solution cannot be graded: {}", words(&tried.outcome));
    };
    let ids: Vec<String> =
        verdict.tests.iter().map(|test| test.id.clone()).filter(|id| id != UNKNOWN).collect();
    anyhow::ensure!(
        !ids.is_empty(),
        "no test was reported. {}\n{}",
        lesson::sentence(&verdict),
        verdict.output
    );
    if let Some(twice) = ids.iter().find(|id| ids.contains(&format!("{id}#2"))) {
        anyhow::bail!("two tests are called {twice:?}: give each a name of its own");
    }
    Ok(ids)
}

fn words(outcome: &GradingOutcome) -> String {
    match outcome {
        GradingOutcome::LessonFault { fault } => fault.to_string(),
        GradingOutcome::HostFault { fault } => fault.to_string(),
        GradingOutcome::Verdict { verdict } => lesson::sentence(verdict),
    }
}

/// The manifest with these ids and nothing else changed.
fn pinned(text: &str, expected: &Expected) -> anyhow::Result<String> {
    let mut document: DocumentMut = text.parse().context("lesson.toml is not TOML")?;
    let tests = document.get_mut("tests").and_then(Item::as_table_mut);
    let tests = tests.context("lesson.toml has no [tests]: say first how they are run")?;
    let table = tests.entry("expected").or_insert_with(|| Item::Table(Table::new()));
    let table = table.as_table_like_mut().context("tests.expected is not a table")?;
    set(table, "visible", &expected.visible);
    if expected.hidden.is_empty() {
        table.remove("hidden");
    } else {
        set(table, "hidden", &expected.hidden);
    }
    Ok(document.to_string())
}

/// One id per line, unless they are there already: then not even their comments move.
fn set(table: &mut dyn toml_edit::TableLike, key: &str, ids: &[String]) {
    let there = table.get(key).and_then(Item::as_array);
    let same = there
        .is_some_and(|array| array.iter().map(|id| id.as_str()).eq(ids.iter().map(|id| Some(id.as_str()))));
    if same {
        return;
    }
    let mut array = Array::new();
    for id in ids {
        array.push(id.as_str());
    }
    array.iter_mut().for_each(|id| id.decor_mut().set_prefix("\n  "));
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    match table.get_mut(key) {
        Some(item) => *item = value(array),
        None => drop(table.insert(key, value(array))),
    }
}

/// What a person wants to see before they commit it.
fn changes(before: &Expected, after: &Expected) -> Vec<String> {
    let mut lines = Vec::new();
    for (kind, before, after) in
        [("visible", &before.visible, &after.visible), ("hidden", &before.hidden, &after.hidden)]
    {
        let gone = before.iter().filter(|id| !after.contains(id)).map(|id| format!("  - {kind}: {id}"));
        let new = after.iter().filter(|id| !before.contains(id)).map(|id| format!("  + {kind}: {id}"));
        lines.extend(gone.chain(new));
        if before != after && lines.is_empty() {
            lines.push(format!("  {kind}: in another order"));
        }
    }
    lines
}

/// Whole or not at all.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let half = path.with_extension("toml.new");
    std::fs::write(&half, text)
        .and_then(|()| std::fs::rename(&half, path))
        .with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "# A lesson.\nslug = \"a\"  # short\n\n[tests]\ncommand = [\"run\"]\n\n[tests.expected]\n# Few.\nvisible = [\"old\"]\n\n[limits]\nwall_seconds = 5\n";

    fn ids(visible: &[&str], hidden: &[&str]) -> Expected {
        let own = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        Expected { visible: own(visible), hidden: own(hidden) }
    }

    #[test]
    fn ids_are_written_where_they_belong_and_nothing_else_moves() {
        let rows = [
            (ids(&["old"], &[]), MANIFEST.to_owned()),
            (
                ids(&["a \"b\"", "c"], &["d"]),
                MANIFEST.replace(
                    "visible = [\"old\"]\n",
                    "visible = [\n  'a \"b\"',\n  \"c\",\n]\nhidden = [\n  \"d\",\n]\n",
                ),
            ),
        ];
        for (expected, text) in rows {
            assert_eq!(pinned(MANIFEST, &expected).unwrap(), text);
            assert_eq!(pinned(&text, &expected).unwrap(), text, "and once is enough");
        }
        let bare = "[tests]\ncommand = [\"run\"]\n";
        let made = pinned(bare, &ids(&["a"], &[])).unwrap();
        assert_eq!(made, format!("{bare}\n[tests.expected]\nvisible = [\n  \"a\",\n]\n"));
        assert!(pinned("slug = \"a\"\n", &ids(&["a"], &[])).is_err());
    }

    #[test]
    fn a_person_is_told_what_changed() {
        let said = changes(&ids(&["a", "b"], &["h"]), &ids(&["a", "c"], &["h"]));
        assert_eq!(said, ["  - visible: b", "  + visible: c"]);
        assert_eq!(changes(&ids(&["a", "b"], &[]), &ids(&["b", "a"], &[])), ["  visible: in another order"]);
    }
}
