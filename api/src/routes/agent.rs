//! What agents ask, each with the token of one job. Agents are not trusted beyond that job: what they send is bounded
//! and checked (hostile case H10).

use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use ide_protocol::job::{
    Assignment, Disown, Disowned, FinishGrading, Finished, JobKind, MAX_DISOWN_BYTES, StartJob,
};
use ide_protocol::results::GradingOutcome;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::clock;
use crate::grading_check::{self, Work};
use crate::identity::caller::bearer;
use crate::limits::MAX_FINISH_BODY_BYTES;
use crate::peers::{Guest, Seat};
use crate::problem::{ApiError, Kind};
use crate::relay::{self, Handshake};
use crate::secrets;
use crate::state::{App, AppState};
use crate::store::{Begun, Finish, JobRow, NewJob, SessionRow};

/// Bytes of an agent's name.
const MAX_AGENT_NAME_BYTES: usize = 200;

/// Described for the list of routes; the bodies are `ide_protocol::job`'s.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(bundle))
        .routes(routes!(disown))
        .routes(routes!(relay))
        .merge(
            OpenApiRouter::new().routes(routes!(finish)).layer(DefaultBodyLimit::max(MAX_FINISH_BODY_BYTES)),
        )
}

/// The job whose token the request carries, whether or not it is finished.
struct AnyJob(JobRow);

/// The same, with something left to do.
struct OpenJob(JobRow);

impl FromRequestParts<AppState> for AnyJob {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let refused = || ApiError::new(Kind::NotLoggedIn, "This needs the token of this job.");
        let token = secrets::hash(bearer(parts).ok_or_else(refused)?);
        let Path(job) = Path::<Uuid>::from_request_parts(parts, app).await.map_err(|_| refused())?;
        Ok(Self(app.store.job_by_token(job, &token).await?.ok_or_else(refused)?))
    }
}

impl FromRequestParts<AppState> for OpenJob {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let AnyJob(job) = AnyJob::from_request_parts(parts, app).await?;
        if job.finished { Err(nothing_left()) } else { Ok(Self(job)) }
    }
}

fn nothing_left() -> ApiError {
    ApiError::new(Kind::NothingToDo, "Nothing is left to do for this job: complete its message.")
}

fn newer_counts() -> ApiError {
    ApiError::new(Kind::StaleAttempt, "A newer attempt counts; drop this one.")
}

#[utoipa::path(post, path = "/agent/v1/jobs/{job}/start", tag = "agents", request_body = serde_json::Value, responses((status = 200)))]
async fn start(
    State(app): State<AppState>,
    OpenJob(job): OpenJob,
    Json(StartJob { agent, delivery }): Json<StartJob>,
) -> Result<Json<Assignment>, ApiError> {
    if agent.len() > MAX_AGENT_NAME_BYTES || agent.chars().any(char::is_control) {
        return Err(ApiError::new(Kind::Invalid, "An agent's name is up to 200 bytes of plain text."));
    }
    tracing::info!(job = %job.id, kind = ?job.kind, agent, delivery, "agent {agent} starts job {}", job.id);
    let begun = match job.kind {
        JobKind::Session => start_session(&app, &job, &agent).await,
        JobKind::Grading => start_grading(&app, &job, &agent, delivery).await,
    };
    // There may be room for another one in the queue.
    app.outbox.notify_one();
    begun.map(Json)
}

