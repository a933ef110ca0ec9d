//! The timeline of a workspace, and going back to what is in it.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use ide_protocol::files::WorkspacePath;
use ide_protocol::limits::MAX_WORKSPACE_FILES;
use ide_protocol::rest::Problem;
use ide_protocol::session::ChangeOrigin;
use ide_protocol::timeline::{PastFile, PastFiles, Restore, RestoreFrom, Restored, SaveNumber, Timeline};
use serde::Deserialize;
use uuid::Uuid;

use super::files::{checked, client, save_problem};
use super::workspaces::{describe, own};
use crate::clock;
use crate::identity::caller::SignedIn;
use crate::identity::permission::Action;
use crate::problem::{ApiError, Kind};
use crate::relay::StoredChange;
use crate::state::{App, AppState};
use crate::store::{Actor, Past, RestoreFiles, Revision, SaveError};

#[derive(Deserialize)]
pub(super) struct Page {
    before: Option<SaveNumber>,
}

/// Lists the save points and hand-ins of a workspace of yours
///
/// Newest first, a page at a time: `older` of the answer is `before` of the next. Saves in quick succession are one
/// point, addressed by its last save; history is bounded, and `forgotten` says that it does not reach the beginning.
#[utoipa::path(get, path = "/api/v1/workspaces/{id}/timeline", tag = "timeline",
    params(("id" = Uuid, Path), ("before" = Option<u64>, Query, description = "only what is older than this save")),
    responses((status = 200, body = Timeline), (status = 404, body = Problem)))]
pub(super) async fn list(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    Query(page): Query<Page>,
) -> Result<Json<Timeline>, ApiError> {
    own(&app, &signed_in, id).await?;
    Ok(Json(app.store.timeline(id, page.before).await?))
}

/// Shows which files there were after a save, beside those there are now
#[utoipa::path(get, path = "/api/v1/workspaces/{id}/timeline/{save}", tag = "timeline",
    params(("id" = Uuid, Path), ("save" = u64, Path)),
    responses((status = 200, body = PastFiles), (status = 404, body = Problem)))]
pub(super) async fn files(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, save)): Path<(Uuid, SaveNumber)>,
) -> Result<Json<PastFiles>, ApiError> {
    own(&app, &signed_in, id).await?;
    let files = app.store.past_files(id, Past::Save(save)).await?.ok_or_else(forgotten)?;
    Ok(Json(PastFiles { files }))
}

/// Reads a file as it was after a save
#[utoipa::path(get, path = "/api/v1/workspaces/{id}/timeline/{save}/files/{*path}", tag = "timeline",
    params(("id" = Uuid, Path), ("save" = u64, Path), ("path" = String, Path)),
    responses((status = 200, body = PastFile), (status = 404, body = Problem)))]
pub(super) async fn file(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, save, path)): Path<(Uuid, SaveNumber, String)>,
) -> Result<Json<PastFile>, ApiError> {
    let path = checked(path)?;
    own(&app, &signed_in, id).await?;
    Ok(Json(app.store.past_file(id, Past::Save(save), &path).await?.ok_or_else(forgotten)?))
}

/// Shows which files were handed in, beside those there are now
#[utoipa::path(get, path = "/api/v1/submissions/{id}/files", tag = "timeline", params(("id" = Uuid, Path)),
    responses((status = 200, body = PastFiles), (status = 404, body = Problem)))]
pub(super) async fn handed_in(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<PastFiles>, ApiError> {
    let workspace = workspace_of(&app, &signed_in, id).await?;
    let files = app.store.past_files(workspace, Past::Submission(id)).await?.ok_or_else(forgotten)?;
    Ok(Json(PastFiles { files }))
}

/// Reads a file as it was handed in
#[utoipa::path(get, path = "/api/v1/submissions/{id}/files/{*path}", tag = "timeline",
    params(("id" = Uuid, Path), ("path" = String, Path)),
    responses((status = 200, body = PastFile), (status = 404, body = Problem)))]
pub(super) async fn handed_in_file(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, path)): Path<(Uuid, String)>,
) -> Result<Json<PastFile>, ApiError> {
    let path = checked(path)?;
    let workspace = workspace_of(&app, &signed_in, id).await?;
    let file = app.store.past_file(workspace, Past::Submission(id), &path).await?;
    Ok(Json(file.ok_or_else(ApiError::not_found)?))
}

/// Makes files what they were: after a save, as handed in, or as the lesson gave them
///
/// A change like any other: all or nothing, in the timeline, told to the container and the other tabs. `undo` of the
/// answer is what to send here to undo it.
#[utoipa::path(post, path = "/api/v1/workspaces/{id}/restores", tag = "timeline",
    params(("id" = Uuid, Path), ("Gradus-Client" = Option<Uuid>, Header, description = "the browser tab")),
    request_body = Restore, responses((status = 200, body = Restored), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem)))]
pub(super) async fn restore(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(Restore { from, paths }): Json<Restore>,
) -> Result<Json<Restored>, ApiError> {
    let (row, content) = own(&app, &signed_in, id).await?;
    if paths.as_ref().is_some_and(|paths| paths.len() > 2 * MAX_WORKSPACE_FILES) {
        let detail = format!("At most {} files can be restored at once.", 2 * MAX_WORKSPACE_FILES);
        return Err(ApiError::new(Kind::Invalid, detail));
    }
    app.rates.saves.take(signed_in.caller.id)?;
    let given = RestoreFiles {
        workspace: id,
        from,
        starter: &content.lesson.starter(),
        paths: paths.as_deref(),
        may_change: |path: &WorkspacePath| !content.is_fixed(path),
    };
    let actor = Actor::Account(signed_in.caller.id);
    let restored = app.store.restore_files(given, &actor, clock::now()).await;
    let restored = restored.map_err(|why| match why {
        SaveError::NotFound => forgotten(),
        why => save_problem(why, None),
    })?;
    tell(&app, id, &restored.changed, client(&headers)).await?;
    let mut changed: Vec<_> = restored.changed.into_iter().map(|(path, _)| path).collect();
    changed.sort();
    let from = RestoreFrom::Save { save: restored.before };
    let undo = (!changed.is_empty()).then(|| Restore { from, paths: Some(changed.clone()) });
    Ok(Json(Restored { changed, undo, workspace: describe(&app, row, &content).await? }))
}

/// Tells the container and the tabs.
async fn tell(
    app: &App,
    id: Uuid,
    changed: &[(WorkspacePath, Revision)],
    origin: ChangeOrigin,
) -> Result<(), ApiError> {
    let mut told = Vec::with_capacity(changed.len());
    for (path, revision) in changed {
        let stored = app.store.file(id, path).await?;
        // Changed again meanwhile, and told of by whoever did.
        if stored.as_ref().is_some_and(|file| file.revision != *revision) {
            continue;
        }
        let content = stored.map(|file| (file.content, file.executable));
        told.push(StoredChange { path: path.clone(), revision: *revision, content, origin });
    }
    app.files_changed(id, &told).await;
    Ok(())
}

/// Of a submission that the caller may read.
async fn workspace_of(app: &App, signed_in: &SignedIn, id: Uuid) -> Result<Uuid, ApiError> {
    let row = app.store.submission(id).await?.ok_or_else(ApiError::not_found)?;
    signed_in.owns_or_may(row.account, Action::ReadSubmissions)?;
    Ok(row.submission.workspace)
}

fn forgotten() -> ApiError {
    ApiError::new(
        Kind::NotFound,
        "This is not in the history, or no longer: it reaches back some hours of work. Choose a later point.",
    )
}
