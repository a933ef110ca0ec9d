//! The log of everything that happened. Appended in the transaction that made it so; never changed.

use ide_protocol::rest::UnixMicros;
use serde_json::Value;
use uuid::Uuid;

use super::db::{Tx, args};
use super::{Store, StoreError};

/// Who made something happen.
#[derive(Debug, Clone)]
pub enum Actor {
    Account(Uuid),
    /// An agent, by the name it gives itself.
    Agent(String),
    /// The API on its own: time limits, dead letters, set-up.
    System,
}

impl Actor {
    fn text(&self) -> String {
        match self {
            Self::Account(id) => format!("account:{id}"),
            Self::Agent(name) => format!("agent:{name}"),
            Self::System => "system".to_owned(),
        }
    }
}

/// One entry of the log.
#[derive(Debug, sqlx::FromRow)]
pub struct Event {
    pub stream: String,
    pub version: i64,
    #[sqlx(rename = "type")]
    pub kind: String,
    pub data: String,
    pub actor: String,
    pub at: UnixMicros,
}

/// Appends to `stream` (`submission:<id>`). The caller has changed the row the stream is about in the same
/// transaction, which is what keeps two appends to one stream apart.
pub(super) async fn append(
    tx: &mut Tx,
    stream: &str,
    kind: &str,
    data: Value,
    actor: &Actor,
    at: UnixMicros,
) -> Result<(), StoreError> {
    tx.run(
        "INSERT INTO events (stream, version, type, data, actor, at)
         SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4, $5 FROM events WHERE stream = $1",
        args![stream, kind, &data.to_string(), &actor.text(), at],
    )
    .await?;
    Ok(())
}

impl Store {
    /// What happened to one thing, oldest first; at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events_of(&self, stream: &str, limit: u32) -> Result<Vec<Event>, StoreError> {
        let sql = "SELECT stream, version, type, data, actor, at FROM events
                   WHERE stream = $1 ORDER BY version LIMIT $2";
        Ok(self.db.all(sql, args![stream, i64::from(limit)]).await?)
    }
}
