//! A live session as a function of events: what viewers, relay and guest say goes in, what is to be said to them comes
//! out. Knows no socket, no task and no clock of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::files::WorkspaceFile;
use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::guest::{FromGuest, RequestId, ToGuest};
use ide_protocol::session::{AgentToRelay, EndReason, RelayToAgent, SessionMessage, ViewerMessage};
use lesson::Lesson;
use uuid::Uuid;

use super::channels::{Channels, RELAY};
use super::out::Out;
use super::runs::Runs;
use super::terminals::{GuestBrokeRule, Terminals, Watcher};
use super::time::{Limits, Time};
use super::usage::Meter;
use super::workspace::{Saved, Workspace};
use crate::cgroup::Sample;
use crate::supervisor::StopReason;

/// Tabs that may watch one session.
const MAX_VIEWERS: usize = 16;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The relay's socket is open.
    RelayUp,
    RelayDown,
    /// The API knows the session as ended and wants to hear no more of it.
    RelayOver,
    Relay(RelayToAgent),
    /// An encoded frame from the relay.
    RelayFrame(Vec<u8>),
    Guest(FromGuest),
    /// An encoded frame from the guest.
    GuestFrame(Vec<u8>),
    GuestLost {
        detail: String,
    },
    /// How often the kernel has killed for memory in the container; told when a run's step starts and ends.
    MemoryKills(u64),
    Stop(StopReason),
    /// Answers [`Command::Measure`].
    Measured(Sample),
    Tick,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// To the relay.
    Say(AgentToRelay),
    /// An encoded frame, to the relay.
    Show(Vec<u8>),
    /// To the guest.
    Ask(ToGuest),
    /// An encoded frame, to the guest.
    Type(Vec<u8>),
    /// Look at what the container uses; answered by [`Event::Measured`], or not at all where the host cannot tell.
    Measure,
    /// The session is over; nothing follows.
    End(SessionEnd),
}

/// How a session ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEnd {
    /// For good: the relay is told why.
    Over(EndReason),
    /// For good, and the relay knows.
    Known,
    /// This agent lets go of it; another one resumes.
    LetGo,
    /// Someone else has it; say nothing.
    Lost,
}

#[derive(Debug, Clone, Copy)]
struct Viewer {
    client: Uuid,
    read_only: bool,
}

#[derive(Debug)]
pub struct Session {
    time: Time,
    meter: Meter,
    viewers: BTreeMap<ViewerId, Viewer>,
    terminals: Terminals,
    channels: Channels,
    workspace: Workspace,
    runs: Runs,
    out: Out,
    over: bool,
}

impl Session {
    /// Begins with these files in the container; requests to the guest are numbered from `first_request`.
    #[must_use]
    pub fn new(
        now: Instant,
        limits: Limits,
        lesson: Arc<Lesson>,
        files: &[WorkspaceFile],
        first_request: RequestId,
    ) -> Self {
        let ports = lesson.manifest.preview.iter().map(|preview| preview.port).collect();
        Self {
            time: Time::new(now, limits),
            meter: Meter::default(),
            viewers: BTreeMap::new(),
            terminals: Terminals::new(lesson.manifest.slug.clone()),
            channels: Channels::new(lesson.manifest.slug.clone(), ports),
            workspace: Workspace::new(files),
            runs: Runs::new(lesson),
            out: Out::new(first_request),
            over: false,
        }
    }

    /// Takes note of an event and says what follows. After [`Command::End`], nothing does.
    pub fn handle(&mut self, now: Instant, event: Event) -> Vec<Command> {
        if self.over {
            return Vec::new();
        }
        match event {
            Event::RelayUp => self.relay_up(now),
            Event::RelayDown => self.relay_down(),
            Event::RelayOver => self.end(SessionEnd::Known),
            Event::Relay(message) => self.relay(now, message),
            Event::RelayFrame(bytes) => self.typed(&bytes),
            Event::Guest(message) => self.guest(now, message),
            Event::GuestFrame(bytes) => self.shown(&bytes),
            Event::GuestLost { detail } => self.end(SessionEnd::Over(EndReason::ContainerLost { detail })),
            Event::MemoryKills(kills) => self.runs.set_kills(kills),
            Event::Stop(StopReason::LeaseLost) => self.end(SessionEnd::Lost),
            Event::Stop(StopReason::GoingAway) => self.end(SessionEnd::LetGo),
            Event::Measured(sample) => self.measured(now, sample),
            Event::Tick => self.tick(now),
        }
        self.out.take()
    }

