//! One session, decided: who is connected, what is passed on to whom, who is sent away. Independent of transport,
//! store and time; every call answers what is to be done.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::body::Bytes;
use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::channel::ChannelMessage;
use ide_protocol::close;
use ide_protocol::files::{Base64Bytes, FileContent, Revision, WorkspacePath};
use ide_protocol::frame::{Flow, HEADER_BYTES, Stream, StreamFrame, ViewerId, readdress};
use ide_protocol::limits::{MAX_MESSAGE_BYTES, MAX_WORKSPACE_FILES};
use ide_protocol::rest::{SessionState, SubmissionState};
use ide_protocol::session::{ChangeOrigin, Place, RelayToAgent, SessionMessage, ViewerMessage};
use uuid::Uuid;

use super::packet::{Close, Packet, own};
use super::ports::PortNews;
use super::viewer_channels::ViewerChannels;
use super::watching::{Mentor, Watching};
use crate::store::WatcherList;

/// Tabs of one session's learner.
pub(super) const MAX_VIEWERS: usize = 16;

/// Paths whose newest revision is remembered. Forgetting them only risks telling an agent something twice.
const MAX_TOLD: usize = 4 * MAX_WORKSPACE_FILES;

/// Hand-ins of which it is remembered what was told; verdicts hold some KiB. Forgetting them only tells one twice.
const MAX_TOLD_SUBMISSIONS: usize = 8;

/// Names one connection of an agent, so that what an older one still says is not taken for the newer one's.
pub(super) type Link = u64;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    ToViewer(ViewerId, Packet),
    ToAgent(Packet),
    CloseViewer(ViewerId, Close),
    CloseAgent(Link, Close),
    /// Concerns the relay's own channels.
    ToPorts(PortNews),
}

#[derive(Debug)]
struct Viewer {
    client: Uuid,
    read_only: bool,
    channels: ViewerChannels,
}

/// A change of a stored file, on its way to all who have it open.
#[derive(Debug, Clone)]
pub(crate) struct StoredChange {
    pub(crate) path: WorkspacePath,
    pub(crate) revision: Revision,
    /// `None`: removed.
    pub(crate) content: Option<(FileContent, bool)>,
    pub(crate) origin: ChangeOrigin,
}

#[derive(Debug)]
pub(super) struct RelaySession {
    state: SessionState,
    viewers: BTreeMap<ViewerId, Viewer>,
    last_viewer: ViewerId,
    agent: Option<Link>,
    last_link: Link,
    /// Newest revision of each path that went out, so that two saves told in the wrong order do no harm.
    told: HashMap<WorkspacePath, Revision>,
    /// How each hand-in stood when it was told last.
    submissions: HashMap<Uuid, SubmissionState>,
    watching: Watching,
}

