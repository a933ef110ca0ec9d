//! System calls, each in a child of its own, so that one which kills or hangs costs nothing more. Arguments are chosen so
//! that the kernel itself would not answer "not permitted": where that is the answer, it is the sandbox's.
#![expect(unsafe_code, reason = "raw system calls are what is tried here")]

use std::io;

use libc::c_long;

/// A child that hangs is killed after this many seconds.
const PATIENCE_SECONDS: u32 = 2;

/// What became of an attempt.
pub enum Answer {
    Passes,
    Error(i32),
    Signal(i32),
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Passes => f.write_str("passes"),
            Self::Error(code) => f.write_str(&error_name(*code)),
            Self::Signal(signal) => write!(f, "signal-{signal}"),
        }
    }
}

/// Runs `attempt` in a child; it answers 0 or an error number.
pub fn in_child(attempt: impl FnOnce() -> i32) -> Answer {
    // SAFETY: one thread, and the child ends with `_exit`.
    match unsafe { libc::fork() } {
        -1 => Answer::Error(last_error()),
        0 => {
            // SAFETY: a timer and the end of this process.
            unsafe {
                libc::alarm(PATIENCE_SECONDS);
                libc::_exit(attempt());
            }
        }
        child => wait_for(child),
    }
}

fn wait_for(child: i32) -> Answer {
    let mut status = 0;
    // SAFETY: writes one integer of ours.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } == -1 && last_error() == libc::EINTR {}
    if libc::WIFSIGNALED(status) {
        return Answer::Signal(libc::WTERMSIG(status));
    }
    match libc::WEXITSTATUS(status) {
        0 => Answer::Passes,
        code => Answer::Error(code),
    }
}

/// 0, or why not.
pub fn call(number: c_long, args: [c_long; 6]) -> i32 {
    let [a, b, c, d, e, f] = args;
    // SAFETY: in a child that does nothing afterwards; pointers among the arguments are null or to constants.
    let answer = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if answer == -1 { last_error() } else { 0 }
}

pub fn last_error() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// The name that manuals use, for those that matter here.
pub fn error_name(code: i32) -> String {
    let names = [
        (libc::EPERM, "EPERM"),
        (libc::ENOENT, "ENOENT"),
        (libc::EBADF, "EBADF"),
        (libc::EAGAIN, "EAGAIN"),
        (libc::ENOMEM, "ENOMEM"),
        (libc::EACCES, "EACCES"),
        (libc::EFAULT, "EFAULT"),
        (libc::EBUSY, "EBUSY"),
        (libc::EEXIST, "EEXIST"),
        (libc::EINVAL, "EINVAL"),
        (libc::EMFILE, "EMFILE"),
        (libc::EFBIG, "EFBIG"),
        (libc::ENOSPC, "ENOSPC"),
        (libc::EROFS, "EROFS"),
        (libc::ENOSYS, "ENOSYS"),
        (libc::ENOTSUP, "ENOTSUP"),
        (libc::EAFNOSUPPORT, "EAFNOSUPPORT"),
        (libc::ENETUNREACH, "ENETUNREACH"),
        (libc::ECONNREFUSED, "ECONNREFUSED"),
        (libc::ENOKEY, "ENOKEY"),
    ];
    let known = names.iter().find(|(number, _)| *number == code);
    known.map_or_else(|| format!("error-{code}"), |(_, name)| (*name).to_owned())
}

const ROOT: &std::ffi::CStr = c"/";
const HERE: c_long = libc::AT_FDCWD as c_long;

fn text(text: &'static std::ffi::CStr) -> c_long {
    text.as_ptr() as c_long
}

/// A stretch of zeros for structures that calls read or write.
fn zeros() -> c_long {
    static mut ZEROS: [u64; 64] = [0; 64];
    (&raw mut ZEROS) as c_long
}

