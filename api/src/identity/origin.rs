//! Requests that change something come from our own pages, or from programs with a token of their own.
//!
//! Browsers name the page's origin with every such request and every WebSocket handshake, and scripts cannot change it.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::Config;
use crate::problem::{ApiError, Kind};
use crate::state::AppState;

/// The origins that are ours.
#[derive(Debug)]
pub(crate) struct Origins(Vec<String>);

/// Names of this machine for itself: one server, whichever of them a person types.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

impl Origins {
    pub(crate) fn new(config: &Config) -> Self {
        let mut origins = config.extra_origins.clone();
        origins.push(config.public_url.clone());
        let local = LOOPBACK.iter().find_map(|name| {
            let (scheme, rest) = config.public_url.split_once("://")?;
            let port = rest.strip_prefix(name).filter(|port| port.is_empty() || port.starts_with(':'))?;
            Some((scheme, port))
        });
        if let Some((scheme, port)) = local {
            origins.extend(LOOPBACK.iter().map(|name| format!("{scheme}://{name}{port}")));
        }
        Self(origins)
    }

    pub(crate) fn list(&self) -> &[String] {
        &self.0
    }

    /// Whether the request names an origin of ours. `null` and none at all do not count.
    pub(crate) fn contains(&self, headers: &HeaderMap) -> bool {
        let named = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
        named.is_some_and(|named| self.0.iter().any(|ours| ours == named))
    }
}

/// Layer: refuses unsafe requests from elsewhere. A bearer token is not sent by a browser on its own, so a program
/// that brings one need not name an origin.
pub(crate) async fn check(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let program = headers.contains_key(AUTHORIZATION) && !headers.contains_key(ORIGIN);
    if safe || program || app.origins.contains(headers) {
        return next.run(request).await;
    }
    refused().into_response()
}

pub(crate) fn refused() -> ApiError {
    ApiError::new(
        Kind::WrongOrigin,
        "The request did not come from a page of this site. Open the address that the server was given as its own; \
         programs use a bearer token.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_origins_count() {
        let rows = [
            ("https://g.example", Some("https://g.example"), true),
            ("https://g.example", Some("https://evil.example"), false),
            ("https://g.example", Some("https://g.example.evil.example"), false),
            ("https://g.example", Some("http://g.example"), false),
            ("https://g.example", Some("null"), false),
            ("https://g.example", None, false),
            ("http://127.0.0.1:8080", Some("http://localhost:8080"), true),
            ("http://127.0.0.1:8080", Some("http://localhost:8081"), false),
            ("http://localhost.example", Some("http://127.0.0.1"), false),
        ];
        for (public_url, origin, ours) in rows {
            let origins = Origins::new(&Config::new("", public_url));
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(origins.contains(&headers), ours, "{public_url} asked from {origin:?}");
        }
    }
}
