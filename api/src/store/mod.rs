//! The store: one function per question, each a static SQL text that SQLite and PostgreSQL both run.
//!
//! It knows rows, transactions and lifecycles; not HTTP, not who may ask. Every state change appends to `events` in
//! its own transaction, and a change that an agent has to hear of leaves a message in `outbox` there too. Time comes
//! from the caller (`now`, Unix microseconds).

mod accounts;
mod blobs;
mod db;
mod disown;
mod duties;
mod events;
mod file_history;
mod files;
mod grading;
mod hand_in;
mod housekeeping;
mod idempotency;
mod jobs;
mod lessons;
mod log;
mod logins;
mod migrate;
mod outbox;
mod past;
mod peers;
mod places;
mod postgres;
mod preview_grants;
mod record;
mod regrade;
mod sessions;
mod settings;
mod study;
mod submissions;
mod tickets;
mod timeline;
mod tokens;
mod unfinished;
mod watchers;
mod workspaces;
mod writer;

#[cfg(test)]
#[path = "../../tests/api/support/database.rs"]
pub(crate) mod test_database;
#[cfg(test)]
pub(crate) use migrate::tests::of_version as test_installation;

pub use accounts::{AccountRow, DEFAULT_INSTITUTION, ListedAccount, NewAccount};
pub use db::POSTGRES_CONNECTIONS;
pub use duties::DutyRow;
pub use events::{Actor, Event};
pub use file_history::Origin;
pub use files::{FileRow, Renamed, Revision, Save, SaveError, Saved};
pub use grading::{Begun, Died, Finish};
pub use hand_in::{HandIn, HandedIn};
pub use jobs::{JobRow, NewJob};
pub use lessons::{LessonRow, Published};
pub use log::{LogPosition, NoPosition};
pub use logins::Caller;
pub use outbox::{LanesWaiting, OutboxDepth, OutboxRow};
pub use past::{Past, RestoreFiles, RestoredFiles};
pub use peers::{HomeRow, InstanceRow};
pub use places::Waiting;
pub use preview_grants::PreviewGrant;
pub use regrade::Regrade;
pub use sessions::{Extension, SessionAsked, SessionRow};
pub use study::{HintAsked, Standing};
pub use submissions::SubmissionRow;
pub use tickets::TicketRow;
pub use unfinished::{Stage, Unfinished};
pub use watchers::{AskLimits, LiveFilter, LiveRow, WatchAsked, WatcherList, WatcherRow};
pub use workspaces::WorkspaceRow;

pub(crate) use files::is_below;
pub(crate) use postgres::APPLICATION;

/// A handle on the database; clones of its `Arc` are shared by every task.
pub struct Store {
    db: db::Db,
    counted: places::Counted,
}

/// The store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is gone, locked for too long, or refused the statement. Trying again later may help.
    #[error("the database did not answer")]
    Database(#[from] sqlx::Error),
    #[error("the database could not be brought to this version")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the database needs a build that knows migration {needed}; this one knows {known}")]
    TooNew { needed: i64, known: i64 },
    /// A row holds what this build never writes.
    #[error("the store holds {what}, which cannot be read: {detail}")]
    Corrupt { what: &'static str, detail: String },
}

impl StoreError {
    /// Whether the same may go well in a moment: the database is away, restarts, or has too much to do.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Database(why) if postgres::is_away(why))
    }

    fn corrupt(what: &'static str) -> impl FnOnce(String) -> Self {
        move |detail| Self::Corrupt { what, detail }
    }
}

impl Store {
    /// Opens `sqlite:///absolute/path` or `postgres://…` and brings it to this version.
    ///
    /// # Errors
    /// When it cannot be reached, or gave up what this version needs.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, POSTGRES_CONNECTIONS).await
    }

    /// As [`open`](Self::open), with so many connections at most where it is PostgreSQL.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(url: &str, connections: u32) -> Result<Self, StoreError> {
        let db = db::Db::open(url, connections).await?;
        migrate::run(&db).await?;
        log::go_on(&db).await?;
        Ok(Self { db, counted: places::Counted::default() })
    }

    /// Opens what is there and changes nothing in it: no migration, no write.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        Ok(Self { db: db::Db::open_to_read(url).await?, counted: places::Counted::default() })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.db.one::<(i64,)>("SELECT CAST(1 AS BIGINT)", &[]).await?;
        Ok(())
    }

    /// Connections to the database.
    pub(crate) fn connections(&self) -> crate::metrics::Pool {
        self.db.connections()
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// A stored number that can only be small and not negative.
fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(if value < 0 { 0 } else { u32::MAX })
}

/// A stored number that can only be positive.
fn natural(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
