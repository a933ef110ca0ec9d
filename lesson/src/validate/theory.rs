//! Rules about the pages of theory: each declared once, there, and worth reading.

use std::collections::{BTreeMap, HashSet};

use ide_protocol::files::WorkspacePath;

use super::manifest::line;
use crate::bounds::{MAX_THEORY_PAGES, TITLE_CHARS};
use crate::folder::{Folder, THEORY};
use crate::lesson::theory_file;
use crate::manifest::{Manifest, TheorySpec};
use crate::source::{Source, at};

pub(super) fn check(source: &mut Source<'_>, manifest: &Manifest, folder: &Folder) {
    if manifest.theory.len() > MAX_THEORY_PAGES {
        let message = format!("there are more than {MAX_THEORY_PAGES} pages: make several lessons of them");
        source.add(at!["theory", MAX_THEORY_PAGES], message);
        return;
    }
    let mut seen = HashSet::new();
    for (index, TheorySpec { title, file }) in manifest.theory.iter().enumerate() {
        line(source, at!["theory", index, "title"], "title", title, TITLE_CHARS);
        let problem = match theory_file(file) {
            _ if !seen.insert(file) => Some(format!("`{file}` is declared twice: keep one entry")),
            Some(name) if name.as_str().ends_with(".md") => problem_of_page(&name, folder),
            _ => Some(format!("`{file}` must be a Markdown file below theory/, as in theory/pipes.md")),
        };
        if let Some(problem) = problem {
            source.add(at!["theory", index, "file"], problem);
        }
    }
    undeclared(source, manifest, folder);
}

fn problem_of_page(name: &WorkspacePath, folder: &Folder) -> Option<String> {
    let path = format!("{THEORY}/{name}");
    let Some(bytes) = folder.theory.get(name) else {
        // What could not be taken has been told already.
        let told = folder.has_problem(&path);
        return (!told).then(|| format!("`{path}` is missing: add it there or drop this entry"));
    };
    match std::str::from_utf8(bytes) {
        Err(_) => Some(format!("{path} is not UTF-8: save it as UTF-8")),
        Ok(text) if text.trim().is_empty() => Some(format!("{path} is empty: write it or drop this entry")),
        Ok(_) => None,
    }
}

fn undeclared(source: &mut Source<'_>, manifest: &Manifest, folder: &Folder) {
    let declared: HashSet<_> = manifest.theory.iter().filter_map(|page| theory_file(&page.file)).collect();
    for name in folder.theory.keys().filter(|name| !declared.contains(name)) {
        let message = format!("{THEORY}/{name} has no [[theory]] entry: add one, or delete the file");
        source.add(at!["theory"], message);
    }
}

/// The pages as text; [`check`] has seen to it that they are.
pub(super) fn texts(pages: BTreeMap<WorkspacePath, Vec<u8>>) -> BTreeMap<WorkspacePath, String> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    pages.into_iter().map(|(name, bytes)| (name, text(bytes))).collect()
}
