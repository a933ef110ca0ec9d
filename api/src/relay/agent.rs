//! An agent's socket: joins its session, brings it up to date, and passes on what is said.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use futures_util::{FutureExt as _, StreamExt as _};
use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::close;
use ide_protocol::session::{AgentToRelay, RelayToAgent};
use ide_protocol::trace::Hop;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::changes::{self, Change};
use super::core::{Link, file_packet};
use super::hub::Room;
use super::packet::{Close, Packet, stamped};
use super::peer;
use super::socket::{self, Heard, MALFORMED, Stream};
use crate::clock;
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::{Actor, SessionRow, StoreError};

/// Bytes that may wait for an agent: a few saved files beside what is typed.
const QUEUE_BYTES: usize = 8 * 1024 * 1024;

/// Changes that wait to be stored. Stored one by one beside the reading of the socket, so that key strokes do not
/// wait for the disk; when full the socket is read no further and only this session waits.
const MAX_CHANGES_WAITING: usize = 64;

/// For storing what an agent said before its line ended; a change takes milliseconds.
const LAST_CHANGES: Duration = Duration::from_secs(5);

pub(super) async fn run(app: AppState, socket: WebSocket, session: SessionRow) {
    let (mut sink, mut stream) = socket.split();
    if let Err(close) = hello(&mut stream).await {
        return socket::end(sink, stream, close).await;
    }
    let id = session.id;
    let (peer, mut outgoing) = peer::queue(QUEUE_BYTES);
    // Joined first and read afterwards: whatever is saved in between is told at least once.
    let (link, room) = app.hub.agent_joined(&session, peer);
    tracing::info!(session = %id, link, "an agent joined session {id}");
    let talk = Talk { app: &app, session: &session, room: &room, link };
    let close = match catch_up(&app, &session, &room).await {
        Err(why) => {
            tracing::error!(session = %id, error = %Chain(&why), "an agent could not be brought up to date");
            Close::new(close::GOING_AWAY, "the store did not answer; reconnect")
        }
        Ok(files) => {
            let (changes, waiting) = mpsc::channel(MAX_CHANGES_WAITING);
            let mut storing = std::pin::pin!(talk.store_changes(waiting).fuse());
            let close = tokio::select! {
                close = talk.listen(&mut stream, changes) => close,
                close = socket::write(&mut sink, files, &mut outgoing, &app.shutdown) => close,
                () = &mut storing => Close::new(close::GOING_AWAY, "no changes are taken; reconnect"),
            };
            // The line has ended; what came over it before is stored all the same.
            if tokio::time::timeout(LAST_CHANGES, storing).await.is_err() {
                tracing::warn!(session = %id, link, "the last changes of an agent were not stored in time");
            }
            close
        }
    };
    app.hub.agent_left(id, &room, link);
    let code = close.code;
    tracing::info!(session = %id, link, code, "the agent left session {id} with code {code}");
    socket::end(sink, stream, close).await;
}

async fn hello(stream: &mut Stream) -> Result<(), Close> {
    match socket::hear_hello(stream).await? {
        AgentToRelay::Hello { version } if version == PROTOCOL_VERSION => Ok(()),
        AgentToRelay::Hello { .. } => {
            Err(Close::new(close::VERSION_MISMATCH, "another protocol version is spoken here"))
        }
        _ => Err(MALFORMED),
    }
}

/// What was stored since an agent was last given the files: what it was told already it knows by its revision.
async fn catch_up(app: &AppState, session: &SessionRow, room: &Room) -> Result<Vec<Packet>, StoreError> {
    let found = app.store.session_found(session.id, clock::now()).await?;
    let now = if found.is_some() { found } else { app.store.session(session.id).await? };
    let seen = now.as_ref().map_or(session.files_seen, |row| row.files_seen);
    let left = now.as_ref().and_then(|row| row.seconds_left(clock::now()));
    if let Some(row) = now {
        room.with(|core| core.state_changed(row.state));
    }
    let saved = app.store.files_since(session.workspace, seen).await?;
    let removed = app.store.removals_since(session.workspace, seen).await?;
    let saved = saved.into_iter().map(|f| file_packet(f.path, f.revision, Some((f.content, f.executable))));
    let removed = removed.into_iter().map(|f| file_packet(f.path, f.revision, None));
    // Its end may have been moved while nobody could tell the agent.
    let limit = left.map(|left_seconds| Packet::json(&RelayToAgent::LimitChanged { left_seconds }));
    Ok(limit.into_iter().chain(saved).chain(removed).collect())
}

