//! Sessions: asked for, looked at, ended; and the socket a ticket opens.

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ide_protocol::close;
use ide_protocol::job::JobKind;
use ide_protocol::limits::MAX_VIEWER_MESSAGE_BYTES;
use ide_protocol::rest::{NewExtension, NewSession, Problem, Session, Ticket, UnixMicros};
use ide_protocol::session::EndReason;
use serde::Deserialize;
use uuid::Uuid;

use super::watching;
use super::workspaces::own;
use crate::clock;
use crate::identity::caller::SignedIn;
use crate::identity::origin;
use crate::identity::permission::Action;
use crate::limits::{EXTENSION, MAX_EXTENSIONS, MAX_LIVE_SESSIONS, TICKET_LIFETIME};
use crate::problem::{ApiError, Kind};
use crate::relay::{self, Mentor, Visitor};
use crate::secrets;
use crate::state::{App, AppState};
use crate::store::{Actor, Extension, NewJob, SessionAsked, SessionRow, TicketRow};

/// Bytes of a socket's write buffer: one frame is flushed at a time, so this only bounds what a stuck peer costs.
pub(super) const SOCKET_BUFFER_BYTES: usize = 64 * 1024;

/// Bytes read from a browser at once: key strokes and acknowledgements. Every socket holds a buffer of this size and
/// writes zeros into all of it before each read, so the library's own 128 KiB would be most of what an idle page costs.
const VIEWER_READ_BYTES: usize = 4 * 1024;

/// Asks for a session
///
/// Answers the live session of the workspace, or a new one that waits for a host.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", request_body = NewSession, responses(
    (status = 200, body = Session, description = "there is one already"),
    (status = 201, body = Session, description = "a new one waits for a host"),
    (status = 404, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn create(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Json(NewSession { workspace }): Json<NewSession>,
) -> Result<(StatusCode, Json<Session>), ApiError> {
    let (row, content) = own(&app, &signed_in, workspace).await?;
    app.rates.orders.take(row.account)?;
    let job = NewJob::new(JobKind::Session, &content.lesson.manifest, &app.config.public_url);
    let idle = u32::try_from(app.config.session_limits.idle.as_secs()).unwrap_or(u32::MAX);
    let ask =
        || app.store.ask_for_session(workspace, row.account, MAX_LIVE_SESSIONS, idle, job, clock::now());
    let mut asked = ask().await?;
    if matches!(asked, SessionAsked::TooMany) && end_one_unwatched(&app, row.account).await? {
        asked = ask().await?;
    }
    match asked {
        SessionAsked::Live(session) => Ok((StatusCode::OK, Json(session.to_rest()))),
        SessionAsked::Made(session) => {
            app.outbox.notify_one();
            Ok((StatusCode::CREATED, Json(session.to_rest())))
        }
        SessionAsked::TooMany => Err(ApiError::too_many(
            format!("You have {MAX_LIVE_SESSIONS} lessons open. Close one of their pages and try again."),
            30,
        )),
    }
}

/// Makes room: who opens one lesson more has left the oldest that no page shows. Its files are stored; its machine
/// is not missed.
async fn end_one_unwatched(app: &AppState, account: Uuid) -> Result<bool, ApiError> {
    let live = app.store.live_sessions_of(account).await?;
    let Some(left) = live.into_iter().find(|session| !app.hub.has_viewers(session.id)) else {
        return Ok(false);
    };
    let ended = app.store.end_session(left.id, &EndReason::Idle, &Actor::System, clock::now()).await?;
    if let Some(row) = ended {
        app.hub.state_changed(row.id, row.state);
    }
    Ok(true)
}

/// Shows a session
#[utoipa::path(get, path = "/api/v1/sessions/{id}", tag = "sessions", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Session), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Session>, ApiError> {
    Ok(Json(find(&app, &signed_in, id, Action::WatchSessions).await?.to_rest()))
}

