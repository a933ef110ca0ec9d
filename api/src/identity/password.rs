//! Passwords: argon2id, on threads of their own.
//!
//! One hash takes 19 MiB and some 20 ms of a core on purpose. A storm of logins must neither stall the runtime nor
//! eat the machine, so one runs at a time, some wait, and the rest are told to come back.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// Hashes computed at once. Each keeps a core busy and holds 19 MiB, half of what the API may hold in all; a class of
/// thirty is through in less than a second.
const AT_ONCE: usize = 1;

/// Callers that may wait: at 20 ms each, the last waits about two seconds.
const WAITING: usize = 100;

/// Why a password was not looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    #[error("too many logins at once")]
    Busy,
    #[error("hashing failed")]
    Failed,
}

/// The bounded place where passwords are hashed.
pub(crate) struct Passwords {
    running: Semaphore,
    admitted: Semaphore,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { running: Semaphore::new(AT_ONCE), admitted: Semaphore::new(AT_ONCE + WAITING) }
    }

    /// Whether `password` is the one behind `stored`. Without an account a hash is computed all the same, so that
    /// the time does not tell which names exist.
    pub(crate) async fn matches(&self, password: String, stored: Option<String>) -> Result<bool, HashError> {
        let _place = self.admitted.try_acquire().map_err(|_| HashError::Busy)?;
        let _turn = self.running.acquire().await.map_err(|_| HashError::Failed)?;
        let check = move || {
            let known = stored.is_some();
            let hash = stored.as_deref().unwrap_or(&NOBODY);
            known && verify(&password, hash)
        };
        tokio::task::spawn_blocking(check).await.map_err(|_| HashError::Failed)
    }
}

/// A hash that no password matches in practice.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash(&crate::secrets::random()).unwrap_or_default());

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Hashes a password with OWASP's parameters (the crate's defaults: 19 MiB, 2 passes, 1 lane). Blocks.
pub(crate) fn hash(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = Passwords::new();
        let stored = hash("open sesame");
        assert!(passwords.matches("open sesame".into(), stored.clone()).await.unwrap());
        assert!(!passwords.matches("open barley".into(), stored).await.unwrap());
        assert!(!passwords.matches("open sesame".into(), None).await.unwrap());
        assert!(!passwords.matches("x".into(), Some("not a hash".into())).await.unwrap());
    }
}