/// Name, number, arguments. First those that lessons need, then those that nobody gets.
pub fn table() -> Vec<(&'static str, c_long, [c_long; 6])> {
    // SAFETY: asks for our own number.
    let me = c_long::from(unsafe { libc::getpid() });
    let socket = |family: c_long, kind: c_long| [family, kind, 0, 0, 0, 0];
    let stream = c_long::from(libc::SOCK_STREAM);
    let raw = c_long::from(libc::SOCK_RAW);
    let datagram = c_long::from(libc::SOCK_DGRAM);
    let mut table = vec![
        ("getpid", libc::SYS_getpid, [0; 6]),
        ("socket:inet", libc::SYS_socket, socket(2, stream)),
        ("socket:inet6", libc::SYS_socket, socket(10, stream)),
        ("socket:unix", libc::SYS_socket, socket(1, stream)),
        ("inotify_init1", libc::SYS_inotify_init1, [0; 6]),
        ("memfd_create", libc::SYS_memfd_create, [text(c"x"), 0, 0, 0, 0, 0]),
        ("pidfd_open", libc::SYS_pidfd_open, [me, 0, 0, 0, 0, 0]),
        ("personality:query", libc::SYS_personality, [0xffff_ffff, 0, 0, 0, 0, 0]),
        ("add_key", libc::SYS_add_key, [text(c"user"), text(c"x"), text(c"x"), 1, -2, 0]),
        ("adjtimex", libc::SYS_adjtimex, [zeros(), 0, 0, 0, 0, 0]),
        ("acct", libc::SYS_acct, [0; 6]),
        ("bpf", libc::SYS_bpf, [0, zeros(), 8, 0, 0, 0]),
        ("chroot", libc::SYS_chroot, [text(ROOT), 0, 0, 0, 0, 0]),
        ("clock_adjtime", libc::SYS_clock_adjtime, [0, zeros(), 0, 0, 0, 0]),
        ("clock_settime", libc::SYS_clock_settime, [0, zeros(), 0, 0, 0, 0]),
        ("clone3", libc::SYS_clone3, [0; 6]),
        (
            "clone:newuser",
            libc::SYS_clone,
            [c_long::from(libc::CLONE_NEWUSER | libc::SIGCHLD), 0, 0, 0, 0, 0],
        ),
        ("delete_module", libc::SYS_delete_module, [text(c"x"), 0, 0, 0, 0, 0]),
        ("fanotify_init", libc::SYS_fanotify_init, [0x200, 0, 0, 0, 0, 0]),
        ("finit_module", libc::SYS_finit_module, [-1, 0, 0, 0, 0, 0]),
        ("fsopen", libc::SYS_fsopen, [text(c"tmpfs"), 0, 0, 0, 0, 0]),
        ("fspick", libc::SYS_fspick, [HERE, text(ROOT), 0, 0, 0, 0]),
        ("get_mempolicy", libc::SYS_get_mempolicy, [0; 6]),
        ("init_module", libc::SYS_init_module, [zeros(), 0, text(c""), 0, 0, 0]),
        ("io_uring_enter", libc::SYS_io_uring_enter, [-1, 0, 0, 0, 0, 0]),
        ("io_uring_register", libc::SYS_io_uring_register, [-1, 0, 0, 0, 0, 0]),
        ("io_uring_setup", libc::SYS_io_uring_setup, [1, zeros(), 0, 0, 0, 0]),
        ("kcmp", libc::SYS_kcmp, [me, me, 1, 0, 0, 0]),
        ("kexec_load", libc::SYS_kexec_load, [0; 6]),
        ("keyctl", libc::SYS_keyctl, [0, -3, 0, 0, 0, 0]),
        ("landlock_create_ruleset", libc::SYS_landlock_create_ruleset, [0, 0, 1, 0, 0, 0]),
        ("mbind", libc::SYS_mbind, [0; 6]),
        ("memfd_secret", libc::SYS_memfd_secret, [0; 6]),
        ("migrate_pages", libc::SYS_migrate_pages, [me, 0, 0, 0, 0, 0]),
        ("mknodat:device", libc::SYS_mknodat, [HERE, text(c"probe.dev"), 0o020_600, 0x103, 0, 0]),
        ("mlockall", libc::SYS_mlockall, [2, 0, 0, 0, 0, 0]),
        ("mount", libc::SYS_mount, [text(c"x"), text(c"/tmp"), text(c"tmpfs"), 0, 0, 0]),
        ("mount_setattr", libc::SYS_mount_setattr, [HERE, text(ROOT), 0, zeros(), 32, 0]),
        ("move_mount", libc::SYS_move_mount, [HERE, text(ROOT), HERE, text(ROOT), 0, 0]),
        ("move_pages", libc::SYS_move_pages, [0; 6]),
        ("mq_open", libc::SYS_mq_open, [text(c"probe"), 0o102, 0o600, 0, 0, 0]),
        ("msgget", libc::SYS_msgget, [0, 0o600, 0, 0, 0, 0]),
        ("name_to_handle_at", libc::SYS_name_to_handle_at, [HERE, text(ROOT), 0, 0, 0, 0]),
        ("open_by_handle_at", libc::SYS_open_by_handle_at, [-1, zeros(), 0, 0, 0, 0]),
        ("open_tree", libc::SYS_open_tree, [HERE, text(ROOT), 0, 0, 0, 0]),
        ("perf_event_open", libc::SYS_perf_event_open, [zeros(), 0, -1, -1, 0, 0]),
        ("personality:norandomize", libc::SYS_personality, [0x4_0000, 0, 0, 0, 0, 0]),
        ("pidfd_getfd", libc::SYS_pidfd_getfd, [-1, 0, 0, 0, 0, 0]),
        ("pivot_root", libc::SYS_pivot_root, [text(ROOT), text(ROOT), 0, 0, 0, 0]),
        ("process_madvise", libc::SYS_process_madvise, [-1, 0, 0, 0, 0, 0]),
        ("process_vm_readv", libc::SYS_process_vm_readv, [me, 0, 0, 0, 0, 0]),
        ("process_vm_writev", libc::SYS_process_vm_writev, [me, 0, 0, 0, 0, 0]),
        ("ptrace", libc::SYS_ptrace, [0; 6]),
        ("quotactl", libc::SYS_quotactl, [0; 6]),
        ("reboot", libc::SYS_reboot, [0; 6]),
        ("request_key", libc::SYS_request_key, [text(c"user"), text(c"x"), 0, 0, 0, 0]),
        ("sched_setattr", libc::SYS_sched_setattr, [0, zeros(), 0, 0, 0, 0]),
        ("sched_setscheduler", libc::SYS_sched_setscheduler, [0, 3, zeros(), 0, 0, 0]),
        ("semget", libc::SYS_semget, [0, 1, 0o600, 0, 0, 0]),
        ("set_mempolicy", libc::SYS_set_mempolicy, [0; 6]),
        ("setdomainname", libc::SYS_setdomainname, [text(c"x"), 1, 0, 0, 0, 0]),
        ("sethostname", libc::SYS_sethostname, [text(c"x"), 1, 0, 0, 0, 0]),
        ("setns", libc::SYS_setns, [-1, 0, 0, 0, 0, 0]),
        ("settimeofday", libc::SYS_settimeofday, [0; 6]),
        ("setxattr", libc::SYS_setxattr, [text(c"."), text(c"user.x"), text(c"x"), 1, 0, 0]),
        ("socket:alg", libc::SYS_socket, socket(38, c_long::from(libc::SOCK_SEQPACKET))),
        ("socket:bluetooth", libc::SYS_socket, socket(31, raw)),
        ("socket:can", libc::SYS_socket, socket(29, raw)),
        ("socket:key", libc::SYS_socket, socket(15, raw)),
        ("socket:netlink", libc::SYS_socket, socket(16, raw)),
        ("socket:packet", libc::SYS_socket, socket(17, raw)),
        ("socket:rxrpc", libc::SYS_socket, socket(33, datagram)),
        ("socket:tipc", libc::SYS_socket, socket(30, stream)),
        ("socket:vsock", libc::SYS_socket, socket(40, stream)),
        ("socket:xdp", libc::SYS_socket, socket(44, raw)),
        ("swapon", libc::SYS_swapon, [text(c"x"), 0, 0, 0, 0, 0]),
        ("sync", libc::SYS_sync, [0; 6]),
        ("syncfs", libc::SYS_syncfs, [1, 0, 0, 0, 0, 0]),
        ("syslog", libc::SYS_syslog, [10, 0, 0, 0, 0, 0]),
        ("umount2", libc::SYS_umount2, [text(c"/tmp"), 0, 0, 0, 0, 0]),
        ("unshare:files", libc::SYS_unshare, [c_long::from(libc::CLONE_FILES), 0, 0, 0, 0, 0]),
        ("unshare:newuser", libc::SYS_unshare, [c_long::from(libc::CLONE_NEWUSER), 0, 0, 0, 0, 0]),
        ("userfaultfd", libc::SYS_userfaultfd, [1, 0, 0, 0, 0, 0]),
        ("vhangup", libc::SYS_vhangup, [0; 6]),
        ("vmsplice", libc::SYS_vmsplice, [-1, 0, 0, 0, 0, 0]),
    ];
    table.extend(of_this_architecture());
    table
}

