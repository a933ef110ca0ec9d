//! One request to a learner's server and its answer, over a stream that leads there. Bodies pass as they come; nothing
//! is kept. Knows HTTP; not how the stream was had, nor who may ask.

use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri, Version};
use axum::response::Response;
use hyper::client::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio_util::task::TaskTracker;

use super::headers::{self, Way};
use super::live::Place;
use super::pulse::{Felt, Pulse};
use crate::limits::{MAX_PREVIEW_HEAD_BYTES, PREVIEW_FIRST_BYTE_TIMEOUT, PREVIEW_IDLE_TIMEOUT};

/// Why a server that took the connection gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// It closed the connection, or what it said is not HTTP.
    NotHttp,
    /// It said nothing for too long.
    Silent,
}

/// Sends `request` over `stream`. `place` is given back when the stream is done with, which may be long after the
/// answer has begun.
pub(super) async fn forward<S>(
    stream: S,
    mut request: Request,
    way: &Way<'_>,
    place: Place,
    tasks: &TaskTracker,
) -> Result<Response, NoAnswer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let pulse = Pulse::new();
    let io = TokioIo::new(Felt { stream, pulse: pulse.clone() });
    let mut builder = http1::Builder::new();
    // Written as people and their parsers expect it: `Content-Length`.
    builder.title_case_headers(true).max_buf_size(MAX_PREVIEW_HEAD_BYTES);
    let (mut sender, connection) = builder.handshake::<_, Body>(io).await.map_err(|_| NoAnswer::NotHttp)?;

    let browser = headers::asks_for_websocket(request.headers()).then(|| hyper::upgrade::on(&mut request));
    let (upgrade, upgraded) = tokio::sync::oneshot::channel::<(OnUpgrade, OnUpgrade)>();
    let heart = pulse.clone();
    tasks.spawn(async move {
        tokio::select! {
            // An error here is also that of the request or of the body, and told there.
            _ = connection.with_upgrades() => {}
            () = heart.silent_for(PREVIEW_IDLE_TIMEOUT) => return,
            () = place.cut() => return,
        }
        if let Ok((browser, server)) = upgraded.await {
            tokio::select! {
                () = join(browser, server) => {}
                () = heart.silent_for(PREVIEW_IDLE_TIMEOUT) => {}
                () = place.cut() => {}
            }
        }
    });

    let answer = tokio::select! {
        answer = sender.send_request(ours(request, way)) => answer.map_err(|_| NoAnswer::NotHttp)?,
        () = pulse.silent_for(PREVIEW_FIRST_BYTE_TIMEOUT) => return Err(NoAnswer::Silent),
    };
    let mut response = answer.map(Body::new);
    *response.version_mut() = Version::HTTP_11;
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    match browser {
        Some(browser) if switches => {
            let server = hyper::upgrade::on(&mut response);
            // Gone already, the task takes the connection with it.
            let _ = upgrade.send((browser, server));
        }
        // A switch that nobody asked for.
        None if switches => return Err(NoAnswer::NotHttp),
        _ => {}
    }
    headers::towards_browser(response.headers_mut(), way, switches);
    Ok(response)
}

/// The request as we make it: the browser's method, path and body, and what its head may say.
fn ours(request: Request, way: &Way<'_>) -> Request {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    parts.uri = Uri::from(path);
    parts.version = Version::HTTP_11;
    headers::towards_container(&mut parts.headers, way);
    Request::from_parts(parts, body)
}

/// Passes bytes between two ends until both are done. Either may fail; then nobody is left to tell.
async fn join(browser: OnUpgrade, server: OnUpgrade) {
    let both = async { Ok::<_, hyper::Error>((browser.await?, server.await?)) };
    if let Ok((browser, server)) = both.await {
        let io = |end: Upgraded| TokioIo::new(end);
        let _ = copy_bidirectional(&mut io(browser), &mut io(server)).await;
    }
}

#[cfg(test)]
mod tests;