    fn relay_up(&mut self, now: Instant) {
        self.time.api_is_back(now);
        self.out.set_relay(true);
        self.out.relay(AgentToRelay::Hello { version: PROTOCOL_VERSION });
        self.out.relay(AgentToRelay::SessionReady);
        self.workspace.proceed(&mut self.out);
    }

    /// The relay tells again who is there when it is back.
    fn relay_down(&mut self) {
        self.out.set_relay(false);
        for viewer in std::mem::take(&mut self.viewers).into_keys() {
            self.terminals.viewer_left(viewer, &mut self.out);
        }
        self.channels.relay_down(&mut self.out);
        self.time.api_is_away();
        self.workspace.relay_down();
    }

    fn relay(&mut self, now: Instant, message: RelayToAgent) {
        let out = &mut self.out;
        match message {
            RelayToAgent::ViewerJoined { viewer, client, read_only } => {
                self.joined(viewer, client, read_only)
            }
            RelayToAgent::ViewerLeft { viewer } => self.left(now, viewer),
            RelayToAgent::ViewerSaid { viewer, message } => self.viewer(now, viewer, message),
            RelayToAgent::FileSaved { path, revision, content, executable } => {
                self.workspace.saved(path, Saved { revision, content: Some((content, executable)) }, out);
            }
            RelayToAgent::FileRemoved { path, revision } => {
                self.workspace.saved(path, Saved { revision, content: None }, out);
            }
            RelayToAgent::ChangeStored { path, revision } => self.workspace.stored(&path, revision, out),
            RelayToAgent::ChangeConflicted { path, kept_as: _ } => self.workspace.conflicted(&path, out),
            RelayToAgent::ChangeRefused { path, reason } => self.workspace.refused(&path, &reason, out),
            RelayToAgent::LimitChanged { left_seconds } => {
                self.time.set_left(now, Duration::from_secs(left_seconds.into()));
            }
            RelayToAgent::EndSession { reason } => self.end(SessionEnd::Over(reason)),
            RelayToAgent::Channel { message } => self.channels.heard(RELAY, &message, out),
        }
    }

    fn joined(&mut self, viewer: ViewerId, client: Uuid, read_only: bool) {
        if self.viewers.len() >= MAX_VIEWERS && !self.viewers.contains_key(&viewer) {
            return self.out.refuse(viewer, "Too many tabs have this session open.");
        }
        self.viewers.insert(viewer, Viewer { client, read_only });
        // Who only looks on does not keep a learner's machine.
        if !read_only {
            self.time.somebody_came();
        }
        let (terminals, run) = (self.terminals.list(), self.runs.in_flight());
        self.out.viewer(viewer, SessionMessage::TerminalsListed { terminals, run });
        if let Some(usage) = self.meter.told() {
            self.out.viewer(viewer, SessionMessage::Usage { usage });
        }
        // For the learner alone: who looks on must not use it up.
        if !read_only && let Some(message) = self.runs.take_unheard() {
            self.out.viewer(viewer, message);
        }
    }

    fn left(&mut self, now: Instant, viewer: ViewerId) {
        self.viewers.remove(&viewer);
        self.terminals.viewer_left(viewer, &mut self.out);
        self.channels.viewer_left(viewer, &mut self.out);
        if self.viewers.values().all(|viewer| viewer.read_only) {
            self.time.everybody_left(now);
        }
    }

    fn viewer(&mut self, now: Instant, viewer: ViewerId, message: ViewerMessage) {
        let Some(who) = self.viewers.get(&viewer).copied() else { return };
        let out = &mut self.out;
        let watching =
            matches!(message, ViewerMessage::AttachTerminal { .. } | ViewerMessage::AcknowledgeOutput { .. });
        if who.read_only && !watching {
            return out.refuse(viewer, "You may watch this session, not take part in it.");
        }
        match message {
            // The relay's own.
            ViewerMessage::Hello { .. } | ViewerMessage::Point { .. } => {}
            ViewerMessage::OpenTerminal { size } => self.terminals.open(viewer, size, out),
            ViewerMessage::AttachTerminal { terminal, from_offset } => {
                let watcher = Watcher { client: who.client, read_only: who.read_only };
                self.terminals.attach(viewer, watcher, terminal, from_offset, out);
            }
            ViewerMessage::AcknowledgeOutput { terminal, offset } => {
                self.terminals.acknowledge(viewer, terminal, offset, out);
            }
            ViewerMessage::ResizeTerminal { terminal, size } => self.terminals.resize(terminal, size, out),
            ViewerMessage::CloseTerminal { terminal } => self.terminals.close(viewer, terminal, out),
            ViewerMessage::RunTests => self.runs.start(now, viewer, out),
            ViewerMessage::StopRun { run } => self.runs.stop(run, out),
            ViewerMessage::Channel { message } => self.channels.heard(viewer, &message, out),
        }
    }

