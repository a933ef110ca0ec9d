//! Random secrets and their hashes. Stored are only hashes; what is compared is hashes, so timing tells nothing.

use sha2::{Digest as _, Sha256};

/// Starts every bearer token, so that a leaked one is recognised by people and scanners.
pub(crate) const TOKEN_PREFIX: &str = "gradus_pat_";

/// 256 random bits as hex.
pub(crate) fn random() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// What is stored of a secret. A fast hash is enough: the secret is random, nothing can be guessed.
pub(crate) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
