//! The terminals of one session: what they put out, who has seen how much of it, who typed what.
//!
//! Everything is addressed by offset, so whatever is sent twice is harmless. Knows viewers by number and clients by
//! name; not where they are.

use std::collections::{BTreeMap, BTreeSet};

use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::guest::{RequestId, ToGuest};
use ide_protocol::limits::{MAX_PAYLOAD_BYTES, MAX_TERMINALS, TERMINAL_RING_BYTES, VIEWER_WINDOW_BYTES};
use ide_protocol::session::SessionMessage;
use ide_protocol::terminal::{ExitStatus, TerminalId, TerminalInfo, TerminalSize};
use ide_protocol::trace::{self, STAMP_BYTES};
use uuid::Uuid;

use super::out::Out;
use super::ring::Ring;
use super::typing::Typing;
use crate::steps;

/// The guest is granted more in steps of this, not with every acknowledgement.
const GRANT_STEP_BYTES: u64 = VIEWER_WINDOW_BYTES / 8;

/// Typing is confirmed when so much has come since the last time, or at the next tick: its sender keeps it meanwhile, and a
/// confirmation per key would cost every hop as much again as the key. A quarter of what a page may have under way.
const CONFIRM_STEP_BYTES: usize = MAX_PAYLOAD_BYTES / 2;

/// Who reads a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watcher {
    pub(super) client: Uuid,
    /// Looks on only: gets what there is, and never sets the pace.
    pub(super) read_only: bool,
}

/// Where a viewer is in a terminal's output.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    watcher: Watcher,
    sent: u64,
    acknowledged: u64,
    exit_told: bool,
}

#[derive(Debug)]
struct Terminal {
    size: TerminalSize,
    /// Who asked for it; attached when it opens.
    opener: ViewerId,
    /// The guest's answer to this has not come yet.
    opening: Option<RequestId>,
    ring: Ring,
    granted: u64,
    cursors: BTreeMap<ViewerId, Cursor>,
    typing: Typing,
    /// How far typing has arrived, and how much of it came since that was last told.
    unconfirmed: BTreeMap<ViewerId, (u64, usize)>,
    exited: Option<ExitStatus>,
}

/// The guest broke a rule of the wire; it cannot be trusted any further.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GuestBrokeRule;

#[derive(Debug)]
pub(super) struct Terminals {
    slug: String,
    next: TerminalId,
    open: BTreeMap<TerminalId, Terminal>,
    /// Who waits for the stamps of a key; each is sent them once, whatever the guest says.
    tracing: BTreeSet<ViewerId>,
}

impl Terminals {
    pub(super) fn new(slug: String) -> Self {
        Self { slug, next: 1, open: BTreeMap::new(), tracing: BTreeSet::new() }
    }

    pub(super) fn list(&self) -> Vec<TerminalInfo> {
        let up = self.open.iter().filter(|(_, terminal)| terminal.opening.is_none());
        up.map(|(id, terminal)| TerminalInfo {
            terminal: *id,
            size: terminal.size,
            output_offset: terminal.ring.end(),
            exited: terminal.exited,
        })
        .collect()
    }

    pub(super) fn open(&mut self, viewer: ViewerId, size: TerminalSize, out: &mut Out) {
        if self.open.len() >= MAX_TERMINALS {
            return out
                .refuse(viewer, format!("There can be {MAX_TERMINALS} terminals at once; close one first."));
        }
        let (terminal, size, request) = (self.next, size.clamped(), out.request());
        self.next = self.next.wrapping_add(1);
        self.open.insert(terminal, Terminal::new(viewer, size, request));
        out.guest(ToGuest::OpenTerminal { request, terminal, program: steps::shell(&self.slug), size });
    }

    /// `client_of` tells who a viewer is, if it is still there.
    pub(super) fn opened(
        &mut self,
        id: TerminalId,
        client_of: impl Fn(ViewerId) -> Option<Uuid>,
        out: &mut Out,
    ) {
        let Some(terminal) = self.open.get_mut(&id) else { return };
        terminal.opening = None;
        if let Some(client) = client_of(terminal.opener) {
            // Who only looks on opens none.
            let watcher = Watcher { client, read_only: false };
            terminal.cursors.insert(terminal.opener, Cursor::new(watcher, 0));
        }
        let (size, viewer) = (terminal.size, terminal.opener);
        out.all(SessionMessage::TerminalOpened { terminal: id, size, viewer });
        terminal.grant(id, out);
    }

    /// The guest refused a request; true when it was one of ours.
    pub(super) fn failed(&mut self, request: RequestId, why: &str, out: &mut Out) -> bool {
        let found = self.open.iter().find(|(_, terminal)| terminal.opening == Some(request));
        let Some((id, viewer)) = found.map(|(id, terminal)| (*id, terminal.opener)) else { return false };
        self.open.remove(&id);
        out.refuse(viewer, format!("The terminal could not be opened: {why}."));
        true
    }

