//! Rights to open one session's socket, or one of its previews, once.

use ide_protocol::rest::UnixMicros;
use uuid::Uuid;

use super::db::args;
use super::{Store, StoreError};

/// A ticket that was just used up.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TicketRow {
    #[sqlx(try_from = "String")]
    pub account: Uuid,
    /// Hash of the login or token that asked for it.
    pub credential: String,
}

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn create_ticket(
        &self,
        secret_hash: &str,
        session: Uuid,
        ticket: &TicketRow,
        expires_at: UnixMicros,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.run(
            "INSERT INTO tickets (secret_hash, session, account, credential, expires_at)
             VALUES ($1, $2, $3, $4, $5)",
            args![secret_hash, session, ticket.account, &ticket.credential, expires_at],
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Uses a ticket up; `None` when there is no such ticket for this session (any more).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_ticket(
        &self,
        secret_hash: &str,
        session: Uuid,
        now: UnixMicros,
    ) -> Result<Option<TicketRow>, StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM tickets WHERE secret_hash = $1 AND session = $2 AND expires_at > $3
                   RETURNING account, credential";
        let taken = tx.one::<TicketRow>(sql, args![secret_hash, session, now]).await?;
        tx.commit().await?;
        Ok(taken)
    }
}
