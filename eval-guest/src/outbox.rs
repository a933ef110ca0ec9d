//! Bytes that wait for the agent to read them – or, in a channel, for the learner's server. Knows no socket.
//!
//! It never refuses; instead everyone who produces for the agent asks [`Outbox::has_room`] first and stops reading its
//! source when there is none. So it holds at most [`HIGH_WATER_BYTES`] and what has to be said in between: one message,
//! and a few words about what ended. A channel's holds at most its window.

/// Above this, terminals, pipes and the agent's requests are left unread. Eight full terminal frames: enough to keep
/// a fast reader busy, too little to notice in a container's memory.
pub const HIGH_WATER_BYTES: usize = 256 * 1024;

/// Memory kept when the box is empty; a large message's buffer is given back.
const KEPT_BYTES: usize = 64 * 1024;

#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    pub fn has_room(&self) -> bool {
        self.unsent().len() < HIGH_WATER_BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.unsent().is_empty()
    }

    pub fn unsent(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    /// Where to append a message.
    pub fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The first `count` unsent bytes have left.
    pub fn advance(&mut self, count: usize) {
        self.sent += count;
        if self.sent >= self.bytes.len() {
            self.sent = 0;
            self.bytes.clear();
            self.bytes.shrink_to(KEPT_BYTES);
        } else if self.sent >= HIGH_WATER_BYTES {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_leave_in_the_order_they_came(
            sizes in proptest::collection::vec(0usize..400_000, 0..8),
            step in 1usize..300_000,
        ) {
            let mut outbox = Outbox::default();
            let (mut given, mut left) = (Vec::new(), Vec::new());
            for (number, size) in sizes.into_iter().enumerate() {
                let length = outbox.bytes.len() + size;
                outbox.tail().resize(length, number as u8);
                given.resize(given.len() + size, number as u8);
                let part = outbox.unsent().len().min(step);
                left.extend_from_slice(&outbox.unsent()[..part]);
                outbox.advance(part);
            }
            left.extend_from_slice(outbox.unsent());
            prop_assert!(left == given);
        }
    }

    #[test]
    fn memory_of_a_large_message_is_given_back() {
        let mut outbox = Outbox::default();
        outbox.tail().resize(2 * HIGH_WATER_BYTES, 0);
        assert!(!outbox.has_room());
        outbox.advance(2 * HIGH_WATER_BYTES);
        assert!(outbox.is_empty() && outbox.bytes.capacity() <= KEPT_BYTES);
    }
}
