//! Bundle → lesson, from bytes nobody vouches for. Nothing touches a disk, and what the bytes may cost is bounded
//! before they are read: size, unpacked size, window, entries.

use std::io::Read;

use ide_protocol::files::WorkspacePath;
use ide_protocol::limits::MAX_FILE_BYTES;
use tar::{Archive, Entry};
use zstd::stream::read::Decoder;

use super::{BundleError, MAX_BUNDLE_BYTES, MAX_ENTRIES, archive_limit};
use crate::bounds::{MAX_INSTRUCTIONS_BYTES, MAX_MANIFEST_BYTES, MAX_THEORY_PAGE_BYTES};
use crate::digest::digest_of;
use crate::folder::{FILES, Folder, INSTRUCTIONS, MANIFEST, SOLUTION, THEORY};
use crate::lesson::Lesson;
use crate::validate;

/// Binary logarithm of the memory a decompressor may need: 8 MiB, what compression levels up to 19 ask for.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Unpacks and checks the lesson in `bytes`, which must be those that `digest` names.
///
/// # Errors
/// [`BundleError`] for whatever is not a valid lesson, packed the way [`pack`](crate::pack) does.
pub fn unpack(bytes: &[u8], digest: &str) -> Result<Lesson, BundleError> {
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(BundleError::TooLarge);
    }
    if digest_of(bytes) != digest {
        return Err(BundleError::WrongDigest);
    }
    let archive = decompress(bytes)?;
    let folder = read_archive(&archive)?;
    Ok(validate::lesson(MANIFEST.to_owned(), folder)?)
}

/// Stops at the limit: what lies beyond it is never decompressed.
fn decompress(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    let limit_bytes = archive_limit(bytes.len());
    let mut decoder = Decoder::with_buffer(bytes).map_err(BundleError::Unreadable)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(BundleError::Unreadable)?;
    let mut archive = Vec::new();
    decoder.take(limit_bytes as u64 + 1).read_to_end(&mut archive).map_err(BundleError::Unreadable)?;
    if archive.len() > limit_bytes {
        return Err(BundleError::UnpacksTooLarge { limit_bytes });
    }
    Ok(archive)
}

fn read_archive(archive: &[u8]) -> Result<Folder, BundleError> {
    let mut folder = Folder::default();
    let mut seen = std::collections::HashSet::new();
    for entry in Archive::new(archive).entries().map_err(BundleError::Unreadable)? {
        let mut entry = entry.map_err(BundleError::Unreadable)?;
        if seen.len() == MAX_ENTRIES {
            return Err(BundleError::TooManyEntries);
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        take(&mut folder, &mut entry, &name)?;
        if !seen.insert(name.clone()) {
            return Err(BundleError::Entry { entry: name, problem: "is there twice" });
        }
    }
    for (name, needed) in [(MANIFEST, &folder.manifest), (INSTRUCTIONS, &folder.instructions)] {
        if needed.is_empty() {
            return Err(BundleError::Entry { entry: name.to_owned(), problem: "is missing" });
        }
    }
    Ok(folder)
}

/// Puts one entry where it belongs; whatever belongs nowhere is refused.
fn take(folder: &mut Folder, entry: &mut Entry<'_, &[u8]>, name: &str) -> Result<(), BundleError> {
    let refuse = |problem| Err(BundleError::Entry { entry: name.to_owned(), problem });
    if !entry.header().entry_type().is_file() {
        return refuse("is not a plain file");
    }
    let mut content = Vec::new();
    entry.read_to_end(&mut content).map_err(BundleError::Unreadable)?;
    match name.split_once('/') {
        None if name == MANIFEST && content.len() <= MAX_MANIFEST_BYTES => folder.manifest = content,
        None if name == INSTRUCTIONS && content.len() <= MAX_INSTRUCTIONS_BYTES => {
            folder.instructions = content
        }
        Some((top @ (FILES | SOLUTION | THEORY), path)) => {
            let Ok(path) = WorkspacePath::new(path) else { return refuse("has a name that is not allowed") };
            let (files, max_bytes) = match top {
                FILES => (&mut folder.files, MAX_FILE_BYTES),
                SOLUTION => (&mut folder.solution, MAX_FILE_BYTES),
                _ => (&mut folder.theory, MAX_THEORY_PAGE_BYTES),
            };
            if content.len() > max_bytes {
                return refuse("is too large");
            }
            files.insert(path, content);
        }
        _ => return refuse("does not belong in a lesson or is too large"),
    }
    Ok(())
}
