//! Bearer tokens for programs.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use ide_protocol::rest::{IssuedToken, NewToken, Problem, Token};
use std::time::Duration;
use uuid::Uuid;

use crate::clock;
use crate::identity::caller::SignedIn;
use crate::limits::{MAX_TOKEN_DAYS, MAX_TOKEN_LABEL_BYTES, MAX_TOKENS};
use crate::problem::{ApiError, Kind};
use crate::secrets::{self, TOKEN_PREFIX};
use crate::state::AppState;

/// Lists your tokens
#[utoipa::path(get, path = "/api/v1/tokens", tag = "identity", responses((status = 200, body = Vec<Token>)))]
pub(super) async fn list(
    State(app): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Vec<Token>>, ApiError> {
    Ok(Json(app.store.tokens_of(signed_in.caller.id, clock::now()).await?))
}

/// Makes a token
///
/// Its secret is shown this once. Send it as `Authorization: Bearer gradus_pat_…`.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "identity", request_body = NewToken, responses(
    (status = 201, body = IssuedToken), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn create(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Json(NewToken { label, days }): Json<NewToken>,
) -> Result<(StatusCode, Json<IssuedToken>), ApiError> {
    if !(1..=MAX_TOKEN_DAYS).contains(&days) {
        return Err(ApiError::new(Kind::Invalid, format!("`days` has to be from 1 to {MAX_TOKEN_DAYS}.")));
    }
    if label.is_empty() || label.len() > MAX_TOKEN_LABEL_BYTES || label.chars().any(char::is_control) {
        let most = MAX_TOKEN_LABEL_BYTES;
        return Err(ApiError::new(
            Kind::Invalid,
            format!("`label` has to be 1 to {most} bytes of plain text."),
        ));
    }
    let account = signed_in.caller.id;
    app.rates.orders.take(account)?;
    let secret = format!("{TOKEN_PREFIX}{}", secrets::random());
    let now = clock::now();
    let until = now + clock::micros(Duration::from_secs(u64::from(days) * 24 * 60 * 60));
    let made =
        app.store.create_token(account, &label, &secrets::hash(&secret), until, MAX_TOKENS, now).await?;
    let token = made.ok_or_else(|| {
        ApiError::too_many(format!("You have {MAX_TOKENS} tokens. Revoke one that is not used any more."), 60)
    })?;
    Ok((StatusCode::CREATED, Json(IssuedToken { token, secret })))
}

/// Revokes a token
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "identity", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 404, body = Problem)))]
pub(super) async fn revoke(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    let revoked = app.store.revoke_token(signed_in.caller.id, id, clock::now()).await?;
    app.revoke(&revoked.ok_or_else(ApiError::not_found)?).await;
    Ok(StatusCode::NO_CONTENT)
}
