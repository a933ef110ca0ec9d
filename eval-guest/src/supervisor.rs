//! The keeper of one run: a small process between the guest and the run's program.
//!
//! It is a *child subreaper*: whatever the run starts, however often it forks or changes session, ends up below
//! it and never elsewhere. So "everything the run started" is exactly its descendants, and once it has no children
//! left, nothing of the run is alive. It keeps the guest's uid, so the learner cannot kill it to break the chain.
//!
//! It ends by itself when all are gone; SIGTERM makes it kill them. It writes how the program ended into a pipe.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};

use ide_protocol::guest::GuestError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, getpid, getppid, set_child_subreaper, set_parent_process_death_signal};

use crate::child_status::ChildStatus;
use crate::launch::Plan;
use crate::privileges::Identity;
use crate::processes::{is_crowd, sweep, sweep_frozen};
use crate::signals::Signals;
use crate::spawn::{Streams, execute, fail, start_with};
use crate::unsafe_calls::{Reaped, close_all_but, fork_into, reap};

/// Pause between two sweeps: time for killed processes to become zombies.
const SWEEP_PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 2_000_000 };

/// Sweeps before the container is held still for one. The first usually suffices.
const PATIENT_SWEEPS: u32 = 20;

/// Exit code when the keeper itself fails; the guest sees that no status was written.
const KEEPER_FAILED: i32 = 70;

/// Starts `plan` under a keeper and answers the keeper's pid.
pub fn start(
    plan: &Plan,
    identity: Identity,
    streams: Streams<'_>,
    status: BorrowedFd<'_>,
) -> Result<Pid, GuestError> {
    start_with(Signal::TERM, |failure| {
        fork_into(&|| match begin(plan, identity, streams, failure) {
            Ok(program) => {
                close_all_but(status.as_raw_fd());
                keep(program, status).map_or(KEEPER_FAILED, |()| 0)
            }
            Err(why) => fail(failure, why),
        })
    })
}

fn begin(plan: &Plan, identity: Identity, streams: Streams<'_>, failure: BorrowedFd<'_>) -> io::Result<Pid> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_child_subreaper(Some(getpid()))?;
    fork_into(&|| fail(failure, execute(plan, identity, streams)))
}

/// Reaps until nothing of the run is left.
fn keep(program: Pid, status: BorrowedFd<'_>) -> io::Result<()> {
    let signals = Signals::new()?;
    let mut killing = false;
    let mut sweeps = 0;
    loop {
        loop {
            match reap() {
                Reaped::Child(pid, ended) if pid == program => {
                    tell(status, ended)?;
                    killing = true;
                }
                Reaped::Child(..) => {}
                Reaped::NoneEnded => break,
                Reaped::NoChildren => return Ok(()),
            }
        }
        if killing {
            sweeps += 1;
            sweep_again(sweeps);
        }
        let mut waiting = [PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
        let _ = poll(&mut waiting, killing.then_some(&SWEEP_PAUSE));
        killing |= signals.take().stop;
    }
}

/// Only in a container, where the guest is PID 1, is everyone ours to stop.
fn sweep_again(sweeps: u32) {
    let own = getpid().as_raw_nonzero().get();
    let in_container = getppid() == Some(Pid::INIT);
    if in_container && (sweeps > PATIENT_SWEEPS || is_crowd(own)) {
        sweep_frozen(own);
    } else {
        sweep(own);
    }
}

fn tell(status: BorrowedFd<'_>, ended: ChildStatus) -> io::Result<()> {
    rustix::io::write(status, &ended.encode())?;
    Ok(())
}
