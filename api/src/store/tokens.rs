//! Bearer tokens of programs.

use ide_protocol::rest::{Token, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::db::args;
use super::events::{self, Actor};
use super::{Store, StoreError};

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    id: Uuid,
    label: String,
    expires_at: i64,
}

impl Store {
    /// Stores a token; `None` when the account has `limit` already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_token(
        &self,
        account: Uuid,
        label: &str,
        secret_hash: &str,
        expires_at: UnixMicros,
        limit: u32,
        now: UnixMicros,
    ) -> Result<Option<Token>, StoreError> {
        let token = Token { id: Uuid::now_v7(), label: label.to_owned(), expires_at };
        let mut tx = self.db.begin().await?;
        tx.run("UPDATE accounts SET role = role WHERE id = $1", args![account]).await?;
        tx.run("DELETE FROM tokens WHERE account = $1 AND expires_at <= $2", args![account, now]).await?;
        let made = tx
            .run(
                "INSERT INTO tokens (id, account, label, secret_hash, created_at, expires_at)
                 SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT COUNT(*) FROM tokens WHERE account = $2) < $7",
                args![token.id, account, label, secret_hash, now, expires_at, i64::from(limit)],
            )
            .await?;
        if made == 0 {
            tx.commit().await?;
            return Ok(None);
        }
        let data = json!({ "token": token.id, "expires_at": expires_at });
        let actor = Actor::Account(account);
        events::append(&mut tx, &format!("account:{account}"), "token_created", data, &actor, now).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tokens_of(&self, account: Uuid, now: UnixMicros) -> Result<Vec<Token>, StoreError> {
        let sql = "SELECT id, label, expires_at FROM tokens WHERE account = $1 AND expires_at > $2
                   ORDER BY created_at DESC, id DESC";
        let rows = self.db.all::<Raw>(sql, args![account, now]).await?;
        Ok(rows.into_iter().map(|Raw { id, label, expires_at }| Token { id, label, expires_at }).collect())
    }

    /// Revokes a token of this account; answers the hash of its secret, `None` when there is no such token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_token(
        &self,
        account: Uuid,
        token: Uuid,
        now: UnixMicros,
    ) -> Result<Option<String>, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.run("UPDATE accounts SET role = role WHERE id = $1", args![account]).await?;
        let sql = "DELETE FROM tokens WHERE id = $1 AND account = $2 RETURNING secret_hash";
        let Some((hash,)) = tx.one::<(String,)>(sql, args![token, account]).await? else {
            tx.commit().await?;
            return Ok(None);
        };
        let actor = Actor::Account(account);
        let data = json!({ "token": token, "credential": hash });
        events::append(&mut tx, &format!("account:{account}"), "token_revoked", data, &actor, now).await?;
        tx.commit().await?;
        Ok(Some(hash))
    }
}
