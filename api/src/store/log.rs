//! The log in one order that a reader may rely on: every committed event once, none skipped, none moved.
//!
//! SQLite has one writer, so `seq` is that order. PostgreSQL hands out `seq` before it commits: a reader that has seen 8
//! may find 7 later. There each event has a `turn`, which the database gives it: the highest of its own transaction's id and
//! of those that had ended when it was written. Two things follow.
//!
//! * Whatever is still under way, or yet to begin, will have a turn no lower than its own id, and so none below the
//!   snapshot's `xmin`, the lowest id still under way. What lies below is settled.
//! * What was written knowing of an event has a turn no lower, as the event's transaction had ended by then; and where the
//!   turns are equal, a higher `seq`. So cause comes before effect, and a stream's versions in their order.
//!
//! A committed event is settled once all transactions of that server that began to write before it have ended: mostly at
//! once. One that stays open (of any database on the server) holds up the order, so there is a glimpse beyond it.
//!
//! Transaction ids belong to a server. Brought to another one, from a dump, the log goes on above all it holds: each open
//! checks that ([`go_on`]).

use std::fmt;
use std::str::FromStr;

use super::db::{Db, Tx, args};
use super::{Event, Store, StoreError};

/// What a log has of turns each time it is brought to another server: more transactions than a server will ever run. A
/// reader that was ahead of the dump thus still finds all that comes after it.
const TURNS_PER_SERVER: i64 = 1 << 40;

/// A place between two events of the log. As text, it may be kept; it means something in this store alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPosition {
    turn: i64,
    seq: i64,
}

impl LogPosition {
    /// Before everything that ever happened.
    pub const BEGINNING: Self = Self { turn: -1, seq: 0 };
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.turn, self.seq)
    }
}

/// It was not written by [`LogPosition`]'s `Display`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no position in the log")]
pub struct NoPosition;

impl FromStr for LogPosition {
    type Err = NoPosition;
    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let (turn, seq) = text.split_once('.').ok_or(NoPosition)?;
        let position =
            Self { turn: turn.parse().map_err(|_| NoPosition)?, seq: seq.parse().map_err(|_| NoPosition)? };
        if position.to_string() == text { Ok(position) } else { Err(NoPosition) }
    }
}

#[derive(sqlx::FromRow)]
struct Placed {
    turn: i64,
    seq: i64,
    settled: bool,
    #[sqlx(flatten)]
    event: Event,
}

impl Placed {
    fn position(&self) -> LogPosition {
        LogPosition { turn: self.turn, seq: self.seq }
    }
}

/// Everything after a position, in order; what is not settled stands behind what is.
macro_rules! after_in_postgres {
    () => {
        "SELECT turn, seq, stream, version, type, data, actor, at,
           turn < (SELECT number FROM store_facts WHERE name = 'log_base')
             + pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS settled
         FROM events WHERE (turn, seq) > ($1, $2) ORDER BY turn, seq LIMIT $3"
    };
}

const SQLITE: &str = "SELECT 0 AS turn, seq, stream, version, type, data, actor, at, 1 AS settled
    FROM events WHERE $1 <= 0 AND seq > $2 ORDER BY seq LIMIT $3";

impl Store {
    /// What happened after `position`, in order; at most `limit`. Who goes on from the last position answered misses
    /// nothing and reads nothing twice.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events_after(
        &self,
        position: LogPosition,
        limit: u32,
    ) -> Result<Vec<(LogPosition, Event)>, StoreError> {
        let placed = self.placed_after(position, limit).await?;
        let settled = placed.into_iter().take_while(|placed| placed.settled);
        Ok(settled.map(|placed| (placed.position(), placed.event)).collect())
    }

    /// As [`events_after`](Self::events_after), and behind it, without a position, what is committed already and has no
    /// fixed place yet, because an older transaction is still under way. `events_after` will tell that again. For who has to
    /// act now on what was just committed, and takes it well to hear of it twice.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events_glimpsed_after(
        &self,
        position: LogPosition,
        limit: u32,
    ) -> Result<Vec<(Option<LogPosition>, Event)>, StoreError> {
        let placed = self.placed_after(position, limit).await?;
        Ok(placed
            .into_iter()
            .map(|placed| (placed.settled.then(|| placed.position()), placed.event))
            .collect())
    }

    /// Where a reader begins that wants only what happens from now on. What is committed later comes after it; of what was
    /// committed before, what was not settled yet does, too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_end(&self) -> Result<LogPosition, StoreError> {
        let sql = match &self.db {
            Db::Sqlite { .. } => "SELECT 0, COALESCE(MAX(seq), 0) FROM events",
            Db::Postgres(_) => {
                "SELECT number + pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, 9223372036854775807
                 FROM store_facts WHERE name = 'log_base'"
            }
        };
        let end = self.db.one::<(i64, i64)>(sql, &[]).await?;
        let (turn, seq) = end.ok_or_else(|| StoreError::corrupt("its facts")("no log_base".to_owned()))?;
        Ok(LogPosition { turn, seq })
    }

    async fn placed_after(&self, position: LogPosition, limit: u32) -> Result<Vec<Placed>, StoreError> {
        let sql = match &self.db {
            Db::Sqlite { .. } => SQLITE,
            Db::Postgres(_) => after_in_postgres!(),
        };
        Ok(self.db.all(sql, args![position.turn, position.seq, i64::from(limit)]).await?)
    }
}

/// Whether the log holds turns that this server has still to give: then it came from another one. A running server's own
/// events never do, so several processes may ask at once.
const COMES_FROM_ELSEWHERE: &str = "SELECT MAX(turn) FROM events HAVING MAX(turn) >=
    (SELECT number FROM store_facts WHERE name = 'log_base')
      + pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

/// Makes what is to come follow what is there. For PostgreSQL, at each opening, after the migrations.
pub(super) async fn go_on(db: &Db) -> Result<(), StoreError> {
    let Db::Postgres(_) = db else { return Ok(()) };
    if db.one::<(i64,)>(COMES_FROM_ELSEWHERE, &[]).await?.is_none() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    // Keeps the next one waiting, who then finds it done.
    tx.one::<(i64,)>("SELECT number FROM store_facts WHERE name = 'log_base' FOR UPDATE", &[]).await?;
    if let Some((last,)) = tx.one::<(i64,)>(COMES_FROM_ELSEWHERE, &[]).await? {
        begin_after(&mut tx, last).await?;
        tracing::info!(
            last_turn = last,
            "the log comes from another server and goes on after its last event"
        );
    }
    Ok(tx.commit().await?)
}

async fn begin_after(tx: &mut Tx, last: i64) -> Result<(), StoreError> {
    let base = (last / TURNS_PER_SERVER + 1) * TURNS_PER_SERVER;
    tx.run("UPDATE store_facts SET number = $1 WHERE name = 'log_base'", args![base]).await?;
    // As migration 0013 has it, above the new base. A default takes no `$1`.
    let sql = "DO $$ BEGIN EXECUTE format(
        'ALTER TABLE events ALTER COLUMN turn SET DEFAULT %s + GREATEST(
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1, pg_current_xact_id()::text::bigint)',
        (SELECT number FROM store_facts WHERE name = 'log_base')); END $$";
    tx.run(sql, &[]).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
