//! The relay's own channels: connections to ports in a session's container, for the rest of the API.
//!
//! [`channel`] is one of them as data; [`stream`] makes it something to read and write; here they are kept by number, and
//! what the agent says finds the right one. The agent decides which ports may be opened: it knows the lesson.

mod channel;
mod stream;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem};
use ide_protocol::credit::CreditBroken;
use ide_protocol::limits::MAX_PORT_CHANNELS;

use serde::{Deserialize, Serialize};

use channel::Channel;
pub(crate) use stream::PortStream;

/// Why a port of a container cannot be connected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum OpenPortError {
    /// The session is not running just now; it may be soon.
    #[error("no agent has this session")]
    NoContainer,
    #[error("the lesson declares no such port")]
    NotDeclared,
    /// The learner's program is not (yet) there.
    #[error("nothing listens on the port")]
    NothingListens,
    /// It is there and takes no connections.
    #[error("nothing answered in time")]
    NoAnswer,
    #[error("too many connections are open")]
    TooMany,
    #[error("the connection broke")]
    Broken(#[source] Option<ChannelProblem>),
}

impl From<Option<ChannelProblem>> for OpenPortError {
    fn from(problem: Option<ChannelProblem>) -> Self {
        match problem {
            Some(ChannelProblem::NoContainer) => Self::NoContainer,
            Some(ChannelProblem::NotAllowed) => Self::NotDeclared,
            Some(ChannelProblem::NothingListens { .. }) => Self::NothingListens,
            Some(ChannelProblem::NoAnswer { .. }) => Self::NoAnswer,
            Some(ChannelProblem::TooMany { .. }) => Self::TooMany,
            other => Self::Broken(other),
        }
    }
}

/// What an agent says about the relay's own channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PortNews {
    Said(ChannelMessage),
    Bytes {
        channel: ChannelId,
        offset: u64,
        payload: Bytes,
    },
    /// It is gone, and every channel with it.
    Lost,
}

/// One channel, shared by its stream and by [`Ports`]. Locked for a moment; whoever holds it takes no other lock.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Channel>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Channel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those of one session.
#[derive(Debug, Default)]
pub(super) struct Ports {
    last: ChannelId,
    open: HashMap<ChannelId, Shared>,
}

impl Ports {
    fn open(&mut self) -> Result<(ChannelId, Shared), OpenPortError> {
        if self.open.len() >= MAX_PORT_CHANNELS {
            return Err(OpenPortError::TooMany);
        }
        self.last = self.last.wrapping_add(1);
        let shared = Shared::default();
        self.open.insert(self.last, shared.clone());
        Ok((self.last, shared))
    }

    pub(super) fn forget(&mut self, channel: ChannelId) {
        self.open.remove(&channel);
    }

    /// What concerns a channel that is over crossed our last word.
    ///
    /// # Errors
    /// [`CreditBroken`] when the agent sent more than it was granted.
    pub(super) fn heard(&mut self, news: PortNews) -> Result<(), CreditBroken> {
        match news {
            PortNews::Said(message) => {
                let id = message.channel();
                if let Some(shared) = self.open.get(&id) {
                    shared.lock().heard(&message);
                }
                if matches!(message, ChannelMessage::Closed { .. }) {
                    self.forget(id);
                }
            }
            PortNews::Bytes { channel, offset, payload } => {
                if let Some(shared) = self.open.get(&channel) {
                    shared.lock().arrived(offset, &payload)?;
                }
            }
            PortNews::Lost => {
                for (channel, shared) in self.open.drain() {
                    let reason = Some(ChannelProblem::NoContainer);
                    shared.lock().heard(&ChannelMessage::Closed { channel, reason });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
