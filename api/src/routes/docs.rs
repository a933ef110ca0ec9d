//! The API's description: OpenAPI 3.1 as JSON, and the same as a page to read.

use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{InfoBuilder, OpenApi};

use crate::markdown::escape;
use crate::problem::Kind;
use crate::state::AppState;

/// Both are read with GET, by anybody.
pub(super) const ROUTES: [&str; 2] = ["/api/v1/openapi.json", "/api/docs"];

pub(super) fn router(api: OpenApi) -> Router<AppState> {
    let page = page(&api);
    Router::new()
        .route(ROUTES[0], get(move || std::future::ready(Json(api))))
        .route(ROUTES[1], get(move || std::future::ready(Html(page))))
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

fn page(api: &OpenApi) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Gradus API</title><h1>Gradus API</h1>",
    );
    html += &format!("<p>{}</p>", escape(api.info.description.as_deref().unwrap_or_default()));
    html += "<p>For programs: <a href=/api/v1/openapi.json>OpenAPI 3.1</a>.</p>";
    for (path, item) in &api.paths.paths {
        for (method, operation) in operations(item) {
            html += &describe(method, path, operation);
        }
    }
    html += "<h2 id=problems>Problems</h2><p>The <code>type</code> of an error, and what it means.</p><dl>";
    for kind in Kind::ALL {
        let (slug, status, title) = (kind.slug(), kind.status().as_u16(), escape(kind.title()));
        html += &format!("<dt id=\"{slug}\"><code>/problems/{slug}</code> ({status})<dd>{title}");
    }
    html + "</dl></html>"
}

pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn describe(method: &str, path: &str, operation: &Operation) -> String {
    let text = |text: &Option<String>| escape(text.as_deref().unwrap_or_default());
    let mut html = format!("<h2><code>{method} {}</code></h2>", escape(path));
    html += &format!("<p><b>{}</b></p><p>{}</p><ul>", text(&operation.summary), text(&operation.description));
    for status in operation.responses.responses.keys() {
        html += &format!("<li>{}</li>", escape(status));
    }
    html + "</ul>"
}
