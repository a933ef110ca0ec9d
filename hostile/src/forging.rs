//! The forging table: which ways of forging pass where. Reads a report's lines of the cases F, writes Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::case::{Language, Mode};
use crate::class::Class;
use crate::report::Line;

/// What a technique came to, by where and in what it was tried.
type Tried<'a> = BTreeMap<(&'static str, &'static str), &'a Line>;

/// The table, with how many passed in each mode under it.
#[must_use]
pub fn table(lines: &[Line]) -> String {
    let mut techniques: BTreeMap<&str, (&str, Tried<'_>)> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.id.starts_with('F')) {
        let Some(place) = place_of(line) else { continue };
        techniques.entry(&line.id).or_insert((&line.does, Tried::new())).1.insert(place, line);
    }
    let mut text = String::from(HEAD);
    for (id, (does, tried)) in &techniques {
        let cells: Vec<String> = columns().map(|place| cell(tried.get(&place).copied())).collect();
        let _ = writeln!(text, "| {id} {does} | {} |", cells.join(" | "));
    }
    text.push('\n');
    for mode in Mode::ALL {
        let all: Vec<&&Line> = techniques
            .values()
            .flat_map(|(_, tried)| tried)
            .filter(|((where_, _), _)| *where_ == mode.word())
            .map(|(_, line)| line)
            .collect();
        let passed = all.iter().filter(|line| line.got == Class::Passed).count();
        let _ = writeln!(text, "Tests **{}**: {passed} of {} pass.", mode.word(), all.len());
    }
    text
}

const HEAD: &str = "# Forging\n\n\
    What learners may try to have wrong work pass (`hostile/cases/F*`), tried by `make hostile-forging` in every language there is a lesson for, with the\n\
    tests **inside** – beside the learner's code, verdicts say `in_process` – and **outside**, in a container of their own, verdicts say `isolated`. The lessons let\n\
    learners hand in whatever they like. A word in the table is the verdict; **passed** is a forged one.\n\n\
    | technique | python, inside | javascript, inside | shell, inside | c, inside | python, outside | javascript, outside | shell, outside | c, outside |\n\
    |---|---|---|---|---|---|---|---|---|\n";

fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    Mode::ALL.into_iter().flat_map(|mode| Language::ALL.map(|language| (mode.word(), language.word())))
}

fn cell(line: Option<&Line>) -> String {
    match line.map(|line| line.got) {
        None => String::new(),
        Some(Class::Passed) => "**passed**".to_owned(),
        Some(class) => class.word().replace('_', " "),
    }
}

/// A hand-in's row is called `F01 python inside`.
fn place_of(line: &Line) -> Option<(&'static str, &'static str)> {
    let mut words = line.name.split_whitespace().skip(1);
    let (language, mode) = (words.next()?, words.next()?);
    columns().find(|place| *place == (mode, language))
}
