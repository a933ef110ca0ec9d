//! Rules about the manifest's own values.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use ide_protocol::limits::MAX_TESTS;

use crate::bounds::{
    COMMAND_WORDS, CPU_PERCENT, DISK_MIB, MAX_ALLOW_PATTERNS, MAX_COMMAND_WORD_BYTES, MAX_HINT_BYTES,
    MAX_HINTS, MAX_IGNORE_PATTERNS, MAX_PREVIEW_PATH_BYTES, MAX_PREVIEWS, MAX_SERVICES, MAX_TEST_ID_BYTES,
    MEMORY_MIB, MEMORY_RESERVE_MIB, OUTPUT_KIB, POSITION, PREVIEW_PORT, PREVIEW_TITLE_CHARS, PROCESSES,
    SCHEMA, SHM_MIB, SLUG_CHARS, SOLUTION_HAND_INS, SUMMARY_CHARS, TIME_BUDGET_MINUTES, TITLE_CHARS, TMP_MIB,
    WALL_SECONDS,
};
use crate::glob;
use crate::judge::COUNTED;
use crate::manifest::{HiddenShows, JudgePlace, Limits, Manifest, Preview, SolutionRule, Tests};
use crate::source::{Source, Step, at};
use crate::text::{counted, plain};

pub(super) fn check(source: &mut Source<'_>, manifest: &Manifest) {
    if manifest.schema != SCHEMA {
        source.add(
            at!["schema"],
            format!("this version of Gradus reads schema {SCHEMA}: write `schema = {SCHEMA}`"),
        );
    }
    slug(source, "slug", &manifest.slug);
    slug(source, "language", &manifest.language);
    slug(source, "image", &manifest.image);
    line(source, at!["title"], "title", &manifest.title, TITLE_CHARS);
    line(source, at!["summary"], "summary", &manifest.summary, SUMMARY_CHARS);
    line(source, at!["course"], "course", &manifest.course, TITLE_CHARS);
    number(source, at!["position"], manifest.position, POSITION, "");
    number(source, at!["time_budget_minutes"], manifest.time_budget_minutes, TIME_BUDGET_MINUTES, " minutes");
    hints(source, &manifest.hints);
    if let SolutionRule::AfterHandIns { count } = manifest.solution {
        number(source, at!["solution", "count"], count, SOLUTION_HAND_INS, " hand-ins");
    }
    patterns(source, &manifest.submit.allow);
    ignored(source, manifest);
    tests(source, &manifest.tests);
    limits(source, &manifest.limits);
    services(source, &manifest.services);
    previews(source, &manifest.preview);
}

fn slug(source: &mut Source<'_>, key: &str, value: &str) {
    let alphabet = value.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'));
    let hyphens = !value.starts_with('-') && !value.ends_with('-') && !value.contains("--");
    if !(alphabet && hyphens && SLUG_CHARS.contains(&value.len())) {
        let max = SLUG_CHARS.end();
        source.add(
            at![key],
            format!("`{key}` must be 1 to {max} lower-case letters, digits and single hyphens between them"),
        );
    }
}

pub(super) fn line(
    source: &mut Source<'_>,
    at: &[Step<'_>],
    key: &str,
    value: &str,
    bounds: RangeInclusive<usize>,
) {
    if value.trim().is_empty()
        || value.chars().any(char::is_control)
        || !bounds.contains(&value.chars().count())
    {
        source.add(at, format!("`{key}` must be one line of 1 to {} characters", bounds.end()));
    }
}

fn number(source: &mut Source<'_>, at: &[Step<'_>], value: u32, bounds: RangeInclusive<usize>, unit: &str) {
    if !bounds.contains(&(value as usize)) {
        let (min, max) = bounds.into_inner();
        source.add(at, format!("{value} is out of bounds: choose {min} to {max}{unit}"));
    }
}