    /// # Errors
    /// [`GuestBrokeRule`] when output does not join on to what came before, or exceeds the grant.
    pub(super) fn output(
        &mut self,
        id: TerminalId,
        frame: &StreamFrame<'_>,
        out: &mut Out,
    ) -> Result<(), GuestBrokeRule> {
        // Closed here, while its last bytes were on their way.
        let Some(terminal) = self.open.get_mut(&id) else { return Ok(()) };
        let end = frame.offset.checked_add(frame.payload.len() as u64).ok_or(GuestBrokeRule)?;
        if frame.offset != terminal.ring.end() || end > terminal.granted {
            return Err(GuestBrokeRule);
        }
        terminal.ring.push(frame.payload);
        terminal.show(id, out);
        terminal.grant(id, out);
        Ok(())
    }

    pub(super) fn exited(&mut self, id: TerminalId, status: ExitStatus, viewers: &[ViewerId], out: &mut Out) {
        let Some(terminal) = self.open.get_mut(&id) else { return };
        terminal.exited = Some(status);
        terminal.show(id, out);
        for viewer in viewers.iter().filter(|viewer| !terminal.cursors.contains_key(viewer)) {
            out.viewer(*viewer, SessionMessage::TerminalExited { terminal: id, status });
        }
    }

    pub(super) fn attach(
        &mut self,
        viewer: ViewerId,
        watcher: Watcher,
        id: TerminalId,
        from: u64,
        out: &mut Out,
    ) {
        let Some(terminal) = self.live(id) else { return out.refuse(viewer, "There is no such terminal.") };
        let offset = from.clamp(terminal.ring.start(), terminal.ring.end());
        terminal.cursors.insert(viewer, Cursor::new(watcher, offset));
        let input_offset = terminal.typing.received(watcher.client);
        out.viewer(viewer, SessionMessage::TerminalAttached { terminal: id, offset, input_offset });
        terminal.show(id, out);
        terminal.grant(id, out);
    }

    pub(super) fn acknowledge(&mut self, viewer: ViewerId, id: TerminalId, offset: u64, out: &mut Out) {
        let Some(terminal) = self.live(id) else { return };
        let Some(cursor) = terminal.cursors.get_mut(&viewer) else { return };
        // What was never sent cannot have been seen.
        cursor.acknowledged = cursor.acknowledged.max(offset.min(cursor.sent));
        terminal.show(id, out);
        terminal.grant(id, out);
    }

    pub(super) fn input(&mut self, id: TerminalId, client: Uuid, frame: &StreamFrame<'_>, out: &mut Out) {
        let traced = matches!(frame.stream, Stream::Trace(_)).then(|| trace::split(frame.payload));
        // A traced frame without its stamps is none.
        let Some((stamps, keys)) = traced.unwrap_or(Some((&[0; STAMP_BYTES], frame.payload))) else { return };
        let Some(terminal) = self.open.get_mut(&id).filter(|terminal| terminal.is_open()) else { return };
        let (typed, fresh) = terminal.typing.receive(client, frame.offset, keys);
        if !fresh.is_empty() && terminal.exited.is_none() {
            let offset = terminal.typing.pass(fresh.len());
            let flow = Flow::Input;
            out.input(if traced.is_some() {
                self.tracing.insert(frame.viewer);
                let payload = &[stamps, fresh].concat();
                StreamFrame { stream: Stream::Trace(id), flow, viewer: frame.viewer, offset, payload }
                    .encode()
            } else {
                StreamFrame { stream: Stream::Terminal(id), flow, viewer: 0, offset, payload: fresh }.encode()
            });
        }
        terminal.confirm(id, frame.viewer, typed, fresh.len(), out);
    }

    /// The guest says when it had a viewer's traced key in hand.
    pub(super) fn traced(&mut self, frame: &StreamFrame<'_>, out: &mut Out) {
        if frame.payload.len() == STAMP_BYTES && self.tracing.remove(&frame.viewer) {
            out.frame(frame.encode());
        }
    }

    /// Tells everybody how far their typing has arrived.
    pub(super) fn confirm_input(&mut self, out: &mut Out) {
        for (id, terminal) in &mut self.open {
            for (viewer, (offset, _)) in std::mem::take(&mut terminal.unconfirmed) {
                out.viewer(viewer, SessionMessage::InputReceived { terminal: *id, offset });
            }
        }
    }

    pub(super) fn resize(&mut self, id: TerminalId, size: TerminalSize, out: &mut Out) {
        let Some(terminal) = self.live(id) else { return };
        let size = size.clamped();
        if terminal.size == size || terminal.exited.is_some() {
            return;
        }
        terminal.size = size;
        out.guest(ToGuest::ResizeTerminal { terminal: id, size });
        out.all(SessionMessage::TerminalResized { terminal: id, size });
    }

