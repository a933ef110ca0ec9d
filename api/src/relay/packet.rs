//! What travels over a relay's socket, ready to be sent, and how a socket ends.

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use bytes::BytesMut;
use ide_protocol::frame::is_traced;
use ide_protocol::trace::{self, Hop};
use serde::Serialize;

/// One message; cloning it for many viewers copies no bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Packet {
    Text(Utf8Bytes),
    Binary(Bytes),
}

impl Packet {
    /// Serialises one of the message enums. They always can be; nothing is sent should one not.
    pub(crate) fn json(message: &impl Serialize) -> Self {
        Self::Text(serde_json::to_string(message).unwrap_or_default().into())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

impl From<Packet> for Message {
    fn from(packet: Packet) -> Self {
        match packet {
            Packet::Text(text) => Self::Text(text),
            Packet::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

/// Bytes that may be written to; copied only when somebody else holds them too.
pub(super) fn own(bytes: Bytes) -> BytesMut {
    bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(shared.as_ref()))
}

/// A frame as it came, with the hop's stamp if it is traced.
pub(super) fn stamped(frame: Bytes, hop: Hop) -> Bytes {
    if !is_traced(&frame) {
        return frame;
    }
    let mut frame = own(frame);
    trace::stamp(&mut frame, hop);
    frame.freeze()
}

/// Why a socket is closed, in the words of `ide_protocol::close`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

impl Close {
    /// Drops the connection without a word: the other side must not take it for an answer.
    pub(crate) const ABORT: Self = Self::new(1006, "");

    pub(crate) const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

impl From<Close> for Message {
    fn from(Close { code, reason }: Close) -> Self {
        Self::Close(Some(CloseFrame { code, reason: reason.into() }))
    }
}
