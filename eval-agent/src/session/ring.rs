//! The last bytes of an endless stream, addressed by offset.

use std::collections::VecDeque;

use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::limits::{MAX_PAYLOAD_BYTES, TERMINAL_RING_BYTES};
use ide_protocol::terminal::TerminalId;

/// Keeps the last [`TERMINAL_RING_BYTES`]. Grows as bytes come, so an idle terminal costs nothing.
#[derive(Debug, Default)]
pub(super) struct Ring {
    bytes: VecDeque<u8>,
    end: u64,
}

impl Ring {
    /// Offset of the oldest byte kept.
    pub(super) fn start(&self) -> u64 {
        self.end - self.bytes.len() as u64
    }

    /// Offset after the newest byte.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let surplus = (self.bytes.len() + bytes.len()).saturating_sub(TERMINAL_RING_BYTES);
        self.bytes.drain(..surplus.min(self.bytes.len()));
        let kept = bytes.get(bytes.len().saturating_sub(TERMINAL_RING_BYTES)..).unwrap_or_default();
        self.bytes.extend(kept);
        self.end += bytes.len() as u64;
    }

    /// An output frame that starts at `from`, with at most `most` bytes and no more than a frame may hold; and how many
    /// bytes it carries. `None` when there is nothing to send or `from` is not kept.
    pub(super) fn frame(
        &self,
        viewer: ViewerId,
        terminal: TerminalId,
        from: u64,
        most: u64,
    ) -> Option<(Vec<u8>, u64)> {
        let skip = usize::try_from(from.checked_sub(self.start())?).ok()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(MAX_PAYLOAD_BYTES);
        let count = self.bytes.len().checked_sub(skip)?.min(most);
        if count == 0 {
            return None;
        }
        let stream = Stream::Terminal(terminal);
        let header = StreamFrame { stream, flow: Flow::Output, viewer, offset: from, payload: &[] };
        let mut bytes = header.encode();
        bytes.reserve_exact(count);
        let (front, back) = self.bytes.as_slices();
        let front = front.get(skip..).unwrap_or_default();
        let first = front.get(..count.min(front.len())).unwrap_or_default();
        bytes.extend_from_slice(first);
        let skip_back = skip.saturating_sub(self.bytes.as_slices().0.len());
        let rest = count - first.len();
        bytes.extend_from_slice(back.get(skip_back..skip_back + rest).unwrap_or_default());
        Some((bytes, count as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is pushed, what comes out is what went in at that offset.
        #[test]
        fn frames_hold_the_bytes_of_their_offset(
            pieces in proptest::collection::vec(0usize..200_000, 1..12),
            back in 0u64..300_000,
            most in 1u64..40_000,
        ) {
            let mut ring = Ring::default();
            let mut stream: Vec<u8> = Vec::new();
            for length in pieces {
                let piece: Vec<u8> = (stream.len()..stream.len() + length).map(|n| (n % 251) as u8).collect();
                ring.push(&piece);
                stream.extend(piece);
            }
            prop_assert_eq!(ring.end(), stream.len() as u64);
            prop_assert!(ring.end() - ring.start() <= TERMINAL_RING_BYTES as u64);
            let from = ring.end().saturating_sub(back);
            match ring.frame(1, 2, from, most) {
                Some((bytes, count)) => {
                    let frame = StreamFrame::decode(&bytes).unwrap();
                    let from = from as usize;
                    prop_assert_eq!(frame.payload, &stream[from..from + count as usize]);
                    prop_assert!(count <= most);
                }
                None => prop_assert!(from < ring.start() || from == ring.end()),
            }
        }
    }
}