/// A queue that was away for a minute gives every session's message out again, while the agents that serve them are well. Who
/// began one keeps it as long as it is connected; the same agent, started anew, may have it at once.
async fn start_session(app: &App, job: &JobRow, agent: &str) -> Result<Assignment, ApiError> {
    let (server, _) = app.store.session_begun(job.subject).await?;
    if server.as_deref() != Some(agent) {
        let silent =
            || ApiError::new(Kind::Unavailable, "Who serves this session cannot be found out; ask again.");
        if app.presence(job.subject).await.ok_or_else(silent)?.agent {
            return Err(ApiError::new(
                Kind::StaleAttempt,
                "Another agent serves this session; ask again later.",
            ));
        }
    }
    let now = clock::now();
    let started = app.store.start_session(job.subject, agent, now).await?;
    let row = started.ok_or_else(nothing_left)?;
    let (_, begun) = app.store.session_begun(row.id).await?;
    app.session_changed(&row).await;
    let workspace = app.store.workspace(row.workspace).await?.ok_or_else(nothing_left)?;
    let digest = app.store.current_digest(&workspace.lesson).await?.ok_or_else(nothing_left)?;
    let limits = &app.config.session_limits;
    // A session that is taken up again gets what is left of its time.
    let left = row.until.map(|until| u64::try_from(until - now).unwrap_or(0) / 1_000_000);
    let limit = left.unwrap_or(limits.hard.as_secs()).max(1);
    Ok(Assignment::Session {
        session: row.id,
        lesson_digest: digest,
        files: app.store.files(row.workspace).await?,
        idle_seconds: row.idle_seconds,
        limit_seconds: u32::try_from(limit).unwrap_or(u32::MAX),
        begun,
    })
}

async fn start_grading(app: &App, job: &JobRow, agent: &str, delivery: u32) -> Result<Assignment, ApiError> {
    let (attempt, submission) =
        match app.store.start_grading(job.subject, agent, delivery, clock::now()).await? {
            Begun::Attempt(attempt, submission) => (attempt, submission),
            Begun::Stale => return Err(newer_counts()),
            Begun::Over => return Err(nothing_left()),
        };
    app.submission_changed(&submission).await;
    app.queue_moved.notify_one();
    let files = app.store.submission_files(submission.id).await?;
    let lesson_digest = submission.lesson_digest;
    Ok(Assignment::Grading { submission: submission.id, attempt, lesson_digest, files })
}

#[utoipa::path(get, path = "/agent/v1/jobs/{job}/bundle", tag = "agents", responses((status = 200)))]
async fn bundle(State(app): State<AppState>, OpenJob(job): OpenJob) -> Result<Response, ApiError> {
    let digest = match job.kind {
        JobKind::Grading => app.store.submission(job.subject).await?.map(|row| row.submission.lesson_digest),
        JobKind::Session => {
            let row = session_of(&app, &job).await?;
            let workspace = app.store.workspace(row.workspace).await?.ok_or_else(nothing_left)?;
            app.store.current_digest(&workspace.lesson).await?
        }
    };
    let bytes = app.store.bundle(&digest.ok_or_else(nothing_left)?).await?.ok_or_else(nothing_left)?;
    Ok(([(CONTENT_TYPE, "application/zstd")], bytes).into_response())
}

#[utoipa::path(post, path = "/agent/v1/jobs/{job}/finish", tag = "agents", request_body = serde_json::Value, responses((status = 200)))]
async fn finish(
    State(app): State<AppState>,
    AnyJob(job): AnyJob,
    Json(mut finish): Json<FinishGrading>,
) -> Result<Json<Finished>, ApiError> {
    if job.kind != JobKind::Grading {
        return Err(ApiError::new(Kind::Invalid, "A session is ended over its relay."));
    }
    let row = app.store.submission(job.subject).await?.ok_or_else(nothing_left)?;
    let lesson_digest = &row.submission.lesson_digest;
    let content = app.lessons.get(&app.store, lesson_digest).await?;
    let submission_digest = lesson::work_digest(&app.store.submission_files(job.subject).await?);
    let work = Work { lesson_digest, submission_digest: &submission_digest };
    grading_check::check(&finish, work, &content.lesson.manifest.tests).map_err(|why| {
        tracing::error!(job = %job.id, attempt = finish.attempt, why = %why, "an agent sent a result that cannot be");
        ApiError::new(Kind::Invalid, format!("This result is not stored: {why}."))
    })?;
    // Agents do so, too; an agent is not trusted with it.
    if let GradingOutcome::Verdict { verdict } = &mut finish.outcome {
        lesson::conceal(verdict, &content.lesson.manifest.tests);
    }
    if let GradingOutcome::HostFault { fault } = &finish.outcome {
        tracing::warn!(job = %job.id, attempt = finish.attempt, fault = %fault, "attempt {} failed", finish.attempt);
    }
    failpoints::reach("api:verdict");
    match app.store.finish_grading(job.subject, &finish, clock::now()).await? {
        Finish::Recorded(submission) => {
            failpoints::reach("api:verdict-commit");
            tracing::info!(submission = %submission.id, attempt = finish.attempt, "attempt {} ended", finish.attempt);
            app.submission_changed(&submission).await;
            app.queue_moved.notify_one();
            Ok(Json(Finished { recorded: true }))
        }
        Finish::Already => Ok(Json(Finished { recorded: false })),
        Finish::Stale => Err(newer_counts()),
    }
}

