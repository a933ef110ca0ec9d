//! SQLite's one writer, shared: changes that wait for it at the same time are made durable together.
//!
//! Each change is a unit: a savepoint of its own in a transaction that it shares with those before and after it, so that it
//! happens whole or not at all, whatever becomes of the others. Whoever opens the transaction sends somebody to the end of
//! the queue to close it. What waited until then is in it, what comes later is in the next one, and a unit is answered only
//! once the disk has it: one `fsync` for as many as came while the last one was under way, and no wait for company.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

/// Where units queue, first come first served. Holds the transaction that is open, if one is.
type Desk = Arc<Mutex<Option<Batch>>>;

pub(super) struct Writer {
    /// Of one connection.
    pool: SqlitePool,
    desk: Desk,
    /// How long a unit waits for its turn before it is told that the store is busy.
    patience: Duration,
}

/// Units that become durable together.
struct Batch {
    shared: Transaction<'static, Sqlite>,
    /// A unit is under way, or was given up and what it wrote has to go.
    unit_open: bool,
    /// Becomes true once the disk has it; dropped when that will never be.
    durable: watch::Sender<bool>,
}

/// A change under way. Dropped without [`commit`](Self::commit), it leaves no trace.
pub(super) struct Unit {
    desk: OwnedMutexGuard<Option<Batch>>,
}

impl Writer {
    pub(super) fn new(pool: SqlitePool, patience: Duration) -> Self {
        Self { pool, desk: Desk::default(), patience }
    }

    /// For what runs alone, before there are units: migrations.
    pub(super) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    pub(super) async fn begin(&self) -> Result<Unit, sqlx::Error> {
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.desk).lock_owned()).await;
        let mut desk = turn.map_err(|_| sqlx::Error::PoolTimedOut)?;
        undo_what_was_given_up(&mut desk).await;
        if desk.is_none() {
            // IMMEDIATE: taking the write lock later, after a read, can fail with no way to wait for it.
            let shared = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            *desk = Some(Batch { shared, unit_open: false, durable: watch::Sender::new(false) });
            tokio::spawn(close(Arc::clone(&self.desk)));
        }
        let mut unit = Unit { desk };
        let batch = unit.batch()?;
        batch.unit_open = true;
        sqlx::query("SAVEPOINT unit").execute(&mut *batch.shared).await?;
        Ok(unit)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Unit {
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        Ok(&mut *self.batch()?.shared)
    }

    /// Returns once the change, and all it was built on, is on the disk.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        let batch = self.batch()?;
        sqlx::query("RELEASE unit").execute(&mut *batch.shared).await?;
        batch.unit_open = false;
        let mut durable = batch.durable.subscribe();
        drop(self);
        let on_disk = durable.wait_for(|durable| *durable).await;
        on_disk.map(drop).map_err(|_| sqlx::Error::Io(std::io::Error::other("the shared commit failed")))
    }

    fn batch(&mut self) -> Result<&mut Batch, sqlx::Error> {
        self.desk.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }
}

/// Waits for its turn behind the units of this batch and makes them durable. A task of its own: units come and go, and
/// whichever was last may be given up at any moment.
async fn close(desk: Desk) {
    let mut desk = desk.lock_owned().await;
    undo_what_was_given_up(&mut desk).await;
    let Some(Batch { shared, durable, .. }) = desk.take() else { return };
    match shared.commit().await {
        Ok(()) => {
            durable.send_replace(true);
        }
        Err(why) => tracing::error!(error = %why, "changes could not be made durable"),
    }
}

/// Where even that fails (a full disk ends the whole transaction), nothing of this batch is kept, and each of its units
/// is told so.
async fn undo_what_was_given_up(desk: &mut Option<Batch>) {
    let Some(batch) = desk.as_mut().filter(|batch| batch.unit_open) else { return };
    let undone = sqlx::raw_sql("ROLLBACK TO unit; RELEASE unit").execute(&mut *batch.shared).await;
    batch.unit_open = false;
    if let Err(why) = undone {
        tracing::error!(error = %why, "a change could not be undone by itself; those beside it go with it");
        *desk = None;
    }
}

#[cfg(test)]
mod tests;
