//! What an operator decides.

use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderName;

use crate::limits::MAX_CONNECTIONS;
use crate::metrics::Metrics;
use crate::preview::address::PreviewUrl;

/// Settings of one API process.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite:///absolute/path/gradus.db` or `postgres://user@host/database`.
    pub database_url: String,
    /// Connections that this process asks PostgreSQL for at most.
    pub store_connections: u32,
    /// Where browsers and agents reach this API, without trailing slash (`https://gradus.example.org`). Decides which
    /// Origin is ours, whether cookies are `Secure`, and what jobs tell agents to dial.
    pub public_url: String,
    /// Further origins that browsers may come from: a development server of the IDE.
    pub extra_origins: Vec<String>,
    /// The built IDE; without it only the API is served.
    pub ide_dir: Option<PathBuf>,
    pub session_limits: SessionLimits,
    /// Where browsers reach learners' servers; without it none is shown.
    pub previews: Option<PreviewUrl>,
    pub patience: Patience,
    pub peers: Peers,
    /// No other process is on this store: what an earlier run was doing nobody does any more.
    pub alone: bool,
    /// How long a process that was asked to stop still serves while it says that it is not ready: what a balancer needs to
    /// send nobody any more.
    pub drain_delay: Duration,
    /// Counted in any case; told to whoever has them registered.
    pub metrics: Metrics,
}

/// Who connects.
#[derive(Debug, Clone)]
pub struct Peers {
    /// Connections that one address may hold open, sockets included. A class behind one address, and an eval host, need some
    /// hundreds.
    pub connections: usize,
    /// Behind a proxy: the header in which it names the address it was asked from (`x-forwarded-for`). Nothing else may be
    /// able to reach this server then, as whoever does can name any.
    pub address_header: Option<HeaderName>,
}

impl Default for Peers {
    /// Half of all there are: nobody alone can keep everybody else out.
    fn default() -> Self {
        Self { connections: MAX_CONNECTIONS / 2, address_header: None }
    }
}

/// How long jobs may be out of sight before it is asked what became of them.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A job stays so long with an agent that says nothing: as agents are told, or longer.
    pub visibility: Duration,
    /// What a grading may take beside the lesson's own limits: asking, fetching, a container, a result that is offered
    /// to an API that is away.
    pub around_attempt: Duration,
}

impl Default for Patience {
    /// Agents give up asking after 80 s, fetching after 20 s more, a container and its files after 60 s, posting after 80 s.
    fn default() -> Self {
        Self { visibility: job_queue::VISIBILITY, around_attempt: Duration::from_secs(240) }
    }
}

pub use crate::limits::MAX_SESSION;

/// How long a live container may last.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Without any page of its learner connected.
    pub idle: Duration,
    /// Whatever happens, but for extensions. At most [`MAX_SESSION`].
    pub hard: Duration,
}

impl Default for SessionLimits {
    /// Idle: a closed lid or a lost network is forgiven for a while. Hard: with its extensions well below what the guest
    /// inside allows.
    fn default() -> Self {
        Self { idle: Duration::from_secs(10 * 60), hard: Duration::from_secs(3 * 60 * 60) }
    }
}

impl Config {
    /// A configuration with every default.
    #[must_use]
    pub fn new(database_url: impl Into<String>, public_url: impl Into<String>) -> Self {
        let public_url: String = public_url.into();
        Self {
            database_url: database_url.into(),
            store_connections: crate::store::POSTGRES_CONNECTIONS,
            public_url: public_url.trim_end_matches('/').to_owned(),
            extra_origins: Vec::new(),
            ide_dir: None,
            session_limits: SessionLimits::default(),
            previews: None,
            patience: Patience::default(),
            peers: Peers::default(),
            alone: false,
            drain_delay: Duration::ZERO,
            metrics: Metrics::default(),
        }
    }

    /// Whether browsers come over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
