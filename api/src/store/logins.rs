//! Browsers that are logged in, and the question "who is behind this secret".

use ide_protocol::rest::{Role, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::accounts::role_from;
use super::db::args;
use super::events::{self, Actor};
use super::{Store, StoreError};

/// The account behind a login or a token.
#[derive(Debug, Clone)]
pub struct Caller {
    pub id: Uuid,
    pub name: String,
    pub role: Role,
}

#[derive(sqlx::FromRow)]
pub(super) struct RawCaller {
    #[sqlx(try_from = "String")]
    id: Uuid,
    name: String,
    role: String,
}

/// Whose login it is.
#[derive(sqlx::FromRow)]
struct Holder {
    #[sqlx(try_from = "String")]
    id: Uuid,
}

impl TryFrom<RawCaller> for Caller {
    type Error = StoreError;
    fn try_from(raw: RawCaller) -> Result<Self, StoreError> {
        let RawCaller { id, name, role } = raw;
        Ok(Self { id, name, role: role_from(&role)? })
    }
}

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn log_in(
        &self,
        account: Uuid,
        secret_hash: &str,
        now: UnixMicros,
        expires_at: UnixMicros,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        // Locks the account, so that two logins at once do not append the same version.
        tx.run("UPDATE accounts SET role = role WHERE id = $1", args![account]).await?;
        tx.run(
            "INSERT INTO logins (secret_hash, account, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            args![secret_hash, account, now, expires_at],
        )
        .await?;
        let actor = Actor::Account(account);
        events::append(&mut tx, &format!("account:{account}"), "logged_in", json!({}), &actor, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn log_out(&self, secret_hash: &str, now: UnixMicros) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        // The account first, as everybody does who changes its logins.
        let sql = "UPDATE accounts SET role = role
                   WHERE id = (SELECT account FROM logins WHERE secret_hash = $1) RETURNING id";
        let holder = tx.one::<Holder>(sql, args![secret_hash]).await?;
        let ended = tx.run("DELETE FROM logins WHERE secret_hash = $1", args![secret_hash]).await?;
        if let (Some(Holder { id }), 1) = (holder, ended) {
            let (stream, data) = (format!("account:{id}"), json!({ "credential": secret_hash }));
            events::append(&mut tx, &stream, "logged_out", data, &Actor::Account(id), now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn caller_by_login(&self, hash: &str, now: UnixMicros) -> Result<Option<Caller>, StoreError> {
        let sql = "SELECT a.id, a.name, a.role FROM logins l JOIN accounts a ON a.id = l.account
                   WHERE l.secret_hash = $1 AND l.expires_at > $2";
        self.db.one::<RawCaller>(sql, args![hash, now]).await?.map(Caller::try_from).transpose()
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn caller_by_token(&self, hash: &str, now: UnixMicros) -> Result<Option<Caller>, StoreError> {
        let sql = "SELECT a.id, a.name, a.role FROM tokens t JOIN accounts a ON a.id = t.account
                   WHERE t.secret_hash = $1 AND t.expires_at > $2";
        self.db.one::<RawCaller>(sql, args![hash, now]).await?.map(Caller::try_from).transpose()
    }
}
