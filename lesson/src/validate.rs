//! What makes a lesson a valid one: the rules between its manifest and its files. All of them are checked, and each
//! one broken points at its place in `lesson.toml`.

mod files;
mod manifest;

use std::collections::BTreeMap;

use ide_protocol::files::WorkspacePath;

use crate::finding::LoadError;
use crate::folder::{Folder, INSTRUCTIONS};
use crate::lesson::{Lesson, LessonFile};
use crate::manifest::Manifest;
use crate::source::Source;

/// The lesson in `folder`, or all that is wrong with it; `file` is how the author knows its `lesson.toml`.
pub(crate) fn lesson(file: String, folder: Folder) -> Result<Lesson, LoadError> {
    let text = String::from_utf8_lossy(&folder.manifest);
    let (mut source, manifest) = Source::read(file, &text);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        source.add(&[], "lesson.toml is not UTF-8: save it as UTF-8");
    }
    for problem in &folder.problems {
        source.add(&[], problem);
    }
    let instructions = instructions(&mut source, &folder);
    if let Some(manifest) = &manifest {
        manifest::check(&mut source, manifest);
        files::check(&mut source, manifest, &folder);
    }
    let manifest = source.finish(manifest)?;
    let files = with_roles(&manifest, folder.files);
    Ok(Lesson { manifest, instructions, files, solution: folder.solution })
}

fn instructions(source: &mut Source<'_>, folder: &Folder) -> String {
    match String::from_utf8(folder.instructions.clone()) {
        Ok(text)
            if text.trim().is_empty() && !folder.problems.iter().any(|p| p.starts_with(INSTRUCTIONS)) =>
        {
            source.add(&[], "instructions.md is empty: tell the learner what to do");
            text
        }
        Ok(text) => text,
        Err(_) => {
            source.add(&[], "instructions.md is not UTF-8: save it as UTF-8");
            String::new()
        }
    }
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
