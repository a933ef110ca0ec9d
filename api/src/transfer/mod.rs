//! Moves an installation from one store to another: SQLite to PostgreSQL, back, or to another machine.
//!
//! Everything a store holds goes into one file, read at one moment while others work on it, and from there into a store
//! that holds nothing yet, in one transaction; counted and hashed on the way out, on the way in, and as it lies there then.
//! It knows tables by what the database says of them, so that a table of tomorrow goes along. It does not know what they
//! mean, but for the few below.

mod export;
mod file;
mod import;
mod side;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use export::export;
pub use import::import;

use crate::store::{Store, StoreError};

/// About a database or its processes, not about what it holds: `(table, why it stays behind)`.
const STAYS_BEHIND: [(&str, &str); 7] = [
    ("store_migrations", "which migrations this database has been through"),
    ("store_facts", "about this database"),
    ("sqlite_sequence", "SQLite's own"),
    ("duties", "which process does what"),
    ("instances", "which processes there are"),
    ("homes", "which process has whose session"),
    ("peer_secret", "what these processes show each other"),
];

/// The log's order goes along as the order of its rows; its numbers are each database's own.
const NUMBERED_ANEW: [(&str, &str); 2] = [("events", "seq"), ("events", "turn")];

/// One table as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub table: String,
    pub rows: u64,
    /// Lower-case hex SHA-256 over its rows.
    pub sha256: String,
}

/// Why nothing was moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("opening the store")]
    Open(#[source] StoreError),
    #[error("the database")]
    Database(#[from] sqlx::Error),
    #[error("{0}")]
    File(PathBuf, #[source] std::io::Error),
    /// Cut short, altered, or never an export.
    #[error("{0} is no whole export: {1}. Export again, and copy it again")]
    Spoilt(PathBuf, String),
    #[error(
        "the file is of schema {file}, this build's stores are of {ours}: export and import with the same build"
    )]
    OtherSchema { file: i64, ours: i64 },
    #[error("the store holds something already ({0}): import goes into an empty one")]
    NotEmpty(String),
    #[error("another gradus works on this database: stop it first")]
    InUse,
    #[error("what was written to `{0}` is not what the file says; nothing was kept")]
    Differs(String),
}

/// Brings the store to this build's shape, and lets go of it.
async fn prepare(url: &str) -> Result<(), TransferError> {
    Store::open(url).await.map_err(TransferError::Open)?.close().await;
    Ok(())
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> TransferError {
    move |why| TransferError::File(path.to_owned(), why)
}
