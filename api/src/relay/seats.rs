//! Handshakes: how much a socket of each kind may hold, and who serves it.

use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::{ConnectionNotUpgradable, WebSocketUpgradeRejection};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use ide_protocol::limits::{MAX_MESSAGE_BYTES, MAX_VIEWER_MESSAGE_BYTES};

use super::viewer::Visitor;
use super::{agent, socket, viewer};
use crate::state::AppState;
use crate::store::SessionRow;

/// Bytes of a socket's write buffer: one frame is flushed at a time, so this only bounds what a stuck peer costs.
const SOCKET_BUFFER_BYTES: usize = 64 * 1024;

/// Bytes read from a browser at once: key strokes and acknowledgements. Every socket holds a buffer of this size and
/// writes zeros into all of it before each read, so the library's own 128 KiB would be most of what an idle page costs.
const VIEWER_READ_BYTES: usize = 4 * 1024;

/// Bytes read from an agent at once: output in bulk comes in frames of twice this. See above for why not more.
const AGENT_READ_BYTES: usize = 16 * 1024;

/// A WebSocket's handshake that may be served here or passed on.
pub(crate) struct Handshake {
    pub(crate) upgrade: WebSocketUpgrade,
    /// What its bytes come over once it is answered.
    pub(crate) line: OnUpgrade,
    pub(crate) headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Handshake {
    type Rejection = WebSocketUpgradeRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let line = parts.extensions.get::<OnUpgrade>().cloned();
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await?;
        let line = line.ok_or_else(ConnectionNotUpgradable::default)?;
        Ok(Self { upgrade, line, headers: parts.headers.clone() })
    }
}

fn bounded(upgrade: WebSocketUpgrade, message_bytes: usize, read_bytes: usize) -> WebSocketUpgrade {
    upgrade
        .max_message_size(message_bytes)
        .max_frame_size(message_bytes)
        .read_buffer_size(read_bytes)
        .write_buffer_size(0)
        .max_write_buffer_size(SOCKET_BUFFER_BYTES + MAX_MESSAGE_BYTES)
}

/// Serves a browser's socket here.
pub(crate) fn seat_viewer(app: &AppState, upgrade: WebSocketUpgrade, visitor: Visitor) -> Response {
    let (app, serving) = (app.clone(), app.sockets.token());
    bounded(upgrade, MAX_VIEWER_MESSAGE_BYTES, VIEWER_READ_BYTES).on_upgrade(move |socket| async move {
        viewer::run(app, socket, visitor).await;
        drop(serving);
    })
}

/// Closes a browser's socket with a code: browsers see codes of sockets, not of handshakes.
pub(crate) fn turn_away(
    app: &AppState,
    upgrade: WebSocketUpgrade,
    code: u16,
    reason: &'static str,
) -> Response {
    let serving = app.sockets.token();
    bounded(upgrade, MAX_VIEWER_MESSAGE_BYTES, VIEWER_READ_BYTES).on_upgrade(move |socket| async move {
        socket::refuse(socket, code, reason).await;
        drop(serving);
    })
}

/// Serves an agent's socket here.
pub(crate) fn seat_agent(app: &AppState, upgrade: WebSocketUpgrade, session: SessionRow) -> Response {
    let (app, serving) = (app.clone(), app.sockets.token());
    bounded(upgrade, MAX_MESSAGE_BYTES, AGENT_READ_BYTES).on_upgrade(move |socket| async move {
        agent::run(app, socket, session).await;
        drop(serving);
    })
}
