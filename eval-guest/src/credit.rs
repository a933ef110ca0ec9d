//! How much terminal output the agent is ready to take. Knows offsets, no bytes.

use ide_protocol::limits::MAX_TERMINAL_PAYLOAD_BYTES;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct OutputCredit {
    sent: u64,
    granted: u64,
}

impl OutputCredit {
    /// Bytes that may go into the next frame.
    pub fn allowance(self) -> usize {
        let left = self.granted.saturating_sub(self.sent);
        usize::try_from(left).unwrap_or(usize::MAX).min(MAX_TERMINAL_PAYLOAD_BYTES)
    }

    /// Offset of the next byte.
    pub fn sent(self) -> u64 {
        self.sent
    }

    pub fn advance(&mut self, count: usize) {
        self.sent += count as u64;
    }

    /// A grant never falls: an older one that arrives late changes nothing.
    pub fn grant(&mut self, up_to: u64) {
        self.granted = self.granted.max(up_to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_a_byte_beyond_the_highest_grant(grants in proptest::collection::vec(0u64..200_000, 1..20)) {
            let mut credit = OutputCredit::default();
            let mut highest = 0;
            for up_to in grants {
                credit.grant(up_to);
                highest = highest.max(up_to);
                while credit.allowance() > 0 {
                    prop_assert!(credit.allowance() <= MAX_TERMINAL_PAYLOAD_BYTES);
                    credit.advance(credit.allowance());
                }
                prop_assert_eq!(credit.sent(), highest);
            }
        }
    }

    #[test]
    fn a_terminal_starts_silent_and_an_endless_grant_is_no_overflow() {
        let mut credit = OutputCredit::default();
        assert_eq!(credit.allowance(), 0);
        credit.grant(u64::MAX);
        assert_eq!(credit.allowance(), MAX_TERMINAL_PAYLOAD_BYTES);
    }
}
