//! Logging in and out.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ide_protocol::rest::{Account, Login, Problem};

use crate::clock;
use crate::identity::caller::SignedIn;
use crate::identity::cookie;
use crate::identity::password::HashError;
use crate::identity::rate::address;
use crate::limits::{LOGIN_LIFETIME, MAX_NAME_BYTES, MAX_PASSWORD_BYTES};
use crate::problem::{ApiError, Kind};
use crate::secrets;
use crate::state::AppState;
use crate::store::AccountRow;

/// Logs a browser in
///
/// Answers the account and sets a cookie. Programs make themselves a token instead.
#[utoipa::path(post, path = "/api/v1/login", tag = "identity", request_body = Login, responses(
    (status = 200, body = Account), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn log_in(
    State(app): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Json(Login { name, password }): Json<Login>,
) -> Result<Response, ApiError> {
    app.rates.logins.take(address(peer.ip()))?;
    let account = check(&app, name, password).await?;
    let secret = secrets::random();
    let now = clock::now();
    let until = now + clock::micros(LOGIN_LIFETIME);
    app.store.log_in(account.id, &secrets::hash(&secret), now, until).await?;
    tracing::info!(account = %account.id, "account {} logged in", account.id);
    let body = Json(Account { id: account.id, name: account.name, role: account.role });
    Ok(with_cookie(body.into_response(), cookie::logged_in(&secret, app.is_secure())))
}

/// The account whose name and password these are.
async fn check(app: &AppState, name: String, password: String) -> Result<AccountRow, ApiError> {
    if name.len() > MAX_NAME_BYTES || password.len() > MAX_PASSWORD_BYTES {
        return Err(wrong());
    }
    app.rates.names.take(name.clone())?;
    let found = app.store.account_by_name(&name).await?;
    let stored = found.as_ref().map(|account| account.password_hash.clone());
    let matches = app.passwords.matches(password, stored).await.map_err(|why| match why {
        HashError::Busy => ApiError::too_many("Very many people log in right now. Try again in 2 s.", 2),
        HashError::Failed => ApiError::internal(),
    })?;
    match found {
        Some(account) if matches => {
            app.rates.names.give_back(&name);
            Ok(account)
        }
        _ => Err(wrong()),
    }
}

fn wrong() -> ApiError {
    ApiError::new(Kind::WrongPassword, "Name and password do not match. Check both and try again.")
}

/// Logs this browser out
#[utoipa::path(post, path = "/api/v1/logout", tag = "identity", responses((status = 204)))]
pub(super) async fn log_out(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(secret) = cookie::read(&headers, app.is_secure()) {
        let credential = secrets::hash(secret);
        app.store.log_out(&credential, clock::now()).await?;
        app.revoke(&credential).await;
    }
    Ok(with_cookie(StatusCode::NO_CONTENT.into_response(), cookie::logged_out(app.is_secure())))
}

/// Says who is logged in
#[utoipa::path(get, path = "/api/v1/me", tag = "identity", responses(
    (status = 200, body = Account), (status = 401, body = Problem)))]
pub(super) async fn me(SignedIn { caller, .. }: SignedIn) -> Json<Account> {
    Json(Account { id: caller.id, name: caller.name, role: caller.role })
}

fn with_cookie(mut response: Response, cookie: Option<axum::http::HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}
