//! The socket to the agent: frames in, frames out, never blocking. Knows no message's meaning.

use std::cell::Cell;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use ide_protocol::frame::{Decoder, Frame, StreamFrame, encode_into, encode_stream_into};
use ide_protocol::guest::FromGuest;

use crate::exit::Exit;
use crate::outbox::Outbox;
use crate::poller::{Poller, Source, Watched};

/// Bytes read from the socket at once; small, because the stack they lie on stays resident.
const READ_BYTES: usize = 16 * 1024;

/// Above this a decoder's buffer is replaced once it is empty: one large file must not stay resident.
const KEPT_DECODER_BYTES: usize = 64 * 1024;

pub struct Connection {
    stream: Watched<UnixStream>,
    decoder: Decoder,
    /// Bytes in the decoder that belong to no frame taken yet, and the most there were since it was made.
    undecoded: usize,
    largest: usize,
    outbox: Outbox,
    /// Whether somebody was told that there is no room since the last flush.
    refused: Cell<bool>,
}

impl Connection {
    /// Dials the agent. It listens before it starts us: nobody there means that we are not wanted.
    pub fn dial(socket: &Path, poller: &Poller) -> Result<Self, Exit> {
        let stream = UnixStream::connect(socket).map_err(Exit::setup("dialling the agent"))?;
        stream.set_nonblocking(true).map_err(Exit::setup("dialling the agent"))?;
        let stream = poller.watch(Source::Agent, stream);
        let (decoder, outbox) = (Decoder::default(), Outbox::default());
        Ok(Self { stream, decoder, undecoded: 0, largest: 0, outbox, refused: Cell::new(false) })
    }

    /// Whether anything more may be said. Ask before taking input that leads to output.
    pub fn has_room(&self) -> bool {
        let room = self.outbox.has_room();
        self.refused.set(self.refused.get() || !room);
        room
    }

    pub fn say(&mut self, message: &FromGuest) {
        match serde_json::to_string(message) {
            Ok(text) => encode_into(&Frame::Text(text), self.outbox.tail()),
            Err(why) => eprintln!("eval-guest: a message cannot be written: {why}"),
        }
    }

    pub fn say_output(&mut self, frame: &StreamFrame<'_>) {
        encode_stream_into(frame, self.outbox.tail());
    }

    /// Takes what has arrived into the decoder.
    pub fn receive(&mut self) -> Result<(), Exit> {
        let mut chunk = [0; READ_BYTES];
        match self.stream.get().read(&mut chunk) {
            Ok(0) => Err(Exit::AgentGone),
            Ok(count) => {
                self.decoder.push(chunk.get(..count).unwrap_or_default());
                self.undecoded += count;
                self.largest = self.largest.max(self.undecoded);
                Ok(())
            }
            Err(why) if is_passing(why.kind()) => Ok(()),
            Err(_) => Err(Exit::AgentGone),
        }
    }

    /// The next whole frame that has arrived.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Exit> {
        let frame = self.decoder.next_frame().map_err(|why| Exit::Protocol(why.to_string()))?;
        if let Some(frame) = &frame {
            self.undecoded = self.undecoded.saturating_sub(encoded_bytes(frame));
            if self.undecoded == 0 && self.largest > KEPT_DECODER_BYTES {
                self.decoder = Decoder::default();
                self.largest = 0;
            }
        }
        Ok(frame)
    }

    /// Sends what the socket takes now, and says what to be woken for: requests only while answers have room.
    /// Answers whether those who were refused should ask again at once.
    pub fn flush(&mut self) -> Result<bool, Exit> {
        while !self.outbox.is_empty() {
            match self.stream.get().write(self.outbox.unsent()) {
                Ok(0) => return Err(Exit::AgentGone),
                Ok(count) => self.outbox.advance(count),
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(why) if why.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Err(Exit::AgentGone),
            }
        }
        let room = self.outbox.has_room();
        self.stream.want(room, !self.outbox.is_empty());
        Ok(self.refused.replace(false) && room)
    }
}

fn encoded_bytes(frame: &Frame) -> usize {
    /// Length and kind, as `ide_protocol::frame` writes them.
    const HEADER: usize = 5;
    HEADER
        + match frame {
            Frame::Text(text) => text.len(),
            Frame::Binary(bytes) => bytes.len(),
        }
}

fn is_passing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
