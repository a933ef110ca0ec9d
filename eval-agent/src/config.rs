//! What an operator may choose about one agent. Knows defaults and their reasons; reads no file and no environment.

use std::path::PathBuf;
use std::time::Duration;

use lesson::Limits;

use crate::metrics::Metrics;
use crate::permits::Permits;
use crate::pool::Expected;

/// Settings of one agent. `Config::new` gives every field but two a default that suits a two-core machine.
#[derive(Debug, Clone)]
pub struct Config {
    /// Names this agent to the API and on every container's label. Unique per host: at start the agent removes all
    /// containers that carry its name.
    pub name: String,
    /// Where the API is, when that is known better here than by the job, which names the address of the time it was
    /// made. Without trailing slash.
    pub api_url: Option<String>,
    /// The Docker Engine's Unix socket.
    pub docker_socket: PathBuf,
    /// The OCI runtime of every container, by the name that the engine knows it under (`runsc`, `kata`, `crun`); the
    /// engine's own choice when there is none.
    pub runtime: Option<String>,
    /// Make containers beside one that the engine made, straight by the runtime: a tenth of the cost, the same sandbox. See
    /// [`dense`](crate::dense).
    pub dense: bool,
    /// Refuse to start where a part of the host is older than its [floor](crate::host::floors); otherwise it is said.
    pub strict_floors: bool,
    /// How much a lesson may ask for, and which may ask for more.
    pub permits: Permits,
    /// Where sockets and account files of live containers lie. Must be short: a socket's path holds 107 bytes.
    pub run_dir: PathBuf,
    /// The static guest binary for this machine; copied into `run_dir` at start.
    pub guest_binary: PathBuf,
    /// Memory that jobs may have together, in MiB; by default the machine's, less what it needs itself.
    pub host_memory_mib: Option<u32>,
    /// Processors that jobs may have together, in hundredths of a core; by default the machine's.
    pub host_cpu_percent: Option<u32>,
    /// Live sessions at once, however much room there is. Each may use its lesson's memory; idle ones cost about 4 MiB.
    pub session_slots: usize,
    /// Gradings at once. More than the machine has cores only makes each of them slower.
    pub grading_slots: usize,
    /// Containers started at the same time. Starting costs 0.2 s of processor time each; beyond 4 at once only the
    /// wait grows (measured).
    pub parallel_starts: usize,
    /// Started containers kept ready at least, per key (image, limits, services) that somebody wants.
    pub warm_per_key: usize,
    /// And at most, when many were claimed lately.
    pub warm_most_per_key: usize,
    /// Started containers kept ready in all; none are kept when this is 0.
    pub warm_total: usize,
    /// Memory, in MiB, that all of them may hold.
    pub warm_mib: u32,
    /// What is known to come.
    pub warm_expected: Vec<Expected>,
    /// Freeze what waits; see [`freezer`](crate::freezer). Without, it costs what its services do while idle.
    pub freeze: bool,
    /// Keys kept warm from the start, before anyone asks.
    pub warm: Vec<WarmImage>,
    /// First of the [`UIDS_PER_AGENT`](crate::uids::UIDS_PER_AGENT) guest uids; learners' lie
    /// [`LEARNER_UID_OFFSET`](crate::uids::LEARNER_UID_OFFSET) above. Agents on one host need ranges apart.
    pub uid_base: u32,
    /// How long the queue leaves a job with this agent when it says nothing. Shorter, and a host that died is noticed
    /// sooner; too short, and a busy one loses its jobs.
    pub visibility: Duration,
    /// Check the host with a lesson of the agent's own: before the first job, after whatever looks wrong, and now and
    /// then. It needs the image `gradus/bash`.
    pub host_check: bool,
    /// Where figures go; see [`Metrics`].
    pub metrics: Metrics,
    /// Controls left out of every container; see `sandbox/knock_out.rs`.
    #[cfg(feature = "knock-out")]
    pub knock_out: Vec<crate::sandbox::Control>,
}

/// An image to hold ready, in the shape lessons on it ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmImage {
    pub image: String,
    pub limits: Limits,
    pub services: Vec<lesson::Command>,
}

impl Config {
    #[must_use]
    pub fn new(name: impl Into<String>, guest_binary: PathBuf) -> Self {
        Self {
            name: name.into(),
            api_url: None,
            docker_socket: PathBuf::from("/var/run/docker.sock"),
            runtime: None,
            dense: false,
            strict_floors: false,
            permits: Permits::default(),
            run_dir: PathBuf::from("/run/gradus-agent"),
            guest_binary,
            host_memory_mib: None,
            host_cpu_percent: None,
            session_slots: 16,
            grading_slots: 2,
            parallel_starts: 2,
            warm_per_key: 2,
            warm_most_per_key: 32,
            warm_total: 64,
            warm_mib: 512,
            warm_expected: Vec::new(),
            freeze: true,
            warm: Vec::new(),
            uid_base: 100_000,
            visibility: job_queue::VISIBILITY,
            host_check: true,
            metrics: Metrics::default(),
            #[cfg(feature = "knock-out")]
            knock_out: Vec::new(),
        }
    }
}
