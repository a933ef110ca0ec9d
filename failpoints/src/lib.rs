//! Steps at which a process dies, or a task panics, when a test tells it to. Without the feature `armed`, which no build
//! that people run has, all of this is empty.
//!
//! | variable | at the step it names |
//! |---|---|
//! | `GRADUS_DIE_AT` | the process is killed, as by `kill -9`: nothing is closed, flushed or dropped |
//! | `GRADUS_PANIC_AT` | whoever reaches it panics |
//! | `GRADUS_LIE_AT` | what is said there is not so, while the file that `GRADUS_LIE_WHILE` names is there |

/// From here on steps count: what a process does for itself before its first piece of work is passed over.
#[cfg(not(feature = "armed"))]
#[inline]
pub fn arm() {}

/// Marks a step. Names are the process's and the step's: `agent:create`.
#[cfg(not(feature = "armed"))]
#[inline]
pub fn reach(_step: &'static str) {}

/// Whether what is said here is to be wrong.
#[cfg(not(feature = "armed"))]
#[inline]
#[must_use]
pub fn lies(_step: &'static str) -> bool {
    false
}

#[cfg(feature = "armed")]
static ARMED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// From here on steps count: what a process does for itself before its first piece of work is passed over.
#[cfg(feature = "armed")]
pub fn arm() {
    ARMED.store(true, std::sync::atomic::Ordering::SeqCst);
}

/// Marks a step. Names are the process's and the step's: `agent:create`.
#[cfg(feature = "armed")]
pub fn reach(step: &'static str) {
    if !ARMED.load(std::sync::atomic::Ordering::SeqCst) {
        return;
    }
    let named = |variable| std::env::var_os(variable).is_some_and(|name| name == step);
    if named("GRADUS_DIE_AT") {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
    assert!(!named("GRADUS_PANIC_AT"), "a test asked for a panic at {step}");
}

/// Whether what is said here is to be wrong.
#[cfg(feature = "armed")]
#[must_use]
pub fn lies(step: &'static str) -> bool {
    let named = std::env::var_os("GRADUS_LIE_AT").is_some_and(|name| name == step);
    named && std::env::var_os("GRADUS_LIE_WHILE").is_some_and(|file| std::path::Path::new(&file).exists())
}
