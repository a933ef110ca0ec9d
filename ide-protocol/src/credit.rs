//! The arithmetic of flow control, the same for terminals and channels at every hop. Knows offsets, no bytes and no
//! messages.

use crate::limits::{CHANNEL_WINDOW_BYTES, MAX_PAYLOAD_BYTES};

/// A grant is told when it is worth as much: not with every frame, and early enough that a sender with a full window to
/// go seldom has to wait.
const GRANT_STEP_BYTES: u64 = CHANNEL_WINDOW_BYTES / 4;

/// How far a stream may go: what has passed, and what was granted. For whoever sends, and for whoever stands in between
/// and checks.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    passed: u64,
    granted: u64,
}

/// Bytes beyond the grant, or not where the last ones ended. Whoever sent them is not to be believed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bytes came that were not granted, or out of order")]
pub struct CreditBroken;

impl Credit {
    #[must_use]
    pub fn new(granted: u64) -> Self {
        Self { passed: 0, granted }
    }

    /// Offset of the next byte.
    #[must_use]
    pub fn passed(self) -> u64 {
        self.passed
    }

    /// Offset of the first byte that may not be sent.
    #[must_use]
    pub fn granted(self) -> u64 {
        self.granted
    }

    /// Bytes that may go into the next frame.
    #[must_use]
    pub fn allowance(self) -> usize {
        let left = self.granted.saturating_sub(self.passed);
        usize::try_from(left).unwrap_or(usize::MAX).min(MAX_PAYLOAD_BYTES)
    }

    /// As many bytes were sent.
    pub fn advance(&mut self, count: usize) {
        self.passed = self.passed.saturating_add(count as u64);
    }

    /// A grant never falls: an older one that arrives late changes nothing.
    pub fn grant(&mut self, up_to: u64) {
        self.granted = self.granted.max(up_to);
    }

    /// As [`grant`](Self::grant) on a channel. Nobody can have room for more than a window beyond what was sent; who
    /// claims so anyway gets a window.
    pub fn grant_window(&mut self, up_to: u64) {
        self.grant(up_to.min(self.passed.saturating_add(CHANNEL_WINDOW_BYTES)));
    }

    /// Somebody else sent a frame.
    ///
    /// # Errors
    /// [`CreditBroken`]
    pub fn accept(&mut self, offset: u64, length: usize) -> Result<(), CreditBroken> {
        let end = offset.checked_add(length as u64).ok_or(CreditBroken)?;
        if offset != self.passed || end > self.granted {
            return Err(CreditBroken);
        }
        self.passed = end;
        Ok(())
    }
}

/// The receiving end of a channel: what has come, and how much of it was passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    credit: Credit,
    taken: u64,
}

impl Default for Window {
    fn default() -> Self {
        Self { credit: Credit::new(CHANNEL_WINDOW_BYTES), taken: 0 }
    }
}

impl Window {
    /// Bytes came.
    ///
    /// # Errors
    /// [`CreditBroken`]
    pub fn accept(&mut self, offset: u64, length: usize) -> Result<(), CreditBroken> {
        self.credit.accept(offset, length)
    }

    /// As many bytes were passed on and hold no memory here any more. Answers a grant when it is time to tell one.
    #[must_use]
    pub fn take(&mut self, count: usize) -> Option<u64> {
        self.taken = self.taken.saturating_add(count as u64).min(self.credit.passed);
        let up_to = self.taken.saturating_add(CHANNEL_WINDOW_BYTES);
        if up_to < self.credit.granted + GRANT_STEP_BYTES {
            return None;
        }
        self.credit.grant(up_to);
        Some(up_to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_a_byte_beyond_the_highest_grant(grants in proptest::collection::vec(0u64..200_000, 1..20)) {
            let mut credit = Credit::default();
            let mut highest = 0;
            for up_to in grants {
                credit.grant(up_to);
                highest = highest.max(up_to);
                while credit.allowance() > 0 {
                    prop_assert!(credit.allowance() <= MAX_PAYLOAD_BYTES);
                    credit.advance(credit.allowance());
                }
                prop_assert_eq!(credit.passed(), highest);
            }
        }

        /// A sender, a hop that checks and a receiver, each hearing of the others late: nothing is refused, nobody
        /// holds more than a window, and whatever the receiver's pace, the stream gets through.
        #[test]
        fn a_stream_gets_through_at_any_pace(steps in proptest::collection::vec((0usize..60_000, 0usize..60_000), 1..200)) {
            let mut sender = Credit::new(CHANNEL_WINDOW_BYTES);
            let mut hop = sender;
            let mut receiver = Window::default();
            let (mut on_the_way, mut held) = (std::collections::VecDeque::new(), 0u64);
            let settle = std::iter::repeat_n((usize::MAX, usize::MAX), 20);
            for (send, take) in steps.into_iter().chain(settle) {
                let count = send.min(sender.allowance());
                on_the_way.push_back((sender.passed(), count));
                sender.advance(count);
                // Frames arrive a step late, but for the last ones.
                while on_the_way.len() > 1 || (send == usize::MAX && !on_the_way.is_empty()) {
                    let (offset, count) = on_the_way.pop_front().unwrap();
                    prop_assert_eq!(hop.accept(offset, count), Ok(()));
                    prop_assert_eq!(receiver.accept(offset, count), Ok(()));
                    held += count as u64;
                }
                prop_assert!(held <= CHANNEL_WINDOW_BYTES);
                let taken = held.min(take as u64);
                held -= taken;
                if let Some(up_to) = receiver.take(taken as usize) {
                    hop.grant_window(up_to);
                    sender.grant_window(up_to);
                    prop_assert_eq!(hop.granted, up_to, "an honest grant is never cut");
                }
            }
            prop_assert!(sender.allowance() > 0, "stuck at {:?}", sender);
        }

        #[test]
        fn what_does_not_join_on_or_was_not_granted_is_refused(offset: u64, length in 0usize..100_000) {
            let mut credit = Credit::new(CHANNEL_WINDOW_BYTES);
            credit.accept(0, 50_000).unwrap();
            let fits = offset == 50_000 && length as u64 <= CHANNEL_WINDOW_BYTES - 50_000;
            prop_assert_eq!(credit.accept(offset, length).is_ok(), fits);
            prop_assert_eq!(credit.passed(), if fits { 50_000 + length as u64 } else { 50_000 });
        }
    }

    #[test]
    fn a_stream_starts_silent_and_an_endless_grant_is_no_overflow() {
        let mut credit = Credit::default();
        assert_eq!(credit.allowance(), 0);
        credit.grant(u64::MAX);
        assert_eq!(credit.allowance(), MAX_PAYLOAD_BYTES);
        let mut credit = Credit::default();
        credit.grant_window(u64::MAX);
        assert_eq!(credit.granted, CHANNEL_WINDOW_BYTES);
    }

    #[test]
    fn grants_are_told_in_steps() {
        let mut window = Window::default();
        window.accept(0, CHANNEL_WINDOW_BYTES as usize).unwrap();
        assert_eq!(window.take(GRANT_STEP_BYTES as usize - 1), None);
        assert_eq!(window.take(1), Some(CHANNEL_WINDOW_BYTES + GRANT_STEP_BYTES));
        assert_eq!(window.take(usize::MAX), Some(2 * CHANNEL_WINDOW_BYTES), "never more than has come");
        assert_eq!(window.accept(CHANNEL_WINDOW_BYTES, 1), Ok(()));
    }
}
