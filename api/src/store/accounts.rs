//! Accounts. Knows hashes of passwords, never passwords.

use ide_protocol::rest::{Role, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::db::args;
use super::events::{self, Actor};
use super::{Store, StoreError};

/// An account as stored.
#[derive(Debug, Clone)]
pub struct AccountRow {
    pub id: Uuid,
    pub name: String,
    pub role: Role,
    pub password_hash: String,
}

/// The institution of whoever names none.
pub const DEFAULT_INSTITUTION: &str = "default";

pub struct NewAccount<'a> {
    pub name: &'a str,
    pub role: Role,
    /// Whose share of the machines its jobs are.
    pub institution: &'a str,
    /// PHC string, as argon2 writes it.
    pub password_hash: &'a str,
}

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ListedAccount {
    pub name: String,
    pub role: String,
    pub institution: String,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    id: Uuid,
    name: String,
    role: String,
    password_hash: String,
}

impl TryFrom<Raw> for AccountRow {
    type Error = StoreError;
    fn try_from(raw: Raw) -> Result<Self, StoreError> {
        let Raw { id, name, role, password_hash } = raw;
        Ok(Self { id, name, role: role_from(&role)?, password_hash })
    }
}

pub(super) fn role_text(role: Role) -> &'static str {
    match role {
        Role::Learner => "learner",
        Role::Author => "author",
        Role::Grader => "grader",
        Role::Admin => "admin",
    }
}

pub(super) fn role_from(text: &str) -> Result<Role, StoreError> {
    Ok(match text {
        "learner" => Role::Learner,
        "author" => Role::Author,
        "grader" => Role::Grader,
        "admin" => Role::Admin,
        other => return Err(StoreError::corrupt("a role")(other.to_owned())),
    })
}

impl Store {
    /// Makes an account; `None` when the name is taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_account(
        &self,
        new: NewAccount<'_>,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Option<Uuid>, StoreError> {
        let id = Uuid::now_v7();
        let mut tx = self.db.begin().await?;
        let made = tx
            .run(
                "INSERT INTO accounts (id, name, role, institution, password_hash, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (name) DO NOTHING",
                args![id, new.name, role_text(new.role), new.institution, new.password_hash, now],
            )
            .await?;
        if made == 0 {
            tx.commit().await?;
            return Ok(None);
        }
        let data = json!({ "role": role_text(new.role), "institution": new.institution });
        events::append(&mut tx, &format!("account:{id}"), "account_created", data, actor, now).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Replaces the password and ends every login; answers false when there is no such account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_password(
        &self,
        name: &str,
        password_hash: &str,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE accounts SET password_hash = $2 WHERE name = $1 RETURNING id";
        let Some((id,)) = tx.one::<(String,)>(sql, args![name, password_hash]).await? else {
            tx.commit().await?;
            return Ok(false);
        };
        tx.run("DELETE FROM logins WHERE account = $1", args![&id]).await?;
        events::append(&mut tx, &format!("account:{id}"), "password_changed", json!({}), actor, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn account_by_name(&self, name: &str) -> Result<Option<AccountRow>, StoreError> {
        let sql = "SELECT id, name, role, password_hash FROM accounts WHERE name = $1";
        self.db.one::<Raw>(sql, args![name]).await?.map(AccountRow::try_from).transpose()
    }

    /// Accounts by name, at most `limit`; of one institution or of all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn accounts(
        &self,
        institution: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ListedAccount>, StoreError> {
        let sql = "SELECT name, role, institution FROM accounts WHERE institution = COALESCE($1, institution)
                   ORDER BY institution, name LIMIT $2";
        Ok(self.db.all(sql, args![institution, i64::from(limit)]).await?)
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        Ok(self.db.one::<(String,)>("SELECT id FROM accounts LIMIT 1", &[]).await?.is_some())
    }
}
