//! Key strokes that a terminal does not take yet. Knows no terminal.
//!
//! A program that never reads fills the kernel's buffer, then this queue. What comes after is dropped, as a serial
//! line would; only the keys that interrupt must still work, so they are found here.

/// Bytes kept per terminal: a large paste into a slow program.
pub const MAX_QUEUED_INPUT_BYTES: usize = 64 * 1024;

#[derive(Debug, Default)]
pub struct InputQueue {
    bytes: Vec<u8>,
}

impl InputQueue {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn waiting(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends what fits and answers how many bytes did not.
    #[must_use]
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let room = MAX_QUEUED_INPUT_BYTES.saturating_sub(self.bytes.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.bytes.extend_from_slice(taken);
        bytes.len() - taken.len()
    }

    /// The terminal took the first `count`.
    pub fn advance(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        if self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
    }

    pub fn clear(&mut self) {
        self.bytes = Vec::new();
    }
}

/// What a key does on a terminal that handles signals itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalKey {
    Interrupt,
    Quit,
    Suspend,
}

/// The terminal's special characters; 0 means that the key is switched off.
#[derive(Debug, Clone, Copy)]
pub struct SignalKeys {
    pub interrupt: u8,
    pub quit: u8,
    pub suspend: u8,
}

impl SignalKeys {
    /// The last key in `typed` that raises a signal, and what was typed after it.
    pub fn last_in(self, typed: &[u8]) -> Option<(SignalKey, &[u8])> {
        let keys = [
            (self.interrupt, SignalKey::Interrupt),
            (self.quit, SignalKey::Quit),
            (self.suspend, SignalKey::Suspend),
        ];
        typed.iter().enumerate().rev().find_map(|(at, &byte)| {
            let (_, what) = keys.into_iter().find(|&(key, _)| key != 0 && key == byte)?;
            Some((what, typed.get(at + 1..).unwrap_or_default()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_keeps_what_it_has_and_counts_the_rest() {
        let mut queue = InputQueue::default();
        assert_eq!(queue.push(&vec![b'a'; MAX_QUEUED_INPUT_BYTES - 1]), 0);
        assert_eq!(queue.push(b"bcd"), 2);
        queue.advance(MAX_QUEUED_INPUT_BYTES - 1);
        assert_eq!(queue.waiting(), b"b");
        queue.advance(1);
        assert!(queue.is_empty() && queue.bytes.capacity() == 0);
    }

    #[test]
    fn the_last_signal_key_counts() {
        let keys = SignalKeys { interrupt: 3, quit: 0x1c, suspend: 0 };
        type Row<'a> = (&'a [u8], Option<(SignalKey, &'a [u8])>);
        let rows: [Row; 5] = [
            (b"ls\n", None),
            (b"\x03", Some((SignalKey::Interrupt, b""))),
            (b"abc\x03ls\n", Some((SignalKey::Interrupt, b"ls\n"))),
            (b"\x03\x1cx", Some((SignalKey::Quit, b"x"))),
            (b"\0\x1a", None),
        ];
        for (typed, expected) in rows {
            assert_eq!(keys.last_in(typed), expected, "{typed:?}");
        }
    }
}
