//! How a child process ended, as the kernel and our supervisors tell it.

use ide_protocol::terminal::ExitStatus;
use nix::libc;

/// Bytes of an encoded status.
pub const STATUS_BYTES: usize = 4;

/// The kernel's wait status of a process that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChildStatus(i32);

impl ChildStatus {
    pub fn from_raw(status: i32) -> Self {
        Self(status)
    }

    pub fn encode(self) -> [u8; STATUS_BYTES] {
        self.0.to_ne_bytes()
    }

    pub fn decode(bytes: [u8; STATUS_BYTES]) -> Self {
        Self(i32::from_ne_bytes(bytes))
    }

    pub fn exit_status(self) -> ExitStatus {
        if libc::WIFSIGNALED(self.0) {
            ExitStatus::Signaled { signal: libc::WTERMSIG(self.0) }
        } else {
            ExitStatus::Exited { code: libc::WEXITSTATUS(self.0) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_tells_codes_and_signals_even_real_time_ones() {
        let rows = [
            (0x0000, ExitStatus::Exited { code: 0 }),
            (0x0300, ExitStatus::Exited { code: 3 }),
            (0x0009, ExitStatus::Signaled { signal: 9 }),
            (0x008b, ExitStatus::Signaled { signal: 11 }),
            (0x0022, ExitStatus::Signaled { signal: 34 }),
        ];
        for (raw, status) in rows {
            let sent = ChildStatus::from_raw(raw).encode();
            assert_eq!(ChildStatus::decode(sent).exit_status(), status);
        }
    }
}
