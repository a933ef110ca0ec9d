//! Duties: what one process does for all of them. Knows names and who holds what, by the database's clock; not what a duty is
//! about, nor what time a holder thinks it is.
//!
//! ```text
//! nobody's ──take──▶ held ──ask──▶ held until … ──answer──▶ held
//!    ▲                 │                │
//!    └──────give up────┴────────────────┤
//!                                       └──nothing heard, take──▶ held by another (epoch + 1)
//! ```
//! A holder that nobody asks writes nothing: it only looks. Every arrow is one compare-and-set.

use std::time::Duration;

use super::db::args;
use super::{Store, StoreError};
use crate::clock::micros;

/// A duty as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyRow {
    pub holder: String,
    pub epoch: i64,
    /// Somebody asked whether the holder is there; this is left of the time to answer, less than nothing if it is over.
    pub left_micros: Option<i64>,
}

impl Store {
    /// `None`: nobody has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn duty(&self, name: &str) -> Result<Option<DutyRow>, StoreError> {
        let sql = "SELECT holder, epoch, until - clock.micros FROM duties CROSS JOIN clock WHERE name = $1";
        let row = self.db.one::<(String, i64, Option<i64>)>(sql, args![name]).await?;
        Ok(row.map(|(holder, epoch, left_micros)| DutyRow { holder, epoch, left_micros }))
    }

    /// Takes a duty that is nobody's. False: somebody was quicker.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_duty(&self, name: &str, me: &str) -> Result<bool, StoreError> {
        let sql = "INSERT INTO duties (name, holder, until, epoch) VALUES ($1, $2, NULL, 1)
                   ON CONFLICT (name) DO NOTHING";
        self.changed(sql, args![name, me]).await
    }

    /// Asks the holder of this epoch whether it is there, and gives it this long. False: that was asked already, or it has
    /// another holder.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ask_for_duty(&self, name: &str, epoch: i64, patience: Duration) -> Result<bool, StoreError> {
        let sql = "UPDATE duties SET until = (SELECT micros FROM clock) + $3
                   WHERE name = $1 AND epoch = $2 AND until IS NULL";
        self.changed(sql, args![name, epoch, micros(patience)]).await
    }

    /// The holder is there. False: it was too late.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answer_for_duty(&self, name: &str, epoch: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE duties SET until = NULL WHERE name = $1 AND epoch = $2";
        self.changed(sql, args![name, epoch]).await
    }

    /// Takes a duty from a holder that was asked and did not answer in time. False: it did after all, or somebody was
    /// quicker.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_duty_over(&self, name: &str, epoch: i64, me: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE duties SET holder = $3, until = NULL, epoch = epoch + 1
                   WHERE name = $1 AND epoch = $2 AND until <= (SELECT micros FROM clock)";
        self.changed(sql, args![name, epoch, me]).await
    }

    /// Lets whoever asks next have it at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up_duty(&self, name: &str, me: &str) -> Result<(), StoreError> {
        let sql = "UPDATE duties SET until = 0 WHERE name = $1 AND holder = $2";
        self.changed(sql, args![name, me]).await.map(drop)
    }

    /// For an only process that starts again: nobody is left who could hold one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_back_duties(&self) -> Result<(), StoreError> {
        self.changed("UPDATE duties SET until = 0", &[]).await.map(drop)
    }

    async fn changed(&self, sql: &'static str, args: &[super::db::Arg<'_>]) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let rows = tx.run(sql, args).await?;
        tx.commit().await?;
        Ok(rows > 0)
    }
}
