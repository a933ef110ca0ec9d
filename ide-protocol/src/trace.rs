//! A traced key: typed like any other and echoed like any other, in a frame that each hop stamps with its clock.
//!
//! On the way in the payload is [`STAMP_BYTES`] of stamps and the keys. The guest types the keys, and when it has read what
//! the terminal answered it sends that as usual, and behind it a frame with the stamps alone. A hop stamps when it has a
//! frame in its hands, so the time between two stamps is one queue, one socket and one wake-up. Every other frame costs
//! one comparison.
//!
//! A stamp is nanoseconds since 1970 by the hop's own clock (`CLOCK_REALTIME`): one clock on one machine, and only as
//! good as the clocks agree across machines. What a guest writes is the learner's to see and nothing else's to act on.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::frame::stamps_of;

const STAMP_SIZE: usize = size_of::<u64>();

/// Bytes of all stamps of a frame, big-endian, in the order of [`Hop`].
pub const STAMP_BYTES: usize = Hop::ALL.len() * STAMP_SIZE;

/// Who had the frame in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// The relay, from the browser.
    RelayIn,
    /// The agent, from the relay.
    AgentIn,
    /// The guest, from the agent; it types next.
    GuestIn,
    /// The guest, from the terminal: the echo.
    GuestOut,
    /// The agent, from the guest.
    AgentOut,
    /// The relay, from the agent.
    RelayOut,
}

impl Hop {
    pub const ALL: [Self; 6] =
        [Self::RelayIn, Self::AgentIn, Self::GuestIn, Self::GuestOut, Self::AgentOut, Self::RelayOut];
}

/// The stamps of one key, in the order of [`Hop`]; 0 where a hop left none.
pub type Stamps = [u64; Hop::ALL.len()];

/// This machine's clock.
#[must_use]
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Stamps an encoded frame if it is traced; leaves any other alone.
pub fn stamp(frame: &mut [u8], hop: Hop) {
    if let Some(stamps) = stamps_of(frame) {
        mark(stamps, hop);
    }
}

/// Puts the time into the hop's place among `stamps`.
pub fn mark(stamps: &mut [u8], hop: Hop) {
    let at = hop as usize * STAMP_SIZE;
    if let Some(field) = stamps.get_mut(at..at + STAMP_SIZE) {
        field.copy_from_slice(&now().to_be_bytes());
    }
}

/// Cuts a traced frame's payload into its stamps and its keys.
#[must_use]
pub fn split(payload: &[u8]) -> Option<(&[u8; STAMP_BYTES], &[u8])> {
    payload.split_first_chunk()
}

#[must_use]
pub fn read(stamps: &[u8; STAMP_BYTES]) -> Stamps {
    let mut read = Stamps::default();
    for (stamp, bytes) in read.iter_mut().zip(stamps.as_chunks().0) {
        *stamp = u64::from_be_bytes(*bytes);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Flow, Stream, StreamFrame};

    #[test]
    fn each_hop_has_its_place_and_other_frames_are_left_alone() {
        let payload = [&[0; STAMP_BYTES][..], b"x"].concat();
        let frame = |stream| {
            StreamFrame { stream, flow: Flow::Input, viewer: 3, offset: 9, payload: &payload }.encode()
        };
        let mut traced = frame(Stream::Trace(1));
        let before = now();
        for hop in Hop::ALL {
            stamp(&mut traced, hop);
        }
        let frame_of_it = StreamFrame::decode(&traced).unwrap();
        let (stamps, keys) = split(frame_of_it.payload).unwrap();
        assert_eq!((keys, frame_of_it.viewer, frame_of_it.offset), (&b"x"[..], 3, 9));
        assert!(read(stamps).is_sorted() && read(stamps).iter().all(|stamp| *stamp >= before));

        let mut typed = frame(Stream::Terminal(1));
        stamp(&mut typed, Hop::RelayIn);
        assert_eq!(typed, frame(Stream::Terminal(1)));
        // Too short for what it says it is.
        let mut short = traced[..20].to_vec();
        stamp(&mut short, Hop::RelayOut);
        assert_eq!(short, traced[..20]);
    }
}
