//! Browsers that were let into a web preview.

use ide_protocol::rest::UnixMicros;
use uuid::Uuid;

use super::db::args;
use super::{Store, StoreError};
use crate::limits::MAX_PREVIEW_GRANTS;

/// The right to see one port of one session's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewGrant {
    pub session: Uuid,
    pub port: u16,
    pub account: Uuid,
    /// Hash of the login or token that asked for it.
    pub credential: String,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    session: Uuid,
    port: i64,
    #[sqlx(try_from = "String")]
    account: Uuid,
    credential: String,
}

impl TryFrom<Raw> for PreviewGrant {
    type Error = StoreError;
    fn try_from(raw: Raw) -> Result<Self, StoreError> {
        let Raw { session, port, account, credential } = raw;
        let corrupt = StoreError::corrupt("the port of a preview");
        let port = u16::try_from(port).map_err(|_| corrupt(port.to_string()))?;
        Ok(Self { session, port, account, credential })
    }
}

impl Store {
    /// Keeps a grant; of a session's, only the newest stay.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn grant_preview(
        &self,
        secret_hash: &str,
        grant: &PreviewGrant,
        expires_at: UnixMicros,
    ) -> Result<(), StoreError> {
        let PreviewGrant { session, port, account, credential } = grant;
        let mut tx = self.db.begin().await?;
        tx.run(
            "INSERT INTO preview_grants (secret_hash, session, port, account, credential, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            args![secret_hash, *session, i64::from(*port), *account, credential, expires_at],
        )
        .await?;
        tx.run(
            "DELETE FROM preview_grants WHERE session = $1 AND secret_hash NOT IN (
               SELECT secret_hash FROM preview_grants WHERE session = $1
               ORDER BY expires_at DESC, secret_hash LIMIT $2)",
            args![*session, i64::from(MAX_PREVIEW_GRANTS)],
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// What a cookie opens, as long as its session lives and the login or token behind it holds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn preview_grant(
        &self,
        secret_hash: &str,
        now: UnixMicros,
    ) -> Result<Option<PreviewGrant>, StoreError> {
        let sql = "SELECT g.session, g.port, g.account, g.credential FROM preview_grants g
                   JOIN sessions s ON s.id = g.session
                   WHERE g.secret_hash = $1 AND g.expires_at > $2 AND s.state <> 'ended' AND (
                     EXISTS (SELECT 1 FROM logins l WHERE l.secret_hash = g.credential AND l.expires_at > $2)
                     OR EXISTS (SELECT 1 FROM tokens t WHERE t.secret_hash = g.credential AND t.expires_at > $2))";
        self.db.one::<Raw>(sql, args![secret_hash, now]).await?.map(PreviewGrant::try_from).transpose()
    }
}
