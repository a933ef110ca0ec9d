//! `/metrics` in the text format of Prometheus, on an address of its own that the operator names. Without one nothing
//! listens. Knows no figure: whoever has some registers them first.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Args;
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What the text is, as Prometheus negotiates it.
const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Args)]
pub struct MetricsArgs {
    /// Address to answer GET /metrics on, for Prometheus (127.0.0.1:9102). Whoever reaches it may read it: keep it on
    /// loopback or in a network of the operators' own. Nothing in it names a learner or a lesson.
    #[arg(long = "metrics", env = "GRADUS_METRICS", value_name = "ADDRESS")]
    address: Option<SocketAddr>,
}

/// Answers as long as it lives.
pub struct Endpoint(JoinHandle<()>);

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl MetricsArgs {
    /// Begins to answer with what is registered, if an address was named.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn serve(&self, registry: Registry) -> anyhow::Result<Option<Endpoint>> {
        let Some(address) = self.address else { return Ok(None) };
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("listening on {address} for --metrics"))?;
        tracing::info!("figures at http://{}/metrics", listener.local_addr()?);
        let app = axum::Router::new().route("/metrics", get(answer)).with_state(Arc::new(registry));
        Ok(Some(Endpoint(tokio::spawn(async move {
            if let Err(why) = axum::serve(listener, app).await {
                tracing::error!(error = %why, "nobody answers /metrics any more");
            }
        }))))
    }
}

async fn answer(State(registry): State<Arc<Registry>>) -> Response {
    let mut body = String::new();
    match text::encode(&mut body, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, FORMAT)], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
