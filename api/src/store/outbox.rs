//! Messages on their way to the queue.

use super::db::args;
use super::{Store, StoreError};

/// One message, in the order written.
#[derive(Debug, sqlx::FromRow)]
pub struct OutboxRow {
    pub id: i64,
    /// `session` or `grading`.
    pub lane: String,
    pub body: String,
}

impl Store {
    /// The oldest messages, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outbox(&self, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT id, lane, body FROM outbox ORDER BY id LIMIT $1";
        Ok(self.db.all(sql, args![i64::from(limit)]).await?)
    }

    /// The queue has them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outbox_sent(&self, messages: &[i64]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for message in messages {
            tx.run("DELETE FROM outbox WHERE id = $1", args![*message]).await?;
        }
        Ok(tx.commit().await?)
    }
}
