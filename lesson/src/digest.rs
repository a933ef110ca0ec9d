//! Names for what bytes are: of a bundle, of a hand-in.

use std::fmt::Write as _;

use ide_protocol::files::WorkspaceFile;
use sha2::{Digest as _, Sha256};

/// Lower-case hexadecimal SHA-256.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The digest of a piece of work: of one line per file, `<digest of its content> <x or -> <path>`, sorted by path. Two
/// hand-ins with the same one are graded alike; how often a file was saved has no part in it. (A path holds no control
/// character, so a line is one file.)
#[must_use]
pub fn work_digest(files: &[WorkspaceFile]) -> String {
    let mut files: Vec<&WorkspaceFile> = files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let lines = files.iter().fold(String::new(), |mut lines, file| {
        let executable = if file.executable { 'x' } else { '-' };
        let _ = writeln!(lines, "{} {executable} {}", digest_of(file.content.as_bytes()), file.path);
        lines
    });
    digest_of(lines.as_bytes())
}

#[cfg(test)]
mod tests {
    use ide_protocol::files::FileContent;

    use super::*;

    fn file(path: &str, text: &str) -> WorkspaceFile {
        WorkspaceFile {
            path: path.parse().unwrap(),
            revision: 1,
            content: FileContent::from_bytes(text.as_bytes().to_vec()),
            executable: false,
        }
    }

    #[test]
    fn the_same_work_has_one_digest_and_other_work_another() {
        let work = [file("a.py", "1"), file("b.py", "2")];
        let named = work_digest(&work);
        // Of the two lines, by hand: sha256sum a.py b.py, with "-" for "not executable".
        assert_eq!(named, "b4ad0bdb2b58cf919c00adba37c06079d0b4ba95c8e41a645fcf4dcf1e3490b5");
        let [a, b] = work;
        let saved_again = WorkspaceFile { revision: 9, ..a.clone() };
        assert_eq!(work_digest(&[b.clone(), saved_again]), named, "neither order nor revision counts");
        let executable = WorkspaceFile { executable: true, ..b.clone() };
        let rows = [
            vec![],
            vec![a.clone()],
            vec![a.clone(), file("b.py", "3")],
            vec![a.clone(), file("c.py", "2")],
            vec![a.clone(), executable],
            vec![file("a.py", "2"), file("b.py", "1")],
        ];
        let digests: Vec<String> = rows.iter().map(|work| work_digest(work)).collect();
        for (row, digest) in digests.iter().enumerate() {
            assert!(*digest != named && !digests[..row].contains(digest), "row {row}");
        }
    }
}
