//! Why the guest ends, and the exit code that tells the agent.

use std::fmt;
use std::io;

/// The end of the guest, and with it of the container.
#[derive(Debug)]
pub enum Exit {
    /// The agent closed the socket or asked us to stop: the normal end.
    AgentGone,
    Stopped,
    /// The time to live is over.
    Deadline,
    /// Wrong command line.
    Usage(String),
    /// The agent said something that is not the protocol.
    Protocol(String),
    /// Something that must work did not.
    Setup {
        doing: &'static str,
        why: io::Error,
    },
}

impl Exit {
    /// For `map_err`: what was being done.
    pub fn setup<E: Into<io::Error>>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |why| Self::Setup { doing, why: why.into() }
    }

    /// The codes of `sysexits.h` where one fits.
    pub fn code(&self) -> i32 {
        match self {
            Self::AgentGone | Self::Stopped => 0,
            Self::Usage(_) => 64,
            Self::Protocol(_) => 65,
            Self::Setup { .. } => 70,
            Self::Deadline => 75,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AgentGone => f.write_str("the agent has gone"),
            Self::Stopped => f.write_str("stopped by a signal"),
            Self::Deadline => f.write_str("the time to live is over"),
            Self::Usage(why) => write!(f, "wrong arguments: {why}"),
            Self::Protocol(why) => write!(f, "the agent broke the protocol: {why}"),
            Self::Setup { doing, why } => write!(f, "{doing}: {why}"),
        }
    }
}
