//! Requests of this instance to another: each on a connection of its own, with the secret and the name of the one that
//! is meant, so that a stranger at a known address is not taken for it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use hyper::client::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use uuid::Uuid;

use super::Peering;
use crate::relay::{OpenPortError, Presence};
use crate::store::InstanceRow;

/// Names the instance that is meant.
pub(super) const INSTANCE: HeaderName = HeaderName::from_static("gradus-instance");

/// What a port's connection calls itself in its handshake.
pub(super) const PORT: HeaderValue = HeaderValue::from_static("gradus-port");

/// On a network of one's own this takes a millisecond.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// For a whole answer: a few reads of the store.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Connecting to a port takes the way to the eval host and back.
const PORT_TIMEOUT: Duration = crate::limits::PREVIEW_DIAL_TIMEOUT;

/// Bytes of an answer: who is there, or why not.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// Nobody listens there: the process is gone.
    #[error("nobody listens there")]
    Refused,
    /// Somebody is there who is not meant, or has given up its homes.
    #[error("the instance at this address is another, or leaving")]
    NotThere,
    #[error("it did not answer")]
    NoAnswer,
    #[error("it answered {0}")]
    Answered(StatusCode),
}

impl From<hyper::Error> for LineError {
    fn from(_: hyper::Error) -> Self {
        Self::NoAnswer
    }
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// After a switch of protocols.
    pub(super) upgraded: Option<Upgraded>,
}

impl Peering {
    /// Whether `peer` is the one that is meant and takes requests.
    pub(super) async fn greet(&self, peer: &InstanceRow) -> Result<(), LineError> {
        self.ask(peer, Method::GET, "/instance", HeaderMap::new(), Body::empty()).await.map(drop)
    }

    /// Who is connected to a session that is at home there.
    pub(super) async fn ask_presence(
        &self,
        peer: &InstanceRow,
        session: Uuid,
    ) -> Result<Presence, LineError> {
        let path = format!("/sessions/{session}/presence");
        let answer = self.ask(peer, Method::GET, &path, HeaderMap::new(), Body::empty()).await?;
        serde_json::from_slice(&answer.body).map_err(|_| LineError::NoAnswer)
    }

    /// Connects to a port of a container whose session is at home there.
    pub(super) async fn dial_port(
        &self,
        peer: &InstanceRow,
        session: Uuid,
        port: u16,
    ) -> Result<PortLine, OpenPortError> {
        let path = format!("/sessions/{session}/ports/{port}");
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, PORT);
        let asked = self.exchange(peer, Method::GET, &path, headers, Body::empty());
        match timeout(PORT_TIMEOUT, asked).await {
            Ok(Ok(Answer { upgraded: Some(upgraded), .. })) => {
                PortLine::new(upgraded).ok_or(OpenPortError::Broken(None))
            }
            Ok(Ok(Answer { body, .. })) => {
                Err(serde_json::from_slice(&body).unwrap_or(OpenPortError::NoContainer))
            }
            // Whoever has the session is not there at this moment.
            Ok(Err(_)) | Err(_) => Err(OpenPortError::NoContainer),
        }
    }

    pub(super) async fn tell(&self, peer: &InstanceRow, news: Vec<u8>) -> Result<(), LineError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.ask(peer, Method::POST, "/news", headers, Body::from(news)).await.map(drop)
    }

    async fn ask(
        &self,
        peer: &InstanceRow,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Answer, LineError> {
        let answer = timeout(ANSWER_TIMEOUT, self.exchange(peer, method, path, headers, body));
        let answer = answer.await.map_err(|_| LineError::NoAnswer)??;
        if answer.status.is_success() { Ok(answer) } else { Err(LineError::Answered(answer.status)) }
    }

    /// One request and its answer. Cancelling it closes the connection.
    pub(super) async fn exchange(
        &self,
        peer: &InstanceRow,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Answer, LineError> {
        let (host, request) = self.request(peer, method, path, headers, body)?;
        let stream = connect(&host).await?;
        let (mut sender, connection) = http1::handshake::<_, Body>(TokioIo::new(stream)).await?;
        let asked = async {
            let mut response = sender.send_request(request).await?;
            let status = response.status();
            let upgraded = match status {
                StatusCode::SWITCHING_PROTOCOLS => Some(hyper::upgrade::on(&mut response).await?),
                StatusCode::MISDIRECTED_REQUEST => return Err(LineError::NotThere),
                _ => None,
            };
            let (parts, body) = response.into_parts();
            let body = match &upgraded {
                Some(_) => Bytes::new(),
                None => to_bytes(Body::new(body), MAX_ANSWER_BYTES).await.map_err(|_| LineError::NoAnswer)?,
            };
            Ok(Answer { status, headers: parts.headers, body, upgraded })
        };
        let (mut asked, mut driven) = (std::pin::pin!(asked), std::pin::pin!(connection.with_upgrades()));
        let mut drives = true;
        loop {
            tokio::select! {
                answer = &mut asked => return answer,
                _ = &mut driven, if drives => drives = false,
            }
        }
    }

    /// The host to connect to, and what to ask there.
    fn request(
        &self,
        peer: &InstanceRow,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Body,
    ) -> Result<(String, Request), LineError> {
        let uri: Uri = peer.url.parse().map_err(|_| LineError::Refused)?;
        let host = uri.authority().ok_or(LineError::Refused)?.as_str().to_owned();
        let mut request =
            Request::builder().method(method).uri(path).body(body).map_err(|_| LineError::NoAnswer)?;
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| LineError::NoAnswer);
        *request.headers_mut() = headers;
        request.headers_mut().insert(HOST, value(&host)?);
        request.headers_mut().insert(AUTHORIZATION, value(&format!("Bearer {}", self.secret))?);
        request.headers_mut().insert(INSTANCE, value(&peer.id.to_string())?);
        Ok((host, request))
    }
}

async fn connect(host: &str) -> Result<TcpStream, LineError> {
    let stream = match timeout(CONNECT_TIMEOUT, TcpStream::connect(host)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(why)) if why.kind() == io::ErrorKind::ConnectionRefused => return Err(LineError::Refused),
        Ok(Err(_)) | Err(_) => return Err(LineError::NoAnswer),
    };
    // Key strokes are small and must not wait for company.
    stream.set_nodelay(true).map_err(|_| LineError::NoAnswer)?;
    Ok(stream)
}

/// A connection to a container's port through its session's home. Dropping it breaks the connection off there too: a
/// mere end of our bytes would let a server that is silent hold it for as long as it likes.
pub(crate) struct PortLine {
    stream: TcpStream,
    /// What came with the answer's head.
    first: Bytes,
}

impl PortLine {
    fn new(upgraded: Upgraded) -> Option<Self> {
        let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
        Some(Self { stream: parts.io.into_inner(), first: parts.read_buf })
    }
}

impl Drop for PortLine {
    fn drop(&mut self) {
        // Should that fail, the other side learns of it with the first byte it sends.
        let _ = self.stream.set_zero_linger();
    }
}

impl AsyncRead for PortLine {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let count = self.first.len().min(buffer.remaining());
            buffer.put_slice(&self.first.split_to(count));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for PortLine {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
