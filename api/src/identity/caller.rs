//! Extractors: the account behind a request.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use uuid::Uuid;

use super::cookie;
use super::permission::{Action, may};
use crate::clock;
use crate::problem::{ApiError, Kind};
use crate::secrets::{self, TOKEN_PREFIX};
use crate::state::AppState;
use crate::store::Caller;

/// Somebody who is logged in, in a browser or by token.
pub(crate) struct SignedIn {
    pub(crate) caller: Caller,
    /// Hash of the secret that proved it: what a logout or a revocation takes away.
    pub(crate) credential: String,
}

impl SignedIn {
    pub(crate) fn owns(&self, account: Uuid) -> bool {
        self.caller.id == account
    }

    /// Passes for the owner, and for those whose role may do this to other people's objects. To everybody else the
    /// object does not exist.
    pub(crate) fn owns_or_may(&self, account: Uuid, action: Action) -> Result<(), ApiError> {
        if self.owns(account) || may(self.caller.role, action) { Ok(()) } else { Err(ApiError::not_found()) }
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let found = match bearer(parts) {
            Some(token) if token.starts_with(TOKEN_PREFIX) => {
                let credential = secrets::hash(token);
                app.store.caller_by_token(&credential, clock::now()).await?.map(|caller| (caller, credential))
            }
            Some(_) => None,
            None => match cookie::read(&parts.headers, app.is_secure()) {
                Some(secret) => {
                    let credential = secrets::hash(secret);
                    app.store
                        .caller_by_login(&credential, clock::now())
                        .await?
                        .map(|caller| (caller, credential))
                }
                None => None,
            },
        };
        let (caller, credential) = found.ok_or_else(|| {
            ApiError::new(Kind::NotLoggedIn, "You are not logged in, or not any more. Log in and try again.")
        })?;
        Ok(Self { caller, credential })
    }
}

/// The bearer token of a request.
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
