//! Rules about `[judge]`: what stands in for the learner's work must be the learner's to make, and no test may lie beside it.

use ide_protocol::files::{FileRole, WorkspacePath};

use crate::bounds::{MAX_BESIDE_PATTERNS, MAX_JUDGE_ENTRIES, PREVIEW_PORT};
use crate::glob;
use crate::lesson::is_above;
use crate::manifest::{JudgePlace, Manifest};
use crate::outside::{Outside, is_test};
use crate::source::{Source, at};
use crate::stand_ins::modules::{Language, is_name};

pub(super) fn check(source: &mut Source<'_>, manifest: &Manifest) {
    let judge = &manifest.judge;
    match manifest.tests.judge {
        JudgePlace::Inside if judge.is_default() => return,
        JudgePlace::Inside => source.add(
            at!["judge"],
            "the tests run inside, so nothing reads this: write `judge = \"outside\"` under [tests], or drop [judge]",
        ),
        JudgePlace::Outside if judge.commands.is_empty() && judge.modules.is_empty() => source.add(
            at!["tests", "judge"],
            "the tests run outside and reach nothing of the learner's: name `commands` or `modules` under [judge]",
        ),
        JudgePlace::Outside => {}
    }
    lengths(source, judge);
    places(source, manifest);
    languages(source, judge);
    ports(source, judge);
    beside(source, manifest);
}

fn lengths(source: &mut Source<'_>, judge: &Outside) {
    let rows = [
        ("commands", judge.commands.len()),
        ("modules", judge.modules.len()),
        ("exports", judge.exports.values().map(Vec::len).max().unwrap_or_default()),
        ("ports", judge.ports.len()),
        ("port_variables", judge.port_variables.len()),
    ];
    for (key, _) in rows.iter().filter(|(_, count)| *count > MAX_JUDGE_ENTRIES) {
        source.add(
            at!["judge", *key],
            format!("there are more than {MAX_JUDGE_ENTRIES}: name what the tests use"),
        );
    }
}

/// Each stand-in has its place to itself, and the learner's work lies there on the other side.
fn places(source: &mut Source<'_>, manifest: &Manifest) {
    let judge = &manifest.judge;
    let lists = [("commands", &judge.commands), ("modules", &judge.modules)];
    let all: Vec<&WorkspacePath> = lists.iter().flat_map(|(_, list)| list.iter()).collect();
    for (key, list) in lists {
        for (index, path) in list.iter().enumerate() {
            let at = at!["judge", key, index];
            let role = manifest.files.iter().find(|file| file.path == *path).map(|file| file.role);
            match role {
                Some(FileRole::ReadOnly | FileRole::Hidden) => source.add(
                    at,
                    format!("`{path}` is the lesson's own: name a file that the learner writes or that the build step makes"),
                ),
                None if key == "modules" => {
                    source.add(at, format!("`{path}` is no file of the lesson: name an editable one"));
                }
                Some(FileRole::Editable) | None => {}
            }
            if all.iter().filter(|other| **other == path).count() > 1 {
                source.add(at, format!("`{path}` is named twice: it is a command or a module, once"));
            }
            let in_the_way = |other: &WorkspacePath| is_above(other, path) || is_above(path, other);
            let files = manifest.files.iter().map(|file| &file.path).chain(all.iter().copied());
            if let Some(other) = files.into_iter().find(|other| in_the_way(other)) {
                source.add(
                    at,
                    format!("`{path}` and `{other}` cannot both be there: one would be the other's folder"),
                );
            }
        }
    }
}

/// Modules are of a language that has stand-ins, and where that asks for their names, these are given.
fn languages(source: &mut Source<'_>, judge: &Outside) {
    for (index, path) in judge.modules.iter().enumerate() {
        let named = judge.exports.get(path);
        let problem = match Language::of(path) {
            None => format!("`{path}` cannot be stood in for: modules end in .py, .js or .mjs"),
            Some(Language::JavaScript) if named.is_none_or(Vec::is_empty) => {
                format!("say what it gives: `exports = {{ \"{path}\" = [\"…\"] }}` under [judge]")
            }
            Some(Language::Python) if named.is_some() => {
                format!("`{path}` needs no `exports`: Python finds the names by itself")
            }
            Some(_) => continue,
        };
        source.add(at!["judge", "modules", index], problem);
    }
    for (path, names) in &judge.exports {
        if !judge.modules.contains(path) {
            source.add(at!["judge", "exports"], format!("`{path}` is not among `modules`"));
        }
        if let Some(name) = names.iter().find(|name| !is_name(name)) {
            source.add(at!["judge", "exports"], format!("`{name}` is no name that a module exports"));
        }
        if let Some(name) = names.iter().find(|name| names.iter().filter(|other| other == name).count() > 1) {
            source.add(at!["judge", "exports"], format!("`{name}` is named twice"));
        }
    }
}

fn ports(source: &mut Source<'_>, judge: &Outside) {
    for (index, port) in judge.ports.iter().enumerate() {
        if !PREVIEW_PORT.contains(&(*port as usize)) {
            let (min, max) = PREVIEW_PORT.into_inner();
            source
                .add(at!["judge", "ports", index], format!("{port} is out of bounds: choose {min} to {max}"));
        }
    }
    for (index, name) in judge.port_variables.iter().enumerate() {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            let message = "the name of a variable has letters, digits and `_` only, as in \"PORT\"";
            source.add(at!["judge", "port_variables", index], message);
        }
    }
    let any = !judge.ports.is_empty() || !judge.port_variables.is_empty();
    if any && judge.commands.is_empty() {
        source.add(at!["judge"], "a port is open while a command runs: name the server under `commands`");
    }
}

fn beside(source: &mut Source<'_>, manifest: &Manifest) {
    let Some(patterns) = &manifest.judge.beside else { return };
    if patterns.len() > MAX_BESIDE_PATTERNS {
        let message = format!("there are more than {MAX_BESIDE_PATTERNS} patterns: use wider ones");
        source.add(at!["judge", "beside"], message);
    }
    for (index, pattern) in patterns.iter().enumerate() {
        let at = at!["judge", "beside", index];
        if let Some(problem) = glob::problem(pattern) {
            source.add(at, problem);
            continue;
        }
        let matching = |role| {
            manifest.files.iter().filter(move |file| file.role == role && glob::matches(pattern, &file.path))
        };
        if let Some(hidden) = matching(FileRole::Hidden).next() {
            let message = format!(
                "`{}` is hidden and cannot lie beside the learner's code: write a narrower pattern",
                hidden.path
            );
            source.add(at, message);
        } else if let Some(test) = matching(FileRole::ReadOnly).find(|file| is_test(&file.path)) {
            let message = format!(
                "`{}` is a test and must not lie beside the learner's code: write a narrower pattern, or move it out of tests/",
                test.path
            );
            source.add(at, message);
        } else if matching(FileRole::ReadOnly).next().is_none() {
            source.add(at, "no read-only file matches: correct the pattern or drop it");
        }
    }
}