/// The agent of a host that failed its check takes its result back, and somebody else grades. Who has the job's token
/// has held the job, and names the attempt that was its own: nobody else's verdict can be voided. Once it is, the token
/// is void with it.
#[utoipa::path(post, path = "/agent/v1/jobs/{job}/disown", tag = "agents", request_body = serde_json::Value, responses((status = 200)))]
async fn disown(
    State(app): State<AppState>,
    AnyJob(job): AnyJob,
    Json(Disown { attempt, why }): Json<Disown>,
) -> Result<Json<Disowned>, ApiError> {
    if job.kind != JobKind::Grading {
        return Err(ApiError::new(Kind::Invalid, "A session has no verdict to take back."));
    }
    if why.len() > MAX_DISOWN_BYTES {
        return Err(ApiError::new(Kind::Invalid, format!("Say why in {MAX_DISOWN_BYTES} bytes.")));
    }
    let row = app.store.submission(job.subject).await?.ok_or_else(nothing_left)?;
    let content = app.lessons.get(&app.store, &row.submission.lesson_digest).await?;
    let new = NewJob::new(JobKind::Grading, &content.lesson.manifest, &app.config.public_url);
    let voided = app.store.disown(job.subject, attempt, &why, new, clock::now()).await?;
    if let Some(submission) = &voided {
        tracing::error!(submission = %submission.id, attempt, why, "attempt {attempt} is void: its host failed a check");
        app.outbox.notify_one();
        app.submission_changed(submission).await;
        app.queue_moved.notify_one();
    }
    Ok(Json(Disowned { voided: voided.is_some() }))
}

/// Which beginning of a session an agent speaks for; agents of earlier builds do not say.
#[derive(serde::Deserialize)]
struct Line {
    begun: Option<u32>,
}

impl Line {
    /// What was begun anew elsewhere is served there.
    async fn is_newest(&self, app: &App, session: Uuid) -> Result<(), ApiError> {
        let (_, newest) = app.store.session_begun(session).await?;
        match self.begun {
            Some(begun) if begun < newest => {
                Err(ApiError::new(Kind::StaleAttempt, "This session was begun anew; let go of it."))
            }
            _ => Ok(()),
        }
    }
}

#[utoipa::path(get, path = "/agent/v1/jobs/{job}/relay", tag = "agents", responses((status = 200)))]
async fn relay(
    State(app): State<AppState>,
    OpenJob(job): OpenJob,
    Query(line): Query<Line>,
    handshake: Handshake,
) -> Result<Response, ApiError> {
    let session = session_of(&app, &job).await?;
    line.is_newest(&app, session.id).await?;
    if let Some(peering) = &app.peering
        && let Seat::There(answer) = peering.seat(&app, session.id, &Guest::Agent, &handshake).await?
    {
        return Ok(answer);
    }
    Ok(relay::seat_agent(&app, handshake.upgrade, session))
}

async fn session_of(app: &App, job: &JobRow) -> Result<SessionRow, ApiError> {
    if job.kind != JobKind::Session {
        return Err(ApiError::new(Kind::Invalid, "This job has no session."));
    }
    app.store.session(job.subject).await?.ok_or_else(nothing_left)
}
