//! I6 and I8: about words that must not appear.

use std::io::{Read as _, Seek as _, SeekFrom};

use super::{Before, Finding};
use crate::ground::{Ground, Process};

/// How a Rust program says that it gave up.
const PANIC: &[u8] = b"panicked at";

/// Of a log that has grown beyond this since the case began, the end is read: an operator would not read more either.
const MAX_LOG_BYTES: u64 = 8 * 1024 * 1024;

/// I6: no secret, no hidden test's marker and no path of ours in any byte that a learner was given, nor the first two
/// in a log.
pub(super) fn nothing_was_seen(ground: &Ground, before: &Before) -> Vec<Finding> {
    let seen = ground.watch.take().into_iter();
    let mut findings: Vec<_> = seen.map(|what| Finding::new("I6", what)).collect();
    for (name, process, from) in logs(ground, before) {
        let text = since(process, from);
        let logged = ground.watch.find(&text).filter(|what| !what.contains("path"));
        findings.extend(logged.map(|what| Finding::new("I6", format!("{what} in the log of the {name}"))));
    }
    findings
}

/// I8: nothing of ours gave up.
pub(super) fn nothing_panicked(ground: &Ground, before: &Before) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, process, from) in logs(ground, before) {
        let text = since(process, from);
        if text.windows(PANIC.len()).any(|window| window == PANIC) {
            findings.push(Finding::new("I8", format!("the {name} panicked: {}", process.log().display())));
        }
    }
    findings
}

fn logs<'a>(ground: &'a Ground, before: &Before) -> [(&'static str, &'a Process, u64); 2] {
    [("API", &ground.api, before.api_log), ("agent", &ground.agent, before.agent_log)]
}

/// What was logged after the first `from` bytes.
fn since(process: &Process, from: u64) -> Vec<u8> {
    let read = || {
        let mut file = std::fs::File::open(process.log())?;
        let from = from.max(file.metadata()?.len().saturating_sub(MAX_LOG_BYTES));
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    read().unwrap_or_default()
}
