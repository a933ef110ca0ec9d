//! Previews, as the IDE asks for them. What they show is served elsewhere: [`crate::preview`].

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use ide_protocol::rest::{OpenPreview, PreviewTicket, Problem};
use uuid::Uuid;

use super::workspaces::own;
use crate::identity::caller::SignedIn;
use crate::preview::address::Label;
use crate::preview::gate;
use crate::problem::{ApiError, Kind};
use crate::state::AppState;
use crate::store::TicketRow;

/// Opens a preview
///
/// The right of one browser to see what the learner's own server answers on a port that the lesson declares. Only for
/// the learner whose session it is.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/previews", tag = "sessions", params(("id" = Uuid, Path)),
    request_body = OpenPreview, responses((status = 201, body = PreviewTicket), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn open(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    Json(OpenPreview { port, path }): Json<OpenPreview>,
) -> Result<(StatusCode, Json<PreviewTicket>), ApiError> {
    let session = app.store.session(id).await?.ok_or_else(ApiError::not_found)?;
    let (_, content) = own(&app, &signed_in, session.workspace).await?;
    if !content.lesson.manifest.preview.iter().any(|preview| preview.port == u32::from(port)) {
        return Err(ApiError::new(
            Kind::NotFound,
            format!("This lesson shows no server on port {port}. Choose one that it names."),
        ));
    }
    if !session.is_live() {
        return Err(ApiError::new(Kind::SessionEnded, "The session is over. Ask for a new one."));
    }
    if !gate::is_path(&path) {
        return Err(ApiError::new(
            Kind::Invalid,
            "A path begins with a single `/` and has no spaces. Write special characters as %20 and the like.",
        ));
    }
    let url = app.previews.url.as_ref().ok_or_else(|| {
        ApiError::new(
            Kind::Unavailable,
            "Previews are not set up here. Whoever runs this Gradus can do it with --preview-url.",
        )
    })?;
    app.rates.orders.take(signed_in.caller.id)?;
    let holder = TicketRow { account: signed_in.caller.id, credential: signed_in.credential };
    let url = gate::ticket(&app, url, Label { session: id, port }, &holder, &path).await?;
    Ok((StatusCode::CREATED, Json(PreviewTicket { url })))
}
