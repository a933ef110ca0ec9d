//! Starting programs: fork, become the learner, execute. Knows how, not why.

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use ide_protocol::guest::GuestError;
use nix::sys::signal::SigSet;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, kill_process};

use crate::launch::{Plan, REPORT_DESCRIPTOR, cannot_start};
use crate::privileges::Identity;
use crate::unsafe_calls::{default_signals, duplicate_onto, fork_into};

/// Where a program's standard streams lead.
#[derive(Clone, Copy)]
pub enum Streams<'a> {
    /// The slave of a pseudo-terminal, which becomes the controlling terminal.
    Terminal(BorrowedFd<'a>),
    /// Pipes to write, the report's on [`REPORT_DESCRIPTOR`].
    Run {
        input: BorrowedFd<'a>,
        output: BorrowedFd<'a>,
        errors: BorrowedFd<'a>,
        report: BorrowedFd<'a>,
    },
    Null(BorrowedFd<'a>),
    /// One socket to read and write; nothing of its errors is kept.
    Socket {
        socket: BorrowedFd<'a>,
        null: BorrowedFd<'a>,
    },
}

/// The learner's files are for themselves and readable by others, as on any Unix machine.
pub const UMASK: Mode = Mode::from_raw_mode(0o022);

/// Exit code of a child that could not execute its program; nobody sees it but our own log.
const NOT_STARTED: i32 = 127;

/// How long a child may take to execute its program: far more than a loaded machine needs. It takes longer only if
/// the learner's programs stop it on its way, and the guest must not wait for their mercy.
const START_LIMIT: Duration = Duration::from_millis(1_000);
const START_LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Starts `plan` as the learner and waits until it executes or is known not to.
pub fn start(plan: &Plan, identity: Identity, streams: Streams<'_>) -> Result<Pid, GuestError> {
    start_with(Signal::KILL, |failure| fork_into(&|| fail(failure, execute(plan, identity, streams))))
}

/// As [`start`], on one end of a pair of sockets; answers the other, which never blocks. Sockets and not pipes: then the
/// other end of a channel is the same kind of thing, whether it is a program's or a server's.
pub fn start_on_socket(plan: &Plan, identity: Identity) -> Result<(OwnedFd, Pid), GuestError> {
    let pair = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None);
    let (ours, theirs) = pair.map_err(|why| cannot_start(format!("no pair of sockets: {why}")))?;
    rustix::io::ioctl_fionbio(&ours, true).map_err(|why| cannot_start(why.to_string()))?;
    let null = null()?;
    let leader = start(plan, identity, Streams::Socket { socket: theirs.as_fd(), null: null.as_fd() })?;
    Ok((ours, leader))
}

/// Runs `fork` with a pipe that its child writes a failure into, and reads it. End of file means success: the pipe
/// was closed by the exec (or with the death of the child, which the reaper reports). A child that takes too long is
/// sent `give_up`.
pub fn start_with(
    give_up: Signal,
    fork: impl FnOnce(BorrowedFd<'_>) -> io::Result<Pid>,
) -> Result<Pid, GuestError> {
    let trouble = |why: io::Error| cannot_start(why.to_string());
    let (read, write) = pipe_with(PipeFlags::CLOEXEC).map_err(|why| trouble(why.into()))?;
    let pid = fork(write.as_fd()).map_err(trouble)?;
    drop(write);
    if !is_told_in_time(read.as_fd(), pid) {
        let _ = kill_process(pid, give_up);
        return Err(cannot_start("other programs kept it from starting"));
    }
    let mut code = [0; 4];
    match rustix::io::retry_on_intr(|| rustix::io::read(&read, &mut code)) {
        Ok(4) => Err(trouble(io::Error::from_raw_os_error(i32::from_ne_bytes(code)))),
        _ => Ok(pid),
    }
}

/// Waits for the child's word; a stopped one is told to go on.
fn is_told_in_time(read: BorrowedFd<'_>, pid: Pid) -> bool {
    let started = Instant::now();
    loop {
        let mut waiting = [PollFd::from_borrowed_fd(read, PollFlags::IN)];
        if poll(&mut waiting, Some(&START_LOOK)).is_ok_and(|ready| ready > 0) {
            return true;
        }
        if started.elapsed() > START_LIMIT {
            return false;
        }
        let _ = kill_process(pid, Signal::CONT);
    }
}

/// The child's last words.
pub fn fail(failure: BorrowedFd<'_>, why: io::Error) -> i32 {
    let code = why.raw_os_error().unwrap_or(Errno::IO.raw_os_error());
    let _ = rustix::io::write(failure, &code.to_ne_bytes());
    NOT_STARTED
}

/// In the child: becomes the program. Returns only if that fails.
pub fn execute(plan: &Plan, identity: Identity, streams: Streams<'_>) -> io::Error {
    match prepare(plan, identity, streams) {
        Ok(()) => io::Error::from(try_candidates(plan)),
        Err(why) => why,
    }
}

fn prepare(plan: &Plan, identity: Identity, streams: Streams<'_>) -> io::Result<()> {
    rustix::process::setsid()?;
    connect(streams)?;
    rustix::process::umask(UMASK);
    let entered = plan.folders.iter().any(|folder| rustix::process::chdir(folder.as_c_str()).is_ok());
    if !entered {
        return Err(Errno::NOENT.into());
    }
    default_signals();
    SigSet::empty().thread_set_mask()?;
    identity.become_learner()
}

fn connect(streams: Streams<'_>) -> io::Result<()> {
    match streams {
        Streams::Terminal(slave) => {
            rustix::process::ioctl_tiocsctty(slave)?;
            connect_standard(slave, slave, slave)
        }
        Streams::Run { input, output, errors, report } => {
            connect_standard(input, output, errors)?;
            duplicate_onto(report, REPORT_DESCRIPTOR)
        }
        Streams::Null(null) => connect_standard(null, null, null),
        Streams::Socket { socket, null } => connect_standard(socket, socket, null),
    }
}

fn connect_standard(input: BorrowedFd<'_>, output: BorrowedFd<'_>, errors: BorrowedFd<'_>) -> io::Result<()> {
    debug_assert!([input, output, errors].iter().all(|descriptor| descriptor.as_raw_fd() > 2));
    rustix::stdio::dup2_stdin(input)?;
    rustix::stdio::dup2_stdout(output)?;
    rustix::stdio::dup2_stderr(errors)?;
    Ok(())
}

/// As `execvp` does: a candidate that is missing or not to be executed leads on to the next.
fn try_candidates(plan: &Plan) -> Errno {
    let mut answer = Errno::NOENT;
    for file in &plan.candidates {
        let Err(why) = nix::unistd::execve(file.as_c_str(), &plan.argv, &plan.environment);
        let why = Errno::from_raw_os_error(why as i32);
        match why {
            Errno::NOENT | Errno::NOTDIR => {}
            Errno::ACCESS => answer = why,
            _ => return why,
        }
    }
    answer
}

/// `/dev/null`, for streams that lead nowhere.
pub fn null() -> Result<OwnedFd, GuestError> {
    rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
        .map_err(|why| cannot_start(format!("/dev/null: {why}")))
}
