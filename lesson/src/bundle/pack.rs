//! Lesson → bundle.

use std::io;

use tar::{Builder, EntryType, Header};

use super::{Bundle, BundleError, MAX_BUNDLE_BYTES, archive_limit};
use crate::digest::digest_of;
use crate::folder::{FILES, INSTRUCTIONS, MANIFEST, SOLUTION, THEORY};
use crate::lesson::Lesson;

/// High enough that source code shrinks well, low enough that the largest lesson packs within a second.
const ZSTD_LEVEL: i32 = 12;

/// Packs `lesson`; the same lesson gives the same bytes.
///
/// # Errors
/// [`BundleError`] when the lesson is larger than [`unpack`](crate::unpack) would take.
pub fn pack(lesson: &Lesson) -> Result<Bundle, BundleError> {
    let archive = archive(lesson)?;
    // In one go: a compressor that is not told how little will come prepares tens of megabytes for much.
    let bytes = zstd::bulk::compress(&archive, ZSTD_LEVEL).map_err(BundleError::Unreadable)?;
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(BundleError::TooLarge);
    }
    let limit_bytes = archive_limit(bytes.len());
    if archive.len() > limit_bytes {
        return Err(BundleError::UnpacksTooLarge { limit_bytes });
    }
    Ok(Bundle { digest: digest_of(&bytes), bytes })
}

fn archive(lesson: &Lesson) -> Result<Vec<u8>, BundleError> {
    let manifest = toml::to_string(&lesson.manifest)?;
    let mut archive = Builder::new(Vec::new());
    let mut add =
        |path: &str, content: &[u8]| append(&mut archive, path, content).map_err(BundleError::Unreadable);
    // In the order of their names, as the maps are.
    for (path, file) in &lesson.files {
        add(&format!("{FILES}/{path}"), &file.content)?;
    }
    add(INSTRUCTIONS, lesson.instructions.as_bytes())?;
    add(MANIFEST, manifest.as_bytes())?;
    for (path, content) in &lesson.solution {
        add(&format!("{SOLUTION}/{path}"), content)?;
    }
    for (path, text) in &lesson.theory {
        add(&format!("{THEORY}/{path}"), text.as_bytes())?;
    }
    archive.into_inner().map_err(BundleError::Unreadable)
}

fn append(archive: &mut Builder<Vec<u8>>, path: &str, content: &[u8]) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(content.len() as u64);
    // Whether a file is executable is the manifest's to say.
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    archive.append_data(&mut header, path, content)
}