fn hints(source: &mut Source<'_>, hints: &[String]) {
    if hints.len() > MAX_HINTS {
        source.add(at!["hints", MAX_HINTS], format!("there are more than {MAX_HINTS} hints: keep the best"));
    }
    for (index, hint) in hints.iter().enumerate() {
        if hint.trim().is_empty() || hint.len() > MAX_HINT_BYTES {
            source.add(
                at!["hints", index],
                format!("a hint must have 1 to {MAX_HINT_BYTES} bytes of Markdown"),
            );
        }
    }
}

fn patterns(source: &mut Source<'_>, allow: &[String]) {
    if allow.len() > MAX_ALLOW_PATTERNS {
        let message = format!("there are more than {MAX_ALLOW_PATTERNS} patterns: use wider ones");
        source.add(at!["submit", "allow", MAX_ALLOW_PATTERNS], message);
    }
    for (index, pattern) in allow.iter().enumerate() {
        if let Some(problem) = glob::problem(pattern) {
            source.add(at!["submit", "allow", index], problem);
        }
    }
}

/// Names that are not kept must not be those of files that the lesson gives.
fn ignored(source: &mut Source<'_>, manifest: &Manifest) {
    let patterns = &manifest.workspace.ignore;
    if patterns.len() > MAX_IGNORE_PATTERNS {
        let message = format!("there are more than {MAX_IGNORE_PATTERNS} patterns: use wider ones");
        source.add(at!["workspace", "ignore", MAX_IGNORE_PATTERNS], message);
    }
    for (index, pattern) in patterns.iter().enumerate() {
        let at = at!["workspace", "ignore", index];
        if pattern.contains('/') {
            source.add(at, "write the name of a file or folder, without `/`: it is ignored wherever it is");
        } else if let Some(problem) = glob::problem(pattern) {
            source.add(at, problem);
        } else if let Some(file) =
            manifest.files.iter().find(|file| file.path.parts().any(|part| glob::matches_part(pattern, part)))
        {
            source.add(
                at,
                format!("this would ignore `{}`, which the lesson gives: write a narrower one", file.path),
            );
        }
    }
}

fn tests(source: &mut Source<'_>, tests: &Tests) {
    if let Some(build) = &tests.build {
        command(source, at!["tests", "build"], build);
    }
    command(source, at!["tests", "command"], &tests.command);
    let expected = &tests.expected;
    if expected.visible.is_empty() {
        let message = "name at least one visible test: a run passes only by the tests named here, and the learner \
                       needs one to work with (`gradus lesson pin FOLDER` writes those of the solution)";
        source.add(at!["tests", "expected", "visible"], message);
    }
    hidden_shows(source, tests);
    if expected.visible.len() + expected.hidden.len() > MAX_TESTS {
        source.add(
            at!["tests", "expected"],
            format!("there are more than {MAX_TESTS} tests: split the lesson"),
        );
    }
    let mut seen = HashSet::new();
    for (list, ids) in [("visible", &expected.visible), ("hidden", &expected.hidden)] {
        for (index, id) in ids.iter().enumerate() {
            let at = at!["tests", "expected", list, index];
            if !seen.insert(id) {
                source.add(
                    at,
                    format!("the test `{id}` is expected twice: name it once, as visible or as hidden"),
                );
            }
            if id.is_empty() || id.len() > MAX_TEST_ID_BYTES || plain(id) != *id {
                source.add(
                    at,
                    format!("a test's id must be 1 to {MAX_TEST_ID_BYTES} bytes without control characters"),
                );
            }
        }
    }
}

fn hidden_shows(source: &mut Source<'_>, tests: &Tests) {
    if tests.hidden_shows == HiddenShows::Message && tests.judge == JudgePlace::Inside {
        let message = "with the judge inside, what a hidden test says may be put there by the learner's code, which can \
                       read every hidden file beside it: write \"name\", or judge outside";
        source.add(at!["tests", "hidden_shows"], message);
    }
    if tests.hidden_shows != HiddenShows::Nothing {
        return;
    }
    for (index, id) in tests.expected.visible.iter().enumerate().filter(|(_, id)| id.starts_with(COUNTED)) {
        source.add(
            at!["tests", "expected", "visible", index],
            format!("`{id}` is what hidden tests are called when they are only counted: choose another name"),
        );
    }
}

