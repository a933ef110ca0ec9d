//! Ends this process as the learner's program ended, so that whoever waits for it sees the same.

use rustix::process::{Signal, getpid, kill_process};

use crate::request::Ended;

/// What a shell adds to a signal's number to tell of it by an exit status.
const BY_SIGNAL: i32 = 128;

pub fn end_as(ended: Ended) -> ! {
    match ended {
        Ended::Exited { code } => std::process::exit(code),
        Ended::Signaled { signal } => by_signal(signal),
    }
}

fn by_signal(signal: i32) -> ! {
    if let Some(fatal) = Signal::from_named_raw(signal).filter(|signal| !is_idle(*signal)) {
        // Rust's own handler looks for overflowing stacks in SIGSEGV and SIGBUS; finding none, it only puts the default
        // back. The second one ends us.
        for _ in 0..2 {
            let _ = kill_process(getpid(), fatal);
        }
    }
    // No signal of ours, or one that is ignored here.
    std::process::exit(BY_SIGNAL.saturating_add(signal))
}

/// Those that end nobody: what the other side claims is not to stop us, either.
fn is_idle(signal: Signal) -> bool {
    [
        Signal::CHILD,
        Signal::CONT,
        Signal::STOP,
        Signal::TSTP,
        Signal::TTIN,
        Signal::TTOU,
        Signal::URG,
        Signal::WINCH,
    ]
    .contains(&signal)
}
