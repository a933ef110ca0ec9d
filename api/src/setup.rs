//! First things: accounts, and lessons to learn from. Used by `gradus up` and by tests.

use ide_protocol::rest::Role;
use lesson::Lesson;

use crate::clock;
use crate::identity::password;
use crate::store::{Actor, DEFAULT_INSTITUTION, NewAccount, Published, Store, StoreError};

/// Why setting up stopped.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("packing the lesson `{slug}`")]
    Pack { slug: String, source: lesson::BundleError },
    #[error("hashing a password")]
    Password,
}

/// An account to be made. Names are what people type to log in.
pub struct FirstAccount {
    pub name: String,
    pub role: Role,
    pub password: String,
}

/// Bytes of an institution's name: it is part of what a queue tells groups apart by.
const MAX_INSTITUTION_BYTES: usize = 64;

/// The name of an institution, as it may be.
///
/// # Errors
/// What is wrong with it, in words for who typed it.
pub fn institution(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > MAX_INSTITUTION_BYTES || !name.chars().all(plain) {
        return Err(format!("up to {MAX_INSTITUTION_BYTES} letters, digits, dots, dashes and underscores"));
    }
    Ok(name.to_owned())
}

/// Makes these accounts if there are none at all; answers whether it did.
///
/// # Errors
/// When the database does not answer.
pub async fn create_first_accounts(store: &Store, accounts: &[FirstAccount]) -> Result<bool, SetupError> {
    if store.has_accounts().await? {
        return Ok(false);
    }
    for account in accounts {
        create_account(store, account).await?;
    }
    Ok(true)
}

/// Makes one account; answers false when the name is taken.
///
/// # Errors
/// When the database does not answer.
pub async fn create_account(store: &Store, account: &FirstAccount) -> Result<bool, SetupError> {
    create_account_of(store, account, DEFAULT_INSTITUTION).await
}

/// The same for an account of this institution.
///
/// # Errors
/// When the database does not answer.
pub async fn create_account_of(
    store: &Store,
    account: &FirstAccount,
    institution: &str,
) -> Result<bool, SetupError> {
    let hashed = hash(&account.password).await?;
    let FirstAccount { name, role, .. } = account;
    let new = NewAccount { name, role: *role, institution, password_hash: &hashed };
    Ok(store.create_account(new, &Actor::System, clock::now()).await?.is_some())
}

/// Gives an account another password and logs its browsers out; answers false when there is no such account.
///
/// # Errors
/// When the database does not answer.
pub async fn reset_password(store: &Store, name: &str, password: &str) -> Result<bool, SetupError> {
    let hashed = hash(password).await?;
    Ok(store.set_password(name, &hashed, &Actor::System, clock::now()).await?)
}

async fn hash(password: &str) -> Result<String, SetupError> {
    let plain = password.to_owned();
    let hashed = tokio::task::spawn_blocking(move || password::hash(&plain)).await;
    hashed.ok().flatten().ok_or(SetupError::Password)
}

/// Makes a lesson the current version of its slug; answers whether that changed anything.
///
/// # Errors
/// When it cannot be packed or the database does not answer.
pub async fn publish(store: &Store, lesson: &Lesson) -> Result<bool, SetupError> {
    let manifest = &lesson.manifest;
    let packed = lesson::pack(lesson);
    let bundle = packed.map_err(|source| SetupError::Pack { slug: manifest.slug.clone(), source })?;
    let published = Published {
        digest: &bundle.digest,
        bundle: &bundle.bytes,
        slug: &manifest.slug,
        title: &manifest.title,
        summary: &manifest.summary,
        course: &manifest.course,
        position: manifest.position,
        language: &manifest.language,
        minutes: manifest.time_budget_minutes,
    };
    Ok(store.publish_lesson(published, &Actor::System, clock::now()).await?)
}
