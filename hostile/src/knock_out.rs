//! The knock-out rule: for each control of the sandbox, drop it, and a case that guards it has to turn red. Writes the table
//! `docs/knock-out.md`.

use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;

use anyhow::Context as _;

use crate::case::{Case, Kind};
use crate::ground::Plan;
use crate::report::Line;
use crate::run::{self, CASES, Options};

/// Names the dropped control to an agent that was built for it.
const VARIABLE: &str = "GRADUS_KNOCK_OUT";

/// Whose findings count.
const PROOF: [&str; 5] = ["case", "I1", "I3", "I4", "I6"];

/// Where the table goes, from the repository.
pub const TABLE: &str = "docs/knock-out.md";

/// A control, by the agent's own list.
#[derive(Debug, Clone)]
pub struct Control {
    pub name: String,
    pub purpose: String,
}

/// What dropping one has shown.
#[derive(Debug)]
pub struct Shown {
    pub control: Control,
    /// The first case that turned red; `None` when none did.
    pub red: Option<Line>,
    /// Ids of the cases that guard it.
    pub guards: Vec<String>,
}

/// Drops each control (of those `named`, all when empty) and runs the cases that guard it until one is red.
///
/// # Errors
/// When the command under test was built without the feature `knock-out`, or does not start.
pub async fn knock_out(plan: &Plan, named: &[String]) -> anyhow::Result<Vec<Shown>> {
    let cases = Case::read_all(&plan.root.join(CASES))?;
    let controls = controls(plan)?;
    unknown_guards(&cases, &controls)?;
    let mut shown = Vec::new();
    for control in controls.into_iter().filter(|one| named.is_empty() || named.contains(&one.name)) {
        let guards = guards(&cases, &control.name);
        println!("without {}: {}", control.name, guards.join(" "));
        let mut red = None;
        for guard in &guards {
            red = first_red(plan, &control.name, guard).await?;
            if red.is_some() {
                break;
            }
        }
        shown.push(Shown { control, red, guards });
    }
    Ok(shown)
}

async fn first_red(plan: &Plan, control: &str, case: &str) -> anyhow::Result<Option<Line>> {
    let mut plan = plan.clone();
    plan.agent_environment.push((VARIABLE.to_owned(), control.to_owned()));
    let cases = vec![case.to_owned()];
    let report = run::run(&Options { plan, cases, fast: false, until_red: true, keep: false }).await;
    let report = report.with_context(|| format!("without {control}"))?;
    Ok(report.lines.into_iter().find_map(shows_it))
}

/// The line with those findings alone that a dropped control brings about: a slow moment of the machine, seen by the
/// neighbour or in the reference's time, proves nothing.
fn shows_it(line: Line) -> Option<Line> {
    let findings: Vec<_> =
        line.findings.iter().filter(|finding| PROOF.contains(&finding.invariant)).cloned().collect();
    (!findings.is_empty()).then_some(Line { findings, ..line })
}

/// What the agent says can be dropped.
fn controls(plan: &Plan) -> anyhow::Result<Vec<Control>> {
    let output = Command::new(&plan.gradus).args(["agent", "--list-controls"]).output()?;
    anyhow::ensure!(
        output.status.success(),
        "{} was built without the feature knock-out (make hostile-knockout builds it)",
        plan.gradus.display()
    );
    let text = String::from_utf8(output.stdout)?;
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(pairs.map(|(name, purpose)| Control { name: name.to_owned(), purpose: purpose.to_owned() }).collect())
}

/// A case that guards a control nobody has would guard nothing.
fn unknown_guards(cases: &[Arc<Case>], controls: &[Control]) -> anyhow::Result<()> {
    for case in cases {
        for guarded in &case.file.control {
            let known = controls.iter().any(|control| control.name == *guarded);
            anyhow::ensure!(known, "{} guards {guarded:?}, and there is no such control", case.file.id);
        }
    }
    Ok(())
}

/// Ids of the cases that guard it, the quick ones first.
fn guards(cases: &[Arc<Case>], control: &str) -> Vec<String> {
    let mut guards: Vec<_> =
        cases.iter().filter(|case| case.file.control.iter().any(|name| name == control)).collect();
    guards.sort_by_key(|case| case.file.kind == Kind::HandIn);
    guards.into_iter().map(|case| case.file.id.clone()).collect()
}

/// The table, as Markdown.
#[must_use]
pub fn table(shown: &[Shown]) -> String {
    let mut text = String::from(
        "# Knock-outs\n\nEach control of the sandbox was dropped, one at a time, and the cases of the hostile corpus that guard it were run \
         until one\nturned red. Written by `make hostile-knockout`; not by hand.\n\n\
         | without | which means | turned red | because |\n|---|---|---|---|\n",
    );
    for Shown { control, red, guards } in shown {
        let (case, because) = match red {
            Some(line) => {
                let what = line.findings.first().map(|finding| finding.what.as_str()).unwrap_or_default();
                (line.id.clone(), one_line(what))
            }
            None => (format!("**nothing** of {}", guards.join(", ")), String::new()),
        };
        let _ =
            writeln!(text, "| `{}` | {} | {case} | {because} |", control.name, one_line(&control.purpose));
    }
    text
}

/// Short, and without what would end a cell.
fn one_line(text: &str) -> String {
    const LENGTH: usize = 160;
    let plain: String = text.chars().map(|c| if c.is_control() || c == '|' { ' ' } else { c }).collect();
    let cut: String = plain.chars().take(LENGTH).collect();
    if cut.len() < plain.len() { cut + " …" } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_one_line() {
        assert_eq!(one_line("a|b\nc"), "a b c");
        assert!(one_line(&"x".repeat(500)).ends_with(" …"));
    }
}
