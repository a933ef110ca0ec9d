//! Removes what nobody needs any more.

use std::time::Duration;

use ide_protocol::rest::UnixMicros;

use super::db::args;
use super::{Store, StoreError};
use crate::clock::micros;

/// How long a repeated request is recognised: a laptop that slept over the weekend.
const IDEMPOTENCY_LIFETIME: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Contents nothing refers to are kept this long; far longer than any transaction that is about to refer to them.
const BLOB_GRACE: Duration = Duration::from_secs(60 * 60);

/// Contents removed in one go, so that nobody waits long for the writer.
const BLOBS_AT_ONCE: i64 = 200;

impl Store {
    /// One round; answers how many contents went, so that the caller can go on while there are more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self, now: UnixMicros) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.run("DELETE FROM logins WHERE expires_at <= $1", args![now]).await?;
        tx.run("DELETE FROM tickets WHERE expires_at <= $1", args![now]).await?;
        tx.run("DELETE FROM preview_grants WHERE expires_at <= $1", args![now]).await?;
        tx.run("DELETE FROM tokens WHERE expires_at <= $1", args![now]).await?;
        tx.run("DELETE FROM idempotency WHERE created_at <= $1", args![now - micros(IDEMPOTENCY_LIFETIME)])
            .await?;
        // The time is asked twice: the outer question is asked again of a row that somebody touched meanwhile.
        let removed = tx
            .run(
                "DELETE FROM blobs WHERE touched_at <= $1 AND digest IN (
                   SELECT b.digest FROM blobs b WHERE b.touched_at <= $1
                     AND NOT EXISTS (SELECT 1 FROM workspace_files f WHERE f.blob = b.digest)
                     AND NOT EXISTS (SELECT 1 FROM workspace_revisions r WHERE r.blob = b.digest)
                     AND NOT EXISTS (SELECT 1 FROM submission_files s WHERE s.blob = b.digest)
                   LIMIT $2)",
                args![now - micros(BLOB_GRACE), BLOBS_AT_ONCE],
            )
            .await?;
        tx.commit().await?;
        Ok(removed)
    }
}
