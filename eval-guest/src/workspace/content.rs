//! Reading one file.

use std::os::fd::OwnedFd;

use ide_protocol::files::{FileContent, WorkspacePath};
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
        let content = FileContent::from_bytes(read_all(&file, size)?);
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
