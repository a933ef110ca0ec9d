//! Byte channels: a connection to a port inside the learner's container, or the standard streams of a language server
//! there, carried over the sockets that exist anyway.
//!
//! Every hop speaks the same few messages; who sends one decides what it means. The **opener** (a browser, or the relay
//! for a web preview) chooses the number, sends [`Open`](ChannelMessage::Open), and may send bytes at once; the
//! **container's side** answers [`Opened`](ChannelMessage::Opened) or [`Closed`](ChannelMessage::Closed). Bytes travel
//! as [`StreamFrame`](crate::frame::StreamFrame)s. All else is said by both:
//!
//! * **Credit.** Each side may send [`CHANNEL_WINDOW_BYTES`] from the start, without a round trip, and on as far as it
//!   was [`Granted`](ChannelMessage::Granted). Who receives grants what it has passed on, so nothing on the way ever
//!   holds more than a window per channel and direction. Every hop checks it (see [`credit`](crate::credit)); who
//!   sends more, or with a hole, has broken the rules.
//! * **Half-close.** [`Finished`](ChannelMessage::Finished) ends one's own bytes; the other's still come.
//! * **End.** [`Closed`](ChannelMessage::Closed) is the last word of whoever says it first and is not answered; what
//!   crosses it on the way is void. The container's side says it once both have finished, or when it cannot go on;
//!   the opener may say it at any time: the connection is dropped, the program killed.
//!
//! A channel does not outlive anything it passes through: when the container, the agent's line or the browser's socket
//! goes, it is closed, and whoever wants it again opens a new one. Numbers are not used twice by one opener.
//!
//! Browsers open language servers only, and none when they are looking on; ports are the relay's to open, and only
//! those that the lesson declares.
//!
//! [`CHANNEL_WINDOW_BYTES`]: crate::limits::CHANNEL_WINDOW_BYTES

use serde::{Deserialize, Serialize};

use crate::terminal::ExitStatus;

/// Names a channel; chosen by its opener, never used twice by it while it is connected.
pub type ChannelId = u32;

/// What is said about a channel, in both directions and at every hop. Between agent and guest `T` is a
/// [`GuestTarget`](crate::guest::GuestTarget).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS), ts(concrete(T = ChannelTarget)))]
pub enum ChannelMessage<T = ChannelTarget> {
    /// From the opener, first.
    Open { channel: ChannelId, target: T },
    /// To the opener: connected, or the program runs.
    Opened { channel: ChannelId },
    /// The receiver of these messages may send bytes up to (not including) this offset. Never falls.
    Granted { channel: ChannelId, up_to: u64 },
    /// No more bytes follow from the sender.
    Finished { channel: ChannelId },
    /// The channel is over. Without `reason` both had finished, or the opener wants no more.
    Closed { channel: ChannelId, reason: Option<ChannelProblem> },
}

/// Where a channel leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub enum ChannelTarget {
    /// A TCP port of the container's own network: `127.0.0.1`, then `::1`.
    Port { port: u16 },
    /// The program `gradus-language-server <language>` of the lesson's image, started for this channel as the learner:
    /// its standard input and output. What it writes to standard error is dropped.
    LanguageServer { language: String },
}

/// Why a channel is over, or never began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS))]
pub enum ChannelProblem {
    /// Nobody runs the session just now: its container is not up yet, or the way to it was cut.
    #[error("the container cannot be reached")]
    NoContainer,
    /// The lesson declares no such port, or the opener may not open this.
    #[error("this may not be opened")]
    NotAllowed,
    #[error("there are {limit} of these channels already")]
    TooMany { limit: u32 },
    /// Connection refused: no program of the learner's listens there.
    #[error("nothing listens on port {port}")]
    NothingListens { port: u16 },
    /// Something listens and takes no connections.
    #[error("nothing answered on port {port} within {limit_ms} ms")]
    NoAnswer { port: u16, limit_ms: u32 },
    /// The image ships no such program, or it cannot be started.
    #[error("the program cannot be started: {detail}")]
    CannotStart { detail: String },
    #[error("the program ended")]
    ProgramEnded { status: ExitStatus },
    /// Reset by the other end, or everything in the container was ended.
    #[error("the connection broke: {detail}")]
    Broken { detail: String },
    /// More bytes than were granted, bytes out of order, or a number used twice.
    #[error("a rule of the protocol was broken")]
    RuleBroken,
}

impl<T> ChannelMessage<T> {
    #[must_use]
    pub fn channel(&self) -> ChannelId {
        match self {
            Self::Open { channel, .. }
            | Self::Opened { channel }
            | Self::Granted { channel, .. }
            | Self::Finished { channel }
            | Self::Closed { channel, .. } => *channel,
        }
    }
}
