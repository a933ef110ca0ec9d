//! Workspaces: a learner's files in a lesson.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use ide_protocol::files::{FileRole, WorkspacePath};
use ide_protocol::rest::{Problem, RenameFile, Workspace, WorkspaceEntry};
use ide_protocol::session::ChangeOrigin;
use uuid::Uuid;

use super::files::{client, save_problem};
use super::watching::no_consent;
use crate::clock;
use crate::content::LessonContent;
use crate::identity::caller::SignedIn;
use crate::identity::permission::Action;
use crate::limits::SHOWN_SUBMISSIONS;
use crate::problem::{ApiError, Kind};
use crate::relay::StoredChange;
use crate::state::{App, AppState};
use crate::store::{Actor, FileRow, Renamed, SaveError, WorkspaceRow};

/// Opens your workspace in a lesson
///
/// Makes it from the lesson's starter files the first time. When the lesson has a new version, your files stay as
/// they are, and editable files that are new in it are added.
#[utoipa::path(post, path = "/api/v1/lessons/{slug}/workspace", tag = "workspaces",
    params(("slug" = String, Path)), responses((status = 200, body = Workspace), (status = 404, body = Problem)))]
pub(super) async fn open(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Json<Workspace>, ApiError> {
    let content = app.lessons.current(&app.store, &slug).await?;
    let starter = content.lesson.starter();
    let account = signed_in.caller.id;
    let row = app.store.open_workspace(account, &slug, &content.digest, &starter, clock::now()).await?;
    Ok(Json(describe(&app, row, &content).await?))
}

/// Shows a workspace of yours
///
/// Or one whose learner lets you look on at this moment.
#[utoipa::path(get, path = "/api/v1/workspaces/{id}", tag = "workspaces", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Workspace), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Workspace>, ApiError> {
    let (row, content) = readable(&app, &signed_in, id).await?;
    Ok(Json(describe(&app, row, &content).await?))
}

/// Renames a file, or every file below a folder
///
/// Replaces nothing. Answers the workspace as it is then.
#[utoipa::path(post, path = "/api/v1/workspaces/{id}/renames", tag = "workspaces", params(("id" = Uuid, Path)),
    request_body = RenameFile, responses((status = 200, body = Workspace), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn rename(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(RenameFile { from, to }): Json<RenameFile>,
) -> Result<Json<Workspace>, ApiError> {
    let (row, content) = own(&app, &signed_in, id).await?;
    app.rates.saves.take(signed_in.caller.id)?;
    let moves = |live: &[WorkspacePath]| plan(live, &from, &to);
    if content.is_fixed(&from) || content.is_fixed(&to) {
        return Err(ApiError::new(Kind::ReadOnlyFile, "The lesson's own files cannot be moved or replaced."));
    }
    let actor = Actor::Account(signed_in.caller.id);
    let renamed = app.store.rename_files(id, moves, &actor, clock::now()).await;
    for moved in renamed.map_err(|why| save_problem(why, None))? {
        tell_of_move(&app, id, moved, client(&headers)).await?;
    }
    Ok(Json(describe(&app, row, &content).await?))
}

/// Tells the container and the other tabs.
async fn tell_of_move(app: &App, id: Uuid, moved: Renamed, origin: ChangeOrigin) -> Result<(), ApiError> {
    let Renamed { from, from_revision, to, to_revision } = moved;
    let content = app.store.file(id, &to).await?.map(|file| (file.content, file.executable));
    let made = StoredChange { path: to, revision: to_revision, content, origin };
    let gone = StoredChange { path: from, revision: from_revision, content: None, origin };
    app.files_changed(id, &[made, gone]).await;
    Ok(())
}

/// Which files move where.
fn plan(
    live: &[WorkspacePath],
    from: &WorkspacePath,
    to: &WorkspacePath,
) -> Result<Vec<(WorkspacePath, WorkspacePath)>, SaveError> {
    let mut moves = Vec::new();
    for path in live {
        let Some(rest) = path.as_str().strip_prefix(from.as_str()) else { continue };
        if rest.is_empty() || rest.starts_with('/') {
            let target = WorkspacePath::new(format!("{to}{rest}")).map_err(SaveError::BadTarget)?;
            moves.push((path.clone(), target));
        }
    }
    if moves.is_empty() { Err(SaveError::NotFound) } else { Ok(moves) }
}

/// The caller's workspace with its lesson's current version. Somebody else's does not exist.
pub(super) async fn own(
    app: &App,
    signed_in: &SignedIn,
    id: Uuid,
) -> Result<(WorkspaceRow, Arc<LessonContent>), ApiError> {
    let found = app.store.workspace(id).await?;
    let row = found.filter(|row| signed_in.owns(row.account)).ok_or_else(ApiError::not_found)?;
    let content = app.lessons.current(&app.store, &row.lesson).await?;
    Ok((row, content))
}

/// A workspace that the caller may read: their own, or (graders) one whose learner lets them look on at this moment.
pub(super) async fn readable(
    app: &App,
    signed_in: &SignedIn,
    id: Uuid,
) -> Result<(WorkspaceRow, Arc<LessonContent>), ApiError> {
    let row = app.store.workspace(id).await?.ok_or_else(ApiError::not_found)?;
    signed_in.owns_or_may(row.account, Action::WatchSessions)?;
    if !signed_in.owns(row.account) && !app.store.may_watch_workspace(id, signed_in.caller.id).await? {
        return Err(no_consent());
    }
    let content = app.lessons.current(&app.store, &row.lesson).await?;
    Ok((row, content))
}

pub(super) async fn describe(
    app: &App,
    row: WorkspaceRow,
    content: &LessonContent,
) -> Result<Workspace, ApiError> {
    let stored = app.store.list_files(row.id).await?;
    let session = app.store.live_session_of(row.id).await?;
    Ok(Workspace {
        id: row.id,
        lesson: row.lesson,
        files: listing(stored, content),
        session: session.map(|row| row.to_rest()),
        submissions: app.store.submissions_of(row.id, SHOWN_SUBMISSIONS).await?,
    })
}

/// Stored files with the lesson's read-only ones laid over, by path.
fn listing(stored: Vec<FileRow>, content: &LessonContent) -> Vec<WorkspaceEntry> {
    let lesson = &content.lesson;
    let is_lessons = |path: &WorkspacePath| lesson.role_of(path) == Some(FileRole::ReadOnly);
    let mine = stored.into_iter().filter(|file| !is_lessons(&file.path));
    let mine = mine.map(|FileRow { path, revision, size }| WorkspaceEntry {
        path,
        role: FileRole::Editable,
        revision,
        size,
    });
    let fixed = lesson.files.iter().filter(|(path, _)| is_lessons(path));
    let fixed = fixed.map(|(path, file)| WorkspaceEntry {
        path: path.clone(),
        role: FileRole::ReadOnly,
        revision: READ_ONLY_REVISION,
        size: file.content.len() as u64,
    });
    let mut files: Vec<_> = mine.chain(fixed).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The lesson's own files are not stored per workspace and never change in one.
pub(super) const READ_ONLY_REVISION: u64 = 1;