    /// Keys from a viewer, or bytes for a channel. What is no frame was mangled by the relay and is dropped: the client
    /// sends it again.
    fn typed(&mut self, bytes: &[u8]) {
        let Ok(frame) = StreamFrame::decode(bytes) else { return };
        if let (Stream::Channel(id), Flow::Input, RELAY) = (frame.stream, frame.flow, frame.viewer) {
            return self.channels.input(id, &frame, &mut self.out);
        }
        let Some(who) = self.viewers.get(&frame.viewer).copied() else { return };
        if who.read_only {
            return self.out.refuse(frame.viewer, "You may watch this session, not take part in it.");
        }
        match (frame.stream, frame.flow) {
            (Stream::Terminal(id) | Stream::Trace(id), Flow::Input) => {
                self.terminals.input(id, who.client, &frame, &mut self.out);
            }
            (Stream::Channel(id), Flow::Input) => self.channels.input(id, &frame, &mut self.out),
            (_, Flow::Output) => {}
        }
    }

    fn guest(&mut self, now: Instant, message: FromGuest) {
        let out = &mut self.out;
        match message {
            FromGuest::Hello { .. } => self.broke_rule(),
            FromGuest::Done { request } => drop(self.workspace.done(request, out)),
            FromGuest::RequestFailed { request, error } => {
                let _ = self.terminals.failed(request, &error.to_string(), out)
                    || self.runs.failed(request, &error, out)
                    || self.workspace.failed(request, &error, out);
            }
            FromGuest::FilesListed { request, entries, omitted: _ } => {
                self.workspace.listed(request, entries, out)
            }
            FromGuest::FileRead { request, content, executable } => {
                self.workspace.read(request, content, executable, out);
            }
            FromGuest::FileChanged { path, removed: _ } => self.workspace.changed(path, out),
            FromGuest::ChangesLost => self.workspace.changes_lost(out),
            FromGuest::TerminalOpened { request: _, terminal } => {
                let viewers = &self.viewers;
                self.terminals.opened(terminal, |viewer| Some(viewers.get(&viewer)?.client), out);
            }
            FromGuest::TerminalExited { terminal, status } => {
                let viewers: Vec<_> = self.viewers.keys().copied().collect();
                self.terminals.exited(terminal, status, &viewers, out);
            }
            FromGuest::RunStarted { request: _, run, zygote: _ } => self.runs.started(run),
            FromGuest::RunOutput { run, stream, bytes } => self.runs.output(run, stream, &bytes.0, out),
            FromGuest::RunFinished { run, ending, duration_ms: _ } => {
                self.runs.finished(now, run, ending, out)
            }
            FromGuest::Channel { message } => {
                if self.channels.guest(message, out) == Err(GuestBrokeRule) {
                    self.broke_rule();
                }
            }
        }
    }

    fn shown(&mut self, bytes: &[u8]) {
        let shown = match StreamFrame::decode(bytes) {
            Ok(frame @ StreamFrame { stream: Stream::Terminal(id), flow: Flow::Output, .. }) => {
                self.terminals.output(id, &frame, &mut self.out)
            }
            Ok(frame @ StreamFrame { stream: Stream::Channel(id), flow: Flow::Output, .. }) => {
                self.channels.output(id, &frame, &mut self.out)
            }
            Ok(frame @ StreamFrame { stream: Stream::Trace(_), flow: Flow::Output, .. }) => {
                self.terminals.traced(&frame, &mut self.out);
                Ok(())
            }
            _ => Err(GuestBrokeRule),
        };
        if shown == Err(GuestBrokeRule) {
            self.broke_rule();
        }
    }

    /// Nothing in the container can be believed any more.
    fn broke_rule(&mut self) {
        let detail = "the guest broke its protocol".to_owned();
        self.end(SessionEnd::Over(EndReason::ContainerLost { detail }));
    }

    fn tick(&mut self, now: Instant) {
        self.terminals.confirm_input(&mut self.out);
        if let Some(reason) = self.time.is_over(now) {
            self.end(SessionEnd::Over(reason));
        } else if self.meter.is_due(now, !self.viewers.is_empty()) {
            self.out.measure();
        }
    }

    fn measured(&mut self, now: Instant, sample: Sample) {
        if let Some(usage) = self.meter.measured(now, sample) {
            self.out.all(SessionMessage::Usage { usage });
        }
    }

    fn end(&mut self, end: SessionEnd) {
        self.over = true;
        self.out.end(end);
    }
}
