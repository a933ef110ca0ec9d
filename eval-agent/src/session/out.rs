//! What the session's core wants done, collected while it handles one event.

use ide_protocol::frame::ViewerId;
use ide_protocol::guest::{RequestId, ToGuest};
use ide_protocol::session::{AgentToRelay, SessionMessage};

use super::{Command, SessionEnd};

/// Commands in order, and the numbers that pair the guest's answers with our questions.
#[derive(Debug)]
pub(super) struct Out {
    commands: Vec<Command>,
    next_request: RequestId,
    /// Without relay, what is meant for it is not even made: viewers are told anew when they come back.
    relay_up: bool,
}

impl Out {
    pub(super) fn new(first_request: RequestId) -> Self {
        Self { commands: Vec::new(), next_request: first_request, relay_up: false }
    }

    pub(super) fn take(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    pub(super) fn set_relay(&mut self, up: bool) {
        self.relay_up = up;
    }

    pub(super) fn relay_is_up(&self) -> bool {
        self.relay_up
    }

    pub(super) fn request(&mut self) -> RequestId {
        let request = self.next_request;
        self.next_request = self.next_request.wrapping_add(1);
        request
    }

    pub(super) fn relay(&mut self, message: AgentToRelay) {
        if self.relay_up {
            self.commands.push(Command::Say(message));
        }
    }

    pub(super) fn viewer(&mut self, viewer: ViewerId, message: SessionMessage) {
        self.relay(AgentToRelay::ToViewer { viewer, message });
    }

    pub(super) fn all(&mut self, message: SessionMessage) {
        self.relay(AgentToRelay::ToAllViewers { message });
    }

    pub(super) fn refuse(&mut self, viewer: ViewerId, message: impl Into<String>) {
        self.viewer(viewer, SessionMessage::RequestRefused { message: message.into() });
    }

    /// An encoded frame for the viewer it names.
    pub(super) fn frame(&mut self, bytes: Vec<u8>) {
        if self.relay_up {
            self.commands.push(Command::Show(bytes));
        }
    }

    pub(super) fn guest(&mut self, message: ToGuest) {
        self.commands.push(Command::Ask(message));
    }

    /// An encoded frame for the guest.
    pub(super) fn input(&mut self, bytes: Vec<u8>) {
        self.commands.push(Command::Type(bytes));
    }

    pub(super) fn measure(&mut self) {
        self.commands.push(Command::Measure);
    }

    pub(super) fn end(&mut self, end: SessionEnd) {
        self.commands.push(Command::End(end));
    }
}
