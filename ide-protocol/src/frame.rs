//! Byte layouts: the frame that carries bytes of a terminal or channel, and the length prefix that carries frames over
//! a stream socket.
//!
//! A stream frame is [`HEADER_BYTES`] of header (big-endian) and the payload:
//!
//! ```text
//!  0        1        2               6               10                      18
//!  version  kind     viewer (u32)    id (u32)        offset (u64)            payload …
//! ```
//!
//! `kind` tells what `id` names and which way the bytes go: 1 terminal output, 2 terminal input, 3 channel output,
//! 4 channel input, 5 what became of a traced key, 6 a traced key (see [`trace`](crate::trace)). Output is what comes out
//! of the container.
//!
//! The relay forwards a viewer's after overwriting `viewer`, and never looks at the payload.

use crate::PROTOCOL_VERSION;
use crate::channel::ChannelId;
use crate::limits::{MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES};
use crate::terminal::TerminalId;
use crate::trace::STAMP_BYTES;

/// Bytes before the payload of a stream frame.
pub const HEADER_BYTES: usize = 18;

const TRACE_OUTPUT: u8 = 5;
const TRACE_INPUT: u8 = 6;

/// Names one connected browser tab within a session; 0 on wires where only one party can be meant, and for the relay's
/// own channels.
pub type ViewerId = u32;

/// One message on any of our sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// JSON: one of the message enums of this crate.
    Text(String),
    /// A [`StreamFrame`].
    Binary(Vec<u8>),
}

/// Which way bytes flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Out of the container. `offset` counts what has come out of this stream before this payload.
    Output,
    /// Into it. `offset` counts what this sender has put into this stream before.
    Input,
}

/// What bytes belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Terminal(TerminalId),
    Channel(ChannelId),
    /// Of a terminal too, with [`STAMP_BYTES`](crate::trace::STAMP_BYTES) before the keys.
    Trace(TerminalId),
}

/// Bytes of a stream with their address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFrame<'a> {
    pub stream: Stream,
    pub flow: Flow,
    pub viewer: ViewerId,
    /// Position of the first payload byte in its stream.
    pub offset: u64,
    pub payload: &'a [u8],
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("a binary frame is shorter than its header")]
    Truncated,
    #[error("binary frame version {0} is not spoken here")]
    Version(u8),
    #[error("unknown binary frame kind {0}")]
    Kind(u8),
    #[error("a frame of {0} bytes is over the limit")]
    TooBig(usize),
    #[error("a text frame is not UTF-8")]
    NotText,
}

impl<'a> StreamFrame<'a> {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.payload.len());
        self.append_to(&mut bytes);
        bytes
    }

    fn append_to(&self, bytes: &mut Vec<u8>) {
        let (kind, id) = match (self.stream, self.flow) {
            (Stream::Terminal(id), Flow::Output) => (1, id),
            (Stream::Terminal(id), Flow::Input) => (2, id),
            (Stream::Channel(id), Flow::Output) => (3, id),
            (Stream::Channel(id), Flow::Input) => (4, id),
            (Stream::Trace(id), Flow::Output) => (TRACE_OUTPUT, id),
            (Stream::Trace(id), Flow::Input) => (TRACE_INPUT, id),
        };
        bytes.push(PROTOCOL_VERSION as u8);
        bytes.push(kind);
        bytes.extend_from_slice(&self.viewer.to_be_bytes());
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&self.offset.to_be_bytes());
        bytes.extend_from_slice(self.payload);
    }

    /// Reads a frame without copying its payload.
    ///
    /// # Errors
    /// [`FrameError`] when the bytes are not one of ours or too many.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let (header, payload) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(FrameError::Truncated)?;
        let [version, kind, v0, v1, v2, v3, i0, i1, i2, i3, offset @ ..] = *header;
        if u16::from(version) != PROTOCOL_VERSION {
            return Err(FrameError::Version(version));
        }
        let id = u32::from_be_bytes([i0, i1, i2, i3]);
        let (stream, flow) = match kind {
            1 => (Stream::Terminal(id), Flow::Output),
            2 => (Stream::Terminal(id), Flow::Input),
            3 => (Stream::Channel(id), Flow::Output),
            4 => (Stream::Channel(id), Flow::Input),
            TRACE_OUTPUT => (Stream::Trace(id), Flow::Output),
            TRACE_INPUT => (Stream::Trace(id), Flow::Input),
            other => return Err(FrameError::Kind(other)),
        };
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(FrameError::TooBig(payload.len()));
        }
        let viewer = u32::from_be_bytes([v0, v1, v2, v3]);
        Ok(Self { stream, flow, viewer, offset: u64::from_be_bytes(offset), payload })
    }
}

/// Overwrites the viewer of an encoded frame in place, as the relay does. Leaves anything shorter than a header
/// alone.
pub fn readdress(bytes: &mut [u8], viewer: ViewerId) {
    if let Some(field) = bytes.get_mut(2..6) {
        field.copy_from_slice(&viewer.to_be_bytes());
    }
}