#[cfg(target_arch = "x86_64")]
fn of_this_architecture() -> Vec<(&'static str, c_long, [c_long; 6])> {
    /// Marks a call of the x32 interface.
    const X32: c_long = 0x4000_0000;
    vec![
        ("ioperm", libc::SYS_ioperm, [0, 1, 0, 0, 0, 0]),
        ("iopl", libc::SYS_iopl, [0; 6]),
        ("modify_ldt", libc::SYS_modify_ldt, [0; 6]),
        ("x32:getpid", X32 | libc::SYS_getpid, [0; 6]),
    ]
}

#[cfg(not(target_arch = "x86_64"))]
fn of_this_architecture() -> Vec<(&'static str, c_long, [c_long; 6])> {
    Vec::new()
}

/// The 32-bit entrance, which a list for 64-bit calls does not cover: `getpid` by interrupt.
#[cfg(target_arch = "x86_64")]
pub fn by_interrupt() -> Option<Answer> {
    Some(in_child(|| {
        let answer: i32;
        // SAFETY: a call without arguments that changes nothing; 20 is getpid there.
        unsafe {
            std::arch::asm!(
                "int 0x80",
                inlateout("eax") 20 => answer,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _,
            );
        }
        if answer > 0 { 0 } else { -answer }
    }))
}

#[cfg(not(target_arch = "x86_64"))]
pub fn by_interrupt() -> Option<Answer> {
    None
}
