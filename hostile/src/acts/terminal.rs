//! Types commands in a live session and looks at what comes.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::{Acted, Scene};
use crate::case::Typed;
use crate::ground::{Heard, LiveSession};

/// Characters of an answer that a complaint quotes.
const QUOTED: usize = 600;

pub(super) async fn act(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    if let Some(payload) = scene.row.payload() {
        learner.save(workspace, &payload.files).await?;
    }
    let (session, mut live) = learner.settle(workspace).await?;
    let began = Instant::now();
    let mut wrong = Vec::new();
    let typed = type_all(scene, &mut live, &scene.row.case.file.types, &mut wrong).await;
    let took = began.elapsed();
    drop(live);
    learner.end_session(session).await?;
    typed?;
    let mut acted = Acted::held(began, wrong, String::new());
    acted.took = took;
    Ok(acted)
}

/// Types one command after the other; what is not as the table says is added to `wrong`.
pub(super) async fn type_all(
    scene: Scene<'_>,
    live: &mut LiveSession,
    types: &[Typed],
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    for typed in types {
        let within = typed.within_ms.map_or(scene.bound(), |ms| Duration::from_millis(ms.into()));
        if typed.ends {
            ends(live, typed, within, wrong).await?;
            continue;
        }
        let Some(answer) = live.run(&typed.command, within).await? else {
            wrong.push(format!("{}: not done within {within:?}: {:?}", typed.command, quoted(&shown(live))));
            // Nothing typed now would be read.
            return Ok(());
        };
        complain(scene, typed, &answer, wrong)?;
    }
    Ok(())
}

/// What of an answer is not as it has to be.
fn complain(scene: Scene<'_>, typed: &Typed, answer: &str, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let answer = without_typed(answer);
    for needle in &typed.sees {
        if !answer.contains(needle.as_str()) {
            wrong.push(format!("{}: no {needle:?} in {:?}", typed.command, quoted(&answer)));
        }
    }
    for needle in &typed.never {
        if answer.contains(needle.as_str()) {
            wrong.push(format!("{}: {needle:?} in {:?}", typed.command, quoted(&answer)));
        }
    }
    if let Some(golden) = &typed.golden {
        let path = scene.row.case.folder.join(golden);
        let expected =
            std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        wrong.extend(
            differences(&expected, &answer)
                .into_iter()
                .map(|line| format!("{}: {golden}: {line}", typed.command)),
        );
    }
    Ok(())
}

/// The lines that only one of both has.
fn differences(expected: &str, got: &str) -> Vec<String> {
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    let (expected, got) = (lines(expected), lines(got));
    let missing = expected.iter().filter(|line| !got.contains(line)).map(|line| format!("missing {line:?}"));
    let extra = got.iter().filter(|line| !expected.contains(line)).map(|line| format!("unexpected {line:?}"));
    missing.chain(extra).collect()
}

/// What came after the typed line itself. That is on the screen twice when it was typed before the shell was ready for it:
/// once from the kernel, once from the shell.
fn without_typed(answer: &str) -> String {
    let after_mark = answer.rsplit_once("echo end-$((").and_then(|(_, rest)| rest.split_once("\r\n"));
    after_mark.or_else(|| answer.split_once("\r\n")).map_or(answer, |(_, after)| after).replace("\r\n", "\n")
}

/// A command after which there is no prompt: the terminal exits, the session ends, or the socket is closed.
async fn ends(
    live: &mut LiveSession,
    typed: &Typed,
    within: Duration,
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    live.screen.clear();
    live.type_text(&format!("{}\r", typed.command)).await?;
    let mut heard = String::new();
    loop {
        match live.hear(within.saturating_sub(began.elapsed())).await {
            Some(Heard::Message(message)) => {
                heard.push_str(&serde_json::to_string(&message)?);
                heard.push('\n');
            }
            Some(Heard::Closed(code)) => {
                heard.push_str(&format!("closed {code:?}"));
                break;
            }
            Some(_) => {}
            None => break,
        }
        if typed.sees.iter().all(|needle| heard.contains(needle.as_str())) {
            return Ok(());
        }
    }
    for needle in typed.sees.iter().filter(|needle| !heard.contains(needle.as_str())) {
        wrong.push(format!("{}: no {needle:?} in {:?}", typed.command, quoted(&heard)));
    }
    Ok(())
}

fn shown(live: &LiveSession) -> String {
    String::from_utf8_lossy(&live.screen).into_owned()
}

/// The end of it.
fn quoted(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(QUOTED);
    text.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_what_comes_after_the_typed_line() {
        let screen = "id -u; echo end-$((1))\r\n200001\r\n";
        assert_eq!(without_typed(screen), "200001\n");
        assert_eq!(without_typed("true; echo end-$((3))\r\n"), "");
        let twice = "id -u; echo end-$((1))\r\n$ id -u; echo end-$((1))\r\n200001\r\n";
        assert_eq!(without_typed(twice), "200001\n");
    }

    #[test]
    fn differences_name_each_line_that_only_one_side_has() {
        assert_eq!(differences("a\nb\n", "b\r\nc\n"), ["missing \"a\"", "unexpected \"c\""]);
        assert_eq!(differences("a\n", "a\n"), Vec::<String>::new());
    }
}
