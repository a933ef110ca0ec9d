//! What a person reads where their server's page would be, when there is none: what happened, whose turn it is, what
//! to do. In the browser's language, as far as we speak it.

use axum::body::Body;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

mod words;

/// Why there is no page of the learner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No preview is at this address.
    NothingHere,
    /// The browser was not let in, or not any more.
    NotLetIn,
    /// The container is not up, or the way to it is cut for the moment.
    NoContainer,
    NothingListens {
        port: u16,
    },
    /// What listens does not speak HTTP, or hung up.
    NotHttp {
        port: u16,
    },
    Silent {
        port: u16,
    },
    TooMany,
    HeadTooLarge,
    /// A method that makes no sense here.
    NotAllowed,
    Ours,
}

impl Trouble {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NothingHere => StatusCode::NOT_FOUND,
            Self::NotLetIn => StatusCode::FORBIDDEN,
            Self::NoContainer | Self::TooMany => StatusCode::SERVICE_UNAVAILABLE,
            Self::NothingListens { .. } | Self::NotHttp { .. } => StatusCode::BAD_GATEWAY,
            Self::Silent { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Ours => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether it ends by itself once the learner's server answers.
    fn passes(self) -> bool {
        matches!(self, Self::NoContainer | Self::NothingListens { .. })
    }
}

/// The looks of the page, and what opens the learner's page as soon as there is one.
pub(super) const STYLE: &str = include_str!("page.css");
pub(super) const SCRIPT: &str = include_str!("page.js");

/// Nothing but those two; `framed_by` says who may show it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'";

/// A page for a browser's window or frame, the same words as text for everything else.
pub(super) fn answer(trouble: Trouble, headers: &HeaderMap, framed_by: &HeaderValue) -> Response {
    let words = words::of(trouble, spanish(headers));
    let (kind, body) = if wants_page(headers) {
        ("text/html; charset=utf-8", page(trouble, &words))
    } else {
        ("text/plain; charset=utf-8", format!("{}\n{}\n", words.title, words.text))
    };
    let mut response = (trouble.status(), Body::from(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.append(CONTENT_SECURITY_POLICY, framed_by.clone());
    response
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|text| text.contains("text/html"))
}

/// Whether Spanish comes before English in what the browser asks for.
fn spanish(headers: &HeaderMap) -> bool {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut known =
        asked.split(',').map(str::trim).filter(|tag| tag.starts_with("es") || tag.starts_with("en"));
    known.next().is_some_and(|tag| tag.starts_with("es"))
}

/// Our own words only: nothing of a request is repeated, so there is nothing to escape.
fn page(trouble: Trouble, words: &words::Words) -> String {
    let script = if trouble.passes() { "<script src=\"/.gradus/page.js\" defer></script>" } else { "" };
    let waiting = if trouble.passes() {
        format!("<p class=\"waiting\" role=\"status\">{}</p>", words.waiting)
    } else {
        String::new()
    };
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/.gradus/page.css\">\
         {script}</head><body><main><h1>{title}</h1><p>{}</p>{waiting}</main></body></html>",
        words.language,
        words.text,
        title = words.title,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_we_speak() {
        let rows = [
            ("es-ES,es;q=0.9,en;q=0.8", true),
            ("en-US,es;q=0.9", false),
            ("de,es;q=0.5", true),
            ("de", false),
            ("", false),
        ];
        for (asked, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, asked.parse().unwrap());
            assert_eq!(spanish(&headers), expected, "{asked}");
        }
    }
}
