//! A browser's socket: joins its session and passes on what is said, until one side is done.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::WebSocket;
use futures_util::StreamExt as _;
use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::close;
use ide_protocol::frame::ViewerId;
use ide_protocol::session::ViewerMessage;
use ide_protocol::trace::Hop;
use uuid::Uuid;

use super::hub::Room;
use super::packet::{Close, stamped};
use super::peer;
use super::socket::{self, Heard, MALFORMED, Stream};
use super::watching::Mentor;
use crate::identity::rate::{Bucket, Rate};
use crate::state::{App, AppState};
use crate::store::{SessionRow, StoreError};

/// Messages of one tab: typing is 30 a second, acknowledging bulk output some hundred.
const MESSAGES: Rate = Rate { burst: 2_000.0, per_second: 500.0 };

/// Lines pointed at by one who looks on: a click now and then.
const POINTS: Rate = Rate { burst: 5.0, per_second: 2.0 };

/// Bytes that may wait for one tab. An honest agent sends at most `VIEWER_WINDOW_BYTES` per terminal unacknowledged,
/// 2 MiB in all; the rest is room for messages.
const QUEUE_BYTES: usize = 4 * 1024 * 1024;

/// Who comes with a ticket.
pub(crate) struct Visitor {
    pub(crate) session: SessionRow,
    /// Set for somebody who only looks on, with their learner's consent.
    pub(crate) mentor: Option<Mentor>,
    /// What a logout takes away.
    pub(crate) credential: String,
}

pub(super) async fn run(app: AppState, socket: WebSocket, visitor: Visitor) {
    let (mut sink, mut stream) = socket.split();
    let client = match hello(&mut stream).await {
        Ok(client) => client,
        Err(close) => return socket::end(sink, stream, close).await,
    };
    let session = visitor.session.id;
    let (peer, mut outgoing) = peer::queue(QUEUE_BYTES);
    let joined = app.hub.viewer_joined(&visitor.session, client, visitor.mentor, peer, visitor.credential);
    let Some((viewer, room)) = joined else {
        let close = Close::new(close::TOO_MANY, "too many tabs are open on this session");
        return socket::end(sink, stream, close).await;
    };
    tracing::info!(%session, viewer, "viewer {viewer} joined session {session}");
    // It may have changed between the ticket and now.
    if let Ok(Some(row)) = app.store.session(session).await {
        room.with(|core| core.state_changed(row.state));
    }
    // Joined first and looked up afterwards: whoever lost the learner's consent in between is found by one of the two.
    if tell_watchers(&app, session).await.is_err() {
        room.with(|core| core.consent_unknown());
    }
    let close = tokio::select! {
        close = listen(&mut stream, &room, viewer) => close,
        close = socket::write(&mut sink, Vec::new(), &mut outgoing, &app.shutdown) => close,
    };
    app.hub.viewer_left(session, &room, viewer);
    let code = close.code;
    tracing::info!(%session, viewer, code, "viewer {viewer} left session {session} with code {code}");
    socket::end(sink, stream, close).await;
}

/// Brings everybody connected up to date on who may look on: the learner's pages are told, those who may not (any more)
/// are closed.
pub(crate) async fn tell_watchers(app: &App, session: Uuid) -> Result<(), StoreError> {
    let list = app.store.watchers_of(session).await?;
    app.hub.watchers_changed(session, list);
    Ok(())
}

async fn hello(stream: &mut Stream) -> Result<Uuid, Close> {
    match socket::hear_hello(stream).await? {
        ViewerMessage::Hello { version, .. } if version != PROTOCOL_VERSION => Err(Close::new(
            close::VERSION_MISMATCH,
            "another protocol version is spoken here; reload the page",
        )),
        ViewerMessage::Hello { client, .. } => Ok(client),
        _ => Err(MALFORMED),
    }
}

async fn listen(stream: &mut Stream, room: &Arc<Room>, viewer: ViewerId) -> Close {
    let mut allowance = Bucket::full(MESSAGES, Instant::now());
    let mut points = Bucket::full(POINTS, Instant::now());
    loop {
        let heard = match socket::hear(stream).await {
            Ok(heard) => heard,
            Err(close) => return close,
        };
        if allowance.take(MESSAGES, Instant::now()).is_err() {
            return Close::new(close::TOO_MANY, "too many messages in too little time");
        }
        match heard {
            Heard::Alive => {}
            Heard::Binary(bytes) => {
                let bytes = stamped(bytes, Hop::RelayIn);
                room.with(|core| core.viewer_typed(viewer, bytes));
            }
            Heard::Text(text) => match serde_json::from_str(&text) {
                Ok(ViewerMessage::Point { .. }) if points.take(POINTS, Instant::now()).is_err() => {
                    room.with(|core| core.points_too_fast(viewer));
                }
                Ok(message) => room.with(|core| core.viewer_said(viewer, message)),
                Err(_) => return MALFORMED,
            },
        }
    }
}
