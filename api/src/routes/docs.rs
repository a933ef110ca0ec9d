//! The API's description: OpenAPI 3.1 as JSON, and the same as a page to read.

use axum::extract::Path;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, Redirect};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{InfoBuilder, OpenApi};

use super::docs_page;
use crate::problem::{ApiError, Kind};
use crate::state::AppState;

/// All are read with GET, by anybody.
pub(super) const ROUTES: [&str; 3] = [SPECIFICATION, PAGE, PROBLEM];
const SPECIFICATION: &str = "/api/v1/openapi.json";
const PAGE: &str = "/api/docs";
/// What the `type` of an error points at.
const PROBLEM: &str = "/problems/{kind}";

pub(super) fn router(api: OpenApi) -> Router<AppState> {
    let page = docs_page::render(&serde_json::to_value(&api).unwrap_or_default());
    let policy = [(CONTENT_SECURITY_POLICY, docs_page::POLICY)];
    Router::new()
        .route(SPECIFICATION, get(move || std::future::ready(Json(api))))
        .route(PAGE, get(move || std::future::ready((policy, Html(page)))))
        .route(PROBLEM, get(problem))
}

async fn problem(Path(kind): Path<String>) -> Result<Redirect, ApiError> {
    let known = Kind::ALL.iter().find(|known| known.slug() == kind).ok_or_else(ApiError::not_found)?;
    Ok(Redirect::to(&format!("{PAGE}#{}", known.slug())))
}

/// What the router cannot know: title, and the wildcard as OpenAPI writes it.
pub(super) fn finish(mut api: OpenApi) -> OpenApi {
    api.info = InfoBuilder::new()
        .title("Gradus")
        .version("1")
        .description(Some(
            "Lessons, workspaces, sessions and submissions. Times are Unix microseconds (UTC), ids UUIDs. Errors are \
             RFC 9457 problems. Browsers log in; programs send `Authorization: Bearer gradus_pat_…`.",
        ))
        .build();
    let paths = std::mem::take(&mut api.paths.paths);
    api.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    api
}

pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}
