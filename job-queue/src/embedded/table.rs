//! The SQL of the embedded queue. Knows rows; not why they are asked for.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::time::{Instant, sleep};

use crate::{Depth, Lane, MAX_DELIVERIES, Message, QueueError};

/// How long a statement waits for another process's write; those take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How soon it is tried again where SQLite does not wait by itself.
const BUSY_RETRY: Duration = Duration::from_millis(10);

/// Connections: SQLite writes one at a time, and a second one lets waiting consumers look meanwhile.
const CONNECTIONS: u32 = 2;

/// `AUTOINCREMENT`: an id is never used twice, so a stale receipt cannot fit a later job. `visible_at` is microseconds
/// since 1970, 0 for "at any time".
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS queue_jobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    lane        TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    visible_at  INTEGER NOT NULL,
    deliveries  INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    trace       TEXT
);
CREATE INDEX IF NOT EXISTS queue_jobs_by_lane ON queue_jobs (lane, id);
";

/// Columns that files of earlier builds lack. Each is NULL there, and builds that do not know it name their columns.
const LATER_COLUMNS: [(&str, &str); 1] = [("trace", "ALTER TABLE queue_jobs ADD COLUMN trace TEXT")];

pub(super) struct Table {
    /// For jobs that are sent: whoever sent one forgets it, so it has to outlive a power cut.
    durable: SqlitePool,
    /// For what happens to them afterwards. A power cut may take the last moments of that back: then a job is delivered
    /// again, which whoever works on jobs bears, and nobody waits for the disk. A killed process takes nothing back.
    pool: SqlitePool,
}

/// Which jobs of a lane: those still to be tried, or those given up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Live,
    Dead,
}

impl Kind {
    /// How many deliveries such a job has had, from and to.
    fn deliveries(self) -> (u32, u32) {
        match self {
            Self::Live => (0, MAX_DELIVERIES - 1),
            Self::Dead => (MAX_DELIVERIES, u32::MAX),
        }
    }
}

/// A job as delivered just now.
#[derive(sqlx::FromRow)]
pub(super) struct Delivery {
    pub(super) id: i64,
    pub(super) deliveries: u32,
    pub(super) body: String,
    pub(super) trace: Option<String>,
}

impl Table {
    /// Opens the file and makes what is missing. SQLite's own busy timeout covers neither a switch to WAL nor the moment
    /// in which a file's last connection closes, so processes that start or stop together would fail each other.
    pub(super) async fn open(path: &Path) -> Result<Self, QueueError> {
        let deadline = Instant::now() + BUSY_TIMEOUT;
        loop {
            match open_pools(path).await {
                Ok((durable, pool)) => return Ok(Self { durable, pool }),
                Err(why) if is_busy(&why) && Instant::now() < deadline => sleep(BUSY_RETRY).await,
                Err(why) => return Err(failed("opening the queue's database")(why)),
            }
        }
    }

    pub(super) async fn insert(
        &self,
        lane: Lane,
        messages: &[Message<'_>],
        now: i64,
    ) -> Result<(), QueueError> {
        self.try_insert(lane, messages, now).await.map_err(failed("sending a job"))
    }

    async fn try_insert(&self, lane: Lane, messages: &[Message<'_>], now: i64) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO queue_jobs (lane, body, visible_at, deliveries, enqueued_at, trace)
                   VALUES ($1, $2, 0, 0, $3, $4)";
        let mut all = self.durable.begin_with("BEGIN IMMEDIATE").await?;
        for message in messages {
            let row = sqlx::query(sql).bind(lane.name()).bind(message.body).bind(now).bind(message.trace);
            row.execute(&mut *all).await?;
        }
        all.commit().await
    }

    /// A look that takes no write lock, because most looks find nothing.
    pub(super) async fn any_visible(&self, lane: Lane, kind: Kind, now: i64) -> Result<bool, QueueError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM queue_jobs
                   WHERE lane = $1 AND visible_at <= $2 AND deliveries BETWEEN $3 AND $4)";
        let (least, most) = kind.deliveries();
        let query = sqlx::query_scalar(sql).bind(lane.name()).bind(now).bind(least).bind(most);
        query.fetch_one(&self.pool).await.map_err(failed("looking for a job"))
    }

    /// Delivers the oldest job there is and hides it until `until`.
    pub(super) async fn claim(
        &self,
        lane: Lane,
        kind: Kind,
        now: i64,
        until: i64,
    ) -> Result<Option<Delivery>, QueueError> {
        let sql = "UPDATE queue_jobs SET visible_at = $1, deliveries = deliveries + 1
                   WHERE id = (SELECT id FROM queue_jobs
                               WHERE lane = $2 AND visible_at <= $3 AND deliveries BETWEEN $4 AND $5
                               ORDER BY id LIMIT 1)
                   RETURNING id, deliveries, body, trace";
        let (least, most) = kind.deliveries();
        let query = sqlx::query_as(sql).bind(until).bind(lane.name()).bind(now).bind(least).bind(most);
        query.fetch_optional(&self.pool).await.map_err(failed("leasing a job"))
    }

    /// Hides a delivery's job until `until`.
    pub(super) async fn hide(&self, job: i64, delivery: u32, until: i64) -> Result<(), QueueError> {
        let sql = "UPDATE queue_jobs SET visible_at = $1 WHERE id = $2 AND deliveries = $3";
        let query = sqlx::query(sql).bind(until).bind(job).bind(delivery);
        let done = query.execute(&self.pool).await.map_err(failed("extending or releasing a job"))?;
        ours(done.rows_affected())
    }

