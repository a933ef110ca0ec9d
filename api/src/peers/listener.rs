//! What other instances ask of this one, on a listener of their own. Shares no route and no layer with the app's.

use axum::Json;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use hyper_util::rt::TokioIo;
use ide_protocol::close;
use tokio::io::copy_bidirectional;
use uuid::Uuid;

use super::Peering;
use super::forward::{Passport, VISITOR};
use super::line::{INSTANCE, PORT};
use super::news::{self, News};
use crate::problem::Chain;
use crate::relay::{self, Presence, Visitor};
use crate::secrets;
use crate::state::AppState;
use crate::store::{SessionRow, StoreError};

/// Bytes of what one request changed: every file of a workspace, by name.
const MAX_NEWS_BYTES: usize = 4 * 1024 * 1024;

type Refusal = StatusCode;

pub(crate) fn router(app: &AppState) -> Router {
    Router::new()
        .route("/instance", get(StatusCode::NO_CONTENT))
        .route("/sessions/{id}/viewer", get(viewer))
        .route("/sessions/{id}/agent", get(agent))
        .route("/sessions/{id}/ports/{port}", get(port))
        .route("/sessions/{id}/presence", get(presence))
        .route("/news", post(heard))
        .layer(DefaultBodyLimit::max(MAX_NEWS_BYTES))
        .layer(from_fn_with_state(app.clone(), known_to_us))
        .with_state(app.clone())
}

/// Lets in who knows the secret and means this instance, as long as it takes anybody.
async fn known_to_us(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match app.peering.as_ref().map(|peering| may_ask(peering, request.headers())) {
        Some(Ok(())) => next.run(request).await,
        Some(Err(refusal)) => refusal.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn may_ask(peering: &Peering, headers: &HeaderMap) -> Result<(), Refusal> {
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let secret = said(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    // Hashes are compared, so timing tells nothing.
    if secrets::hash(secret) != secrets::hash(&peering.secret) {
        tracing::warn!("somebody without the instances' secret asked at the peer listener");
        return Err(StatusCode::UNAUTHORIZED);
    }
    if said(INSTANCE) != Some(&peering.id.to_string()) || peering.leaving.is_cancelled() {
        return Err(StatusCode::MISDIRECTED_REQUEST);
    }
    Ok(())
}

fn store_failed(why: StoreError) -> Refusal {
    tracing::error!(error = %Chain(&why), "another instance could not be answered");
    StatusCode::SERVICE_UNAVAILABLE
}

async fn session(app: &AppState, id: Uuid) -> Result<SessionRow, Refusal> {
    app.store.session(id).await.map_err(store_failed)?.ok_or(StatusCode::NOT_FOUND)
}

async fn viewer(
    State(app): State<AppState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let passport = headers.get(VISITOR).and_then(|value| serde_json::from_slice(value.as_bytes()).ok());
    let Passport { mentor, credential } = passport.ok_or(StatusCode::BAD_REQUEST)?;
    let session = session(&app, id).await?;
    if !session.is_live() {
        return Ok(relay::turn_away(&app, upgrade, close::SESSION_ENDED, "the session is over"));
    }
    Ok(relay::seat_viewer(&app, upgrade, Visitor { session, mentor, credential }))
}

async fn agent(
    State(app): State<AppState>,
    Path(id): Path<Uuid>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let session = session(&app, id).await?;
    Ok(relay::seat_agent(&app, upgrade, session))
}

async fn presence(State(app): State<AppState>, Path(id): Path<Uuid>) -> Json<Presence> {
    Json(app.hub.presence(id))
}

/// Answered when everybody here has been told.
async fn heard(State(app): State<AppState>, Json(news): Json<Vec<News>>) -> Result<StatusCode, Refusal> {
    for one in news {
        news::look(&app, one).await.map_err(store_failed)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A connection to a container's port, as a switch of protocols.
async fn port(
    State(app): State<AppState>,
    Path((id, port)): Path<(Uuid, u16)>,
    mut request: Request,
) -> Response {
    if request.headers().get(UPGRADE) != Some(&PORT) {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    }
    let mut container = match app.hub.open_port(id, port).await {
        Ok(stream) => stream,
        Err(why) => return (StatusCode::BAD_GATEWAY, Json(why)).into_response(),
    };
    let (asker, stop) = (hyper::upgrade::on(&mut request), app.shutdown.clone());
    app.sockets.spawn(async move {
        let Ok(asker) = asker.await else { return };
        let mut asker = TokioIo::new(asker);
        tokio::select! {
            // An error is that of a side that is gone; dropping both tells the other.
            _ = copy_bidirectional(&mut asker, &mut container) => {}
            () = stop.cancelled() => {}
        }
    });
    let headers = [(CONNECTION, HeaderValue::from_static("upgrade")), (UPGRADE, PORT)];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}