/// One agent's connection.
struct Talk<'a> {
    app: &'a AppState,
    session: &'a SessionRow,
    room: &'a Arc<Room>,
    link: Link,
}

impl Talk<'_> {
    async fn listen(&self, stream: &mut Stream, changes: mpsc::Sender<Change>) -> Close {
        loop {
            let message = match socket::hear(stream).await {
                Err(close) => return close,
                Ok(Heard::Alive) => continue,
                Ok(Heard::Binary(bytes)) => {
                    let bytes = stamped(bytes, Hop::RelayOut);
                    self.room.with(|core| core.agent_put_out(self.link, bytes));
                    continue;
                }
                Ok(Heard::Text(text)) => serde_json::from_str(&text),
            };
            match message {
                Ok(AgentToRelay::ToViewer { viewer, message }) => {
                    self.room.with(|core| core.agent_said(self.link, Some(viewer), &message));
                }
                Ok(AgentToRelay::ToAllViewers { message }) => {
                    self.room.with(|core| core.agent_said(self.link, None, &message));
                }
                Ok(AgentToRelay::WorkspaceChanged { path, base_revision, change }) => {
                    let change = Change { path, base: base_revision, change };
                    if changes.send(change).await.is_err() {
                        return Close::new(close::GOING_AWAY, "the store did not answer; reconnect");
                    }
                }
                Ok(AgentToRelay::SessionReady) => self.ready().await,
                Ok(AgentToRelay::SessionEnded { reason }) => return self.ended(&reason).await,
                Ok(AgentToRelay::Channel { message }) => {
                    self.room.with(|core| core.agent_said_to_ports(self.link, message));
                }
                Ok(AgentToRelay::Hello { .. }) | Err(_) => return MALFORMED,
            }
        }
    }

    async fn ready(&self) {
        let now = clock::now();
        let until = now + clock::micros(self.app.config.session_limits.hard);
        match self.app.store.session_ready(self.session.id, until, now).await {
            Ok(Some(row)) => self.room.with(|core| core.state_changed(row.state)),
            // It was ready already, or is over: the store's word stands.
            Ok(None) => {}
            Err(why) => self.complain(&why),
        }
    }

    async fn ended(&self, reason: &ide_protocol::session::EndReason) -> Close {
        let actor = Actor::System;
        match self.app.store.end_session(self.session.id, reason, &actor, clock::now()).await {
            Ok(Some(row)) => self.room.with(|core| core.state_changed(row.state)),
            Ok(None) => {}
            Err(why) => {
                self.complain(&why);
                // Any close would confirm the end, and the agent would complete its job.
                return Close::ABORT;
            }
        }
        // Only now may the agent complete its job: the end is stored.
        Close::new(close::NORMAL, "the end is stored")
    }

    /// Until the channel closes.
    async fn store_changes(&self, mut waiting: mpsc::Receiver<Change>) {
        while let Some(change) = waiting.recv().await {
            let path = change.path.clone();
            match changes::store(self.app, self.session, change).await {
                Ok(told) => {
                    told.to_agent.into_iter().for_each(|packet| self.room.answer_agent(self.link, packet));
                    told.changes
                        .iter()
                        .for_each(|change| self.app.hub.file_changed(self.session.workspace, change));
                }
                Err(why) => {
                    self.complain(&why);
                    let reason = "the store did not answer; change the file again".to_owned();
                    self.room.answer_agent(self.link, changes::refused(path, reason));
                }
            }
        }
    }

    fn complain(&self, why: &StoreError) {
        let session: Uuid = self.session.id;
        tracing::error!(%session, error = %Chain(why), "what an agent said could not be stored");
    }
}