    pub(super) fn close(&mut self, viewer: ViewerId, id: TerminalId, out: &mut Out) {
        if self.live(id).is_none() {
            return out.refuse(viewer, "There is no such terminal.");
        }
        if self.open.remove(&id).is_some_and(|terminal| terminal.exited.is_none()) {
            out.guest(ToGuest::CloseTerminal { terminal: id });
        }
        out.all(SessionMessage::TerminalClosed { terminal: id });
    }

    /// Whoever is left sets the pace.
    pub(super) fn viewer_left(&mut self, viewer: ViewerId, out: &mut Out) {
        self.tracing.remove(&viewer);
        for (id, terminal) in &mut self.open {
            terminal.unconfirmed.remove(&viewer);
            if terminal.cursors.remove(&viewer).is_some() && terminal.opening.is_none() {
                terminal.grant(*id, out);
            }
        }
    }

    /// One that the guest has opened.
    fn live(&mut self, id: TerminalId) -> Option<&mut Terminal> {
        self.open.get_mut(&id).filter(|terminal| terminal.is_open())
    }
}

impl Terminal {
    fn new(opener: ViewerId, size: TerminalSize, opening: RequestId) -> Self {
        Self {
            size,
            opener,
            opening: Some(opening),
            ring: Ring::default(),
            granted: 0,
            cursors: BTreeMap::new(),
            typing: Typing::default(),
            unconfirmed: BTreeMap::new(),
            exited: None,
        }
    }

    /// The guest has opened it.
    fn is_open(&self) -> bool {
        self.opening.is_none()
    }

    /// Sends every viewer what its window has room for; states the gap to one that fell out of the ring.
    fn show(&mut self, id: TerminalId, out: &mut Out) {
        for (viewer, cursor) in &mut self.cursors {
            if cursor.sent < self.ring.start() {
                // Only once it has taken in most of what it was sent, or one that never reads would be sent all.
                if cursor.under_way() > VIEWER_WINDOW_BYTES / 2 {
                    continue;
                }
                *cursor =
                    Cursor { exit_told: cursor.exit_told, ..Cursor::new(cursor.watcher, self.ring.start()) };
                let (offset, input_offset) = (cursor.sent, self.typing.received(cursor.watcher.client));
                out.viewer(*viewer, SessionMessage::TerminalAttached { terminal: id, offset, input_offset });
            }
            while let Some((frame, count)) = self.ring.frame(*viewer, id, cursor.sent, cursor.room()) {
                cursor.sent += count;
                out.frame(frame);
            }
            if let Some(status) = self.exited
                && cursor.sent == self.ring.end()
                && !std::mem::replace(&mut cursor.exit_told, true)
            {
                out.viewer(*viewer, SessionMessage::TerminalExited { terminal: id, status });
            }
        }
    }

    /// Typing has arrived up to `offset`, `fresh` bytes of it just now. A repeat or a hole is answered at once: its sender
    /// waits for that.
    fn confirm(&mut self, id: TerminalId, viewer: ViewerId, offset: u64, fresh: usize, out: &mut Out) {
        let untold = self.unconfirmed.remove(&viewer).map_or(0, |(_, untold)| untold) + fresh;
        if fresh == 0 || untold >= CONFIRM_STEP_BYTES {
            return out.viewer(viewer, SessionMessage::InputReceived { terminal: id, offset });
        }
        self.unconfirmed.insert(viewer, (offset, untold));
    }

    /// Lets the guest send on: as far as the window of the fastest page of the learner reaches; with none watching, on
    /// and on. Those who only look on are left out: a slow one would hold the learner up, a fast one would have the
    /// learner's own output fall out of the ring.
    fn grant(&mut self, id: TerminalId, out: &mut Out) {
        let learners = self.cursors.values().filter(|cursor| !cursor.watcher.read_only);
        let fastest = learners.map(|cursor| cursor.acknowledged).max();
        let up_to =
            fastest.map_or(self.ring.end() + TERMINAL_RING_BYTES as u64, |seen| seen + VIEWER_WINDOW_BYTES);
        if up_to >= self.granted + GRANT_STEP_BYTES {
            self.granted = up_to;
            out.guest(ToGuest::GrantOutput { terminal: id, up_to });
        }
    }
}

impl Cursor {
    fn new(watcher: Watcher, offset: u64) -> Self {
        Self { watcher, sent: offset, acknowledged: offset, exit_told: false }
    }

    fn under_way(self) -> u64 {
        self.sent - self.acknowledged
    }

    fn room(self) -> u64 {
        VIEWER_WINDOW_BYTES.saturating_sub(self.under_way())
    }
}