/// The stamps of an encoded frame, if it is one that is traced; looks at one byte of any other.
pub(crate) fn stamps_of(bytes: &mut [u8]) -> Option<&mut [u8]> {
    match bytes.get(1) {
        Some(&(TRACE_INPUT | TRACE_OUTPUT)) => bytes.get_mut(HEADER_BYTES..HEADER_BYTES + STAMP_BYTES),
        _ => None,
    }
}

/// Whether an encoded frame is traced.
#[must_use]
pub fn is_traced(bytes: &[u8]) -> bool {
    matches!(bytes.get(1), Some(&(TRACE_INPUT | TRACE_OUTPUT)))
}

const TEXT: u8 = 0;
const BINARY: u8 = 1;
/// Length (u32, big-endian, of what follows the kind) and kind.
const STREAM_HEADER_BYTES: usize = 5;

/// Appends `frame` to `out` in the form a stream socket carries: length (u32, big-endian), kind (0 text,
/// 1 binary), body.
pub fn encode_into(frame: &Frame, out: &mut Vec<u8>) {
    let (kind, body) = match frame {
        Frame::Text(text) => (TEXT, text.as_bytes()),
        Frame::Binary(bytes) => (BINARY, bytes.as_slice()),
    };
    out.extend_from_slice(&(body.len() as u32).to_be_bytes());
    out.push(kind);
    out.extend_from_slice(body);
}

/// The same for a stream frame, whose payload is copied once.
pub fn encode_stream_into(frame: &StreamFrame<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(&((HEADER_BYTES + frame.payload.len()) as u32).to_be_bytes());
    out.push(BINARY);
    frame.append_to(out);
}

/// Cuts a byte stream into frames. Feed it what the socket gave, take frames until there is none.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    taken: usize,
}

impl Decoder {
    pub fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, if one has arrived.
    ///
    /// # Errors
    /// [`FrameError`] when the peer broke the rules; the stream cannot be read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let rest = self.buffer.get(self.taken..).unwrap_or_default();
        let Some((&[l0, l1, l2, l3, kind], body)) = rest.split_first_chunk::<STREAM_HEADER_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        if length > MAX_MESSAGE_BYTES {
            return Err(FrameError::TooBig(length));
        }
        let Some(body) = body.get(..length) else {
            return Ok(None);
        };
        let frame = match kind {
            TEXT => Frame::Text(String::from_utf8(body.to_vec()).map_err(|_| FrameError::NotText)?),
            BINARY => Frame::Binary(body.to_vec()),
            other => return Err(FrameError::Kind(other)),
        };
        self.taken += STREAM_HEADER_BYTES + length;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        prop_oneof![
            ".*".prop_map(Frame::Text),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(Frame::Binary)
        ]
    }

    fn any_stream() -> impl Strategy<Value = Stream> {
        prop_oneof![
            any::<u32>().prop_map(Stream::Terminal),
            any::<u32>().prop_map(Stream::Channel),
            any::<u32>().prop_map(Stream::Trace)
        ]
    }

    proptest! {
        #[test]
        fn a_stream_frame_survives_the_wire(
            stream in any_stream(), out: bool, viewer: u32, offset: u64, payload: Vec<u8>,
        ) {
            let flow = if out { Flow::Output } else { Flow::Input };
            let frame = StreamFrame { stream, flow, viewer, offset, payload: &payload };
            let bytes = frame.encode();
            prop_assert_eq!(StreamFrame::decode(&bytes), Ok(frame.clone()));
            let (mut whole, mut at_once) = (Vec::new(), Vec::new());
            encode_into(&Frame::Binary(bytes), &mut whole);
            encode_stream_into(&frame, &mut at_once);
            prop_assert_eq!(at_once, whole);
        }

        #[test]
        fn readdressing_changes_only_the_viewer(
            stream in any_stream(), viewer: u32, offset: u64, payload: Vec<u8>,
        ) {
            let frame = StreamFrame { stream, flow: Flow::Output, viewer: 0, offset, payload: &payload };
            let mut bytes = frame.encode();
            readdress(&mut bytes, viewer);
            prop_assert_eq!(StreamFrame::decode(&bytes), Ok(StreamFrame { viewer, ..frame }));
        }

        #[test]
        fn any_bytes_are_a_frame_or_an_error(bytes: Vec<u8>) {
            let _ = StreamFrame::decode(&bytes);
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
        }

        #[test]
        fn frames_survive_a_stream_cut_anywhere(
            frames in proptest::collection::vec(any_frame(), 0..8),
            cut in 1usize..40,
        ) {
            let mut stream = Vec::new();
            for frame in &frames {
                encode_into(frame, &mut stream);
            }
            let mut decoder = Decoder::default();
            let mut seen = Vec::new();
            for piece in stream.chunks(cut) {
                decoder.push(piece);
                while let Some(frame) = decoder.next_frame().unwrap() {
                    seen.push(frame);
                }
            }
            prop_assert_eq!(seen, frames);
        }
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_its_body_arrives() {
        let mut decoder = Decoder::default();
        decoder.push(&[0xff, 0xff, 0xff, 0xff, 0]);
        assert_eq!(decoder.next_frame(), Err(FrameError::TooBig(u32::MAX as usize)));
    }
}
