//! One SQL text, two databases.
//!
//! Every query of the store is a static text with `$1…$n` that SQLite and PostgreSQL both run; this file is the
//! only one that knows which of them is behind. SQLite gets one writer connection (it has one writer anyway: waiting
//! in ours is fair, waiting in `busy_timeout` is not; see `writer.rs`) and a pool of readers.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{FromRow, SqlitePool};
use uuid::Uuid;

use super::postgres::{ACQUIRE_TIMEOUT, Change, Server};
use super::writer::{Unit, Writer};

/// Connections that read SQLite at the same time: a read takes well under a millisecond, so few are enough.
const SQLITE_READERS: u32 = 4;

/// Connections to PostgreSQL of one API process, unless told otherwise; its default limit for everyone together is 100.
pub const POSTGRES_CONNECTIONS: u32 = 16;

/// How long SQLite waits for the other process that may write the same file (the embedded queue's).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the store is.
pub(super) enum Db {
    Sqlite { writer: Writer, readers: SqlitePool },
    Postgres(Server),
}

/// A transaction that may write. Dropped without [`commit`](Self::commit), it leaves no trace. What it read may not be on
/// the disk yet: whoever answers by it commits too, though nothing was written.
pub(super) enum Tx {
    Sqlite(Unit),
    Postgres(Change),
}

/// A value for a `$n`.
#[derive(Clone, Copy)]
pub(super) enum Arg<'a> {
    Int(Option<i64>),
    Text(Option<&'a str>),
    Bytes(&'a [u8]),
    Id(Uuid),
}

/// A row type that both databases can fill; `#[derive(sqlx::FromRow)]` makes one.
pub(super) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}
impl<T> Record for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

/// Binds every [`Arg`] to a query of either database.
macro_rules! bind {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match *arg {
                Arg::Int(value) => query.bind(value),
                Arg::Text(value) => query.bind(value.map(str::to_owned)),
                Arg::Bytes(value) => query.bind(value.to_vec()),
                Arg::Id(value) => query.bind(value.to_string()),
            };
        }
        query
    }};
}

impl Db {
    /// Opens `sqlite:///absolute/path` or `postgres://…`. A missing SQLite file is made.
    /// `connections` is the most that PostgreSQL is asked for.
    pub(super) async fn open(url: &str, connections: u32) -> Result<Self, sqlx::Error> {
        match url.strip_prefix("sqlite://") {
            Some(path) => Self::open_sqlite(path).await,
            None => Ok(Self::Postgres(Server::open(url, connections).await?)),
        }
    }

    /// Opens what is there so that nothing can be written.
    pub(super) async fn open_to_read(url: &str) -> Result<Self, sqlx::Error> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let options =
                SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
            let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
            let readers = pool.connect_with(options).await?;
            return Ok(Self::Sqlite { writer: Writer::new(readers.clone(), ACQUIRE_TIMEOUT), readers });
        }
        Ok(Self::Postgres(Server::open_to_read(url).await?))
    }

    async fn open_sqlite(path: &str) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = |size| SqlitePoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool(1).connect_with(options.clone()).await?;
        let readers = pool(SQLITE_READERS).connect_with(options.pragma("query_only", "on")).await?;
        Ok(Self::Sqlite { writer: Writer::new(writer, ACQUIRE_TIMEOUT), readers })
    }

    pub(super) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin().await?),
            Self::Postgres(server) => Tx::Postgres(server.begin().await?),
        })
    }

    pub(super) async fn all<T: Record>(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<T>, sqlx::Error> {
        match self {
            Self::Sqlite { readers, .. } => bind!(sqlx::query_as(sql), args).fetch_all(readers).await,
            Self::Postgres(server) => server.all(sql, args).await,
        }
    }

    pub(super) async fn one<T: Record>(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<T>, sqlx::Error> {
        match self {
            Self::Sqlite { readers, .. } => bind!(sqlx::query_as(sql), args).fetch_optional(readers).await,
            Self::Postgres(server) => server.one(sql, args).await,
        }
    }

    /// Those that read, where reading and writing are apart.
    pub(super) fn connections(&self) -> crate::metrics::Pool {
        let (open, idle, most) = match self {
            Self::Sqlite { readers, .. } => {
                (readers.size(), readers.num_idle(), readers.options().get_max_connections())
            }
            Self::Postgres(server) => {
                let pool = server.pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
        };
        crate::metrics::Pool { open: open.into(), idle: idle as u64, most: most.into() }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(server) => server.close().await,
        }
    }
}

impl Tx {
    /// Runs a statement; answers how many rows it touched.
    pub(super) async fn run(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(tx) => {
                bind!(sqlx::query(sql), args).execute(tx.connection()?).await?.rows_affected()
            }
            Self::Postgres(tx) => tx.run(sql, args).await?,
        })
    }

    pub(super) async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<T>, sqlx::Error> {
        match self {
            Self::Sqlite(tx) => bind!(sqlx::query_as(sql), args).fetch_all(tx.connection()?).await,
            Self::Postgres(tx) => tx.all(sql, args).await,
        }
    }

    pub(super) async fn one<T: Record>(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<T>, sqlx::Error> {
        match self {
            Self::Sqlite(tx) => bind!(sqlx::query_as(sql), args).fetch_optional(tx.connection()?).await,
            Self::Postgres(tx) => tx.one(sql, args).await,
        }
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

impl From<i64> for Arg<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Arg<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Uuid> for Arg<'_> {
    fn from(value: Uuid) -> Self {
        Self::Id(value)
    }
}

impl From<bool> for Arg<'_> {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<Option<&'a str>> for Arg<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

/// `args![a, b]`: the values for `$1`, `$2`, …
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::store::db::Arg::from($value)),*] };
}
pub(super) use args;
pub(super) use bind;
