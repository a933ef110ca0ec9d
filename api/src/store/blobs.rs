//! File contents, stored once per content.

use ide_protocol::rest::UnixMicros;
use sha2::{Digest as _, Sha256};

use super::StoreError;
use super::db::{Tx, args};

/// Lower-case hex SHA-256.
pub(super) fn digest(bytes: &[u8]) -> String {
    crate::secrets::hex(&Sha256::digest(bytes))
}

/// Stores `bytes` under their digest, or marks them as in use now.
pub(super) async fn put(tx: &mut Tx, bytes: &[u8], now: UnixMicros) -> Result<String, StoreError> {
    let digest = digest(bytes);
    // Touching locks the row: housekeeping, which removes what nothing refers to, spares what was touched lately.
    let touched = tx.run("UPDATE blobs SET touched_at = $2 WHERE digest = $1", args![&digest, now]).await?;
    if touched == 0 {
        tx.run(
            "INSERT INTO blobs (digest, bytes, touched_at) VALUES ($1, $2, $3)
             ON CONFLICT (digest) DO UPDATE SET touched_at = excluded.touched_at",
            args![&digest, bytes, now],
        )
        .await?;
    }
    Ok(digest)
}
