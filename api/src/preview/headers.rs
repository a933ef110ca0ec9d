//! What changes in the heads of requests and responses on their way through a preview.
//!
//! The learner's server sees itself as what it is, `http://localhost:8000`: that is what frameworks compare hosts and
//! origins with. Framing – lengths, chunks, connections – is never copied: hyper reads it on one side and writes it
//! anew on the other, so that the two sides cannot disagree on where a message ends.

use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, COOKIE, EXPECT, HOST,
    LOCATION, ORIGIN, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFERER, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::address::{Label, PreviewUrl};
use super::cookies;
use crate::secrets::TOKEN_PREFIX;

/// Of one connection, not of the message (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Said by proxies before us about the way here; the learner's server hears ours alone.
const FORWARDED: [HeaderName; 7] = [
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-server"),
    HeaderName::from_static("x-real-ip"),
];

/// What a learner's server may not decide, because it reaches beyond its own pages: other ports of the same host,
/// sibling hosts, where the browser goes for this host from now on, and who may frame it (we say that).
const BEYOND_ITSELF: [HeaderName; 8] = [
    HeaderName::from_static("alt-svc"),
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("nel"),
    HeaderName::from_static("report-to"),
    HeaderName::from_static("reporting-endpoints"),
    HeaderName::from_static("public-key-pins"),
    STRICT_TRANSPORT_SECURITY,
    X_FRAME_OPTIONS,
];

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// What is known of a request beside its own words.
pub(super) struct Way<'a> {
    pub(super) url: &'a PreviewUrl,
    pub(super) label: Label,
    /// `frame-ancestors …`: the IDE's origins.
    pub(super) framed_by: &'a HeaderValue,
}

impl Way<'_> {
    fn inside(&self) -> String {
        format!("localhost:{}", self.label.port)
    }
}

/// Whether a request asks to become a WebSocket; nothing else is upgraded.
pub(super) fn asks_for_websocket(headers: &HeaderMap) -> bool {
    let is_websocket = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    headers.get(UPGRADE).is_some_and(is_websocket) && tokens(headers).any(|token| token == "upgrade")
}

/// Makes the head of a request that of our own request to the learner's server.
pub(super) fn towards_container(headers: &mut HeaderMap, way: &Way<'_>) {
    let websocket = asks_for_websocket(headers);
    remove_connection_headers(headers);
    for name in FORWARDED.iter().chain(&[CONTENT_LENGTH, EXPECT]) {
        headers.remove(name);
    }
    match cookies::for_container(headers) {
        Some(shown) => headers.insert(COOKIE, shown),
        None => headers.remove(COOKIE),
    };
    if headers.get_all(AUTHORIZATION).iter().any(is_our_token) {
        headers.remove(AUTHORIZATION);
    }

    let origin = way.url.origin(way.label);
    let inside = format!("http://{}", way.inside());
    rewrite(headers, ORIGIN, |value| (value == origin).then(|| inside.clone()));
    rewrite(headers, REFERER, |value| Some(format!("{inside}{}", path_after(value, &origin)?)));
    set(headers, HOST, &way.inside());
    set(headers, HeaderName::from_static("x-forwarded-host"), &way.url.host_of(way.label));
    set(
        headers,
        HeaderName::from_static("x-forwarded-proto"),
        if way.url.is_secure() { "https" } else { "http" },
    );
    // The learner's address is left out: their server has no use for it.
    if websocket {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, WEBSOCKET);
    } else {
        // A beginner's server that answers one connection at a time would wait on one that is kept alive.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Makes the head of a response fit for the browser. `upgraded`: it answers with 101 to a WebSocket.
pub(super) fn towards_browser(headers: &mut HeaderMap, way: &Way<'_>, upgraded: bool) {
    // The length stays, as it is all that an answer to HEAD says; beside chunks it means nothing.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    remove_connection_headers(headers);
    for name in &BEYOND_ITSELF {
        headers.remove(name);
    }
    let set_cookies: Vec<_> =
        headers.get_all(SET_COOKIE).iter().filter_map(|value| cookies::for_browser(value, way.url)).collect();
    headers.remove(SET_COOKIE);
    for cookie in set_cookies {
        headers.append(SET_COOKIE, cookie);
    }
    rewrite(headers, LOCATION, |value| {
        let names = ["localhost", "127.0.0.1", "[::1]"];
        let mut inside = names.iter().map(|name| format!("http://{name}:{}", way.label.port));
        let path = inside.find_map(|inside| path_after(value, &inside))?;
        Some(format!("{}{path}", way.url.origin(way.label)))
    });
    // Nothing of a session stays in a browser after it.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Appended: a policy of the learner's own holds as well.
    headers.append(CONTENT_SECURITY_POLICY, way.framed_by.clone());
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    if upgraded {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, WEBSOCKET);
    }
}

fn remove_connection_headers(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = tokens(headers).filter_map(|token| token.parse().ok()).collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// The words of `Connection`, in lower case.
fn tokens(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|token| token.trim().to_ascii_lowercase())
}

/// Looked for in bytes: what is no text may hold one all the same.
fn is_our_token(value: &HeaderValue) -> bool {
    value.as_bytes().windows(TOKEN_PREFIX.len()).any(|piece| piece == TOKEN_PREFIX.as_bytes())
}

/// What follows `origin` in an address of it: empty, or from the slash on.
fn path_after<'a>(address: &'a str, origin: &str) -> Option<&'a str> {
    let rest = address.strip_prefix(origin)?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
}

fn rewrite(headers: &mut HeaderMap, name: HeaderName, new: impl FnOnce(&str) -> Option<String>) {
    let rewritten = headers.get(&name).and_then(|value| value.to_str().ok()).and_then(new);
    if let Some(value) = rewritten {
        set(headers, name, &value);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
