//! The built IDE: files from a folder, compressed ahead, cached for good where their names carry a hash.
//!
//! Addresses that are no file are routes of the app and answer its `index.html`; those of the API stay 404.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

use crate::config::Config;
use crate::preview::address::PreviewUrl;
use crate::problem::ApiError;
use crate::state::AppState;

/// Names below this carry a hash of their content (Vite's `assets/`).
const HASHED: &str = "/assets/";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// First parts of addresses that are never the app's.
const NOT_THE_APP: [&str; 4] = ["api", "agent", "assets", "problems"];

pub(super) fn with_ide(router: Router<AppState>, dir: &Path, config: &Config) -> Router<AppState> {
    let files =
        ServeDir::new(dir).precompressed_br().precompressed_gzip().append_index_html_on_directories(true);
    let index = ServeFile::new(dir.join("index.html")).precompressed_br().precompressed_gzip();
    let policy = HeaderValue::from_str(&policy(&config.public_url, config.previews.as_ref()))
        .unwrap_or(HeaderValue::from_static("default-src 'none'"));
    router.fallback(move |request: Request| serve(files.clone(), index.clone(), policy.clone(), request))
}

async fn serve(files: ServeDir, index: ServeFile, policy: HeaderValue, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::not_found().into_response();
    }
    let path = request.uri().path();
    let hashed = path.starts_with(HASHED);
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
    let (parts, body) = request.into_parts();
    let again = Request::from_parts(parts.clone(), axum::body::Body::empty());
    let Ok(mut response) =
        files.oneshot(Request::from_parts(parts, body)).await.map(IntoResponse::into_response);
    if response.status().is_client_error() {
        if NOT_THE_APP.contains(&first.as_str()) {
            return ApiError::not_found().into_response();
        }
        let Ok(page) = index.oneshot(again).await.map(IntoResponse::into_response);
        response = page;
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, if hashed { FOREVER } else { ASK_AGAIN });
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// Scripts only from here; styles inline too, as the terminal draws its cells with them; sockets only to us.
/// Of other origins only learners' own servers are framed.
fn policy(public_url: &str, previews: Option<&PreviewUrl>) -> String {
    let socket = public_url.replacen("http", "ws", 1);
    let frames = previews.map_or("'none'".to_owned(), PreviewUrl::source);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; \
         font-src 'self'; connect-src 'self' {socket}; worker-src 'self'; frame-src {frames}; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}
