//! Every error a client sees: RFC 9457, one place for kinds, titles and statuses.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ide_protocol::rest::StoredFile;

use crate::store::StoreError;

/// The closed set of `type`s. The slug is stable; clients switch on it.
macro_rules! problems {
    ($($name:ident $slug:literal $status:ident $title:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind { $($name),* }

        impl Kind {
            pub(crate) const ALL: &[Kind] = &[$(Kind::$name),*];
            pub(crate) fn slug(self) -> &'static str { match self { $(Kind::$name => $slug),* } }
            pub(crate) fn title(self) -> &'static str { match self { $(Kind::$name => $title),* } }
            pub(crate) fn status(self) -> StatusCode { match self { $(Kind::$name => StatusCode::$status),* } }
        }
    };
}

problems! {
    Malformed "malformed-request" BAD_REQUEST "The request could not be understood";
    MissingHeader "missing-header" BAD_REQUEST "A header is missing";
    NotLoggedIn "not-logged-in" UNAUTHORIZED "Log in first";
    WrongPassword "wrong-password" UNAUTHORIZED "Name and password do not match";
    WrongOrigin "wrong-origin" FORBIDDEN "The request came from another site";
    NotAllowed "not-allowed" FORBIDDEN "Your role does not allow this";
    HintLocked "hint-locked" FORBIDDEN "Another hint comes first";
    SolutionLocked "solution-locked" FORBIDDEN "The solution is not shown yet";
    NoConsent "no-consent" FORBIDDEN "The learner has not allowed this";
    ReadOnlyFile "read-only-file" FORBIDDEN "This file belongs to the lesson";
    NotFound "not-found" NOT_FOUND "There is nothing here";
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED "This cannot be done here";
    Timeout "timeout" REQUEST_TIMEOUT "The request took too long";
    Exists "already-exists" CONFLICT "Something stands there already";
    SessionEnded "session-ended" CONFLICT "The session is over";
    NoExtension "no-extension" CONFLICT "The session cannot be extended";
    StaleAttempt "stale-attempt" CONFLICT "A newer attempt is under way";
    NothingToDo "nothing-to-do" GONE "This job is done";
    StaleRevision "stale-revision" PRECONDITION_FAILED "The file was changed meanwhile";
    TooLarge "too-large" PAYLOAD_TOO_LARGE "This is too large";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "Send JSON";
    Invalid "invalid" UNPROCESSABLE_ENTITY "The request says something that cannot be";
    KeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY "The Idempotency-Key was used for something else";
    UpgradeRequired "upgrade-required" UPGRADE_REQUIRED "This is a WebSocket";
    TooMany "too-many" TOO_MANY_REQUESTS "Too many at once";
    Internal "internal" INTERNAL_SERVER_ERROR "This is our fault";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "Not available right now";
}

/// When who found the store away may ask again: a restart of the database takes a few seconds.
const RETRY_AFTER_SECONDS: u64 = 2;

/// What went wrong, on its way out. [`crate::edge`] writes the body, as it knows the request's id.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) kind: Kind,
    /// What happened and what to do next, for people.
    pub(crate) detail: String,
    pub(crate) current: Option<Box<StoredFile>>,
    pub(crate) retry_after_seconds: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), current: None, retry_after_seconds: None }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(Kind::NotFound, "Nothing is here, or it is not yours. Check the address.")
    }

    pub(crate) fn too_many(detail: impl Into<String>, retry_after_seconds: u64) -> Self {
        Self { retry_after_seconds: Some(retry_after_seconds), ..Self::new(Kind::TooMany, detail) }
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            Kind::Internal,
            "Something broke on our side. Try again; if it stays, quote the request id.",
        )
    }

    /// Our word for an error that the framework answered by itself.
    pub(crate) fn from_status(status: StatusCode, text: &str) -> Self {
        let known = Kind::ALL.iter().copied().find(|kind| kind.status() == status);
        let kind = known.unwrap_or(if status.is_server_error() { Kind::Internal } else { Kind::Malformed });
        match kind {
            Kind::NotFound => Self::not_found(),
            Kind::Internal => Self::internal(),
            Kind::TooLarge => {
                Self::new(kind, "The request is larger than this address takes. Send less at once.")
            }
            _ if text.is_empty() => Self::new(kind, kind.title()),
            _ => Self::new(kind, text),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(why: StoreError) -> Self {
        // Logged here because nobody else sees the cause; the client gets the request id.
        if !why.is_away() {
            tracing::error!(error = %Chain(&why), "the store failed");
            return Self::internal();
        }
        tracing::warn!(error = %Chain(&why), "the store is away");
        Self {
            retry_after_seconds: Some(RETRY_AFTER_SECONDS),
            ..Self::new(
                Kind::Unavailable,
                "The server's database does not answer. What was saved is kept. Try again in a moment.",
            )
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error with its causes, in one line.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(why) = cause {
            write!(f, ": {why}")?;
            cause = why.source();
        }
        Ok(())
    }
}