impl RelaySession {
    pub(super) fn new(state: SessionState) -> Self {
        Self {
            state,
            viewers: BTreeMap::new(),
            last_viewer: 0,
            agent: None,
            last_link: 0,
            told: HashMap::new(),
            submissions: HashMap::new(),
            watching: Watching::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.viewers.is_empty() && self.agent.is_none()
    }

    pub(super) fn has_agent(&self) -> bool {
        self.agent.is_some()
    }

    /// Whether a page of its learner is there.
    pub(super) fn has_viewers(&self) -> bool {
        self.viewers.values().any(|viewer| !viewer.read_only)
    }

    /// A browser said hello: a page of the learner, or somebody who looks on. `None` when the session is full of those.
    pub(super) fn viewer_joined(
        &mut self,
        client: Uuid,
        mentor: Option<Mentor>,
    ) -> Option<(ViewerId, Vec<Effect>)> {
        let read_only = mentor.is_some();
        let alike = self.viewers.values().filter(|viewer| viewer.read_only == read_only).count();
        if if read_only { self.watching.is_full() } else { alike >= MAX_VIEWERS } {
            return None;
        }
        self.last_viewer = self.last_viewer.wrapping_add(1).max(1);
        let viewer = self.last_viewer;
        self.viewers.insert(viewer, Viewer { client, read_only, channels: ViewerChannels::default() });
        let state = self.state.clone();
        let welcome = SessionMessage::Welcome { version: PROTOCOL_VERSION, viewer, state };
        let mut effects = vec![Effect::ToViewer(viewer, Packet::json(&welcome))];
        effects.extend(self.to_agent(&RelayToAgent::ViewerJoined { viewer, client, read_only }));
        match mentor {
            Some(mentor) => {
                self.watching.joined(viewer, mentor);
                effects.extend(self.tell_who_looks_on());
            }
            None => {
                let news = self.watching.message().into_iter().chain(self.watching.places());
                effects.extend(news.map(|message| Effect::ToViewer(viewer, Packet::json(&message))));
            }
        }
        Some((viewer, effects))
    }

    pub(super) fn viewer_left(&mut self, viewer: ViewerId) -> Vec<Effect> {
        let Some(Viewer { read_only, .. }) = self.viewers.remove(&viewer) else { return Vec::new() };
        let mut effects = self.to_agent(&RelayToAgent::ViewerLeft { viewer });
        if read_only {
            let taken_back = self.watching.left(viewer);
            effects.extend(taken_back.into_iter().flat_map(|message| self.to_learner(&message)));
            effects.extend(self.tell_who_looks_on());
        }
        effects
    }

    /// Who may look on is this now, as stored. Those who may not (any more) are sent away.
    pub(super) fn watchers_changed(&mut self, list: WatcherList) -> Vec<Effect> {
        let news = self.watching.told(list);
        let away = self.watching.not_allowed().into_iter();
        let mut effects: Vec<_> = away.map(|viewer| Effect::CloseViewer(viewer, NO_CONSENT)).collect();
        if news {
            effects.extend(self.tell_who_looks_on());
        }
        effects
    }

    /// The store did not say who may look on: nobody does.
    pub(super) fn consent_unknown(&mut self) -> Vec<Effect> {
        let away = self.viewers.iter().filter(|(_, viewer)| viewer.read_only);
        let close = Close::new(close::GOING_AWAY, "the store did not answer; reconnect");
        away.map(|(&viewer, _)| Effect::CloseViewer(viewer, close)).collect()
    }

    /// Accounts that look on at this moment.
    pub(super) fn mentors(&self) -> BTreeSet<Uuid> {
        self.watching.accounts()
    }

    pub(super) fn points_too_fast(&mut self, viewer: ViewerId) -> Vec<Effect> {
        refuse(viewer, "Too many lines in too little time; point at one after the other.")
    }

    fn point(&mut self, viewer: ViewerId, place: Option<Place>) -> Vec<Effect> {
        match self.watching.point(viewer, place) {
            Some(message) => self.to_learner(&message),
            None => refuse(viewer, "Only who looks on points at lines, and only at lines of a file."),
        }
    }

    fn tell_who_looks_on(&self) -> Vec<Effect> {
        self.watching.message().into_iter().flat_map(|message| self.to_learner(&message)).collect()
    }

    pub(super) fn viewer_said(&mut self, viewer: ViewerId, message: ViewerMessage) -> Vec<Effect> {
        let Some(who) = self.viewers.get_mut(&viewer) else { return Vec::new() };
        let harmless =
            matches!(message, ViewerMessage::AttachTerminal { .. } | ViewerMessage::AcknowledgeOutput { .. });
        if matches!(message, ViewerMessage::Hello { .. }) {
            let close = Close::new(close::MALFORMED, "hello is said once");
            return vec![Effect::CloseViewer(viewer, close)];
        }
        if let ViewerMessage::Point { place } = message {
            return self.point(viewer, place);
        }
        if who.read_only && !harmless {
            return vec![Effect::CloseViewer(viewer, LOOKING_ON)];
        }
        if let ViewerMessage::Channel { message } = &message
            && let Some(refusal) = who.channels.said(message, self.agent.is_some())
        {
            return vec![about_channel(viewer, refusal)];
        }
        if self.agent.is_none() {
            return match message {
                ViewerMessage::OpenTerminal { .. } | ViewerMessage::RunTests => {
                    refuse(viewer, "The container is not ready yet; wait a moment.")
                }
                _ => Vec::new(),
            };
        }
        self.to_agent(&RelayToAgent::ViewerSaid { viewer, message })
    }

    /// A browser sent a binary frame. With no agent there it is dropped: the browser keeps what was not acknowledged.
    pub(super) fn viewer_typed(&mut self, viewer: ViewerId, bytes: Bytes) -> Vec<Effect> {
        let Some(who) = self.viewers.get(&viewer) else { return Vec::new() };
        if !matches!(StreamFrame::decode(&bytes), Ok(StreamFrame { flow: Flow::Input, .. })) {
            let close = Close::new(close::MALFORMED, "not a frame of input");
            return vec![Effect::CloseViewer(viewer, close)];
        }
        if who.read_only {
            return vec![Effect::CloseViewer(viewer, LOOKING_ON)];
        }
        match self.agent {
            Some(_) => vec![Effect::ToAgent(addressed(bytes, viewer))],
            None => Vec::new(),
        }
    }

    /// An agent said hello. It is told of every viewer; an older connection gives way.
    pub(super) fn agent_joined(&mut self) -> (Link, Vec<Effect>) {
        self.last_link += 1;
        let link = self.last_link;
        let mut effects = Vec::new();
        if let Some(older) = self.agent.replace(link) {
            let close = Close::new(close::REPLACED, "another connection of an agent took over");
            effects.push(Effect::CloseAgent(older, close));
            effects.extend(self.channels_lost());
        }
        if let SessionState::Ended { reason } = &self.state {
            let end = RelayToAgent::EndSession { reason: reason.clone() };
            effects.push(Effect::ToAgent(Packet::json(&end)));
        }
        for (&viewer, &Viewer { client, read_only, .. }) in &self.viewers {
            let joined = RelayToAgent::ViewerJoined { viewer, client, read_only };
            effects.push(Effect::ToAgent(Packet::json(&joined)));
        }
        (link, effects)
    }

    pub(super) fn agent_left(&mut self, link: Link) -> Vec<Effect> {
        if self.agent != Some(link) {
            return Vec::new();
        }
        self.agent = None;
        self.channels_lost()
    }

    /// Channels end with the agent's connection. Whoever has one open is told.
    fn channels_lost(&mut self) -> Vec<Effect> {
        let mut effects = vec![Effect::ToPorts(PortNews::Lost)];
        for (&viewer, Viewer { channels, .. }) in &mut self.viewers {
            effects.extend(channels.lost().into_iter().map(|message| about_channel(viewer, message)));
        }
        effects
    }

    /// The agent says something about one of the relay's own channels.
    pub(super) fn agent_said_to_ports(&self, link: Link, message: ChannelMessage) -> Vec<Effect> {
        if self.agent != Some(link) {
            return Vec::new();
        }
        vec![Effect::ToPorts(PortNews::Said(message))]
    }

    /// The agent has a message for one viewer, or (`None`) for all.
    pub(super) fn agent_said(
        &mut self,
        link: Link,
        viewer: Option<ViewerId>,
        message: &SessionMessage,
    ) -> Vec<Effect> {
        if self.agent != Some(link) {
            return Vec::new();
        }
        if !may_agent_say(message) {
            let close = Close::new(close::MALFORMED, "a message that only the relay sends");
            return vec![Effect::CloseAgent(link, close)];
        }
        if let (Some(viewer), SessionMessage::Channel { message }) = (viewer, message)
            && let Some(who) = self.viewers.get_mut(&viewer)
        {
            who.channels.told(message);
        }
        match viewer {
            None => self.to_viewers(message),
            Some(viewer) if self.viewers.contains_key(&viewer) => {
                vec![Effect::ToViewer(viewer, Packet::json(message))]
            }
            Some(_) => Vec::new(),
        }
    }

    /// The agent sent a binary frame; it names the viewer it is for.
    pub(super) fn agent_put_out(&mut self, link: Link, bytes: Bytes) -> Vec<Effect> {
        if self.agent != Some(link) {
            return Vec::new();
        }
        match StreamFrame::decode(&bytes) {
            Ok(StreamFrame {
                flow: Flow::Output,
                viewer: 0,
                stream: Stream::Channel(channel),
                offset,
                ..
            }) => {
                let payload = bytes.slice(HEADER_BYTES..);
                vec![Effect::ToPorts(PortNews::Bytes { channel, offset, payload })]
            }
            Ok(StreamFrame { flow: Flow::Output, viewer, .. }) => {
                if !self.viewers.contains_key(&viewer) {
                    return Vec::new();
                }
                vec![Effect::ToViewer(viewer, addressed(bytes, 0))]
            }
            _ => {
                let close = Close::new(close::MALFORMED, "not a frame of output");
                vec![Effect::CloseAgent(link, close)]
            }
        }
    }

    /// The stored state is this now. Telling it twice is harmless.
    pub(super) fn state_changed(&mut self, state: SessionState) -> Vec<Effect> {
        if self.state == state || matches!(self.state, SessionState::Ended { .. }) {
            return Vec::new();
        }
        self.state = state.clone();
        let mut effects = self.to_viewers(&SessionMessage::StateChanged { state: state.clone() });
        if let SessionState::Ended { reason } = state {
            effects.extend(self.to_agent(&RelayToAgent::EndSession { reason }));
            let close = Close::new(close::SESSION_ENDED, "the session is over");
            effects.extend(self.viewers.keys().map(|&viewer| Effect::CloseViewer(viewer, close)));
        }
        effects
    }

    /// The session still has this long. The agent counts by itself from there.
    pub(super) fn limit_changed(&mut self, left_seconds: u32) -> Vec<Effect> {
        self.to_agent(&RelayToAgent::LimitChanged { left_seconds })
    }

    /// Whether a file went out at this revision or a later one.
    pub(super) fn has_told(&self, path: &WorkspacePath, revision: Option<Revision>) -> bool {
        let told = self.told.get(path);
        revision.is_some_and(|revision| told.is_some_and(|told| *told >= revision))
    }

    /// A file was stored: viewers hear of it, and the agent unless the change came from its container.
    pub(super) fn file_changed(&mut self, change: StoredChange) -> Vec<Effect> {
        let StoredChange { path, revision, content, origin } = change;
        if self.has_told(&path, Some(revision)) {
            return Vec::new();
        }
        if self.told.len() >= MAX_TOLD {
            self.told.clear();
        }
        self.told.insert(path.clone(), revision);
        let removed = content.is_none();
        let mut effects =
            self.to_viewers(&SessionMessage::FileChanged { path: path.clone(), revision, removed, origin });
        if origin != ChangeOrigin::Container && self.agent.is_some() {
            effects.push(Effect::ToAgent(file_packet(path, revision, content)));
        }
        effects
    }

    /// A hand-in of the workspace stands so now. Telling it twice is harmless.
    pub(super) fn submission_changed(&mut self, submission: Uuid, state: &SubmissionState) -> Vec<Effect> {
        if self.submissions.get(&submission) == Some(state) {
            return Vec::new();
        }
        if self.submissions.len() >= MAX_TOLD_SUBMISSIONS {
            self.submissions.clear();
        }
        self.submissions.insert(submission, state.clone());
        self.to_viewers(&SessionMessage::SubmissionChanged { submission, state: state.clone() })
    }

    /// Something that all viewers should know.
    fn to_viewers(&self, message: &SessionMessage) -> Vec<Effect> {
        if self.viewers.is_empty() {
            return Vec::new();
        }
        let packet = Packet::json(message);
        self.viewers.keys().map(|&viewer| Effect::ToViewer(viewer, packet.clone())).collect()
    }

    /// To the learner's own pages.
    fn to_learner(&self, message: &SessionMessage) -> Vec<Effect> {
        let packet = Packet::json(message);
        let pages = self.viewers.iter().filter(|(_, viewer)| !viewer.read_only);
        pages.map(|(&viewer, _)| Effect::ToViewer(viewer, packet.clone())).collect()
    }

    fn to_agent(&self, message: &RelayToAgent) -> Vec<Effect> {
        self.agent.iter().map(|_| Effect::ToAgent(Packet::json(message))).collect()
    }
}

fn about_channel(viewer: ViewerId, message: ChannelMessage) -> Effect {
    Effect::ToViewer(viewer, Packet::json(&SessionMessage::Channel { message }))
}

const NO_CONSENT: Close = Close::new(close::FORBIDDEN, "the learner has ended this");
const LOOKING_ON: Close = Close::new(close::FORBIDDEN, "you are looking on, not taking part");

fn refuse(viewer: ViewerId, words: &str) -> Vec<Effect> {
    let message = words.to_owned();
    vec![Effect::ToViewer(viewer, Packet::json(&SessionMessage::RequestRefused { message }))]
}

/// What concerns the stored workspace and the session's state only the relay says.
fn may_agent_say(message: &SessionMessage) -> bool {
    !matches!(
        message,
        SessionMessage::Welcome { .. }
            | SessionMessage::StateChanged { .. }
            | SessionMessage::FileChanged { .. }
            | SessionMessage::SubmissionChanged { .. }
            | SessionMessage::WatchersChanged { .. }
            | SessionMessage::Pointed { .. }
            | SessionMessage::Channel { message: ChannelMessage::Open { .. } }
    )
}

/// The same frame for somebody else; copied only when its bytes are shared.
fn addressed(bytes: Bytes, viewer: ViewerId) -> Packet {
    let mut frame = own(bytes);
    readdress(&mut frame, viewer);
    Packet::Binary(frame.freeze())
}

/// Tells an agent what is stored under `path`. Text full of control characters grows sixfold in JSON; such a file
/// travels as base64, so that one file is always one message.
pub(super) fn file_packet(
    path: WorkspacePath,
    revision: Revision,
    content: Option<(FileContent, bool)>,
) -> Packet {
    let Some((content, executable)) = content else {
        return Packet::json(&RelayToAgent::FileRemoved { path, revision });
    };
    let saved = |content| RelayToAgent::FileSaved { path: path.clone(), revision, content, executable };
    let packet = Packet::json(&saved(content.clone()));
    if packet.len() <= MAX_MESSAGE_BYTES {
        return packet;
    }
    Packet::json(&saved(FileContent::Base64(Base64Bytes(content.into_bytes()))))
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod looking_on;
#[cfg(test)]
mod tests;
