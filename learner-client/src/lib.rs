//! A learner without a browser: logs in, opens lessons, hands in, and holds a page's socket with one terminal.
//!
//! For programs that look at a Gradus from outside with as little of their own in between as can be: one thread is enough,
//! and nothing is read that nobody asked for. Knows no screen, keeps no files.

mod http;
mod page;

pub use http::Learner;
pub use page::{Heard, Page};

/// What kept us from going on.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("asking {path}")]
    Http {
        path: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{path} was answered {status}: {text}")]
    Refused { path: String, status: u16, text: String },
    #[error("`{0}` is no address of a Gradus; it looks like http://127.0.0.1:8080")]
    Address(String),
    #[error("the answer of {path} cannot be read")]
    Answer {
        path: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("the session's socket broke")]
    Socket(#[source] Box<tokio_tungstenite::tungstenite::Error>),
    #[error("the session's socket was closed{}", .0.map(|code| format!(" with code {code}")).unwrap_or_default())]
    Closed(Option<u16>),
    #[error("a message of the session cannot be read")]
    Message(#[from] serde_json::Error),
    #[error("no {0} within {1} s")]
    Late(&'static str, u64),
}

impl From<tokio_tungstenite::tungstenite::Error> for ClientError {
    fn from(why: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::Socket(Box::new(why))
    }
}
