//! What a learner has looked at beside the work: hints, one after the other, and the author's solution. Kept with the
//! workspace, so that whoever grades can see it later.

use ide_protocol::rest::UnixMicros;
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::{Store, StoreError, small};

/// How an account stands with a lesson.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    pub hints_shown: u32,
    pub passed: bool,
    /// Hand-ins that got a verdict. What was the lesson's fault or ours is not among them.
    pub graded: u32,
}

/// What became of the wish to see a hint.
#[derive(Debug, PartialEq, Eq)]
pub enum HintAsked {
    /// It may be seen, now or already before.
    Shown,
    /// So many have been shown; the next one comes first.
    TooEarly(u32),
    /// The account has not opened the lesson.
    NotOpened,
}

#[derive(sqlx::FromRow)]
struct Raw {
    hints_shown: i64,
    passes: i64,
    graded: i64,
}

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(&self, account: Uuid, lesson: &str) -> Result<Standing, StoreError> {
        let sql = "SELECT
                     COALESCE((SELECT hints_shown FROM workspaces WHERE account = $1 AND lesson = $2), 0) AS hints_shown,
                     (SELECT COUNT(*) FROM submissions WHERE account = $1 AND lesson = $2 AND passed = 1) AS passes,
                     (SELECT COUNT(*) FROM submissions WHERE account = $1 AND lesson = $2 AND state = 'graded') AS graded";
        let row = self.db.one::<Raw>(sql, args![account, lesson]).await?;
        let standing = row.map(|Raw { hints_shown, passes, graded }| Standing {
            hints_shown: small(hints_shown),
            passed: passes > 0,
            graded: small(graded),
        });
        Ok(standing.unwrap_or_default())
    }

    /// Shows the hint of this `number`, if it is the next one or was shown before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn show_hint(
        &self,
        account: Uuid,
        lesson: &str,
        number: u32,
        now: UnixMicros,
    ) -> Result<HintAsked, StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE workspaces SET hints_shown = $3 WHERE account = $1 AND lesson = $2 AND hints_shown = $3 - 1
                   RETURNING id";
        if let Some((id,)) = tx.one::<(String,)>(sql, args![account, lesson, i64::from(number)]).await? {
            looked_at(&mut tx, account, &id, "hint_shown", json!({ "number": number }), now).await?;
            tx.commit().await?;
            return Ok(HintAsked::Shown);
        }
        let sql = "SELECT hints_shown FROM workspaces WHERE account = $1 AND lesson = $2";
        let shown = tx.one::<(i64,)>(sql, args![account, lesson]).await?;
        tx.commit().await?;
        Ok(match shown {
            None => HintAsked::NotOpened,
            Some((shown,)) if small(shown) >= number => HintAsked::Shown,
            Some((shown,)) => HintAsked::TooEarly(small(shown)),
        })
    }

    /// Remembers that the account has seen the solution of this version; the first time counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn solution_shown(
        &self,
        account: Uuid,
        lesson: &str,
        digest: &str,
        now: UnixMicros,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE workspaces SET solution_shown_at = $3
                   WHERE account = $1 AND lesson = $2 AND solution_shown_at IS NULL RETURNING id";
        if let Some((id,)) = tx.one::<(String,)>(sql, args![account, lesson, now]).await? {
            let data = json!({ "digest": digest });
            looked_at(&mut tx, account, &id, "solution_shown", data, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn looked_at(
    tx: &mut Tx,
    account: Uuid,
    workspace: &str,
    kind: &str,
    data: serde_json::Value,
    now: UnixMicros,
) -> Result<(), StoreError> {
    events::append(tx, &format!("workspace:{workspace}"), kind, data, &Actor::Account(account), now).await
}
