//! One channel: a socket to a server of the learner's, to the standard streams of a program started for it, or from a
//! program that calls.
//!
//! Holds at most a window of what the agent sent and the other end does not take, and nothing of what comes out: that is
//! read only when it may be sent on.

use std::os::fd::OwnedFd;
use std::time::Instant;

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem};
use ide_protocol::credit::{Credit, CreditBroken, Window};
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::guest::FromGuest;
use ide_protocol::limits::CHANNEL_WINDOW_BYTES;
use ide_protocol::terminal::ExitStatus;
use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::Shutdown;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::connection::Connection;
use crate::dial::{Dial, Dialled};
use crate::launch::Plan;
use crate::outbox::Outbox;
use crate::poller::{Poller, Source, Watched};
use crate::privileges::Identity;
use crate::processes::signal_session;
use crate::spawn::start_on_socket;

pub struct Channel {
    id: ChannelId,
    socket: Watched<OwnedFd>,
    peer: Peer,
    input: Input,
    output: Output,
}

/// Who is at the other end of the socket.
enum Peer {
    /// Nobody yet.
    Connecting(Dial),
    Server,
    /// A program that called. With its end, or the end of what it is told, all is over.
    Caller,
    /// The first process of a session of its own; `ended` once it is reaped.
    Program {
        leader: Pid,
        ended: Option<ExitStatus>,
    },
}

/// What comes from the agent.
struct Input {
    window: Window,
    unwritten: Outbox,
    /// Nothing follows.
    finished: bool,
    /// The other end was told so, or wants no more of it.
    shut: bool,
}

/// What goes to the agent.
struct Output {
    credit: Credit,
    /// Whether a look at the socket may find something.
    readable: bool,
    /// Nothing follows, and the agent knows.
    ended: bool,
}

/// Why a channel is to be closed; without problem all was said on both sides.
pub type End = Option<ChannelProblem>;

impl Channel {
    /// Begins to connect; [`attend`](Self::attend) goes on.
    pub fn to_port(id: ChannelId, port: u16, now: Instant, poller: &Poller) -> Result<Self, ChannelProblem> {
        let (dial, socket) = Dial::start(port, now)?;
        Ok(Self::new(id, socket, Peer::Connecting(dial), poller))
    }

    /// Starts a program; it runs when this returns.
    pub fn to_program(
        id: ChannelId,
        plan: &Plan,
        identity: Identity,
        poller: &Poller,
    ) -> Result<Self, ChannelProblem> {
        let started = start_on_socket(plan, identity);
        let (socket, leader) =
            started.map_err(|why| ChannelProblem::CannotStart { detail: why.to_string() })?;
        Ok(Self::new(id, socket, Peer::Program { leader, ended: None }, poller))
    }

    /// For somebody who called from within.
    pub fn of_caller(id: ChannelId, socket: OwnedFd, poller: &Poller) -> Self {
        Self::new(id, socket, Peer::Caller, poller)
    }

    pub fn is_call(&self) -> bool {
        matches!(self.peer, Peer::Caller)
    }

    fn new(id: ChannelId, socket: OwnedFd, peer: Peer, poller: &Poller) -> Self {
        let input =
            Input { window: Window::default(), unwritten: Outbox::default(), finished: false, shut: false };
        let output = Output { credit: Credit::new(CHANNEL_WINDOW_BYTES), readable: false, ended: false };
        Self { id, socket: poller.watch(Source::Channel(id), socket), peer, input, output }
    }

    pub fn id(&self) -> ChannelId {
        self.id
    }

    pub fn is_connecting(&self) -> bool {
        matches!(self.peer, Peer::Connecting(_))
    }

    /// The socket has something to say, be it that it is connected.
    pub fn ready(&mut self) {
        self.output.readable = true;
    }

    pub fn grant(&mut self, up_to: u64) {
        self.output.credit.grant_window(up_to);
    }

    /// Takes bytes for the other end.
    pub fn put_in(&mut self, offset: u64, payload: &[u8]) -> Result<(), CreditBroken> {
        if self.input.finished {
            return Err(CreditBroken);
        }
        self.input.window.accept(offset, payload.len())?;
        self.input.unwritten.tail().extend_from_slice(payload);
        Ok(())
    }

    /// No more bytes come for the other end.
    pub fn finish_input(&mut self) {
        self.input.finished = true;
    }

    /// Whether `pid` was this channel's program, which has ended.
    pub fn child_ended(&mut self, pid: Pid, status: ExitStatus) -> bool {
        match &mut self.peer {
            Peer::Program { leader, ended } if *leader == pid && ended.is_none() => {
                *ended = Some(status);
                self.output.readable = true;
                // What it left behind could hold the socket open for ever.
                signal_session(*leader, Signal::KILL);
                true
            }
            _ => false,
        }
    }

    /// When to attend again even if nothing happens.
    pub fn next_deadline(&self) -> Option<Instant> {
        match &self.peer {
            Peer::Connecting(dial) => Some(dial.deadline()),
            Peer::Server | Peer::Caller | Peer::Program { .. } => None,
        }
    }

    /// Moves what can be moved and says what to be woken for. To be called on every turn of the loop; answers once the
    /// channel is over.
    pub fn attend(&mut self, connection: &mut Connection, now: Instant) -> Option<End> {
        let end = match self.connect(connection, now) {
            Err(problem) => return Some(Some(problem)),
            Ok(false) => None,
            Ok(true) => {
                self.write_input(connection);
                self.send_output(connection)
            }
        };
        self.express_interest(connection);
        end
    }

