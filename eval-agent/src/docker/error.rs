//! What can go wrong with the engine, sorted by what a caller can do about it.

use std::fmt;
use std::time::Duration;

use bollard::errors::Error as EngineError;

/// Which request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DockerCall {
    Connect,
    Version,
    Create,
    Start,
    Inspect,
    Remove,
    List,
}

impl fmt::Display for DockerCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting to docker",
            Self::Version => "asking docker for its version",
            Self::Create => "creating the container",
            Self::Start => "starting the container",
            Self::Inspect => "looking up the container's process",
            Self::Remove => "removing the container",
            Self::List => "listing containers",
        })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum DockerError {
    /// The host lacks the image: for the operator to mend.
    #[error("{call}: the image is not on this host")]
    ImageMissing { call: DockerCall },
    #[error("{call}: there is no such container")]
    NotFound { call: DockerCall },
    /// Somebody else does the same thing at the moment.
    #[error("{call}: it is being worked on already")]
    Conflict { call: DockerCall },
    #[error("{call}: no answer within {} s", deadline.as_secs())]
    TooSlow { call: DockerCall, deadline: Duration },
    #[error("{call}: {detail}")]
    Odd { call: DockerCall, detail: String },
    #[error("{call}")]
    Engine {
        call: DockerCall,
        #[source]
        source: Box<EngineError>,
    },
}

impl DockerError {
    pub(super) fn from_engine(call: DockerCall, source: EngineError) -> Self {
        match &source {
            EngineError::DockerResponseServerError { status_code: 404, .. } if call == DockerCall::Create => {
                Self::ImageMissing { call }
            }
            EngineError::DockerResponseServerError { status_code: 404, .. } => Self::NotFound { call },
            EngineError::DockerResponseServerError { status_code: 409, .. } => Self::Conflict { call },
            EngineError::DockerResponseServerError { message, .. } => {
                Self::Odd { call, detail: message.clone() }
            }
            _ => Self::Engine { call, source: Box::new(source) },
        }
    }
}
