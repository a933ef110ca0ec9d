//! Answers given to requests with an `Idempotency-Key`, for whoever asks again.

use ide_protocol::rest::UnixMicros;
use uuid::Uuid;

use super::StoreError;
use super::db::{Tx, args};

/// What is known about a key.
#[derive(Debug)]
pub(super) enum Replay {
    New,
    /// The same request: answer this again.
    Answered(String),
    /// The key was used for another request.
    Mismatch,
}

/// The caller holds a lock on the account, so that two requests with one key cannot both be new.
pub(super) async fn look_up(tx: &mut Tx, account: Uuid, key: &str, hash: &str) -> Result<Replay, StoreError> {
    let sql = "SELECT request_hash, response FROM idempotency WHERE account = $1 AND key = $2";
    Ok(match tx.one::<(String, String)>(sql, args![account, key]).await? {
        None => Replay::New,
        Some((stored, response)) if stored == hash => Replay::Answered(response),
        Some(_) => Replay::Mismatch,
    })
}

pub(super) async fn keep(
    tx: &mut Tx,
    account: Uuid,
    key: &str,
    hash: &str,
    response: &str,
    now: UnixMicros,
) -> Result<(), StoreError> {
    tx.run(
        "INSERT INTO idempotency (account, key, request_hash, response, created_at) VALUES ($1, $2, $3, $4, $5)",
        args![account, key, hash, response, now],
    )
    .await?;
    Ok(())
}
