//! A lesson as one piece of bytes with a name of its own: a zstd-compressed tar whose name is its SHA-256.
//!
//! The same lesson always gives the same bytes: entries are sorted, times are zero, owner and mode fixed, and the
//! manifest is written anew, so that a comment or a reordered key makes no new version. (A newer zstd may compress
//! otherwise; the lesson then gets a new name and is stored twice, which is harmless.)

mod pack;
mod unpack;

use crate::finding::LoadError;

pub use pack::pack;
pub use unpack::unpack;

/// Bytes of a packed lesson: its files and solution at the workspace's limit, hardly compressed, with room.
pub const MAX_BUNDLE_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of the archive within: files and solution at the workspace's limit and theory at its own, with their headers.
pub const MAX_ARCHIVE_BYTES: usize = 20 * 1024 * 1024;
/// Entries of the archive: files, solution, theory, manifest and instructions.
pub const MAX_ENTRIES: usize = 1_002 + crate::bounds::MAX_THEORY_PAGES;
/// How many times larger than the bundle the archive within may be. Source code compresses 3 to 10 times.
pub const MAX_RATIO: usize = 100;
/// Bytes that any bundle may unpack to, however small it is: an archive is padded with zeros.
pub const RATIO_FLOOR_BYTES: usize = 1024 * 1024;

/// A packed lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Lower-case hexadecimal SHA-256 of `bytes`.
    pub digest: String,
    pub bytes: Vec<u8>,
}

/// Why a lesson could not be packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("the bundle's bytes are not those of its name")]
    WrongDigest,
    #[error("the bundle is larger than {MAX_BUNDLE_BYTES} bytes")]
    TooLarge,
    #[error("the bundle unpacks to more than {limit_bytes} bytes")]
    UnpacksTooLarge { limit_bytes: usize },
    #[error("the bundle holds more than {MAX_ENTRIES} entries")]
    TooManyEntries,
    #[error("the bundle's entry {entry:?} {problem}")]
    Entry { entry: String, problem: &'static str },
    #[error("the bundle is no zstd-compressed tar archive")]
    Unreadable(#[source] std::io::Error),
    #[error("the lesson's manifest cannot be written as TOML")]
    Manifest(#[from] toml::ser::Error),
    #[error("the lesson in the bundle is not valid:\n{0}")]
    Invalid(#[from] LoadError),
}

/// The most a bundle of `bundle_bytes` may unpack to.
fn archive_limit(bundle_bytes: usize) -> usize {
    bundle_bytes.saturating_mul(MAX_RATIO).clamp(RATIO_FLOOR_BYTES, MAX_ARCHIVE_BYTES)
}
