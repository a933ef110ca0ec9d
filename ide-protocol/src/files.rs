//! Workspace files as they travel: validated paths, revisions, contents.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::limits::{MAX_MESSAGE_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH, MAX_PATH_PART_BYTES};

/// A path inside a workspace: relative, `/`-separated, UTF-8, without empty, `.` or `..` parts and without
/// control characters. Holding one proves that it was checked; deserialising checks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[cfg_attr(feature = "schema", ts(type = "string"), schema(value_type = String))]
pub struct WorkspacePath(String);

/// Why a text is not a [`WorkspacePath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("the path is empty")]
    Empty,
    #[error("the path is longer than {MAX_PATH_BYTES} bytes, or one of its parts than {MAX_PATH_PART_BYTES}")]
    TooLong,
    #[error("the path has more than {MAX_PATH_DEPTH} parts")]
    TooDeep,
    #[error("the path must be relative, without empty parts, `.` or `..`")]
    NotInside,
    #[error("the path holds a control character or a backslash")]
    BadCharacter,
}

impl WorkspacePath {
    /// Checks `text` and keeps it.
    ///
    /// # Errors
    /// [`PathError`] says which rule it breaks.
    pub fn new(text: impl Into<String>) -> Result<Self, PathError> {
        let text = text.into();
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || c == '\\') {
            return Err(PathError::BadCharacter);
        }
        let mut depth = 0;
        for part in text.split('/') {
            depth += 1;
            if part.is_empty() || part == "." || part == ".." {
                return Err(PathError::NotInside);
            }
            if part.len() > MAX_PATH_PART_BYTES {
                return Err(PathError::TooLong);
            }
        }
        if depth > MAX_PATH_DEPTH {
            return Err(PathError::TooDeep);
        }
        Ok(Self(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts from the workspace down; never empty.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl TryFrom<String> for WorkspacePath {
    type Error = PathError;
    fn try_from(text: String) -> Result<Self, PathError> {
        Self::new(text)
    }
}

impl std::str::FromStr for WorkspacePath {
    type Err = PathError;
    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::new(text)
    }
}

impl From<WorkspacePath> for String {
    fn from(path: WorkspacePath) -> Self {
        path.0
    }
}

impl fmt::Display for WorkspacePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Counts the stored versions of one file: 1 when first stored, one more with each save. 0 stands for "no such
/// file yet", so that creating is a save on revision 0.
pub type Revision = u64;

/// The bytes of a file: text when they are UTF-8, else base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "encoding", content = "data", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum FileContent {
    Text(String),
    Base64(Base64Bytes),
}

impl FileContent {
    /// Text where the bytes are UTF-8, base64 where they are not – or where they are so many that JSON's escapes
    /// (up to six bytes for one) could burst [`MAX_MESSAGE_BYTES`](crate::limits::MAX_MESSAGE_BYTES).
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) if fits_a_message(&text) => Self::Text(text),
            Ok(text) => Self::Base64(Base64Bytes(text.into_bytes())),
            Err(not_text) => Self::Base64(Base64Bytes(not_text.into_bytes())),
        }
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Base64(bytes) => &bytes.0,
        }
    }

    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Base64(bytes) => bytes.0,
        }
    }

    /// Size of the file in bytes (not of its encoding).
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether a text stays within a message however JSON escapes it: small ones always do, larger ones when base64 would
/// not be shorter.
fn fits_a_message(text: &str) -> bool {
    const LONGEST_ESCAPE: usize = 6;
    const ENVELOPE_BYTES: usize = 8 * 1024;
    if text.len() * LONGEST_ESCAPE + ENVELOPE_BYTES <= MAX_MESSAGE_BYTES {
        return true;
    }
    let escaped: usize = text
        .bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
            0..0x20 => LONGEST_ESCAPE,
            _ => 1,
        })
        .sum();
    escaped <= text.len().div_ceil(3) * 4
}

/// Bytes that travel as one base64 string (standard alphabet, padded).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[cfg_attr(feature = "schema", ts(type = "string"), schema(value_type = String))]
pub struct Base64Bytes(pub Vec<u8>);

impl fmt::Debug for Base64Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64Bytes({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for Base64Bytes {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        BASE64.decode(text).map(Self).map_err(|why| format!("not base64: {why}"))
    }
}

impl From<Base64Bytes> for String {
    fn from(bytes: Base64Bytes) -> Self {
        BASE64.encode(bytes.0)
    }
}

/// A file with its bytes, on its way into a container or a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct WorkspaceFile {
    pub path: WorkspacePath,
    pub revision: Revision,
    pub content: FileContent,
    /// Whether programs may be started from it (`chmod +x`).
    #[serde(default)]
    pub executable: bool,
}

/// What a file is in its lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum FileRole {
    /// The learner's to change.
    Editable,
    /// Shown, not to be changed; grading takes the lesson's own copy.
    ReadOnly,
    /// Never leaves the server but for grading.
    Hidden,
}

/// What became of a file on disk, as the guest's watcher saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum FileChange {
    Written { content: FileContent, executable: bool },
    Removed,
}

/// One entry of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct FileEntry {
    pub path: WorkspacePath,
    pub kind: EntryKind,
    /// Bytes; 0 for folders.
    pub size: u64,
    pub executable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum EntryKind {
    File,
    Folder,
    /// A link, socket, device or pipe: named, never followed or read.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_inside_the_workspace_or_refused() {
        for good in ["a", "src/main.py", "-rf", "имя файла.txt", ".env", "a/b/c", "...", "a..b"] {
            assert_eq!(WorkspacePath::new(good).map(String::from), Ok(good.to_owned()));
        }
        let deep = "d/".repeat(MAX_PATH_DEPTH) + "f";
        let long = "x".repeat(MAX_PATH_PART_BYTES + 1);
        let rows = [
            ("", PathError::Empty),
            ("/etc/passwd", PathError::NotInside),
            ("../x", PathError::NotInside),
            ("a/../../x", PathError::NotInside),
            ("a//b", PathError::NotInside),
            ("a/", PathError::NotInside),
            ("./a", PathError::NotInside),
            ("a\0b", PathError::BadCharacter),
            ("a\nb", PathError::BadCharacter),
            ("a\u{1b}[31m", PathError::BadCharacter),
            ("..\\x", PathError::BadCharacter),
            (deep.as_str(), PathError::TooDeep),
            (long.as_str(), PathError::TooLong),
        ];
        for (bad, why) in rows {
            assert_eq!(WorkspacePath::new(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn content_keeps_every_byte() {
        let worst = [0, b'\n', b'"', b'x'].map(|byte| vec![byte; crate::limits::MAX_FILE_BYTES]);
        let plain = [vec![], b"text\n".to_vec(), b"\n\n\n".to_vec(), vec![0xff, 0, 1]];
        for bytes in plain.into_iter().chain(worst) {
            let content = FileContent::from_bytes(bytes.clone());
            let json = serde_json::to_string(&content).unwrap();
            assert!(json.len() < MAX_MESSAGE_BYTES, "{} bytes of JSON", json.len());
            let back: FileContent = serde_json::from_str(&json).unwrap();
            assert_eq!(back.into_bytes(), bytes);
        }
    }
}
