//! What makes a lesson a valid one: the rules between its manifest and its files. All of them are checked, and each
//! one broken points at its place in `lesson.toml`.

mod files;
mod manifest;
mod needs;
mod outside;
mod theory;

use std::borrow::Cow;
use std::collections::BTreeMap;

use ide_protocol::files::WorkspacePath;

use crate::finding::LoadError;
use crate::folder::{FILES, Folder, INSTRUCTIONS, MANIFEST, Problem};
use crate::lesson::{Lesson, LessonFile};
use crate::manifest::Manifest;
use crate::source::{Source, at};

/// The lesson in `folder`, or all that is wrong with it; `file` is how the author knows its `lesson.toml`.
pub(crate) fn lesson(file: String, folder: Folder) -> Result<Lesson, LoadError> {
    let text = String::from_utf8_lossy(&folder.manifest);
    let (mut source, manifest) = match folder.has_problem(MANIFEST) {
        true => (Source::unread(file), None),
        false => Source::read(file, &text),
    };
    if matches!(text, Cow::Owned(_)) {
        source.add(&[], "lesson.toml is not UTF-8: save it as UTF-8");
    }
    problems(&mut source, manifest.as_ref(), &folder);
    let instructions = instructions(&mut source, &folder);
    if let Some(manifest) = &manifest {
        manifest::check(&mut source, manifest);
        files::check(&mut source, manifest, &folder);
        outside::check(&mut source, manifest);
        needs::check(&mut source, &manifest.needs);
        theory::check(&mut source, manifest, &folder);
    }
    let manifest = source.finish(manifest)?;
    let files = with_roles(&manifest, folder.files);
    let theory = theory::texts(folder.theory);
    Ok(Lesson { manifest, instructions, theory, files, solution: folder.solution })
}

/// What could not be taken, at the entry that declares it.
fn problems(source: &mut Source<'_>, manifest: Option<&Manifest>, folder: &Folder) {
    let files = manifest.map(|manifest| manifest.files.as_slice()).unwrap_or_default();
    let theory = manifest.map(|manifest| manifest.theory.as_slice()).unwrap_or_default();
    for Problem { name, what } in &folder.problems {
        let file = files.iter().position(|file| *name == format!("{FILES}/{}", file.path));
        let page = theory.iter().position(|page| name == page.file.as_str());
        let message = format!("{name} {what}");
        match (file, page) {
            (Some(index), _) => source.add(at!["files", index, "path"], message),
            (_, Some(index)) => source.add(at!["theory", index, "file"], message),
            (None, None) => source.add(&[], message),
        }
    }
}

fn instructions(source: &mut Source<'_>, folder: &Folder) -> String {
    let text = String::from_utf8_lossy(&folder.instructions);
    if matches!(text, Cow::Owned(_)) {
        source.add(&[], "instructions.md is not UTF-8: save it as UTF-8");
    } else if text.trim().is_empty() && !folder.has_problem(INSTRUCTIONS) {
        source.add(&[], "instructions.md is empty: tell the learner what to do");
    }
    text.into_owned()
}

fn with_roles(
    manifest: &Manifest,
    mut contents: BTreeMap<WorkspacePath, Vec<u8>>,
) -> BTreeMap<WorkspacePath, LessonFile> {
    let declared = manifest.files.iter().filter_map(|spec| {
        let content = contents.remove(&spec.path)?;
        Some((spec.path.clone(), LessonFile { role: spec.role, content, executable: spec.executable }))
    });
    declared.collect()
}
