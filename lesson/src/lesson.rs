//! A lesson in memory, and which of its files and of a learner's go where.
//!
//! The rule in one line: what an author gave as read-only or hidden always wins over what a learner saved there, and
//! hidden files appear only where grading happens.

use std::collections::BTreeMap;

use ide_protocol::files::{FileContent, FileRole, Revision, WorkspaceFile, WorkspacePath};

use crate::folder::THEORY;
use crate::glob;
use crate::manifest::Manifest;

/// One file of a lesson's `files/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonFile {
    pub role: FileRole,
    pub content: Vec<u8>,
    pub executable: bool,
}

/// A whole lesson. One that came from [`Lesson::from_dir`] or [`unpack`](crate::unpack) has been validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    pub manifest: Manifest,
    /// Markdown.
    pub instructions: String,
    /// Markdown by file name below `theory/`; [`theory_pages`](Self::theory_pages) has them in order.
    pub theory: BTreeMap<WorkspacePath, String>,
    pub files: BTreeMap<WorkspacePath, LessonFile>,
    /// What the author's own solution puts in place of editable files.
    pub solution: BTreeMap<WorkspacePath, Vec<u8>>,
}

/// Revision of a file that nobody has saved yet.
pub(crate) const FIRST_REVISION: Revision = 1;

impl Lesson {
    /// Title and Markdown of each page of theory, in the author's order.
    pub fn theory_pages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.manifest.theory.iter().filter_map(|page| {
            let file = theory_file(&page.file)?;
            Some((page.title.as_str(), self.theory.get(&file)?.as_str()))
        })
    }

    /// The editable files as the author gave them: what a new workspace holds.
    #[must_use]
    pub fn starter(&self) -> Vec<WorkspaceFile> {
        let editable = self.files.iter().filter(|(_, file)| file.role == FileRole::Editable);
        editable.map(|(path, file)| pristine(path, file, FIRST_REVISION)).collect()
    }

    /// The starter with the author's solution laid over it: what must pass.
    #[must_use]
    pub fn solution_files(&self) -> Vec<WorkspaceFile> {
        let mut files = self.starter();
        for file in &mut files {
            if let Some(content) = self.solution.get(&file.path) {
                file.content = FileContent::from_bytes(content.clone());
            }
        }
        files
    }

    /// What `path` is in this lesson; nothing when the lesson does not name it.
    #[must_use]
    pub fn role_of(&self, path: &WorkspacePath) -> Option<FileRole> {
        self.files.get(path).map(|file| file.role)
    }

    /// Whether a learner's file of this path counts in grading.
    #[must_use]
    pub fn may_submit(&self, path: &WorkspacePath) -> bool {
        match self.role_of(path) {
            Some(FileRole::Editable) => true,
            Some(FileRole::ReadOnly | FileRole::Hidden) => false,
            None => {
                let allowed = self.manifest.submit.allow.iter().any(|pattern| glob::matches(pattern, path));
                allowed && !self.stands_in_the_way(path, |_| true)
            }
        }
    }

    /// What a session's container holds: the learner's saved files, and the read-only ones as the author gave them.
    /// Hidden files never.
    #[must_use]
    pub fn session_files(&self, saved: &[WorkspaceFile]) -> Vec<WorkspaceFile> {
        let shown = |role| role == FileRole::ReadOnly;
        let kept = saved.iter().filter(|file| !self.stands_in_the_way(&file.path, shown));
        self.lay_over(kept, |_, role| shown(role))
    }

    /// What a grading container holds: of the handed-in files those that may be submitted, and the read-only and hidden
    /// ones as the author gave them.
    #[must_use]
    pub fn grading_files(&self, submitted: &[WorkspaceFile]) -> Vec<WorkspaceFile> {
        let kept = submitted.iter().filter(|file| self.may_submit(&file.path));
        self.lay_over(kept, |_, role| role != FileRole::Editable)
    }

    /// Whether grading knows anything that learners are not shown.
    #[must_use]
    pub fn has_hidden(&self) -> bool {
        !self.manifest.tests.expected.hidden.is_empty()
            || self.files.values().any(|file| file.role == FileRole::Hidden)
    }

    /// [`grading_files`](Self::grading_files) without the hidden ones: for the run whose words a learner may read.
    #[must_use]
    pub fn shown_grading_files(&self, submitted: &[WorkspaceFile]) -> Vec<WorkspaceFile> {
        let kept = submitted.iter().filter(|file| self.may_submit(&file.path));
        self.lay_over(kept, |_, role| role == FileRole::ReadOnly)
    }

    /// `kept`, and over them the chosen files of the author's; sorted by path, each path once.
    pub(crate) fn lay_over<'a>(
        &self,
        kept: impl Iterator<Item = &'a WorkspaceFile>,
        chosen: impl Fn(&WorkspacePath, FileRole) -> bool,
    ) -> Vec<WorkspaceFile> {
        let mut files: BTreeMap<WorkspacePath, WorkspaceFile> =
            kept.map(|file| (file.path.clone(), file.clone())).collect();
        for (path, file) in self.files.iter().filter(|(path, file)| chosen(path, file.role)) {
            let revision = files.get(path).map_or(FIRST_REVISION, |saved| saved.revision);
            files.insert(path.clone(), pristine(path, file, revision));
        }
        // A learner's tree may have been caught half-way through turning a file into a folder.
        let paths: Vec<WorkspacePath> = files.keys().cloned().collect();
        files.retain(|path, _| !paths.iter().any(|other| is_above(other, path)));
        files.into_values().collect()
    }

    /// Whether a file at `path` would keep one of the lesson's (of the chosen roles) from being laid out, because one
    /// of the two would have to be a folder.
    fn stands_in_the_way(&self, path: &WorkspacePath, chosen: impl Fn(FileRole) -> bool) -> bool {
        let mut chosen = self.files.iter().filter(|(_, file)| chosen(file.role));
        chosen.any(|(ours, _)| is_above(path, ours) || is_above(ours, path))
    }
}

/// `pipes.md` of `theory/pipes.md`; nothing for what lies elsewhere.
pub(crate) fn theory_file(declared: &WorkspacePath) -> Option<WorkspacePath> {
    let rest = declared.as_str().strip_prefix(THEORY)?.strip_prefix('/')?;
    WorkspacePath::new(rest).ok()
}

/// Whether `lower` lies in a folder called `upper`.
pub(crate) fn is_above(upper: &WorkspacePath, lower: &WorkspacePath) -> bool {
    lower.as_str().strip_prefix(upper.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

pub(crate) fn pristine(path: &WorkspacePath, file: &LessonFile, revision: Revision) -> WorkspaceFile {
    WorkspaceFile {
        path: path.clone(),
        revision,
        content: FileContent::from_bytes(file.content.clone()),
        executable: file.executable,
    }
}
