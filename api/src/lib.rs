//! The web API: identity, lessons, workspaces, submissions; the WebSocket relay between browsers and agents; the
//! store behind them.
//!
//! It knows no container and no agent's insides: it writes jobs into a queue and answers those who hold a job's token.
//! Truth is in the store; a process of this may be killed at any moment and nothing acknowledged is lost.

mod clock;
mod config;
mod content;
mod crowd;
mod drain;
mod edge;
mod grading_check;
mod identity;
mod limits;
mod markdown;
mod metrics;
mod peers;
mod preview;
mod problem;
mod relay;
mod routes;
mod secrets;
mod server;
pub mod setup;
mod stalled;
mod state;
pub mod store;
mod tasks;
mod trace;
pub mod transfer;

use std::sync::Arc;

use anyhow::Context as _;
use job_queue::JobQueue;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What [`Peers`] names.
pub use axum::http::HeaderName;
pub use config::{Config, MAX_SESSION, Patience, Peers, SessionLimits};
pub use metrics::Metrics;
pub use preview::address::{PreviewUrl, PreviewUrlError};
/// The pure core of the watch over lost jobs, for the simulation.
pub use tasks::lost::watch as lost_jobs;

/// The description of the public API, as committed in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes::openapi()
}

/// Every route there is, as method and path.
#[must_use]
pub fn routes() -> Vec<(&'static str, String)> {
    routes::list()
}

/// Where a process listens: for the app, for web previews if it shows any, for other instances if it is one of many.
pub struct Listeners {
    pub app: TcpListener,
    pub previews: Option<TcpListener>,
    pub peers: Option<PeerListener>,
}

/// Where other instances reach this one.
pub struct PeerListener {
    pub listener: TcpListener,
    /// `http://host:port`, as they see it.
    pub url: String,
}

/// An API without previews, the only instance.
impl From<TcpListener> for Listeners {
    fn from(app: TcpListener) -> Self {
        Self { app, previews: None, peers: None }
    }
}

/// Serves until `stop`: then it is not ready any more but still serves, for [`Config::drain_delay`]; after that homes of
/// sessions are given up, sockets are closed with a code, running requests end, and the store is closed.
///
/// # Errors
/// When the store cannot be opened.
pub async fn serve(
    config: Config,
    listeners: impl Into<Listeners>,
    queue: Arc<dyn JobQueue>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let store = store::Store::open_with(&config.database_url, config.store_connections)
        .await
        .context("opening the store")?;
    if config.alone {
        store.take_back_duties().await.context("taking back what an earlier run was doing")?;
    }
    let store = Arc::new(store);
    let crowd = crowd::Crowd::new(config.peers.clone());
    let Listeners { app: listener, previews, peers } = listeners.into();
    let (peering, peers) = match peers {
        None => (None, None),
        Some(PeerListener { listener, url }) => {
            let joined = peers::Peering::join(Arc::clone(&store), url).await;
            (Some(Arc::new(joined.context("joining the other instances")?)), Some(listener))
        }
    };
    let app = Arc::new(state::App::new(config, store, queue, peering, stop));
    let stop = server::Stop { draining: app.draining.clone(), shutdown: app.shutdown.clone() };
    let tracker = TaskTracker::new();
    tasks::start(&app, &tracker);
    tracker.spawn(drain::run(app.clone()));
    tracker.close();
    let previews = async {
        if let Some(listener) = previews {
            server::run(listener, preview::router(&app), Arc::clone(&crowd), stop.clone()).await;
        }
    };
    let peers = async {
        if let Some(listener) = peers {
            server::run(listener, peers::router(&app), crowd::Crowd::of_instances(), stop.clone()).await;
        }
    };
    let app_server = server::run(listener, routes::router(&app), Arc::clone(&crowd), stop.clone());
    tokio::join!(app_server, previews, peers);
    app.sockets.close();
    let rest = async {
        app.sockets.wait().await;
        tracker.wait().await;
    };
    if tokio::time::timeout(limits::DRAIN_TIMEOUT, rest).await.is_err() {
        tracing::warn!("sockets or tasks were cut while stopping");
    }
    app.store.close().await;
    Ok(())
}
