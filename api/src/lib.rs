//! The web API: identity, lessons, workspaces, submissions; the WebSocket relay between browsers and agents; the
//! store behind them.
//!
//! It knows no container and no agent's insides: it writes jobs into a queue and answers those who hold a job's token.
//! Truth is in the store; a process of this may be killed at any moment and nothing acknowledged is lost.

mod clock;
mod config;
mod content;
mod edge;
mod identity;
mod limits;
mod markdown;
mod problem;
mod routes;
mod secrets;
mod server;
pub mod setup;
mod state;
pub mod store;

use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::{Config, SessionLimits};

/// The description of the public API, as committed in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes::openapi()
}

/// Serves until `shutdown`.
///
/// # Errors
/// When the store cannot be opened.
pub async fn serve(config: Config, listener: TcpListener, shutdown: CancellationToken) -> anyhow::Result<()> {
    let store = store::Store::open(&config.database_url).await.context("opening the store")?;
    let app = Arc::new(state::App::new(config, Arc::new(store)));
    server::run(listener, routes::router(&app), shutdown).await;
    app.store.close().await;
    Ok(())
}
