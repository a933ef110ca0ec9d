//! The trace a request belongs to: the caller's own if it names one, otherwise a new one.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ide_protocol::traceparent::{TRACEPARENT, trace_id};
use rand::RngExt as _;

/// A valid `traceparent`.
#[derive(Debug, Clone)]
pub(crate) struct Trace(Arc<str>);

impl Trace {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let theirs = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
        theirs.filter(|text| trace_id(text).is_some()).map_or_else(Self::new, |text| Self(text.into()))
    }

    /// Random, and so not nought.
    fn new() -> Self {
        let bytes: [u8; 24] = rand::rng().random();
        let (trace, span) = bytes.split_at(16);
        let mut text = String::from("00");
        for id in [trace, span] {
            text.push('-');
            for byte in id {
                let _ = write!(text, "{byte:02x}");
            }
        }
        text.push_str("-01");
        Self(text.into())
    }

    pub(crate) fn parent(&self) -> &str {
        &self.0
    }

    pub(crate) fn id(&self) -> &str {
        trace_id(&self.0).unwrap_or_default()
    }
}

impl<S: Sync> FromRequestParts<S> for Trace {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_kept_or_made() {
        let theirs = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let header =
            |text: &str| HeaderMap::from_iter([(TRACEPARENT.parse().unwrap(), text.parse().unwrap())]);
        assert_eq!(Trace::of(&header(theirs)).parent(), theirs);
        for headers in [header("nonsense"), HeaderMap::new()] {
            let (one, other) = (Trace::of(&headers), Trace::of(&headers));
            assert_eq!(one.id().len(), 32);
            assert_ne!(one.id(), other.id());
        }
    }
}
