//! The files of a workspace: read, saved and removed one by one, each with its revision.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use ide_protocol::files::{FileContent, FileRole, Revision, WorkspaceFile, WorkspacePath};
use ide_protocol::limits::MAX_FILE_BYTES;
use ide_protocol::rest::{Problem, SaveFile, StoredFile};
use ide_protocol::session::ChangeOrigin;
use uuid::Uuid;

use super::workspaces::{READ_ONLY_REVISION, own, readable};
use crate::clock;
use crate::content::LessonContent;
use crate::identity::caller::SignedIn;
use crate::problem::{ApiError, Kind};
use crate::relay::StoredChange;
use crate::state::{App, AppState};
use crate::store::{Actor, Origin, Save, SaveError, Saved};

/// Reads a file
///
/// Of a workspace of yours, or of one whose learner lets you look on at this moment.
#[utoipa::path(get, path = "/api/v1/workspaces/{id}/files/{*path}", tag = "workspaces",
    params(("id" = Uuid, Path), ("path" = String, Path, description = "path in the workspace, `/`-separated")),
    responses((status = 200, body = StoredFile, headers(("ETag" = String, description = "the revision in quotes"))),
    (status = 404, body = Problem)))]
pub(super) async fn get(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, path)): Path<(Uuid, String)>,
) -> Result<Response, ApiError> {
    let path = checked(path)?;
    let (_, content) = readable(&app, &signed_in, id).await?;
    Ok(with_etag(current(&app, id, &path, &content).await?.ok_or_else(ApiError::not_found)?))
}

/// Saves a file
///
/// `If-Match` carries the revision you have, in quotes (`"0"`: none, create it). On another one: 412, and `current`
/// of the problem is what is stored. Browsers name their tab in `Gradus-Client`.
#[utoipa::path(put, path = "/api/v1/workspaces/{id}/files/{*path}", tag = "workspaces",
    params(("id" = Uuid, Path), ("path" = String, Path, description = "path in the workspace, `/`-separated"),
    ("If-Match" = String, Header, description = "revision in quotes"),
    ("Gradus-Client" = Option<Uuid>, Header, description = "the browser tab")),
    request_body = SaveFile, responses((status = 200, body = StoredFile), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
    (status = 413, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn save(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, path)): Path<(Uuid, String)>,
    headers: HeaderMap,
    Json(SaveFile { content, executable }): Json<SaveFile>,
) -> Result<Response, ApiError> {
    let path = checked(path)?;
    if content.len() > MAX_FILE_BYTES {
        return Err(too_large(format!("A file may hold {} KiB at most.", MAX_FILE_BYTES / 1024)));
    }
    let bytes = Some((content.as_bytes(), executable));
    let saved = change(&app, &signed_in, id, &path, &headers, bytes).await?;
    Ok(with_etag(StoredFile {
        path,
        role: FileRole::Editable,
        revision: saved.revision,
        content,
        executable,
    }))
}

/// Removes a file
///
/// `If-Match` as with saving.
#[utoipa::path(delete, path = "/api/v1/workspaces/{id}/files/{*path}", tag = "workspaces",
    params(("id" = Uuid, Path), ("path" = String, Path, description = "path in the workspace, `/`-separated"),
    ("If-Match" = String, Header, description = "revision in quotes")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem)))]
