//! Accepts connections and hands them to the router, until told to stop.
//!
//! axum's own loop has no deadline for a request's head and no bound on connections, so this one is ours. A connection counts
//! until its last byte, also after it has become a socket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use ide_protocol::rest::Problem;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::crowd::{Crowd, Place};
use crate::limits::{DRAIN_TIMEOUT, HEADER_TIMEOUT, MAX_CONNECTIONS};
use crate::problem::Kind;
use crate::stalled::Unstalled;

/// How long to leave `accept` alone after it failed (no descriptors left: trying at once would spin).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long one who is refused may take to hear it.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection's place among those of its address; behind a proxy it gets one when it becomes a socket.
type Slot = Arc<Mutex<Option<Place>>>;

/// How a process stops.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    /// Asked to: connections are closed after their answer, so that none is left for a balancer to use again.
    pub(crate) draining: CancellationToken,
    /// Now.
    pub(crate) shutdown: CancellationToken,
}

/// Serves until the shutdown, then lets running requests finish.
pub(crate) async fn run(listener: TcpListener, router: Router, crowd: Arc<Crowd>, stop: Stop) {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // With no place left, newcomers wait in the kernel's queue.
        let accepted = tokio::select! {
            () = stop.shutdown.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, permit)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let place = if crowd.is_behind_proxy() { None } else { crowd.enter(peer.ip()) };
        if place.is_none() && !crowd.is_behind_proxy() {
            connections.spawn(refuse(stream, crowd.most(), permit));
            continue;
        }
        let slot: Slot = Arc::new(Mutex::new(place));
        let line = Line { crowd: Arc::clone(&crowd), peer, slot };
        connections.spawn(serve(stream, permit, line, router.clone(), stop.clone()));
    }
    connections.close();
    if tokio::time::timeout(DRAIN_TIMEOUT, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "{} connections were cut while stopping", connections.len());
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(why) => {
            tracing::warn!(error = %why, "a connection could not be accepted");
            None
        }
    }
}

/// Whose a connection is.
#[derive(Clone)]
struct Line {
    crowd: Arc<Crowd>,
    peer: SocketAddr,
    slot: Slot,
}

impl Line {
    async fn answer(self, mut request: Request<Incoming>, router: Router) -> Result<Response, Infallible> {
        let Self { crowd, peer, slot } = self;
        let peer = crowd.peer(peer, request.headers());
        request.extensions_mut().insert(ConnectInfo(peer));
        if !crowd.is_behind_proxy() {
            return router.oneshot(request).await;
        }
        let Some(place) = crowd.enter(peer.ip()) else {
            return Ok(too_many(crowd.most()));
        };
        let response = router.oneshot(request).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
        }
        Ok(response)
    }
}

async fn serve(stream: TcpStream, permit: OwnedSemaphorePermit, line: Line, router: Router, stop: Stop) {
    // Key strokes are small and must not wait for company.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let stream = Unstalled::holding(stream, (permit, Arc::clone(&line.slot)));
    let Stop { draining, shutdown } = stop;
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (answer, draining) = (line.clone().answer(request, router.clone()), draining.clone());
        async move { answer.await.map(|response| last_where(draining.is_cancelled(), response)) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // Errors here are the peer's: it went away or did not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// The last answer of its connection, if so; a socket is none.
fn last_where(is_last: bool, mut response: Response) -> Response {
    if is_last && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Says why at once, whatever is asked: waiting for a request would let who has too many hold one more.
async fn refuse(mut stream: TcpStream, most: usize, permit: OwnedSemaphorePermit) {
    let refusal = async {
        let body = problem(most);
        let head = format!(
            "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/problem+json\r\nretry-after: {RETRY_AFTER_SECONDS}\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat()).await?;
        stream.shutdown().await?;
        // What was asked has to be read, or the system takes the answer back.
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    let _ = tokio::time::timeout(REFUSAL_TIMEOUT, refusal).await;
    drop(permit);
}

fn too_many(most: usize) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
        (RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS)),
    ];
    (StatusCode::TOO_MANY_REQUESTS, headers, problem(most)).into_response()
}

/// Beyond the pages that are reloaded, it takes a person to close some.
const RETRY_AFTER_SECONDS: u64 = 10;

fn problem(most: usize) -> Vec<u8> {
    let kind = Kind::TooMany;
    let body = Problem {
        kind: format!("/problems/{}", kind.slug()),
        title: kind.title().to_owned(),
        status: kind.status().as_u16(),
        detail: format!(
            "Your address holds {most} connections already, as many as one may. Close some pages or programs and try again."
        ),
        request_id: Uuid::now_v7().to_string(),
        current: None,
    };
    serde_json::to_vec(&body).unwrap_or_default()
}
