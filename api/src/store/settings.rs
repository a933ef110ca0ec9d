//! What accounts chose about their screens, a row per field: the last write of a field wins, whichever device it is from.

use std::collections::BTreeMap;

use ide_protocol::rest::UnixMicros;
use ide_protocol::settings::{MAX_SETTINGS, SettingValue};
use serde_json::json;
use uuid::Uuid;

use super::db::args;
use super::events::{self, Actor};
use super::{Store, StoreError};

/// Fields by name.
pub type Fields = BTreeMap<String, SettingValue>;

const ALL: &str = "SELECT field, value FROM account_settings WHERE account = $1";

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn settings_of(&self, account: Uuid) -> Result<Fields, StoreError> {
        read(self.db.all(ALL, args![account]).await?)
    }

    /// Sets fields, or removes them; answers all as they are then, `None` when they would be too many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_settings(
        &self,
        account: Uuid,
        change: &BTreeMap<String, Option<SettingValue>>,
        now: UnixMicros,
    ) -> Result<Option<Fields>, StoreError> {
        let mut tx = self.db.begin().await?;
        // One change at a time per account: its events are numbered, its fields counted.
        tx.run("UPDATE accounts SET role = role WHERE id = $1", args![account]).await?;
        for (field, value) in change {
            match value {
                Some(value) => {
                    let sql = "INSERT INTO account_settings (account, field, value, changed_at)
                               VALUES ($1, $2, $3, $4)
                               ON CONFLICT (account, field) DO UPDATE SET value = $3, changed_at = $4";
                    tx.run(sql, args![account, field, &json!(value).to_string(), now]).await?;
                }
                None => {
                    let sql = "DELETE FROM account_settings WHERE account = $1 AND field = $2";
                    tx.run(sql, args![account, field]).await?;
                }
            }
        }
        let fields = read(tx.all(ALL, args![account]).await?)?;
        if fields.len() > MAX_SETTINGS {
            return Ok(None);
        }
        // Which, not what: whether somebody needs a screen reader is nobody's business in a log.
        let data = json!({ "fields": change.keys().collect::<Vec<_>>() });
        let actor = Actor::Account(account);
        events::append(&mut tx, &format!("account:{account}"), "settings_changed", data, &actor, now).await?;
        tx.commit().await?;
        Ok(Some(fields))
    }
}

fn read(rows: Vec<(String, String)>) -> Result<Fields, StoreError> {
    rows.into_iter()
        .map(|(field, value)| {
            let parsed = serde_json::from_str(&value);
            Ok((field, parsed.map_err(|why| StoreError::corrupt("a setting")(why.to_string()))?))
        })
        .collect()
}
