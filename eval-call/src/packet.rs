//! What travels on a call, in both directions: a kind, a length (`u32`, big-endian) and at most [`MAX_PAYLOAD`] bytes.
//!
//! The learner's side is hostile. A packet can only ever be bytes to show, a file below a folder that was named, or how a
//! program ended; whatever else comes ends the call.

use std::io::{self, Read, Write};

use crate::request::{Ended, FileHead, Request};

/// Bytes of one packet's payload.
pub const MAX_PAYLOAD: usize = 32 * 1024;
/// Kind and length.
const HEADER_BYTES: usize = 5;

/// One packet. The first rows go towards the learner's program, the last come from it; files and `Data` go both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// The first one. A command is run once the files before [`Start`](Self::Start) are in place.
    Ask(Request),
    /// A file or folder follows; its bytes come as [`FileBytes`](Self::FileBytes), as many as it says.
    File(FileHead),
    FileBytes(Vec<u8>),
    /// To the worker: all files have come. From it: the port takes connections.
    Start,
    Stdin(Vec<u8>),
    StdinEnd,
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// A file or folder that had been sent is no longer there.
    Gone(String),
    /// The last one of a command.
    Ended(Ended),
    /// The last one when nothing was run.
    Failed(String),
    Data(Vec<u8>),
    DataEnd,
}

/// Why bytes are not a packet.
#[derive(Debug, thiserror::Error)]
pub enum PacketError {
    #[error("the connection broke")]
    Io(#[from] io::Error),
    #[error("the connection ended in the middle")]
    Ended,
    #[error("a packet of {0} bytes is over the limit")]
    TooBig(usize),
    #[error("unknown packet kind {0}")]
    Kind(u8),
    #[error("a packet that cannot be read")]
    Json(#[from] serde_json::Error),
    #[error("a path that is not text")]
    NotText,
}

impl Packet {
    /// # Errors
    /// When the other side is gone, or the packet is over the limit.
    pub fn write(&self, to: &mut impl Write) -> Result<(), PacketError> {
        let json;
        let (kind, payload): (u8, &[u8]) = match self {
            Self::Ask(request) => (1, {
                json = serde_json::to_vec(request)?;
                &json
            }),
            Self::File(head) => (3, {
                json = serde_json::to_vec(head)?;
                &json
            }),
            Self::FileBytes(bytes) => (4, bytes),
            Self::Start => (5, &[]),
            Self::Stdin(bytes) => (6, bytes),
            Self::StdinEnd => (7, &[]),
            Self::Stdout(bytes) => (8, bytes),
            Self::Stderr(bytes) => (9, bytes),
            Self::Ended(how) => (10, {
                json = serde_json::to_vec(how)?;
                &json
            }),
            Self::Failed(why) => (11, why.as_bytes()),
            Self::Data(bytes) => (12, bytes),
            Self::DataEnd => (13, &[]),
            Self::Gone(path) => (14, path.as_bytes()),
        };
        let length = payload.len();
        if length > MAX_PAYLOAD {
            return Err(PacketError::TooBig(length));
        }
        // One write per packet, so that several threads may share a stream behind a lock.
        let mut packet = Vec::with_capacity(HEADER_BYTES + length);
        packet.push(kind);
        packet.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        packet.extend_from_slice(payload);
        to.write_all(&packet)?;
        Ok(to.flush()?)
    }

    /// The next packet; `None` when the stream ends between two.
    ///
    /// # Errors
    /// [`PacketError`]
    pub fn read(from: &mut impl Read) -> Result<Option<Self>, PacketError> {
        let mut header = [0; HEADER_BYTES];
        if !fill(from, &mut header)? {
            return Ok(None);
        }
        let [kind, length @ ..] = header;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_PAYLOAD {
            return Err(PacketError::TooBig(length));
        }
        let mut payload = vec![0; length];
        if !fill(from, &mut payload)? && length > 0 {
            return Err(PacketError::Ended);
        }
        Ok(Some(match kind {
            1 => Self::Ask(serde_json::from_slice(&payload)?),
            3 => Self::File(serde_json::from_slice(&payload)?),
            4 => Self::FileBytes(payload),
            5 => Self::Start,
            6 => Self::Stdin(payload),
            7 => Self::StdinEnd,
            8 => Self::Stdout(payload),
            9 => Self::Stderr(payload),
            10 => Self::Ended(serde_json::from_slice(&payload)?),
            11 => Self::Failed(String::from_utf8_lossy(&payload).into_owned()),
            12 => Self::Data(payload),
            13 => Self::DataEnd,
            14 => Self::Gone(String::from_utf8(payload).map_err(|_| PacketError::NotText)?),
            other => return Err(PacketError::Kind(other)),
        }))
    }
}

/// Fills the buffer; false when the stream ended before its first byte.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> Result<bool, PacketError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(PacketError::Ended),
            Ok(count) => filled += count,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::request::Command;

    fn packets() -> Vec<Packet> {
        let command = Command {
            argv: vec!["./a b.sh".to_owned(), String::new()],
            environment: vec![("A".to_owned(), "1".to_owned())],
            folder: "/home/learner/work".to_owned(),
        };
        let head = FileHead { path: "/tmp/x/y".to_owned(), folder: false, size: 3 };
        vec![
            Packet::Ask(Request::Run(command)),
            Packet::Ask(Request::Connect { port: 8000 }),
            Packet::Ask(Request::Await { port: 8000 }),
            Packet::File(head),
            Packet::FileBytes(b"abc".to_vec()),
            Packet::Start,
            Packet::Stdin(vec![0; MAX_PAYLOAD]),
            Packet::StdinEnd,
            Packet::Stdout(b"out".to_vec()),
            Packet::Stderr(Vec::new()),
            Packet::Ended(Ended::Exited { code: 3 }),
            Packet::Ended(Ended::Signaled { signal: 9 }),
            Packet::Failed("no such program".to_owned()),
            Packet::Data(b"GET /".to_vec()),
            Packet::DataEnd,
            Packet::Gone("/tmp/x/y".to_owned()),
        ]
    }

    #[test]
    fn every_packet_survives_the_wire_however_it_is_cut() {
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let count = self.0.len().min(buffer.len()).min(3);
                buffer[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let mut wire = Vec::new();
        packets().iter().for_each(|packet| packet.write(&mut wire).unwrap());
        let mut from = Drip(&wire);
        let read: Vec<_> = std::iter::from_fn(|| Packet::read(&mut from).unwrap()).collect();
        assert_eq!(read, packets());
    }

    #[test]
    fn too_much_is_refused_before_it_is_read_or_written() {
        let mut wire = vec![8];
        wire.extend_from_slice(&u32::MAX.to_be_bytes());
        assert!(matches!(Packet::read(&mut &wire[..]), Err(PacketError::TooBig(_))));
        let packet = Packet::Stdout(vec![0; MAX_PAYLOAD + 1]);
        assert!(matches!(packet.write(&mut Vec::new()), Err(PacketError::TooBig(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_packets_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut from = &bytes[..];
            while let Ok(Some(_)) = Packet::read(&mut from) {}
        }
    }
}