fn services(source: &mut Source<'_>, services: &[Vec<String>]) {
    if services.len() > MAX_SERVICES {
        let message =
            format!("there are more than {}: start them from one script", counted(MAX_SERVICES, "service"));
        source.add(at!["services", MAX_SERVICES], message);
    }
    for (index, service) in services.iter().enumerate() {
        command(source, at!["services", index], service);
    }
}

fn previews(source: &mut Source<'_>, previews: &[Preview]) {
    if previews.len() > MAX_PREVIEWS {
        let message = format!("there are more than {MAX_PREVIEWS} previews: show what the learner looks at");
        source.add(at!["preview", MAX_PREVIEWS], message);
    }
    let mut seen = HashSet::new();
    for (index, Preview { port, title, path }) in previews.iter().enumerate() {
        number(source, at!["preview", index, "port"], *port, PREVIEW_PORT, "");
        if !seen.insert(port) {
            let message = format!("port {port} has two previews: keep one, or name another port");
            source.add(at!["preview", index, "port"], message);
        }
        line(source, at!["preview", index, "title"], "title", title, PREVIEW_TITLE_CHARS);
        if !is_path(path) {
            let message = format!(
                "`path` must be an address within the server, as in \"/\" or \"/notes?all=1\": at most \
                 {MAX_PREVIEW_PATH_BYTES} visible ASCII characters, the first a single slash"
            );
            source.add(at!["preview", index, "path"], message);
        }
    }
}

/// Whether a browser takes this for a place on the same server, and nothing else.
fn is_path(path: &str) -> bool {
    let visible = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#'));
    visible && path.starts_with('/') && !path.starts_with("//") && path.len() <= MAX_PREVIEW_PATH_BYTES
}

fn command(source: &mut Source<'_>, at: &[Step<'_>], words: &[String]) {
    if !COMMAND_WORDS.contains(&words.len()) || words.first().is_some_and(|program| program.is_empty()) {
        let message = format!(
            "a command is a list of 1 to {} words, the program first, as in [\"make\", \"test\"]",
            COMMAND_WORDS.end()
        );
        source.add(at, message);
    }
    if words.iter().any(|word| word.len() > MAX_COMMAND_WORD_BYTES || word.contains('\0')) {
        source.add(
            at,
            format!("a word of a command has at most {MAX_COMMAND_WORD_BYTES} bytes, none of them NUL"),
        );
    }
}

fn limits(source: &mut Source<'_>, limits: &Limits) {
    number(source, at!["limits", "wall_seconds"], limits.wall_seconds, WALL_SECONDS, " seconds");
    number(source, at!["limits", "memory_mib"], limits.memory_mib, MEMORY_MIB, " MiB");
    number(source, at!["limits", "cpu_percent"], limits.cpu_percent, CPU_PERCENT, " hundredths of a core");
    number(source, at!["limits", "processes"], limits.processes, PROCESSES, " processes");
    number(source, at!["limits", "disk_mib"], limits.disk_mib, DISK_MIB, " MiB");
    number(source, at!["limits", "output_kib"], limits.output_kib, OUTPUT_KIB, " KiB");
    let tmpfs = limits.disk_mib.saturating_add(TMP_MIB + SHM_MIB);
    let room = limits.memory_mib.saturating_sub(MEMORY_RESERVE_MIB);
    if tmpfs >= room {
        let message = format!(
            "files lie in memory: `disk_mib` and {} MiB for /tmp and /dev/shm come to {tmpfs} MiB and must stay below \
             `memory_mib` less {MEMORY_RESERVE_MIB}, {room} MiB: lower `disk_mib` or raise `memory_mib`",
            TMP_MIB + SHM_MIB
        );
        source.add(at!["limits", "disk_mib"], message);
    }
}
