//! What every request passes: an id, a log line, headers that keep browsers careful, and errors as problems.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use ide_protocol::rest::Problem;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::limits::REQUEST_TIMEOUT;
use crate::problem::{ApiError, Kind};
use crate::state::AppState;
use crate::trace::Trace;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Bytes of a framework's own error text that are worth repeating.
const MAX_REJECTION_BYTES: usize = 2_048;

/// The outermost layer.
pub(crate) async fn edge(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let request_id = Uuid::now_v7();
    // The route, not the path: paths hold file names and tickets.
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let trace = Trace::of(request.headers());
    let span = tracing::info_span!("request", %request_id, trace_id = trace.id());
    request.extensions_mut().insert(trace);
    let started = Instant::now();
    let response = answer(request, next).instrument(span.clone()).await;
    let response = as_problem(response, request_id).await;
    let _in_span = span.enter();
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    app.config.metrics.answered(method.as_str(), &route, status, elapsed);
    let elapsed_ms = elapsed.as_millis() as u64;
    // The IDE's own files come by the dozen and say nothing when all is well.
    if route == "-" && status < 400 {
        tracing::debug!(%method, status, elapsed_ms, "a file of the IDE was served");
    } else {
        tracing::info!(%method, route, status, elapsed_ms, "{method} {route} answered {status} in {elapsed_ms} ms");
    }
    with_headers(response, request_id, app.is_secure())
}

async fn answer(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, handle(request, next)).await {
        Ok(Some(response)) => response,
        Ok(None) => {
            tracing::error!("a handler panicked");
            ApiError::internal().into_response()
        }
        Err(_) => {
            let seconds = REQUEST_TIMEOUT.as_secs();
            ApiError::new(Kind::Timeout, format!("The request took longer than {seconds} s. Try again."))
                .into_response()
        }
    }
}

/// `None` when the handler panicked. What changes something is seen through even when its caller is gone: a save that is
/// stored is also told to the container and the other tabs.
async fn handle(request: Request, next: Next) -> Option<Response> {
    if request.method().is_safe() {
        AssertUnwindSafe(next.run(request)).catch_unwind().await.ok()
    } else {
        tokio::spawn(next.run(request).in_current_span()).await.ok()
    }
}

/// Gives every error the one body, also those the framework made.
async fn as_problem(mut response: Response, request_id: Uuid) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None => {
            let (parts, body) = response.into_parts();
            let text = to_bytes(body, MAX_REJECTION_BYTES).await.unwrap_or_default();
            response = Response::from_parts(parts, Body::empty());
            ApiError::from_status(status, &String::from_utf8_lossy(&text))
        }
    };
    let mut headers = std::mem::take(response.headers_mut());
    problem(error, &mut headers, status, request_id)
}

fn problem(error: ApiError, headers: &mut HeaderMap, status: StatusCode, request_id: Uuid) -> Response {
    let body = Problem {
        kind: format!("/problems/{}", error.kind.slug()),
        title: error.kind.title().to_owned(),
        status: status.as_u16(),
        detail: error.detail,
        request_id: request_id.to_string(),
        current: error.current.map(|file| *file),
    };
    let mut response = (status, serde_json::to_vec(&body).unwrap_or_default()).into_response();
    // `Allow`, cookies and the like stay; what described the old body goes.
    headers.remove(axum::http::header::CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    if let Some(seconds) = error.retry_after_seconds {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.headers_mut() = std::mem::take(headers);
    response
}

fn with_headers(mut response: Response, request_id: Uuid, secure: bool) -> Response {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(CACHE_CONTROL, "no-store");
    default(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    default(axum::http::header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(axum::http::header::REFERRER_POLICY, "no-referrer");
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    default(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    if secure {
        default(axum::http::header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
