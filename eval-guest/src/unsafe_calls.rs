//! The few calls that the safe wrappers do not offer. Nothing else in this crate is unsafe.
#![expect(
    unsafe_code,
    reason = "fork, numbered descriptors, signal dispositions and raw wait have no safe wrapper"
)]

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, RawFd};

use nix::libc;
use nix::unistd::{ForkResult, fork};
use rustix::process::Pid;

use crate::child_status::ChildStatus;

/// Runs `child` in a new process that ends with the code it returns, and answers its pid in this one.
///
/// `child` borrows rather than owns: nothing is dropped (no descriptor closed, no buffer flushed) on its side.
pub fn fork_into(child: &dyn Fn() -> i32) -> io::Result<Pid> {
    // SAFETY: the guest has one thread, so the child inherits no lock held by another and may call anything.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            Pid::from_raw(child.as_raw()).ok_or_else(|| io::Error::other("fork answered pid 0"))
        }
        ForkResult::Child => {
            let code = child();
            // SAFETY: ends this process at once, running none of the parent's destructors.
            unsafe { libc::_exit(code) }
        }
    }
}

/// Makes `number` mean what `from` means, open across exec.
pub fn duplicate_onto(from: impl AsFd, number: RawFd) -> io::Result<()> {
    // SAFETY: called between fork and exec, or for a number reserved at start; no owner of `number` is left behind.
    let made = unsafe { libc::dup2(from.as_fd().as_raw_fd(), number) };
    if made == number { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Occupies `number` for good, so that no descriptor of ours ever gets it. Closed on exec.
pub fn reserve_descriptor(number: RawFd) -> io::Result<()> {
    let null = std::fs::File::open("/dev/null")?;
    // SAFETY: called once at start, when only the standard descriptors and few others are open; a taken number is
    // refused instead of overwritten.
    unsafe {
        if libc::fcntl(number, libc::F_GETFD) != -1 {
            return Err(io::Error::other("the descriptor is taken"));
        }
        if libc::dup3(null.as_raw_fd(), number, libc::O_CLOEXEC) == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Closes every descriptor but standard error and `keep`.
pub fn close_all_but(keep: RawFd) {
    let keep = u32::try_from(keep).unwrap_or(u32::MAX);
    for (first, last) in [(0, 1), (3, keep.saturating_sub(1)), (keep.saturating_add(1), u32::MAX)] {
        if first > last {
            continue;
        }
        // SAFETY: called in a fresh child that uses none of them afterwards and drops none of their owners.
        unsafe {
            if libc::syscall(libc::SYS_close_range, first, last, 0) == 0 {
                continue;
            }
            // A kernel before 5.9, or a seccomp list without the call.
            for number in first..=last.min(MAX_DESCRIPTORS) {
                libc::close(number as RawFd);
            }
        }
    }
}

/// Highest descriptor looked for where `close_range` is missing; containers allow far fewer.
const MAX_DESCRIPTORS: u32 = 4096;

/// Every signal back to what a fresh process has (the Rust runtime ignores SIGPIPE, the guest SIGXFSZ).
///
/// Asked of the kernel itself: the C library keeps two real-time signals for its threads and refuses to touch them, and
/// a machine whose services were started with one of them ignored would hand that down to every learner's program.
pub fn default_signals() {
    for signal in 1..=LAST_SIGNAL {
        // SAFETY: sets the default disposition; those that cannot be changed are refused by the kernel. All-zero is
        // SIG_DFL without flags, restorer or mask, on every architecture.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                KERNEL_SIGACTION_ZEROED.as_ptr(),
                std::ptr::null_mut::<u64>(),
                SIGNAL_SET_BYTES,
            )
        };
    }
}

/// Signals are numbered from 1 to this (Linux, all architectures but MIPS).
const LAST_SIGNAL: libc::c_int = 64;

/// The kernel's own `struct sigaction`: handler, flags, restorer, mask.
const KERNEL_SIGACTION_ZEROED: [u64; 4] = [0; 4];

/// One bit per signal.
const SIGNAL_SET_BYTES: usize = 8;

/// Moves this process, which has one thread, into a user namespace of its making.
pub fn make_user_namespace() -> io::Result<()> {
    // SAFETY: called in a fresh child with one thread; shares neither memory nor descriptors differently afterwards.
    match unsafe { libc::unshare(libc::CLONE_NEWUSER) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// From here on neither this process nor any it starts can make or enter a namespace, on top of the container's own list:
/// that one lets the guest, and with it everybody, through to `unshare` and `setns` for user namespaces.
pub fn deny_namespaces() -> io::Result<()> {
    const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
    const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let load = |offset| filter(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0);
    let answer = |action| filter(libc::BPF_RET | libc::BPF_K, action, 0, 0);
    let is = |value, yes, no| filter(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value, yes, no);
    let mut program = [
        load(ARCHITECTURE_OFFSET),
        is(ARCHITECTURE, 0, 4),
        load(NUMBER_OFFSET),
        // Other tables of calls (x32) number theirs from here.
        filter(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, OTHER_TABLES, 2, 0),
        is(libc::SYS_unshare as u32, 1, 0),
        is(libc::SYS_setns as u32, 0, 1),
        answer(REFUSE),
        answer(ALLOW),
    ];
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the kernel copies and checks the program; it outlives the call.
    match unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Of `struct seccomp_data`.
const NUMBER_OFFSET: u32 = 0;
const ARCHITECTURE_OFFSET: u32 = 4;
const OTHER_TABLES: u32 = 0x4000_0000;
/// `AUDIT_ARCH_…` of `linux/audit.h`.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7;

fn filter(code: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt, jf, k }
}

/// A write past the file size limit is to fail with an error and not to kill the guest.
pub fn ignore_file_size_signal() {
    // SAFETY: sets a disposition, installs no handler.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// Large blocks go straight back to the kernel when they are freed. By default glibc learns from the first file of a
/// megabyte to keep such blocks, and an idle guest stays five times its size.
pub fn give_back_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: sets two parameters of the allocator before anything large was allocated.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 2 * LARGE_BLOCK_BYTES);
    }
}

/// Above the buffers of every turn (32 KiB), below any file worth mentioning.
#[cfg(target_env = "gnu")]
const LARGE_BLOCK_BYTES: i32 = 64 * 1024;

/// What [`reap`] found.
pub enum Reaped {
    Child(Pid, ChildStatus),
    /// There are children, none of them has ended.
    NoneEnded,
    NoChildren,
}

/// Collects one ended child, of whatever kind of clone. Raw, because a status can hold any signal number and the
/// wrappers refuse real-time ones – after having reaped.
pub fn reap() -> Reaped {
    loop {
        let mut status = 0;
        // SAFETY: writes one integer that we own.
        let answer = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG | libc::__WALL) };
        if let Some(pid) = Pid::from_raw(answer.max(0)) {
            return Reaped::Child(pid, ChildStatus::from_raw(status));
        }
        if answer == 0 {
            return Reaped::NoneEnded;
        }
        if io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return Reaped::NoChildren;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    /// One of the two that the C library keeps for itself.
    const RESERVED: libc::c_int = 32;

    #[test]
    fn even_the_c_librarys_own_signals_go_back_to_default() {
        let ignored = |child: &dyn Fn()| {
            let (ours, theirs) = io::pipe().unwrap();
            let pid = fork_into(&|| {
                child();
                let status = std::fs::read("/proc/thread-self/status").unwrap_or_default();
                i32::from(io::Write::write_all(&mut (&theirs), &status).is_err())
            })
            .unwrap();
            drop(theirs);
            let status = io::read_to_string(ours).unwrap();
            let ended =
                rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).unwrap().unwrap();
            assert_eq!(std::process::ExitStatus::from_raw(ended.1.as_raw()).code(), Some(0));
            let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
            u64::from_str_radix(line.trim(), 16).unwrap()
        };
        let ignore = || {
            let action = [libc::SIG_IGN as u64, 0, 0, 0];
            // SAFETY: a disposition without a handler.
            unsafe {
                libc::syscall(
                    libc::SYS_rt_sigaction,
                    RESERVED,
                    action.as_ptr(),
                    std::ptr::null_mut::<u64>(),
                    SIGNAL_SET_BYTES,
                )
            };
        };
        assert_ne!(ignored(&ignore), 0);
        assert_eq!(
            ignored(&|| {
                ignore();
                default_signals();
            }),
            0
        );
    }
}
