//! The files a lesson is written in, read into memory, bounded: from a folder on disk here, from a bundle in
//! [`bundle`](crate::bundle). Knows the layout, not what the files mean.
//!
//! ```text
//! lesson.toml          what the lesson is
//! instructions.md      what the learner reads
//! theory/<name>.md     pages to read, declared in lesson.toml
//! files/<path>         every file of the workspace, declared in lesson.toml
//! solution/<path>      the author's solution: overrides of editable files
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use ide_protocol::files::WorkspacePath;
use ide_protocol::limits::{MAX_FILE_BYTES, MAX_PATH_DEPTH, MAX_WORKSPACE_FILES};

use crate::bounds::{MAX_INSTRUCTIONS_BYTES, MAX_MANIFEST_BYTES, MAX_THEORY_PAGE_BYTES};
use crate::finding::LoadError;
use crate::lesson::Lesson;
use crate::validate;

pub(crate) const MANIFEST: &str = "lesson.toml";
pub(crate) const INSTRUCTIONS: &str = "instructions.md";
pub(crate) const THEORY: &str = "theory";
pub(crate) const FILES: &str = "files";
pub(crate) const SOLUTION: &str = "solution";

/// A lesson's files as found, unchecked but for their bounds.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) manifest: Vec<u8>,
    pub(crate) instructions: Vec<u8>,
    /// By name below `theory/`.
    pub(crate) theory: BTreeMap<WorkspacePath, Vec<u8>>,
    pub(crate) files: BTreeMap<WorkspacePath, Vec<u8>>,
    pub(crate) solution: BTreeMap<WorkspacePath, Vec<u8>>,
    /// What could not be taken.
    pub(crate) problems: Vec<Problem>,
}

/// Why a file could not be taken.
#[derive(Debug)]
pub(crate) struct Problem {
    /// From the lesson's folder down (`files/main.py`).
    pub(crate) name: String,
    /// What is wrong with it and what to do (`is missing: add it`).
    pub(crate) what: String,
}

impl Lesson {
    /// Reads and checks the lesson in `dir`.
    ///
    /// # Errors
    /// [`LoadError`] with everything that is wrong. When `lesson.toml` is not shaped like a manifest, what depends on
    /// it is told only once that is mended, as a compiler does.
    pub fn from_dir(dir: &Path) -> Result<Self, LoadError> {
        validate::lesson(dir.join(MANIFEST).display().to_string(), Folder::read(dir))
    }

    /// Reads and checks a lesson that is in memory: its files by their names in the folder (`files/answer.sh`).
    ///
    /// # Errors
    /// As [`from_dir`](Self::from_dir).
    pub fn from_memory(parts: &[(&str, &[u8])]) -> Result<Self, LoadError> {
        validate::lesson(MANIFEST.to_owned(), Folder::remember(parts))
    }
}

impl Lesson {
    /// The lesson in `dir` as it would be with `manifest` as its `lesson.toml`.
    ///
    /// # Errors
    /// As [`from_dir`](Self::from_dir).
    pub fn from_dir_as(dir: &Path, manifest: &str) -> Result<Self, LoadError> {
        let folder = Folder { manifest: manifest.as_bytes().to_vec(), ..Folder::read(dir) };
        validate::lesson(dir.join(MANIFEST).display().to_string(), folder)
    }
}

impl Folder {
    fn read(dir: &Path) -> Self {
        let mut folder = Self::default();
        folder.manifest = folder.read_file(dir, MANIFEST, MAX_MANIFEST_BYTES).unwrap_or_default();
        folder.instructions = folder.read_file(dir, INSTRUCTIONS, MAX_INSTRUCTIONS_BYTES).unwrap_or_default();
        folder.theory = folder.read_tree(dir, THEORY, MAX_THEORY_PAGE_BYTES);
        folder.files = folder.read_tree(dir, FILES, MAX_FILE_BYTES);
        folder.solution = folder.read_tree(dir, SOLUTION, MAX_FILE_BYTES);
        folder
    }

    fn remember(parts: &[(&str, &[u8])]) -> Self {
        let mut folder = Self::default();
        for &(name, bytes) in parts {
            let bytes = bytes.to_vec();
            match name.split_once('/') {
                None if name == MANIFEST => folder.manifest = bytes,
                None if name == INSTRUCTIONS => folder.instructions = bytes,
                Some((top, path)) => folder.put(top, path, bytes),
                None => folder.problem(name, "is no part of a lesson: remove it".to_owned()),
            }
        }
        folder
    }

