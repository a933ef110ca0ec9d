//! Every session somebody is connected to, and the queues to those who are.
//!
//! Locks are held for a moment and never across an await; sessions do not wait for one another.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ide_protocol::channel::ChannelId;
use ide_protocol::close;
use ide_protocol::files::{Revision, WorkspacePath};
use ide_protocol::frame::ViewerId;
use ide_protocol::rest::{SessionState, Submission, SubmissionState};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::core::{Effect, Link, RelaySession, StoredChange};
use super::packet::{Close, Packet};
use super::peer::Peer;
use super::ports::{OpenPortError, PortStream, Ports};
use super::watching::Mentor;
use crate::store::{SessionRow, WatcherList};

#[derive(Default)]
pub(crate) struct Hub {
    rooms: Mutex<HashMap<Uuid, Arc<Room>>>,
}

/// Who is connected to a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Presence {
    pub(crate) agent: bool,
    /// A page of its learner.
    pub(crate) viewers: bool,
    /// Accounts that look on.
    pub(crate) mentors: BTreeSet<Uuid>,
}

/// One session and its sockets.
pub(super) struct Room {
    workspace: Uuid,
    inside: Mutex<Inside>,
}

struct Inside {
    session: RelaySession,
    viewers: HashMap<ViewerId, (Peer, String)>,
    agent: Option<(Link, Peer)>,
    ports: Ports,
}

impl Room {
    fn new(row: &SessionRow) -> Self {
        let session = RelaySession::new(row.state.clone());
        let inside = Inside { session, viewers: HashMap::new(), agent: None, ports: Ports::default() };
        Self { workspace: row.workspace, inside: Mutex::new(inside) }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the core decide and does what it says.
    pub(super) fn with(&self, decide: impl FnOnce(&mut RelaySession) -> Vec<Effect>) {
        let mut inside = self.lock();
        let effects = decide(&mut inside.session);
        inside.carry_out(effects);
    }

    /// Says something to the agent behind `link`, if it is still the one.
    pub(super) fn answer_agent(&self, link: Link, packet: Packet) {
        if let Some((current, peer)) = &self.lock().agent
            && *current == link
        {
            peer.send(packet);
        }
    }
}

impl Room {
    /// Begins a channel of the relay's own over the agent's connection of this moment.
    pub(super) fn begin_port<T>(
        &self,
        begin: impl FnOnce(&mut Ports) -> Result<T, OpenPortError>,
    ) -> Result<(Link, T), OpenPortError> {
        let mut inside = self.lock();
        let link = inside.agent.as_ref().map(|(link, _)| *link).ok_or(OpenPortError::NoContainer)?;
        Ok((link, begin(&mut inside.ports)?))
    }

