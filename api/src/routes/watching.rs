//! Looking on in somebody's session: found, asked for, allowed by its learner, ended by either.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use ide_protocol::rest::{LiveSession, LiveSessions, Problem, WatchAnswer, WatchState, Watcher};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::clock;
use crate::identity::caller::SignedIn;
use crate::identity::permission::{Action, may};
use crate::limits::{ASK_AGAIN_AFTER, LISTED_SESSIONS, MAX_WATCHERS};
use crate::problem::{ApiError, Kind};
use crate::state::{App, AppState};
use crate::store::{Actor, AskLimits, LiveFilter, LiveRow, SessionRow, WatchAsked, WatcherRow};

/// Which sessions are listed. What is left out is no condition.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Slug of a lesson.
    #[serde(default)]
    lesson: String,
    /// Part of a learner's name.
    #[serde(default)]
    learner: String,
    /// `queued`, `starting` or `ready`.
    #[serde(default)]
    state: String,
}

/// Lists lessons that are open right now
///
/// For graders and administrators: other people's live sessions, newest first.
#[utoipa::path(get, path = "/api/v1/live-sessions", tag = "looking on", params(Filter),
    responses((status = 200, body = LiveSessions), (status = 403, body = Problem)))]
pub(super) async fn list(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Json<LiveSessions>, ApiError> {
    graders_only(&signed_in)?;
    let now = clock::now();
    let filter = LiveFilter { lesson: &filter.lesson, learner: &filter.learner, state: &filter.state };
    // One more than is shown tells whether there are more.
    let mut rows = app.store.live_sessions_for(signed_in.caller.id, filter, LISTED_SESSIONS + 1).await?;
    let more = rows.len() > LISTED_SESSIONS as usize;
    rows.truncate(LISTED_SESSIONS as usize);
    let sessions = rows.into_iter().map(|row| shown(row, now)).collect();
    Ok(Json(LiveSessions { sessions, more }))
}

fn shown(row: LiveRow, now: i64) -> LiveSession {
    let LiveRow { session, learner, lesson, title, created_at, watching } = row;
    LiveSession {
        id: session.id,
        workspace: session.workspace,
        learner,
        lesson,
        title,
        age_seconds: u64::try_from((now - created_at) / 1_000_000).unwrap_or(0),
        state: session.state,
        watching,
    }
}

/// Asks to look on in a session
///
/// Its learner is asked and answers, or not. Asking again changes nothing while the wish stands.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/watchers", tag = "looking on", params(("id" = Uuid, Path)),
    responses((status = 200, body = Watcher), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn ask(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Watcher>, ApiError> {
    let session = seen_by(&app, &signed_in, id).await?;
    if signed_in.owns(session.account) {
        return Err(ApiError::new(Kind::Invalid, "This is your own session. Open the lesson itself."));
    }
    app.rates.orders.take(signed_in.caller.id)?;
    let mentor = signed_in.caller.id;
    let again_after = clock::micros(ASK_AGAIN_AFTER);
    let limits = AskLimits { watchers: MAX_WATCHERS, again_after };
    let state = match app.store.ask_to_watch(id, mentor, limits, clock::now()).await? {
        WatchAsked::Now(state) => state,
        WatchAsked::Over => {
            return Err(ApiError::new(Kind::SessionEnded, "The session is over. Look for another one."));
        }
        WatchAsked::TooSoon => {
            let seconds = ASK_AGAIN_AFTER.as_secs();
            let words = "The learner said no a moment ago. Wait a minute before you ask again.";
            return Err(ApiError::too_many(words, seconds));
        }
        WatchAsked::TooMany => {
            return Err(ApiError::too_many("Too many have asked to look on in this session.", 600));
        }
    };
    app.watchers_changed(id).await?;
    Ok(Json(Watcher { mentor, name: signed_in.caller.name, state, present: false }))
}

/// Shows who looks on in a session
///
/// To its learner everybody who asked; to a grader their own wish.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/watchers", tag = "looking on", params(("id" = Uuid, Path)),
    responses((status = 200, body = [Watcher]), (status = 404, body = Problem)))]
pub(super) async fn watchers(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<Watcher>>, ApiError> {
    let session = seen_by(&app, &signed_in, id).await?;
    let is_learner = signed_in.owns(session.account);
    let mine = |row: &WatcherRow| is_learner || row.mentor == signed_in.caller.id;
    let list = app.store.watchers_of(id).await?.watchers.into_iter().filter(mine);
    let over = !session.is_live();
    let present = app.presence(id).await.unwrap_or_default().mentors;
    let told = list.map(|WatcherRow { mentor, name, state }| Watcher {
        mentor,
        name,
        // What was allowed is over with the session.
        state: if over && state != WatchState::Refused { WatchState::Ended } else { state },
        present: present.contains(&mentor),
    });
    Ok(Json(told.collect()))
}

/// Answers somebody who asked to look on in your session
///
/// Allowed, they see your files and terminals as you work, and can change nothing, until either of you ends it.
#[utoipa::path(put, path = "/api/v1/sessions/{id}/watchers/{mentor}", tag = "looking on",
    params(("id" = Uuid, Path), ("mentor" = Uuid, Path)), request_body = WatchAnswer,
    responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn answer(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, mentor)): Path<(Uuid, Uuid)>,
    Json(WatchAnswer { allowed }): Json<WatchAnswer>,
) -> Result<StatusCode, ApiError> {
    let session = app.store.session(id).await?.ok_or_else(ApiError::not_found)?;
    // Nobody answers for the learner.
    if !signed_in.owns(session.account) {
        return Err(ApiError::not_found());
    }
    let actor = Actor::Account(signed_in.caller.id);
    if !app.store.answer_watch(id, mentor, allowed, &actor, clock::now()).await? {
        return Err(ApiError::new(Kind::NotFound, "Nobody asks this any more. Nothing was changed."));
    }
    app.watchers_changed(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends looking on in a session
///
/// By its learner, or by whoever looks on. Their page is closed at once.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}/watchers/{mentor}", tag = "looking on",
    params(("id" = Uuid, Path), ("mentor" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn end(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, mentor)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    let session = app.store.session(id).await?.ok_or_else(ApiError::not_found)?;
    if !signed_in.owns(session.account) && !signed_in.owns(mentor) {
        return Err(ApiError::not_found());
    }
    let actor = Actor::Account(signed_in.caller.id);
    if !app.store.end_watch(id, mentor, &actor, clock::now()).await? {
        return Err(ApiError::not_found());
    }
    app.watchers_changed(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn graders_only(signed_in: &SignedIn) -> Result<(), ApiError> {
    if may(signed_in.caller.role, Action::WatchSessions) {
        return Ok(());
    }
    Err(ApiError::new(Kind::NotAllowed, "Only graders and administrators see who is working right now."))
}

/// A session that the caller may know of: their own, or (graders) anybody's.
async fn seen_by(app: &App, signed_in: &SignedIn, id: Uuid) -> Result<SessionRow, ApiError> {
    let row = app.store.session(id).await?.ok_or_else(ApiError::not_found)?;
    signed_in.owns_or_may(row.account, Action::WatchSessions)?;
    Ok(row)
}

/// Passes while the learner lets the caller look on; says so when they do not.
pub(super) async fn consented(app: &App, session: &SessionRow, signed_in: &SignedIn) -> Result<(), ApiError> {
    if signed_in.owns(session.account)
        || app.store.allowed_mentor(session.id, signed_in.caller.id).await?.is_some()
    {
        return Ok(());
    }
    Err(no_consent())
}

pub(super) fn no_consent() -> ApiError {
    ApiError::new(
        Kind::NoConsent,
        "The learner has not allowed you to look on, or not any more. Ask, and wait for the answer.",
    )
}