    fn put(&mut self, top: &str, path: &str, bytes: Vec<u8>) {
        let shelf = match top {
            THEORY => &mut self.theory,
            FILES => &mut self.files,
            SOLUTION => &mut self.solution,
            _ => return self.problem(top, "is no part of a lesson: remove it".to_owned()),
        };
        match WorkspacePath::new(path.to_owned()) {
            Ok(path) => drop(shelf.insert(path, bytes)),
            Err(why) => self.problem(path, format!("has a bad name: {why}: rename it")),
        }
    }

    fn problem(&mut self, name: &str, what: String) {
        self.problems.push(Problem { name: name.to_owned(), what });
    }

    /// Whether the file called `name` was there but could not be taken.
    pub(crate) fn has_problem(&self, name: &str) -> bool {
        self.problems.iter().any(|problem| problem.name == name)
    }

    /// One plain file of at most `max_bytes`; else a problem.
    fn read_file(&mut self, dir: &Path, name: &str, max_bytes: usize) -> Option<Vec<u8>> {
        let path = dir.join(name);
        match read_plain(&path, max_bytes) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                self.problem(name, why);
                None
            }
        }
    }

    /// Every file below `dir/top`, by its path from there.
    fn read_tree(&mut self, dir: &Path, top: &str, max_bytes: usize) -> BTreeMap<WorkspacePath, Vec<u8>> {
        let mut found = BTreeMap::new();
        if fs::symlink_metadata(dir.join(top)).is_ok_and(|kind| kind.is_symlink()) {
            self.problem(top, "is a symbolic link: put the folder itself there".to_owned());
            return found;
        }
        let mut folders = vec![(String::new(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let Some(names) = self.list(&dir.join(top).join(&folder), top, &folder) else { continue };
            for (name, is_folder) in names {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if is_folder && depth < MAX_PATH_DEPTH {
                    folders.push((path, depth + 1));
                } else if found.len() == MAX_WORKSPACE_FILES {
                    self.problem(top, format!("holds more than {MAX_WORKSPACE_FILES} files: remove some"));
                    return found;
                } else if let Some((path, bytes)) = self.take(dir, top, path, max_bytes) {
                    found.insert(path, bytes);
                }
            }
        }
        found
    }

    fn take(
        &mut self,
        dir: &Path,
        top: &str,
        path: String,
        max_bytes: usize,
    ) -> Option<(WorkspacePath, Vec<u8>)> {
        let bytes = self.read_file(dir, &format!("{top}/{path}"), max_bytes)?;
        match WorkspacePath::new(path.clone()) {
            Ok(path) => Some((path, bytes)),
            Err(why) => {
                self.problem(
                    &format!("{top}/{}", path.escape_debug()),
                    format!("has a bad name: {why}: rename it"),
                );
                None
            }
        }
    }

    /// Names in a folder, sorted, and whether each is a folder itself. A missing top folder is an empty one.
    fn list(&mut self, dir: &Path, top: &str, folder: &str) -> Option<Vec<(String, bool)>> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(why) if why.kind() == io::ErrorKind::NotFound && folder.is_empty() => return None,
            Err(why) => {
                self.problem(&format!("{top}/{folder}"), format!("cannot be listed: {why}"));
                return None;
            }
        };
        let mut names = Vec::new();
        for entry in entries.flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            match entry.file_name().into_string() {
                Ok(name) => names.push((name, is_folder)),
                Err(name) => self.problem(
                    &format!("{top}/{folder}"),
                    format!("holds {name:?}, which is not UTF-8: rename it"),
                ),
            }
        }
        names.sort();
        Some(names)
    }
}

/// The bytes of a plain file, or a sentence that says why not. Never follows a link, never reads a device or pipe.
fn read_plain(path: &Path, max_bytes: usize) -> Result<Vec<u8>, String> {
    let kind = fs::symlink_metadata(path).map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => "is missing: add it".to_owned(),
        _ => format!("cannot be read: {why}"),
    })?;
    if kind.is_symlink() {
        return Err("is a symbolic link: put the file itself there".to_owned());
    }
    if !kind.is_file() {
        return Err("is not a plain file: remove it".to_owned());
    }
    if kind.len() > max_bytes as u64 {
        return Err(format!("is larger than {} KiB: shorten it or put it into the image", max_bytes / 1024));
    }
    fs::read(path).map_err(|why| format!("cannot be read: {why}"))
}
