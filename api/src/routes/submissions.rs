//! Handing in, and what became of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use ide_protocol::job::JobKind;
use ide_protocol::record::Record;
use ide_protocol::rest::{Problem, Submission};
use uuid::Uuid;

use super::workspaces::own;
use crate::clock;
use crate::identity::caller::SignedIn;
use crate::identity::permission::Action;
use crate::limits::{MAX_IDEMPOTENCY_KEY_BYTES, MAX_WAITING_SUBMISSIONS, SHOWN_SUBMISSIONS};
use crate::problem::{ApiError, Kind};
use crate::secrets;
use crate::state::AppState;
use crate::store::{HandIn, HandedIn, NewJob};
use crate::trace::Trace;

/// Hands in what is stored
///
/// Takes an immutable snapshot of the files the lesson lets you submit. Repeating the request with the same
/// `Idempotency-Key` answers the same submission and makes no second one.
#[utoipa::path(post, path = "/api/v1/workspaces/{id}/submissions", tag = "submissions",
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header, description = "names this request")),
    responses((status = 201, body = Submission), (status = 400, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn create(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    trace: Trace,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Submission>), ApiError> {
    let key = idempotency_key(&headers)?;
    let (row, content) = own(&app, &signed_in, id).await?;
    app.rates.orders.take(row.account)?;
    let given = HandIn {
        workspace: &row,
        lesson_digest: &content.digest,
        may_submit: |path: &_| content.lesson.may_submit(path),
        idempotency_key: key,
        request_hash: &secrets::hash(&format!("hand in {id}")),
        limit: MAX_WAITING_SUBMISSIONS,
        job: NewJob::new(JobKind::Grading, &content.lesson.manifest, &app.config.public_url)
            .traced(trace.parent()),
    };
    failpoints::arm();
    failpoints::reach("api:accept");
    match app.store.hand_in(given, clock::now()).await? {
        HandedIn::Stored(submission) => {
            failpoints::reach("api:commit");
            app.outbox.notify_one();
            app.submission_changed(&submission).await;
            tracing::info!(submission = %submission.id, "submission {} was handed in", submission.id);
            Ok((StatusCode::CREATED, Json(submission)))
        }
        HandedIn::Repeated(submission) => Ok((StatusCode::CREATED, Json(submission))),
        HandedIn::KeyReused => Err(ApiError::new(
            Kind::KeyReused,
            "This Idempotency-Key belongs to another request of yours. Make a new one for each request.",
        )),
        HandedIn::TooMany => Err(ApiError::too_many(
            format!(
                "{MAX_WAITING_SUBMISSIONS} hand-ins of yours are waiting. Hand in again when one is graded."
            ),
            10,
        )),
    }
}

/// Lists the newest hand-ins of a workspace of yours
#[utoipa::path(get, path = "/api/v1/workspaces/{id}/submissions", tag = "submissions",
    params(("id" = Uuid, Path)), responses((status = 200, body = Vec<Submission>), (status = 404, body = Problem)))]
pub(super) async fn list(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<Submission>>, ApiError> {
    let row = app.store.workspace(id).await?.ok_or_else(ApiError::not_found)?;
    signed_in.owns_or_may(row.account, Action::ReadSubmissions)?;
    Ok(Json(app.store.submissions_of(id, SHOWN_SUBMISSIONS).await?))
}

/// Shows a submission with its verdict
#[utoipa::path(get, path = "/api/v1/submissions/{id}", tag = "submissions", params(("id" = Uuid, Path)),
    responses((status = 200, body = Submission), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Submission>, ApiError> {
    let row = app.store.submission(id).await?.ok_or_else(ApiError::not_found)?;
    signed_in.owns_or_may(row.account, Action::ReadSubmissions)?;
    Ok(Json(row.submission))
}

/// Shows how a submission was graded
///
/// How far its verdict can be trusted, and everything to run it again and compare: digests of lesson, work and image,
/// limits, timings, memory, versions of the host, for each attempt.
#[utoipa::path(get, path = "/api/v1/submissions/{id}/record", tag = "submissions", params(("id" = Uuid, Path)),
    responses((status = 200, body = Record), (status = 404, body = Problem)))]
pub(super) async fn record(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Record>, ApiError> {
    let row = app.store.submission(id).await?.ok_or_else(ApiError::not_found)?;
    signed_in.owns_or_may(row.account, Action::ReadSubmissions)?;
    Ok(Json(app.store.record(id).await?.ok_or_else(ApiError::not_found)?))
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, ApiError> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if (1..=MAX_IDEMPOTENCY_KEY_BYTES).contains(&key.len()) {
        return Ok(key);
    }
    let most = MAX_IDEMPOTENCY_KEY_BYTES;
    let detail =
        format!("Send `Idempotency-Key`, 1 to {most} characters that name this request (a UUID will do).");
    Err(ApiError::new(Kind::MissingHeader, detail))
}
