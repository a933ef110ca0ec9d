//! A session under test, its clock, and short names for what is said.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::guest::{FromGuest, RequestId, ToGuest};
use ide_protocol::session::{AgentToRelay, RelayToAgent, SessionMessage, ViewerMessage};
use ide_protocol::terminal::{TerminalId, TerminalSize};
use lesson::Lesson;
use uuid::Uuid;

use crate::session::logic::{Command, Event, Session};
use crate::session::time::Limits;

pub const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };
pub const IDLE: Duration = Duration::from_secs(600);
pub const TOTAL: Duration = Duration::from_secs(7_200);
const FIRST_REQUEST: RequestId = 100;

pub struct World {
    start: Instant,
    /// Seconds since then.
    pub second: u64,
    session: Session,
}

pub fn lesson() -> Arc<Lesson> {
    let manifest = serde_json::from_value(serde_json::json!({
        "schema": 1, "slug": "greeting", "title": "A", "summary": "A", "course": "A", "position": 1,
        "language": "shell", "image": "bash", "time_budget_minutes": 1, "files": [],
        "preview": [{ "port": 8000, "title": "Your page" }],
        "tests": {
            "build": ["make"], "command": ["check"], "report": "tap",
            "expected": { "visible": ["works"], "hidden": ["works, too"] },
        },
    }))
    .unwrap();
    let (instructions, theory) = (String::new(), [].into());
    let (files, solution) = ([].into(), [].into());
    Arc::new(Lesson { manifest, instructions, theory, files, solution })
}

pub fn path(text: &str) -> WorkspacePath {
    WorkspacePath::new(text).unwrap()
}

pub fn text(text: &str) -> FileContent {
    FileContent::Text(text.to_owned())
}

pub fn client(viewer: ViewerId) -> Uuid {
    Uuid::from_u128(u128::from(viewer))
}

impl World {
    /// A session whose container holds `notes.txt` in revision 1; the relay is not connected.
    pub fn new() -> Self {
        let start = Instant::now();
        let notes = WorkspaceFile {
            path: path("notes.txt"),
            revision: 1,
            content: text("yours\n"),
            executable: false,
        };
        let limits = Limits { idle: IDLE, total: TOTAL };
        Self { start, second: 0, session: Session::new(start, limits, lesson(), &[notes], FIRST_REQUEST) }
    }

    /// The same, with the relay connected and viewer 1 there.
    pub fn joined() -> Self {
        let mut world = Self::new();
        world.happens(Event::RelayUp);
        world.join(1);
        world
    }

    pub fn happens(&mut self, event: Event) -> Vec<Command> {
        self.session.handle(self.start + Duration::from_secs(self.second), event)
    }

    pub fn relay(&mut self, message: RelayToAgent) -> Vec<Command> {
        self.happens(Event::Relay(message))
    }

    pub fn guest(&mut self, message: FromGuest) -> Vec<Command> {
        self.happens(Event::Guest(message))
    }

    pub fn join(&mut self, viewer: ViewerId) -> Vec<Command> {
        self.relay(RelayToAgent::ViewerJoined { viewer, client: client(viewer), read_only: false })
    }

    /// Somebody comes who may only look on.
    pub fn looks_on(&mut self, viewer: ViewerId) -> Vec<Command> {
        self.relay(RelayToAgent::ViewerJoined { viewer, client: client(viewer), read_only: true })
    }

    pub fn leaves(&mut self, viewer: ViewerId) -> Vec<Command> {
        self.relay(RelayToAgent::ViewerLeft { viewer })
    }

    pub fn says(&mut self, viewer: ViewerId, message: ViewerMessage) -> Vec<Command> {
        self.relay(RelayToAgent::ViewerSaid { viewer, message })
    }

    pub fn types(&mut self, viewer: ViewerId, terminal: TerminalId, offset: u64, keys: &str) -> Vec<Command> {
        let payload = keys.as_bytes();
        let (stream, flow) = (Stream::Terminal(terminal), Flow::Input);
        let frame = StreamFrame { stream, flow, viewer, offset, payload };
        self.happens(Event::RelayFrame(frame.encode()))
    }

    /// The guest puts out bytes of a terminal.
    pub fn shows(&mut self, terminal: TerminalId, offset: u64, payload: &[u8]) -> Vec<Command> {
        let (stream, flow) = (Stream::Terminal(terminal), Flow::Output);
        let frame = StreamFrame { stream, flow, viewer: 0, offset, payload };
        self.happens(Event::GuestFrame(frame.encode()))
    }

    /// The viewer opens a terminal, and the guest does.
    pub fn opens(&mut self, viewer: ViewerId) -> TerminalId {
        let asked = self.says(viewer, ViewerMessage::OpenTerminal { size: SIZE });
        let [Command::Ask(ToGuest::OpenTerminal { request, terminal, .. })] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        self.guest(FromGuest::TerminalOpened { request: *request, terminal: *terminal });
        *terminal
    }
}

pub fn to(viewer: ViewerId, message: SessionMessage) -> Command {
    Command::Say(AgentToRelay::ToViewer { viewer, message })
}

pub fn to_all(message: SessionMessage) -> Command {
    Command::Say(AgentToRelay::ToAllViewers { message })
}

pub fn refused(viewer: ViewerId, message: &str) -> Command {
    to(viewer, SessionMessage::RequestRefused { message: message.to_owned() })
}

/// An output frame for a viewer.
pub fn shown(viewer: ViewerId, terminal: TerminalId, offset: u64, payload: &[u8]) -> Command {
    let (stream, flow) = (Stream::Terminal(terminal), Flow::Output);
    Command::Show(StreamFrame { stream, flow, viewer, offset, payload }.encode())
}

/// Keys for the guest.
pub fn typed(terminal: TerminalId, offset: u64, keys: &str) -> Command {
    let payload = keys.as_bytes();
    let (stream, flow) = (Stream::Terminal(terminal), Flow::Input);
    Command::Type(StreamFrame { stream, flow, viewer: 0, offset, payload }.encode())
}

pub fn received(viewer: ViewerId, terminal: TerminalId, offset: u64) -> Command {
    to(viewer, SessionMessage::InputReceived { terminal, offset })
}
