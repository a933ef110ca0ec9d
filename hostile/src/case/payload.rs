//! The files a case hands in or lays into a workspace: `solution.<ext>` for one file, or a folder named after the language.

use std::path::Path;

use anyhow::Context as _;
use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use serde::{Deserialize, Serialize};

/// Languages there is a lesson for (`hostile/lessons`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Python,
    Javascript,
    Shell,
    C,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::Python, Self::Javascript, Self::Shell, Self::C];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Javascript => "javascript",
            Self::Shell => "shell",
            Self::C => "c",
        }
    }

    /// The file that learners edit.
    #[must_use]
    pub fn solution(self) -> &'static str {
        match self {
            Self::Python => "solution.py",
            Self::Javascript => "solution.js",
            Self::Shell => "solution.sh",
            Self::C => "solution.c",
        }
    }
}

/// What is laid into the workspace for one language.
#[derive(Debug, Clone)]
pub struct Payload {
    pub language: Language,
    pub files: Vec<WorkspaceFile>,
}

impl Payload {
    /// # Errors
    /// When a file cannot be read, or its name cannot be a workspace path.
    pub fn find(folder: &Path) -> anyhow::Result<Vec<Self>> {
        let mut payloads = Vec::new();
        for language in Language::ALL {
            let mut files = Vec::new();
            let single = folder.join(language.solution());
            if single.is_file() {
                files.push(read(&single, language.solution())?);
            }
            let many = folder.join(language.word());
            if many.is_dir() {
                below(&many, "", &mut files)?;
            }
            if !files.is_empty() {
                payloads.push(Self { language, files });
            }
        }
        Ok(payloads)
    }
}

fn below(folder: &Path, prefix: &str, files: &mut Vec<WorkspaceFile>) -> anyhow::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            below(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push(read(&entry.path(), &name)?);
        }
    }
    Ok(())
}

fn read(path: &Path, name: &str) -> anyhow::Result<WorkspaceFile> {
    use std::os::unix::fs::PermissionsExt as _;
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let executable = path.metadata()?.permissions().mode() & 0o100 != 0 || bytes.starts_with(b"#!");
    let path = WorkspacePath::new(name).with_context(|| format!("{}", path.display()))?;
    Ok(WorkspaceFile { path, revision: 0, content: FileContent::from_bytes(bytes), executable })
}
