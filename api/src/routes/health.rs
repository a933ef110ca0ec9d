//! Is this process alive, and can it serve?

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::problem::{ApiError, Kind};
use crate::state::AppState;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready))
}

async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn ready(State(app): State<AppState>) -> Result<StatusCode, ApiError> {
    app.store.ping().await.map_err(|_| ApiError::new(Kind::Unavailable, "The database does not answer."))?;
    Ok(StatusCode::NO_CONTENT)
}
