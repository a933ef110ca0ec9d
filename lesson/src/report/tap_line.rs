//! One line of TAP, by its grammar alone.

use ide_protocol::results::TestStatus;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Version(u64),
    /// `1..N`
    Plan(u64),
    Point(Point),
    BailOut(&'a str),
    Comment(&'a str),
    /// A subtest's line, a pragma, or not TAP at all.
    Other,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) status: TestStatus,
    pub(super) number: Option<u64>,
    pub(super) description: String,
    /// Of a SKIP or TODO.
    pub(super) reason: String,
}

pub(super) fn parse(line: &str) -> Line<'_> {
    if let Some(reason) = line.trim_start().strip_prefix("Bail out!") {
        // A subtest that bails out ends the whole run.
        Line::BailOut(reason.trim())
    } else if let Some(text) = line.strip_prefix('#') {
        Line::Comment(text.strip_prefix(' ').unwrap_or(text))
    } else if let Some(version) = line.strip_prefix("TAP version ").and_then(|v| v.trim().parse().ok()) {
        Line::Version(version)
    } else if let Some(count) = plan(line) {
        Line::Plan(count)
    } else {
        point(line).map_or(Line::Other, Line::Point)
    }
}

fn plan(line: &str) -> Option<u64> {
    let (count, _reason) = line.strip_prefix("1..").map(|rest| rest.split_once('#').unwrap_or((rest, "")))?;
    count.trim().parse().ok()
}

fn point(line: &str) -> Option<Point> {
    let (passed, rest) = match line.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok")?),
    };
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let (number, rest) = leading_number(rest.trim_start());
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    let (description, reason) = directive(rest).unwrap_or((rest, None));
    let status = match (reason, passed) {
        (Some(_), _) => TestStatus::Skipped,
        (None, true) => TestStatus::Passed,
        (None, false) => TestStatus::Failed,
    };
    let reason = reason.unwrap_or_default().to_owned();
    Some(Point { status, number, description: unescaped(description.trim()), reason })
}

/// `12 - text` → 12 and the text; a number too large to be one is outside of every plan.
fn leading_number(text: &str) -> (Option<u64>, &str) {
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return (None, text);
    }
    (Some(word.parse().unwrap_or(u64::MAX)), rest.trim_start())
}

/// The description before ` # SKIP reason` or ` # TODO reason`, and the reason. Any other `#` is part of the text.
fn directive(text: &str) -> Option<(&str, Option<&str>)> {
    let mut escaped = false;
    let mut after_space = true;
    for (at, c) in text.char_indices() {
        if c == '#' && after_space && !escaped {
            let words = text.get(at + 1..)?.trim_start();
            let keyword = words.get(..4)?;
            if keyword.eq_ignore_ascii_case("skip") || keyword.eq_ignore_ascii_case("todo") {
                let reason = words.split_once([' ', '\t', ':']).map_or("", |(_, reason)| reason.trim());
                return Some((text.get(..at)?, Some(reason)));
            }
        }
        escaped = c == '\\' && !escaped;
        after_space = c.is_whitespace();
    }
    None
}

/// `\#` and `\\` stand for themselves without the backslash.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('#' | '\\')) => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    out
}
