//! What a run stands on: the pipes of its streams, its program, and the program's keeper. Knows no limit and no clock.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use ide_protocol::guest::{GuestError, RunStream};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Pid;

use crate::launch::{Plan, cannot_start};
use crate::privileges::Identity;
use crate::spawn::Streams;
use crate::supervisor;

pub struct Stage {
    pub keeper: Pid,
    /// Our ends, which never block.
    pub streams: [(RunStream, OwnedFd); 3],
    /// Where the keeper writes how the program ended.
    pub status: OwnedFd,
}

impl Stage {
    /// Starts `plan` with `input` as its standard input; it executes when this returns.
    pub fn set(plan: &Plan, identity: Identity, input: BorrowedFd<'_>) -> Result<Self, GuestError> {
        let (output, errors, report, status) = (pipe()?, pipe()?, pipe()?, pipe()?);
        let theirs = Streams::Run {
            input,
            output: output.1.as_fd(),
            errors: errors.1.as_fd(),
            report: report.1.as_fd(),
        };
        let keeper = supervisor::start(plan, identity, theirs, status.1.as_fd())?;
        let streams =
            [(RunStream::Stdout, output.0), (RunStream::Stderr, errors.0), (RunStream::Report, report.0)];
        Ok(Self { keeper, streams, status: status.0 })
    }
}

/// A new pipe: our end, which never blocks, and theirs.
fn pipe() -> Result<(OwnedFd, OwnedFd), GuestError> {
    let make = || {
        let (ours, theirs) = pipe_with(PipeFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        Ok((ours, theirs))
    };
    make().map_err(|why: Errno| cannot_start(format!("no pipe: {why}")))
}
