//! Reading one file.

use std::os::fd::OwnedFd;

use ide_protocol::files::{Base64Bytes, FileContent, WorkspacePath};
use ide_protocol::guest::GuestError;
use ide_protocol::limits::MAX_FILE_BYTES;
use rustix::buffer::spare_capacity;
use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use rustix::io::Errno;

use super::{Workspace, errors};

pub struct FileRead {
    pub content: FileContent,
    pub executable: bool,
}

/// The owner's `x`.
const EXECUTABLE: u32 = 0o100;

impl Workspace {
    /// Reads a regular file of at most [`MAX_FILE_BYTES`].
    pub fn read(&self, path: &WorkspacePath) -> Result<FileRead, GuestError> {
        let parent = self.parent(path)?;
        // Without blocking: opening a named pipe would wait for a writer for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = openat(&parent, path.name(), flags, Mode::empty()).map_err(errors::from_errno)?;
        let stat = fstat(&file).map_err(errors::from_errno)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(GuestError::NotRegular);
        }
        let size = usize::try_from(stat.st_size).unwrap_or(usize::MAX);
        if size > MAX_FILE_BYTES {
            return Err(GuestError::TooBig);
        }
        let content = encoded(read_all(&file, size)?);
        Ok(FileRead { content, executable: stat.st_mode & EXECUTABLE != 0 })
    }
}

/// Reads to the end, which may have moved since the file was measured.
fn read_all(file: &OwnedFd, expected: usize) -> Result<Vec<u8>, GuestError> {
    // One byte more than expected, so that the end of an unchanged file is seen without growing.
    let mut bytes = Vec::with_capacity(expected + 1);
    loop {
        bytes.reserve(1);
        match rustix::io::read(file, spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(bytes),
            Ok(_) if bytes.len() > MAX_FILE_BYTES => return Err(GuestError::TooBig),
            Ok(_) | Err(Errno::INTR) => {}
            Err(why) => return Err(errors::from_errno(why)),
        }
    }
}

/// Text where JSON carries it in fewer bytes than base64. A megabyte of zero bytes is valid UTF-8, and would be six
/// megabytes of `\u0000`: more than a message may have.
fn encoded(bytes: Vec<u8>) -> FileContent {
    let as_base64 = bytes.len().div_ceil(3) * 4;
    let as_json: usize = bytes.iter().map(|&byte| escaped_bytes(byte)).sum();
    if as_json > as_base64.max(SMALL_BYTES) {
        return FileContent::Base64(Base64Bytes(bytes));
    }
    FileContent::from_bytes(bytes)
}

/// Up to here text stays text, however much of it is escaped.
const SMALL_BYTES: usize = 64 * 1024;

/// What one byte of UTF-8 takes inside a JSON string.
fn escaped_bytes(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ide_protocol::limits::MAX_MESSAGE_BYTES;

    #[test]
    fn no_content_outgrows_its_message() {
        for byte in [b'a', 0, b'\n', b'"', 0x7f, 0xff] {
            let content = encoded(vec![byte; MAX_FILE_BYTES]);
            let json = serde_json::to_string(&content).unwrap();
            assert!(json.len() < MAX_MESSAGE_BYTES - 1024, "{byte:#x} takes {}", json.len());
            assert_eq!(content.into_bytes(), vec![byte; MAX_FILE_BYTES]);
        }
    }

    #[test]
    fn source_code_stays_text() {
        let code = "\tprint(\"\\n\")\n".repeat(100);
        assert_eq!(encoded(code.clone().into_bytes()), FileContent::Text(code));
    }
}
