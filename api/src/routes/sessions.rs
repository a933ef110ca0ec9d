//! Sessions: asked for, looked at, ended; and the socket a ticket opens.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use ide_protocol::close;
use ide_protocol::job::JobKind;
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
use crate::peers::Seat;
use crate::problem::{ApiError, Kind};
use crate::relay::{self, Handshake, Mentor, Visitor};
use crate::secrets;
use crate::state::{App, AppState};
use crate::store::{Actor, Extension, NewJob, SessionAsked, SessionRow, TicketRow};
use crate::trace::Trace;

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
    trace: Trace,
    Json(NewSession { workspace }): Json<NewSession>,
) -> Result<(StatusCode, Json<Session>), ApiError> {
    let (row, content) = own(&app, &signed_in, workspace).await?;
    app.rates.orders.take(row.account)?;
    let job = NewJob::new(JobKind::Session, &content.lesson.manifest, &app.config.public_url)
        .traced(trace.parent());
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
    let mut unwatched = None;
    for session in app.store.live_sessions_of(account).await? {
        // Nobody answers for its home: it may well be looked at.
        if app.presence(session.id).await.is_some_and(|who| !who.viewers) {
            unwatched = Some(session);
            break;
        }
    }
    let Some(left) = unwatched else { return Ok(false) };
    let ended = app.store.end_session(left.id, &EndReason::Idle, &Actor::System, clock::now()).await?;
    if let Some(row) = ended {
        app.session_changed(&row).await;
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
        app.session_changed(&row).await;
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
        app.session_extended(&row).await;
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
    handshake: Handshake,
) -> Result<Response, ApiError> {
    if !app.origins.contains(&handshake.headers) {
        return Err(origin::refused());
    }
    let visitor = admit(&app, id, &ticket).await?;
    if let (Some(peering), Some(visitor)) = (&app.peering, &visitor)
        && visitor.session.is_live()
        && let Seat::There(answer) = peering.seat(&app, id, &visitor.into(), &handshake).await?
    {
        return Ok(answer);
    }
    let upgrade = handshake.upgrade;
    Ok(match visitor {
        Some(visitor) if visitor.session.is_live() => relay::seat_viewer(&app, upgrade, visitor),
        Some(_) => relay::turn_away(&app, upgrade, close::SESSION_ENDED, "the session is over"),
        None => relay::turn_away(&app, upgrade, close::UNAUTHORIZED, "the ticket was wrong, used or too old"),
    })
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