    /// A job begins anew, under another id: receipts of its first life must not fit its second.
    pub(super) async fn revive(&self, job: i64, delivery: u32, now: i64) -> Result<(), QueueError> {
        self.try_revive(job, delivery, now).await.map_err(failed("redriving a job")).and_then(ours)
    }

    async fn try_revive(&self, job: i64, delivery: u32, now: i64) -> Result<u64, sqlx::Error> {
        let copy = "INSERT INTO queue_jobs (lane, body, visible_at, deliveries, enqueued_at, trace)
                    SELECT lane, body, 0, 0, $3, trace FROM queue_jobs WHERE id = $1 AND deliveries = $2";
        let delete = "DELETE FROM queue_jobs WHERE id = $1 AND deliveries = $2";
        let mut both = self.durable.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(copy).bind(job).bind(delivery).bind(now).execute(&mut *both).await?;
        let gone = sqlx::query(delete).bind(job).bind(delivery).execute(&mut *both).await?;
        both.commit().await?;
        Ok(gone.rows_affected())
    }

    pub(super) async fn show_all(&self) -> Result<u64, QueueError> {
        let query =
            sqlx::query("UPDATE queue_jobs SET visible_at = 0 WHERE visible_at > 0 AND deliveries < $1");
        let done =
            query.bind(MAX_DELIVERIES).execute(&self.pool).await.map_err(failed("taking jobs back"))?;
        Ok(done.rows_affected())
    }

    pub(super) async fn delete(&self, job: i64, delivery: u32) -> Result<(), QueueError> {
        let sql = "DELETE FROM queue_jobs WHERE id = $1 AND deliveries = $2";
        let query = sqlx::query(sql).bind(job).bind(delivery);
        let done = query.execute(&self.pool).await.map_err(failed("completing a job"))?;
        ours(done.rows_affected())
    }

    pub(super) async fn depth(&self, lane: Lane, now: i64) -> Result<Depth, QueueError> {
        let sql = "SELECT COALESCE(SUM(deliveries < $1 AND visible_at <= $2), 0),
                          COALESCE(SUM(visible_at > $2), 0),
                          COALESCE(SUM(deliveries >= $1 AND visible_at <= $2), 0),
                          MIN(CASE WHEN deliveries < $1 AND visible_at <= $2 THEN enqueued_at END)
                   FROM queue_jobs WHERE lane = $3";
        let query = sqlx::query_as(sql).bind(MAX_DELIVERIES).bind(now).bind(lane.name());
        let (waiting, in_flight, dead, oldest): (i64, i64, i64, Option<i64>) =
            query.fetch_one(&self.pool).await.map_err(failed("counting jobs"))?;
        Ok(Depth {
            waiting: waiting.unsigned_abs(),
            in_flight: in_flight.unsigned_abs(),
            dead: dead.unsigned_abs(),
            oldest: oldest
                .map(|since| Duration::from_micros(now.saturating_sub(since).max(0).unsigned_abs())),
        })
    }
}

async fn open_pools(path: &Path) -> Result<(SqlitePool, SqlitePool), sqlx::Error> {
    let durable = open_pool(path, SqliteSynchronous::Full, 1).await?;
    sqlx::raw_sql(SCHEMA).execute(&durable).await?;
    add_later_columns(&durable).await?;
    let pool = open_pool(path, SqliteSynchronous::Normal, CONNECTIONS).await?;
    Ok((durable, pool))
}

/// In place, and looked at again under the lock: another process may be doing the same.
async fn add_later_columns(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    const HAS: &str = "SELECT EXISTS (SELECT 1 FROM pragma_table_info('queue_jobs') WHERE name = $1)";
    for (column, add) in LATER_COLUMNS {
        if sqlx::query_scalar(HAS).bind(column).fetch_one(pool).await? {
            continue;
        }
        let mut alone = pool.begin_with("BEGIN IMMEDIATE").await?;
        if !sqlx::query_scalar(HAS).bind(column).fetch_one(&mut *alone).await? {
            sqlx::raw_sql(add).execute(&mut *alone).await?;
        }
        alone.commit().await?;
    }
    Ok(())
}

async fn open_pool(
    path: &Path,
    synchronous: SqliteSynchronous,
    connections: u32,
) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        // Readers and a writer at once, in all processes.
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(BUSY_TIMEOUT);
    // Connections are kept for good: only opening one can find the file locked.
    let kept = SqlitePoolOptions::new().max_connections(connections).idle_timeout(None).max_lifetime(None);
    kept.connect_with(options).await
}

fn is_busy(why: &sqlx::Error) -> bool {
    /// SQLITE_BUSY; the low byte of its extended codes.
    const BUSY: i32 = 5;
    let code = why.as_database_error().and_then(|why| why.code()?.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == BUSY)
}

/// A delivery that changed no row is not the newest of its job, or the job is gone.
fn ours(changed: u64) -> Result<(), QueueError> {
    if changed == 0 { Err(QueueError::Lost) } else { Ok(()) }
}

fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> QueueError {
    move |source| QueueError::Unavailable { doing, source: Box::new(source) }
}
