//! PostgreSQL across a network: what happens when it is slow, away for a minute, or another one.
//!
//! Whoever asks waits for a connection as long as [`ACQUIRE_TIMEOUT`] says, through a restart if that is quick, and is told
//! then that the database is away. A read whose connection breaks is read again on another. A change is not repeated here:
//! when its connection breaks at the commit nobody knows whether it happened; that is for who asked to repeat, by the
//! same `Idempotency-Key` or the same revision.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{Executor as _, PgPool, Postgres};

use super::db::{Arg, Record, bind};

/// How long a request waits for a connection before it is told that the store is away: a restart takes less, and a person
/// waits no longer without a word.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may take before the connection is given up, as the far end may be gone without a word. Above what
/// the server gives a statement.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// An idle connection is closed before a firewall or a NAT on the way forgets it (the shortest known: 350 s).
const IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Each connection is made anew after so long: what was moved behind a name or a balancer is found, and what a server
/// process has gathered is given back.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Reads and beginnings tried again when the connection breaks under them.
const RETRIES: u32 = 2;

/// What connections of a pool are called in `pg_stat_activity`.
pub(crate) const APPLICATION: &str = "gradus";

/// What the server is told of each connection of a pool.
const SESSION: [(&str, &str); 7] = [
    // Nothing that the store asks takes a second.
    ("statement_timeout", "8s"),
    // Two changes of one workspace wait for each other; whoever waits longer is better told.
    ("lock_timeout", "5s"),
    // A process that stands still with a transaction open holds up the order of the log for everybody.
    ("idle_in_transaction_session_timeout", "20s"),
    // A client that is gone without a word, a host without power: its transactions end after a minute, not two hours.
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
];

pub(super) struct Server {
    pool: PgPool,
}

impl Server {
    pub(super) async fn open(url: &str, connections: u32) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url)?.application_name(APPLICATION).options(SESSION);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(IDLE_TIMEOUT)
            .max_lifetime(MAX_LIFETIME)
            // Costs a round trip, and finds out what a restart has cut.
            .test_before_acquire(true)
            .after_connect(|connection, _| Box::pin(refuse_standby(connection)));
        Ok(Self { pool: pool.connect_with(options).await? })
    }

    /// One connection that can change nothing.
    pub(super) async fn open_to_read(url: &str) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url)?.options([("default_transaction_read_only", "on")]);
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
        Ok(Self { pool: pool.connect_with(options).await? })
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn all<T: Record>(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<T>, sqlx::Error> {
        let mut tries = 0;
        loop {
            let mut connection = self.pool.acquire().await?;
            let asked = bind!(sqlx::query_as(sql), args).fetch_all(&mut *connection);
            match kept(answered(asked).await, &mut connection) {
                Err(why) if is_cut(&why) && tries < RETRIES => tries += 1,
                done => return done,
            }
        }
    }

    pub(super) async fn one<T: Record>(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<T>, sqlx::Error> {
        let mut tries = 0;
        loop {
            let mut connection = self.pool.acquire().await?;
            let asked = bind!(sqlx::query_as(sql), args).fetch_optional(&mut *connection);
            match kept(answered(asked).await, &mut connection) {
                Err(why) if is_cut(&why) && tries < RETRIES => tries += 1,
                done => return done,
            }
        }
    }

    pub(super) async fn begin(&self) -> Result<Change, sqlx::Error> {
        let mut tries = 0;
        loop {
            let mut connection = self.pool.acquire().await?;
            match kept(answered(connection.execute("BEGIN")).await, &mut connection) {
                Err(why) if is_cut(&why) && tries < RETRIES => tries += 1,
                Err(why) => return Err(why),
                Ok(_) => return Ok(Change { connection: Some(connection), failed: false }),
            }
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction. Dropped without [`commit`](Self::commit), it is undone, beside whoever dropped it.
pub(super) struct Change {
    connection: Option<PoolConnection<Postgres>>,
    /// A statement failed. The server would answer a commit with an undoing that looks like success.
    failed: bool,
}

impl Change {
    pub(super) async fn run(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, sqlx::Error> {
        let connection = self.connection()?;
        let done = answered(bind!(sqlx::query(sql), args).execute(&mut **connection)).await;
        Ok(self.note(done)?.rows_affected())
    }

    pub(super) async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<T>, sqlx::Error> {
        let connection = self.connection()?;
        let done = answered(bind!(sqlx::query_as(sql), args).fetch_all(&mut **connection)).await;
        self.note(done)
    }

    pub(super) async fn one<T: Record>(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<T>, sqlx::Error> {
        let connection = self.connection()?;
        let done = answered(bind!(sqlx::query_as(sql), args).fetch_optional(&mut **connection)).await;
        self.note(done)
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        if self.failed {
            return Err(sqlx::Error::Protocol("a statement of this change failed".to_owned()));
        }
        let connection = self.connection()?;
        let done = answered(connection.execute("COMMIT")).await;
        self.note(done)?;
        self.connection = None;
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut PoolConnection<Postgres>, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    fn note<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.failed |= done.is_err();
        match &mut self.connection {
            Some(connection) => kept(done, connection),
            None => done,
        }
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return connection.close_on_drop() };
        runtime.spawn(async move {
            let undone = answered(connection.execute("ROLLBACK")).await;
            drop(kept(undone, &mut connection));
        });
    }
}

/// A server that only follows another one can take no change: after a failover the name may still lead to it.
async fn refuse_standby(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let follows: bool = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut *connection).await?;
    if follows {
        return Err(sqlx::Error::Protocol("this server only follows another one".to_owned()));
    }
    Ok(())
}

async fn answered<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let none =
        || sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database is silent"));
    tokio::time::timeout(ANSWER_TIMEOUT, asked).await.unwrap_or_else(|_| Err(none()))
}

/// A connection that broke is not given to the next one, and not waited for.
fn kept<T>(
    done: Result<T, sqlx::Error>,
    connection: &mut PoolConnection<Postgres>,
) -> Result<T, sqlx::Error> {
    if done.as_ref().is_err_and(is_cut) {
        connection.close_on_drop();
    }
    done
}

/// The connection is gone, or as good as gone.
fn is_cut(why: &sqlx::Error) -> bool {
    match why {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            true
        }
        sqlx::Error::Database(why) => why.code().is_some_and(|code| SERVER_STOPS.contains(&&*code)),
        _ => false,
    }
}

/// SQLSTATEs: admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout,
/// idle_in_transaction_session_timeout, read_only_sql_transaction (it follows another server now).
const SERVER_STOPS: [&str; 6] = ["57P01", "57P02", "57P03", "57P05", "25P03", "25006"];

/// SQLSTATEs and SQLite's code of what may go well a moment later: too_many_connections, lock_not_available,
/// query_canceled (the time a statement has), serialization_failure, deadlock_detected, SQLITE_BUSY.
const BUSY: [&str; 6] = ["53300", "55P03", "57014", "40001", "40P01", "5"];

/// Whether the same may go well in a moment.
pub(super) fn is_away(why: &sqlx::Error) -> bool {
    match why {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(database) => {
            is_cut(why) || database.code().is_some_and(|code| BUSY.contains(&&*code))
        }
        _ => is_cut(why),
    }
}
