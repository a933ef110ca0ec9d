//! Rules between the manifest and the files beside it.

use std::collections::HashSet;

use ide_protocol::files::FileRole;
use ide_protocol::limits::{MAX_WORKSPACE_BYTES, MAX_WORKSPACE_FILES};

use crate::folder::{FILES, Folder, SOLUTION};
use crate::lesson::is_above;
use crate::manifest::Manifest;
use crate::source::{Source, at};

pub(super) fn check(source: &mut Source<'_>, manifest: &Manifest, folder: &Folder) {
    if manifest.files.len() > MAX_WORKSPACE_FILES {
        source.add(
            at!["files", MAX_WORKSPACE_FILES],
            format!("a lesson has at most {MAX_WORKSPACE_FILES} files"),
        );
        return;
    }
    declarations(source, manifest, folder);
    undeclared(source, manifest, folder);
    solution(source, manifest, folder);
    sizes(source, folder);
}

fn declarations(source: &mut Source<'_>, manifest: &Manifest, folder: &Folder) {
    if !manifest.files.iter().any(|file| file.role == FileRole::Editable) {
        source.add(
            at!["files"],
            "no file is editable: give the learner at least one with `role = \"editable\"`",
        );
    }
    let mut seen = HashSet::new();
    for (index, file) in manifest.files.iter().enumerate() {
        let at = at!["files", index, "path"];
        let path = &file.path;
        if !seen.insert(path) {
            let message = format!(
                "`{path}` is declared twice: keep one entry; a file is editable, read-only or hidden"
            );
            source.add(at, message);
        } else if !folder.files.contains_key(path) && !folder.has_problem(&format!("{FILES}/{path}")) {
            source.add(at, format!("`{path}` is not in files/: add it there or drop this entry"));
        }
        if manifest.files.iter().any(|other| is_above(&other.path, path)) {
            source.add(at, format!("`{path}` lies in a folder of the name of a declared file: rename one"));
        }
    }
}

fn undeclared(source: &mut Source<'_>, manifest: &Manifest, folder: &Folder) {
    let declared: HashSet<_> = manifest.files.iter().map(|file| &file.path).collect();
    for path in folder.files.keys().filter(|path| !declared.contains(path)) {
        source.add(
            at!["files"],
            format!("files/{path} has no [[files]] entry: add one with its role, or delete the file"),
        );
    }
}

fn solution(source: &mut Source<'_>, manifest: &Manifest, folder: &Folder) {
    if folder.solution.is_empty() && !folder.problems.iter().any(|problem| problem.name.starts_with(SOLUTION))
    {
        source.add(
            at!["files"],
            "solution/ is empty: add the files that solve the lesson, which prove its tests",
        );
    }
    for path in folder.solution.keys() {
        let index = manifest.files.iter().position(|file| file.path == *path);
        let role = index.and_then(|index| manifest.files.get(index)).map(|file| file.role);
        let message = match role {
            Some(FileRole::Editable) => continue,
            Some(_) => format!(
                "solution/{path} replaces a file that learners cannot change: make it editable or delete it"
            ),
            None => {
                format!("solution/{path} is no file of the lesson: declare an editable `{path}` or delete it")
            }
        };
        match index {
            Some(index) => source.add(at!["files", index, "role"], message),
            None => source.add(at!["files"], message),
        }
    }
}

fn sizes(source: &mut Source<'_>, folder: &Folder) {
    for (what, files) in [("files/", &folder.files), ("solution/", &folder.solution)] {
        let bytes: usize = files.values().map(Vec::len).sum();
        if bytes > MAX_WORKSPACE_BYTES {
            let mib = MAX_WORKSPACE_BYTES / (1024 * 1024);
            source.add(
                at!["files"],
                format!("{what} holds more than {mib} MiB: put large data into the image"),
            );
        }
    }
}