pub(super) async fn remove(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((id, path)): Path<(Uuid, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let path = checked(path)?;
    match change(&app, &signed_in, id, &path, &headers, None).await? {
        Saved { revision: 0, .. } => Err(ApiError::not_found()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

async fn change(
    app: &App,
    signed_in: &SignedIn,
    workspace: Uuid,
    path: &WorkspacePath,
    headers: &HeaderMap,
    content: Option<(&[u8], bool)>,
) -> Result<Saved, ApiError> {
    let base = if_match(headers)?;
    let (_, lesson) = own(app, signed_in, workspace).await?;
    if lesson.is_fixed(path) {
        return Err(ApiError::new(
            Kind::ReadOnlyFile,
            "This file is part of the lesson and cannot be changed. Make a copy under another name.",
        ));
    }
    app.rates.saves.take(signed_in.caller.id)?;
    let save = Save { workspace, path, base, content, origin: Origin::Learner };
    match app.store.save_file(save, &Actor::Account(signed_in.caller.id), clock::now()).await {
        Ok(saved) => {
            if saved.changed {
                let content =
                    content.map(|(bytes, executable)| (FileContent::from_bytes(bytes.to_vec()), executable));
                let (path, revision, origin) = (path.clone(), saved.revision, client(headers));
                app.files_changed(workspace, &[StoredChange { path, revision, content, origin }]).await;
            }
            Ok(saved)
        }
        Err(SaveError::Stale) => {
            let now_stored = current(app, workspace, path, &lesson).await?;
            Err(save_problem(SaveError::Stale, now_stored))
        }
        Err(why) => Err(save_problem(why, None)),
    }
}

/// What is stored under `path`, the lesson's own file first.
async fn current(
    app: &App,
    workspace: Uuid,
    path: &WorkspacePath,
    content: &LessonContent,
) -> Result<Option<StoredFile>, ApiError> {
    if let Some(file) = content.lesson.files.get(path).filter(|file| file.role == FileRole::ReadOnly) {
        return Ok(Some(StoredFile {
            path: path.clone(),
            role: FileRole::ReadOnly,
            revision: READ_ONLY_REVISION,
            content: FileContent::from_bytes(file.content.clone()),
            executable: file.executable,
        }));
    }
    let stored = app.store.file(workspace, path).await?;
    Ok(stored.map(|WorkspaceFile { path, revision, content, executable }| StoredFile {
        path,
        role: FileRole::Editable,
        revision,
        content,
        executable,
    }))
}

pub(super) fn checked(path: String) -> Result<WorkspacePath, ApiError> {
    WorkspacePath::new(path)
        .map_err(|why| ApiError::new(Kind::Invalid, format!("This cannot be a file: {why}.")))
}

fn if_match(headers: &HeaderMap) -> Result<Revision, ApiError> {
    let value = headers.get(IF_MATCH).and_then(|value| value.to_str().ok());
    let quoted = value.and_then(|value| value.trim().strip_prefix('"')?.strip_suffix('"'));
    quoted.and_then(|number| number.parse().ok()).ok_or_else(|| {
        ApiError::new(
            Kind::MissingHeader,
            "Send `If-Match` with the revision you have in quotes; \"0\" to create.",
        )
    })
}

/// The browser tab that asks, as it names itself.
pub(super) fn client(headers: &HeaderMap) -> ChangeOrigin {
    let named = headers.get("gradus-client").and_then(|value| value.to_str().ok());
    ChangeOrigin::Client { client: named.and_then(|text| text.parse().ok()) }
}

fn with_etag(file: StoredFile) -> Response {
    let etag = HeaderValue::from_str(&format!("\"{}\"", file.revision));
    let mut response = Json(file).into_response();
    if let Ok(etag) = etag {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}

fn too_large(detail: String) -> ApiError {
    ApiError::new(Kind::TooLarge, detail)
}

/// What a learner is told when a change is not made.
pub(super) fn save_problem(why: SaveError, current: Option<StoredFile>) -> ApiError {
    match why {
        SaveError::Stale => ApiError {
            current: current.map(Box::new),
            ..ApiError::new(
                Kind::StaleRevision,
                "This file was changed elsewhere meanwhile. Compare with what is stored now, then save on its revision.",
            )
        },
        SaveError::NotFound => ApiError::not_found(),
        SaveError::InTheWay(path) => ApiError::new(
            Kind::Exists,
            format!("`{path}` stands there already. Move it or choose another name."),
        ),
        SaveError::BadTarget(why) => {
            ApiError::new(Kind::Invalid, format!("It cannot be called that: {why}."))
        }
        why @ (SaveError::TooMany | SaveError::TooBig) => {
            too_large(format!("This does not fit: {why}. Remove what is not needed."))
        }
        SaveError::Store(why) => why.into(),
    }
}