    pub(super) fn forget_port(&self, channel: ChannelId) {
        self.lock().ports.forget(channel);
    }
}

impl Inside {
    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::ToViewer(viewer, packet) => {
                    self.viewer(viewer).into_iter().for_each(|p| p.send(packet.clone()))
                }
                Effect::CloseViewer(viewer, close) => {
                    self.viewer(viewer).into_iter().for_each(|p| p.close(close))
                }
                Effect::ToAgent(packet) => self.agent.iter().for_each(|(_, peer)| peer.send(packet.clone())),
                Effect::CloseAgent(link, close) => {
                    self.agent.iter().filter(|(l, _)| *l == link).for_each(|(_, peer)| peer.close(close));
                }
                Effect::ToPorts(news) => {
                    if self.ports.heard(news).is_err() {
                        let close = Close::new(close::MALFORMED, "more bytes than were granted");
                        self.agent.iter().for_each(|(_, peer)| peer.close(close));
                    }
                }
            }
        }
    }

    fn viewer(&self, viewer: ViewerId) -> Option<&Peer> {
        self.viewers.get(&viewer).map(|(peer, _)| peer)
    }
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Room>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a browser in; `None` when the session is full. `credential` is what a logout takes away.
    pub(super) fn viewer_joined(
        &self,
        row: &SessionRow,
        client: Uuid,
        mentor: Option<Mentor>,
        peer: Peer,
        credential: String,
    ) -> Option<(ViewerId, Arc<Room>)> {
        let mut rooms = self.lock();
        let room = Arc::clone(rooms.entry(row.id).or_insert_with(|| Arc::new(Room::new(row))));
        let mut inside = room.lock();
        let (viewer, effects) = inside.session.viewer_joined(client, mentor)?;
        inside.viewers.insert(viewer, (peer, credential));
        inside.carry_out(effects);
        drop(inside);
        Some((viewer, room))
    }

    pub(super) fn viewer_left(&self, session: Uuid, room: &Room, viewer: ViewerId) {
        let mut rooms = self.lock();
        let mut inside = room.lock();
        let effects = inside.session.viewer_left(viewer);
        inside.viewers.remove(&viewer);
        inside.carry_out(effects);
        if inside.session.is_empty() {
            rooms.remove(&session);
        }
    }

    /// Lets an agent in; an older connection of one is closed.
    pub(super) fn agent_joined(&self, row: &SessionRow, peer: Peer) -> (Link, Arc<Room>) {
        let mut rooms = self.lock();
        let room = Arc::clone(rooms.entry(row.id).or_insert_with(|| Arc::new(Room::new(row))));
        let mut inside = room.lock();
        let (link, effects) = inside.session.agent_joined();
        // The old one is closed before the new one takes its place in the queues.
        let (to_old, to_new) =
            effects.into_iter().partition(|effect| matches!(effect, Effect::CloseAgent(..)));
        inside.carry_out(to_old);
        inside.agent = Some((link, peer));
        inside.carry_out(to_new);
        drop(inside);
        (link, room)
    }

    pub(super) fn agent_left(&self, session: Uuid, room: &Room, link: Link) {
        let mut rooms = self.lock();
        let mut inside = room.lock();
        let effects = inside.session.agent_left(link);
        inside.carry_out(effects);
        inside.agent.take_if(|(current, _)| *current == link);
        if inside.session.is_empty() {
            rooms.remove(&session);
        }
    }

    /// The stored state of a session is this now.
    pub(crate) fn state_changed(&self, session: Uuid, state: SessionState) {
        let room = self.lock().get(&session).cloned();
        if let Some(room) = room {
            room.with(|core| core.state_changed(state));
        }
    }

    /// The end of a session was moved; the agent that runs it has to know how long it still has.
    pub(crate) fn limit_changed(&self, session: Uuid, left_seconds: Option<u32>) {
        let room = self.lock().get(&session).cloned();
        if let (Some(room), Some(left_seconds)) = (room, left_seconds) {
            room.with(|core| core.limit_changed(left_seconds));
        }
    }

    /// Who may look on in a session is this now, as stored.
    pub(crate) fn watchers_changed(&self, session: Uuid, list: WatcherList) {
        let room = self.lock().get(&session).cloned();
        if let Some(room) = room {
            room.with(|core| core.watchers_changed(list));
        }
    }

    /// A file of a workspace was stored.
    pub(crate) fn file_changed(&self, workspace: Uuid, change: &StoredChange) {
        for room in self.rooms_of(workspace) {
            room.with(|core| core.file_changed(change.clone()));
        }
    }

    /// A hand-in of a workspace got somewhere.
    pub(crate) fn submission_changed(&self, submission: &Submission) {
        self.submission_told(submission.workspace, submission.id, submission.state.clone());
    }

    /// The same, for one of which only this is known.
    pub(crate) fn submission_told(&self, workspace: Uuid, submission: Uuid, state: SubmissionState) {
        for room in self.rooms_of(workspace) {
            room.with(|core| core.submission_changed(submission, &state));
        }
    }

    /// Closes the sockets that a login or token opened.
    pub(crate) fn revoke(&self, credential: &str) {
        let close = Close::new(close::UNAUTHORIZED, "logged out");
        let rooms: Vec<_> = self.lock().values().cloned().collect();
        for room in rooms {
            let inside = room.lock();
            let theirs = inside.viewers.values().filter(|(_, holder)| holder == credential);
            theirs.for_each(|(peer, _)| peer.close(close));
        }
    }

    /// Connects to a port in the session's container, if its lesson declares it.
    pub(crate) async fn open_port(&self, session: Uuid, port: u16) -> Result<PortStream, OpenPortError> {
        let room = self.lock().get(&session).cloned().ok_or(OpenPortError::NoContainer)?;
        PortStream::open(room, port).await
    }

    /// Sessions with somebody connected here.
    pub(crate) fn rooms(&self) -> usize {
        self.lock().len()
    }

    /// Who is connected to a session here.
    pub(crate) fn presence(&self, session: Uuid) -> Presence {
        let room = self.lock().get(&session).cloned();
        let look = |room: Arc<Room>| {
            let inside = room.lock();
            let core = &inside.session;
            Presence { agent: core.has_agent(), viewers: core.has_viewers(), mentors: core.mentors() }
        };
        room.map(look).unwrap_or_default()
    }

    pub(crate) fn has_room(&self, session: Uuid) -> bool {
        self.lock().contains_key(&session)
    }

    pub(crate) fn has_room_of(&self, workspace: Uuid) -> bool {
        self.lock().values().any(|room| room.workspace == workspace)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Whether somebody here has not been told of a file at this revision.
    pub(crate) fn is_news(&self, workspace: Uuid, path: &WorkspacePath, revision: Option<Revision>) -> bool {
        let unheard = |room: &Arc<Room>| !room.lock().session.has_told(path, revision);
        self.rooms_of(workspace).iter().any(unheard)
    }

    /// Sessions that somebody is connected to here.
    pub(crate) fn sessions(&self) -> Vec<Uuid> {
        self.lock().keys().copied().collect()
    }

    /// Closes every socket of a session, so that all join it again wherever it is at home.
    pub(crate) fn send_away(&self, session: Uuid) {
        let close = Close::new(close::GOING_AWAY, "this session is at home elsewhere; reconnect");
        let room = self.lock().get(&session).cloned();
        if let Some(room) = room {
            let inside = room.lock();
            inside.viewers.values().for_each(|(peer, _)| peer.close(close));
            inside.agent.iter().for_each(|(_, peer)| peer.close(close));
        }
    }

    fn rooms_of(&self, workspace: Uuid) -> Vec<Arc<Room>> {
        self.lock().values().filter(|room| room.workspace == workspace).cloned().collect()
    }
}