/// Ends a session
///
/// Its container is removed; the workspace stays.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sessions", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 404, body = Problem)))]
pub(super) async fn end(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    find(&app, &signed_in, id, Action::EndSessions).await?;
    let actor = Actor::Account(signed_in.caller.id);
    if let Some(row) = app.store.end_session(id, &EndReason::Asked, &actor, clock::now()).await? {
        app.hub.state_changed(id, row.state);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Extends a session of yours
///
/// Moves the end you name by half an hour, twice at most. When it was moved already, answers the session as it is, so
/// that asking twice extends once.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/extensions", tag = "sessions", params(("id" = Uuid, Path)),
    request_body = NewExtension, responses((status = 200, body = Session), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn extend(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    Json(NewExtension { until }): Json<NewExtension>,
) -> Result<Json<Session>, ApiError> {
    let row = app.store.session(id).await?.filter(|row| signed_in.owns(row.account));
    if row.is_none() {
        return Err(ApiError::not_found());
    }
    app.rates.orders.take(signed_in.caller.id)?;
    let now = clock::now();
    let extension = Extension { until, by: clock::micros(EXTENSION), most: MAX_EXTENSIONS };
    let actor = Actor::Account(signed_in.caller.id);
    if let Some(row) = app.store.extend_session(id, extension, &actor, now).await? {
        app.hub.state_changed(id, row.state.clone());
        app.hub.limit_changed(id, row.seconds_left(now));
        return Ok(Json(row.to_rest()));
    }
    let row = app.store.session(id).await?.ok_or_else(ApiError::not_found)?;
    match not_extended(&row, until, now) {
        None => Ok(Json(row.to_rest())),
        Some(why) => Err(why),
    }
}

/// Why a session was not extended; `None` when it had been already.
fn not_extended(row: &SessionRow, named: UnixMicros, now: UnixMicros) -> Option<ApiError> {
    let refused = |detail: &str| Some(ApiError::new(Kind::NoExtension, detail));
    match row.until {
        _ if !row.is_live() => Some(ApiError::new(
            Kind::SessionEnded,
            "The session is over. Your files are kept; start it again.",
        )),
        None => refused("Its time has not begun yet. Wait until it is ready."),
        Some(until) if until <= now => refused("Its time is up. Your files are kept; start it again."),
        Some(until) if until > named && row.extensions > 0 => None,
        Some(_) if row.extensions >= MAX_EXTENSIONS => refused(
            "It was extended as often as it can be. When it ends your files are kept, and you can start it again.",
        ),
        Some(_) => refused("It does not end when you think it does. Look at it again."),
    }
}

/// Makes a ticket
///
/// The right to open the session's socket once, within 30 seconds. Others than its learner need the learner's consent,
/// and look on only.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/tickets", tag = "sessions", params(("id" = Uuid, Path)),
    responses((status = 201, body = Ticket), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn ticket(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<Ticket>), ApiError> {
    let row = find(&app, &signed_in, id, Action::WatchSessions).await?;
    if !row.is_live() {
        return Err(ApiError::new(Kind::SessionEnded, "The session is over. Ask for a new one."));
    }
    watching::consented(&app, &row, &signed_in).await?;
    app.rates.orders.take(signed_in.caller.id)?;
    let secret = secrets::random();
    let ticket = TicketRow { account: signed_in.caller.id, credential: signed_in.credential };
    let until = clock::now() + clock::micros(TICKET_LIFETIME);
    app.store.create_ticket(&secrets::hash(&secret), id, &ticket, until).await?;
    let url = format!("/api/v1/sessions/{id}/socket?ticket={secret}");
    Ok((StatusCode::CREATED, Json(Ticket { url, now: clock::now() })))
}

#[derive(Deserialize)]
pub(super) struct SocketQuery {
    #[serde(default)]
    ticket: String,
}

/// The session's WebSocket
///
/// Opened with a ticket from a page of this site; see the protocol's `session`. A bad ticket closes it with 4401.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/socket", tag = "sessions",
    params(("id" = Uuid, Path), ("ticket" = String, Query)), responses((status = 101), (status = 403, body = Problem)))]
pub(super) async fn socket(
    State(app): State<AppState>,
    Path(id): Path<Uuid>,
    Query(SocketQuery { ticket }): Query<SocketQuery>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    if !app.origins.contains(&headers) {
        return Err(origin::refused());
    }
    let visitor = admit(&app, id, &ticket).await?;
    let upgrade = upgrade
        .max_message_size(MAX_VIEWER_MESSAGE_BYTES)
        .max_frame_size(MAX_VIEWER_MESSAGE_BYTES)
        .read_buffer_size(VIEWER_READ_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(SOCKET_BUFFER_BYTES + ide_protocol::limits::MAX_MESSAGE_BYTES);
    let serving = app.sockets.token();
    let response = upgrade.on_upgrade(move |socket| async move {
        match visitor {
            Some(visitor) if visitor.session.is_live() => relay::serve_viewer(app, socket, visitor).await,
            Some(_) => relay::refuse(socket, close::SESSION_ENDED, "the session is over").await,
            None => relay::refuse(socket, close::UNAUTHORIZED, "the ticket was wrong, used or too old").await,
        }
        drop(serving);
    });
    Ok(response.into_response())
}

/// Who comes with this ticket.
async fn admit(app: &App, id: Uuid, ticket: &str) -> Result<Option<Visitor>, ApiError> {
    let taken = app.store.take_ticket(&secrets::hash(ticket), id, clock::now()).await?;
    let (Some(TicketRow { account, credential }), Some(session)) = (taken, app.store.session(id).await?)
    else {
        return Ok(None);
    };
    if session.account == account {
        return Ok(Some(Visitor { session, mentor: None, credential }));
    }
    // Consent may have ended since the ticket was made.
    let name = app.store.allowed_mentor(id, account).await?;
    Ok(name.map(|name| Visitor { session, mentor: Some(Mentor { account, name }), credential }))
}

/// A session of the caller's, or one that the caller's role may do this to.
async fn find(app: &App, signed_in: &SignedIn, id: Uuid, action: Action) -> Result<SessionRow, ApiError> {
    let row = app.store.session(id).await?.ok_or_else(ApiError::not_found)?;
    signed_in.owns_or_may(row.account, action)?;
    Ok(row)
}