    /// Ends a program that belongs to the channel, and whatever it started and did not detach. The socket closes when the
    /// channel is dropped.
    pub fn kill(&self) {
        if let Peer::Program { leader, ended } = self.peer {
            // A number that was reaped may be another's group by now; its session stays ours while anyone is in it.
            if ended.is_none() {
                let _ = kill_process_group(leader, Signal::KILL);
            }
            signal_session(leader, Signal::KILL);
        }
    }

    /// Answers whether there is somebody at the other end by now.
    fn connect(&mut self, connection: &mut Connection, now: Instant) -> Result<bool, ChannelProblem> {
        if let Peer::Connecting(dial) = &mut self.peer {
            match dial.go_on(&self.socket, std::mem::take(&mut self.output.readable), now)? {
                Dialled::Waiting => return Ok(false),
                Dialled::Another(socket) => {
                    self.socket.replace(socket);
                    return Ok(false);
                }
                Dialled::Connected => self.peer = Peer::Server,
            }
            self.output.readable = true;
            self.say(ChannelMessage::Opened { channel: self.id }, connection);
        }
        Ok(true)
    }

    fn write_input(&mut self, connection: &mut Connection) {
        let before = self.input.unwritten.unsent().len();
        while !self.input.shut && !self.input.unwritten.is_empty() {
            match rustix::io::write(&self.socket, self.input.unwritten.unsent()) {
                Ok(0) | Err(Errno::AGAIN) => break,
                Ok(count) => self.input.unwritten.advance(count),
                Err(Errno::INTR) => {}
                // Who wants no more of it may still have something to say.
                Err(_) => self.input.shut = true,
            }
        }
        if self.input.shut {
            self.input.unwritten = Outbox::default();
        } else if self.input.finished && self.input.unwritten.is_empty() {
            let _ = rustix::net::shutdown(&self.socket, Shutdown::Write);
            self.input.shut = true;
        }
        if let Some(up_to) = self.input.window.take(before - self.input.unwritten.unsent().len()) {
            self.say(ChannelMessage::Granted { channel: self.id, up_to }, connection);
        }
    }

    /// One frame at most, so that no channel keeps the others waiting.
    fn send_output(&mut self, connection: &mut Connection) -> Option<End> {
        if self.is_call() && self.output.readable && !self.may_send(connection) && has_hung_up(&self.socket) {
            return Some(None);
        }
        if !self.output.ended && self.output.readable && self.may_send(connection) {
            let mut payload = Vec::with_capacity(self.output.credit.allowance());
            match rustix::io::read(&self.socket, spare_capacity(&mut payload)) {
                Ok(0) if self.is_call() => return Some(None),
                Ok(0) => self.end_output(connection),
                Ok(_) => self.pass_on(&payload, connection),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    self.output.readable = false;
                    // Nobody is left to write; what others of its session hold open does not count.
                    if matches!(self.peer, Peer::Program { ended: Some(_), .. }) {
                        self.end_output(connection);
                    }
                }
                Err(_) if self.is_call() => return Some(None),
                // A program that ends with input unread leaves this instead of an end.
                Err(_) if matches!(self.peer, Peer::Program { .. }) => self.end_output(connection),
                Err(why) => return Some(Some(broken(why))),
            }
        }
        match self.peer {
            Peer::Caller => (self.input.finished && self.input.shut).then_some(None),
            _ if !self.output.ended => None,
            Peer::Program { ended, .. } => ended.map(|status| Some(ChannelProblem::ProgramEnded { status })),
            Peer::Server | Peer::Connecting(_) => (self.input.finished && self.input.shut).then_some(None),
        }
    }

    fn pass_on(&mut self, payload: &[u8], connection: &mut Connection) {
        let (stream, offset) = (Stream::Channel(self.id), self.output.credit.passed());
        connection.say_output(&StreamFrame { stream, flow: Flow::Output, viewer: 0, offset, payload });
        self.output.credit.advance(payload.len());
    }

    fn end_output(&mut self, connection: &mut Connection) {
        self.output.ended = true;
        self.say(ChannelMessage::Finished { channel: self.id }, connection);
    }

    fn may_send(&self, connection: &Connection) -> bool {
        self.output.credit.allowance() > 0 && connection.has_room()
    }

    fn express_interest(&mut self, connection: &Connection) {
        let reading = !self.output.ended && self.may_send(connection);
        let writing = !self.input.shut && !self.input.unwritten.is_empty();
        match self.peer {
            Peer::Connecting(_) => self.socket.want(false, true),
            // Whoever it calls may not listen for long; that the caller is gone must be known nevertheless.
            Peer::Caller if !reading => self.socket.want_end(writing),
            Peer::Server | Peer::Caller | Peer::Program { .. } => self.socket.want(reading, writing),
        }
    }

    fn say(&self, message: ChannelMessage<ide_protocol::guest::GuestTarget>, connection: &mut Connection) {
        connection.say(&FromGuest::Channel { message });
    }
}

fn has_hung_up(socket: &Watched<OwnedFd>) -> bool {
    let mut looked_at = [PollFd::new(socket, PollFlags::RDHUP)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let found = poll(&mut looked_at, Some(&now)).is_ok();
    let ends = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
    found && looked_at.iter().any(|seen| seen.revents().intersects(ends))
}

pub fn broken(why: Errno) -> ChannelProblem {
    ChannelProblem::Broken { detail: why.to_string() }
}
