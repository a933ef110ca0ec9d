//! The controls that a sandbox is made of, by name. Checks say which of them they prove, and where the feature
//! `knock-out` is compiled in each can be left out, so that a test which should notice is seen to notice.

use std::fmt;
use std::str::FromStr;

macro_rules! controls {
    ($($(#[doc = $does:literal])+ $variant:ident $name:literal)+) => {
        /// One thing that keeps a learner's programs in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Control {
            $($(#[doc = $does])+ $variant,)+
        }

        impl Control {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it is for, in one line.
            #[must_use]
            pub fn purpose(self) -> &'static str {
                match self { $(Self::$variant => concat!($($does),+).trim_ascii(),)+ }
            }
        }
    };
}

controls! {
    /// System calls by allow-list, 64-bit only.
    Seccomp "seccomp"
    /// No privilege can be gained by executing a file.
    NoNewPrivs "no_new_privs"
    /// No capability beyond the guest's own.
    Caps "caps"
    /// Files of `/proc` and `/sys` that tell about the host are covered.
    Masks "masks"
    /// `/proc/sys` and its like cannot be written.
    ReadOnlyPaths "read_only_paths"
    /// The image cannot be written.
    ReadonlyRoot "readonly_root"
    /// No network but a loopback of its own.
    Network "network"
    /// Shared memory and semaphores of its own.
    Ipc "ipc"
    /// Its control group looks like the root of all.
    Cgroupns "cgroupns"
    /// Memory is limited.
    Memory "memory"
    /// Swap does not add to it.
    MemorySwap "memory_swap"
    /// Processor time is limited.
    Cpu "cpu"
    /// Processes and threads are limited.
    Pids "pids"
    /// On a host without memory it dies before agent and engine.
    OomScore "oom_score"
    /// Folders in memory are limited in bytes.
    Disks "disks"
    /// Folders in memory are limited in files.
    Inodes "inodes"
    /// `/dev/shm` is small and counted in files.
    Shm "shm"
    /// System V shared memory, which outlives programs, is small.
    SysvShm "sysv_shm"
    /// Nothing in `/tmp` and `/dev/shm` can be executed.
    Noexec "noexec"
    /// Open files per process.
    Nofile "nofile"
    /// Size of one file, sparse ones included.
    Fsize "fsize"
    /// No core files.
    Core "core"
    /// No locked memory.
    Memlock "memlock"
    /// No POSIX message queues.
    Msgqueue "msgqueue"
    /// Pending signals, which the kernel counts per uid across containers.
    Sigpending "sigpending"
    /// Nothing it prints is kept by the engine.
    Logging "logging"
    /// The guest, the account files and the socket's folder are mounted read-only.
    ReadonlyMounts "readonly_mounts"
    /// Guest and learner have uids that no other live container has.
    UidPerContainer "uid_per_container"
    /// It ends by itself when its time is over, agent or not.
    DeadlineInside "deadline_inside"
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("there is no control {0:?}; there are {all}", all = names())]
pub struct NoSuchControl(String);

impl FromStr for Control {
    type Err = NoSuchControl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|control| control.name() == text);
        found.copied().ok_or_else(|| NoSuchControl(text.to_owned()))
    }
}

fn names() -> String {
    let names: Vec<_> = Control::ALL.iter().map(|control| control.name()).collect();
    names.join(", ")
}
