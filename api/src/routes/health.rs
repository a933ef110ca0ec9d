//! Is this process alive, and can it serve?

use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::{ApiError, Kind};
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready))
}

#[utoipa::path(get, path = "/livez", responses((status = 204)))]
async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

#[utoipa::path(get, path = "/readyz", responses((status = 204)))]
async fn ready(State(app): State<AppState>) -> Result<StatusCode, ApiError> {
    app.store.ping().await.map_err(|_| ApiError::new(Kind::Unavailable, "The database does not answer."))?;
    Ok(StatusCode::NO_CONTENT)
}
