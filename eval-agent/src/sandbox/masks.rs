//! Parts of `/proc` and `/sys` that tell about the host. The engine's own list, and what it forgets (measured).

/// Not readable at all.
pub const MASKED: &[&str] = &[
    "/proc/acpi",
    "/proc/asound",
    "/proc/buddyinfo",
    "/proc/bus",
    "/proc/cmdline",
    "/proc/config.gz",
    "/proc/diskstats",
    "/proc/interrupts",
    "/proc/iomem",
    "/proc/ioports",
    "/proc/kallsyms",
    "/proc/kcore",
    "/proc/key-users",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/partitions",
    "/proc/pressure",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/sysrq-trigger",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/version",
    "/proc/zoneinfo",
    "/sys/block",
    "/sys/class",
    "/sys/devices",
    "/sys/firmware",
    "/sys/fs",
    "/sys/kernel",
    "/sys/module",
];

/// Not writable.
pub const READ_ONLY: &[&str] = &["/proc/fs", "/proc/irq", "/proc/sys"];
