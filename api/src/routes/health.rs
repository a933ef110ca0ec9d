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
    let not_ready = |why| Err(ApiError::new(Kind::Unavailable, why));
    if app.draining.is_cancelled() {
        return not_ready("This instance is stopping; it finishes what runs and takes nothing new.");
    }
    if app.store.ping().await.is_err() {
        return not_ready("The database does not answer.");
    }
    if let Some(peering) = &app.peering
        && !peering.is_reached().await
    {
        return not_ready("Other instances do not reach this one at its --peer-url.");
    }
    Ok(StatusCode::NO_CONTENT)
}
