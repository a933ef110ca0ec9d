//! Signals as a descriptor: children that ended, and requests to stop.

use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::exit::Exit;

pub struct Signals {
    descriptor: SignalFd,
}

/// What has arrived since the last look.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    pub child: bool,
    pub stop: bool,
}

impl Signals {
    /// Blocks what we handle, so that it waits in the descriptor. Children of ours inherit the block; programs get
    /// an empty mask.
    pub fn block() -> Result<Self, Exit> {
        crate::unsafe_calls::ignore_file_size_signal();
        Self::new().map_err(Exit::setup("blocking signals"))
    }

    pub fn new() -> nix::Result<Self> {
        let mut handled = SigSet::empty();
        for signal in [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
            handled.add(signal);
        }
        handled.thread_block()?;
        let descriptor = SignalFd::with_flags(&handled, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Self { descriptor })
    }

    pub fn take(&self) -> Arrived {
        let mut arrived = Arrived::default();
        while let Ok(Some(info)) = self.descriptor.read_signal() {
            if info.ssi_signo == Signal::SIGCHLD as u32 {
                arrived.child = true;
            } else {
                arrived.stop = true;
            }
        }
        arrived
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}
