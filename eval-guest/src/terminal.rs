//! One terminal: the master side of a pseudo-terminal and the session of programs behind it.

use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use ide_protocol::credit::Credit;
use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::guest::GuestError;
use ide_protocol::terminal::{ExitStatus, TerminalId, TerminalSize};
use ide_protocol::trace::{self, Hop, STAMP_BYTES};
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{
    LocalModes, QueueSelector, SpecialCodeIndex, Winsize, tcflush, tcgetattr, tcgetpgrp, tcsetwinsize,
};

use crate::connection::Connection;
use crate::input::{InputQueue, SignalKey, SignalKeys};
use crate::launch::{Plan, cannot_start};
use crate::poller::{Poller, Source, Watched};
use crate::privileges::Identity;
use crate::processes::{has_session, signal_session};
use crate::spawn::{Streams, start};

/// From hang-up to SIGKILL: long enough for a shell to write its history.
const HANG_UP_GRACE: Duration = Duration::from_millis(1_000);

/// Pause before a terminal that nobody holds open, though its program lives, is read again.
const CLOSED_PAUSE: Duration = Duration::from_millis(50);

/// After a frame of output, the next one waits this long for more to go with it, unless it is full before. What comes after
/// a pause – the echo of a key – goes at once. A program that writes in dribs would otherwise cost every hop up to the
/// browser a frame per drib.
const COALESCE: Duration = Duration::from_millis(1);

pub struct Terminal {
    id: TerminalId,
    /// The program started on it; also the number of its session.
    leader: Pid,
    credit: Credit,
    input: InputQueue,
    /// Whether a look at the output may find something.
    readable: bool,
    /// Output that was read and has not been sent; as much as its capacity makes a frame.
    held: Vec<u8>,
    /// When a frame that is not full may go.
    hold_until: Instant,
    /// When to look at what is held.
    send_at: Option<Instant>,
    /// Whose key is traced, and the stamps so far; they go out behind the next output.
    traced: Option<(ViewerId, [u8; STAMP_BYTES])>,
    state: State,
}

enum State {
    Open(Watched<OwnedFd>),
    /// No process has the terminal open; looked at again then.
    Closed(Watched<OwnedFd>, Instant),
    /// The leader has ended; what it wrote is still being sent.
    Draining(Watched<OwnedFd>, ExitStatus),
    /// Hung up: the master is closed, output is lost, survivors are killed at the instant.
    HungUp {
        kill_at: Instant,
        status: Option<ExitStatus>,
    },
    /// Nothing is left to do; the status is still to be told.
    Over(ExitStatus),
    Gone,
}

/// How a look at the output ended.
enum Found {
    /// The frame was full before the terminal was empty.
    More,
    /// Nothing more now, or nothing allowed.
    Nothing,
    /// Nothing more, and nobody there who could write.
    Closed,
}

impl Terminal {
    pub fn open(
        id: TerminalId,
        plan: &Plan,
        identity: Identity,
        size: TerminalSize,
        poller: &Poller,
    ) -> Result<Self, GuestError> {
        let (master, leader) = begin(plan, identity, size).map_err(|why| match why {
            Begin::Pty(why) => cannot_start(format!("no pseudo-terminal: {why}")),
            Begin::Program(why) => why,
        })?;
        let master = poller.watch(Source::Terminal(id), master);
        let (credit, input) = (Credit::default(), InputQueue::default());
        Ok(Self {
            id,
            leader,
            credit,
            input,
            readable: false,
            held: Vec::new(),
            hold_until: Instant::now(),
            send_at: None,
            traced: None,
            state: State::Open(master),
        })
    }

    pub fn id(&self) -> TerminalId {
        self.id
    }

    pub fn is_led_by(&self, pid: Pid) -> bool {
        self.leader == pid
    }

    /// The master has something to say.
    pub fn readable(&mut self) {
        self.readable = true;
    }

    pub fn grant(&mut self, up_to: u64) {
        self.credit.grant(up_to);
    }

    pub fn resize(&self, size: TerminalSize) {
        if let Some(master) = self.master()
            && let Err(why) = tcsetwinsize(master, winsize(size))
        {
            eprintln!("eval-guest: resizing terminal {}: {why}", self.id);
        }
    }

    /// Passes key strokes on; what does not fit into the queue is dropped, but keys that interrupt always work.
    pub fn type_in(&mut self, bytes: &[u8]) {
        let Some(master) = self.master() else { return };
        let stuck = !self.input.is_empty();
        let interrupt = stuck.then(|| signal_keys(master)).flatten().and_then(|keys| keys.last_in(bytes));
        let rest = match interrupt {
            Some((what, rest)) => {
                self.interrupt(what);
                rest
            }
            None => bytes,
        };
        let dropped = self.input.push(rest);
        if dropped > 0 {
            eprintln!("eval-guest: terminal {} reads nothing: dropped {dropped} bytes of input", self.id);
        }
        self.write_input();
    }

    /// The key that follows is traced. One at a time: an older one that was never echoed is forgotten.
    pub fn trace(&mut self, viewer: ViewerId, stamps: [u8; STAMP_BYTES]) {
        self.traced = Some((viewer, stamps));
    }

    pub fn write_input(&mut self) {
        while let Some(master) = self.master()
            && !self.input.is_empty()
        {
            match rustix::io::write(master, self.input.waiting()) {
                Ok(0) | Err(Errno::AGAIN | Errno::INTR) => return,
                Ok(count) => self.input.advance(count),
                Err(_) => self.input.clear(),
            }
        }
    }

    /// Sends what may be sent, notices what has come to an end, and says what to be woken for. To be called on
    /// every turn of the loop; answers the status once, when nothing of this terminal is left.
    pub fn attend(&mut self, connection: &mut Connection, now: Instant) -> Option<ExitStatus> {
        let mut found = self.send_output(connection, now);
        while matches!((&found, &self.state), (Found::More, State::Draining(..))) {
            // Nobody is left to wake us: what the terminal holds now is all there is.
            found = self.send_output(connection, now);
        }
        let state = std::mem::replace(&mut self.state, State::Gone);
        self.state = match (state, found) {
            (State::Open(master), Found::Closed) => State::Closed(master, now + CLOSED_PAUSE),
            (State::Closed(master, again), _) if again <= now => State::Open(master),
            (State::Draining(_, status), Found::Nothing | Found::Closed) if self.may_send(connection) => {
                State::Over(status)
            }
            (State::HungUp { kill_at, status }, _) if kill_at <= now => {
                signal_session(self.leader, Signal::KILL);
                status.map_or(State::HungUp { kill_at: now + HANG_UP_GRACE, status }, State::Over)
            }
            (state, _) => state,
        };
        self.express_interest(connection);
        match std::mem::replace(&mut self.state, State::Gone) {
            State::Over(status) => Some(status),
            state => {
                self.state = state;
                None
            }
        }
    }

    /// The leader has ended.
    pub fn leader_ended(&mut self, status: ExitStatus) {
        self.readable = true;
        self.state = match std::mem::replace(&mut self.state, State::Gone) {
            State::Open(master) | State::Closed(master, _) => State::Draining(master, status),
            State::HungUp { kill_at, .. } if has_session(self.leader) => {
                State::HungUp { kill_at, status: Some(status) }
            }
            State::HungUp { .. } => State::Over(status),
            state => state,
        };
    }

    /// Takes the terminal from its programs, as when a window is closed.
    pub fn hang_up(&mut self, now: Instant) {
        let status = match &self.state {
            State::Open(_) | State::Closed(..) => None,
            State::Draining(_, status) => Some(*status),
            State::HungUp { .. } | State::Over(_) | State::Gone => return,
        };
        // SIGCONT, because a stopped program would never hear the hang-up. Dropping the master hangs up as well.
        signal_session(self.leader, Signal::HUP);
        signal_session(self.leader, Signal::CONT);
        self.state = State::HungUp { kill_at: now + HANG_UP_GRACE, status };
    }

    /// When to attend again even if nothing happens.
    pub fn next_deadline(&self) -> Option<Instant> {
        match self.state {
            State::Closed(_, at) | State::HungUp { kill_at: at, .. } => Some(at),
            _ => self.send_at,
        }
    }

    fn may_send(&self, connection: &Connection) -> bool {
        connection.has_room() && self.credit.allowance() > 0
    }

    /// One frame. The kernel hands out little at a time; it is gathered until the frame is full or its time has come.
    fn send_output(&mut self, connection: &mut Connection, now: Instant) -> Found {
        self.send_at = None;
        let nothing = !self.readable && self.held.is_empty();
        if nothing || !self.may_send(connection) {
            return Found::Nothing;
        }
        let (State::Open(master) | State::Draining(master, _)) = &self.state else { return Found::Nothing };
        if self.held.is_empty() {
            self.held = Vec::with_capacity(self.credit.allowance());
        }
        let found = if self.readable { gather(master, &mut self.held) } else { Found::Nothing };
        self.readable = matches!(found, Found::More);
        let is_last = matches!(found, Found::Closed) || matches!(self.state, State::Draining(..));
        if self.readable || is_last || self.hold_until <= now {
            self.say_held(connection, now);
        } else if !self.held.is_empty() {
            self.send_at = Some(self.hold_until);
        }
        found
    }

    fn say_held(&mut self, connection: &mut Connection, now: Instant) {
        let payload = std::mem::take(&mut self.held);
        if payload.is_empty() {
            return;
        }
        let (stream, flow, offset) = (Stream::Terminal(self.id), Flow::Output, self.credit.passed());
        connection.say_output(&StreamFrame { stream, flow, viewer: 0, offset, payload: &payload });
        self.credit.advance(payload.len());
        self.hold_until = now + COALESCE;
        self.say_traced(connection);
    }

    fn say_traced(&mut self, connection: &mut Connection) {
        let Some((viewer, mut stamps)) = self.traced.take() else { return };
        trace::mark(&mut stamps, Hop::GuestOut);
        let (stream, flow) = (Stream::Trace(self.id), Flow::Output);
        connection.say_output(&StreamFrame { stream, flow, viewer, offset: 0, payload: &stamps });
    }

    fn express_interest(&mut self, connection: &Connection) {
        let may_send = self.may_send(connection);
        let typing = !self.input.is_empty();
        match &mut self.state {
            State::Open(master) => master.want(may_send, typing),
            State::Draining(master, _) => master.want(may_send, false),
            State::Closed(master, _) => master.want(false, false),
            State::HungUp { .. } | State::Over(_) | State::Gone => {}
        }
    }

    fn interrupt(&mut self, what: SignalKey) {
        self.input.clear();
        let Some(master) = self.master() else { return };
        let _ = tcflush(master, QueueSelector::OFlush);
        let signal = match what {
            SignalKey::Interrupt => Signal::INT,
            SignalKey::Quit => Signal::QUIT,
            SignalKey::Suspend => Signal::TSTP,
        };
        if let Ok(group) = tcgetpgrp(master) {
            let _ = kill_process_group(group, signal);
        }
    }

    fn master(&self) -> Option<&Watched<OwnedFd>> {
        match &self.state {
            State::Open(master) | State::Closed(master, _) => Some(master),
            _ => None,
        }
    }
}

/// Reads until `payload` has no capacity left or the terminal is empty.
fn gather(master: &Watched<OwnedFd>, payload: &mut Vec<u8>) -> Found {
    while payload.len() < payload.capacity() {
        match rustix::io::read(master, spare_capacity(payload)) {
            Ok(0) | Err(Errno::IO) => return Found::Closed,
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Found::Nothing,
        }
    }
    Found::More
}

enum Begin {
    Pty(Errno),
    Program(GuestError),
}

fn begin(plan: &Plan, identity: Identity, size: TerminalSize) -> Result<(OwnedFd, Pid), Begin> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let (master, slave) = open_pair(flags, size).map_err(Begin::Pty)?;
    let leader = start(plan, identity, Streams::Terminal(slave.as_fd())).map_err(Begin::Program)?;
    Ok((master, leader))
}

fn open_pair(flags: OpenptFlags, size: TerminalSize) -> Result<(OwnedFd, OwnedFd), Errno> {
    let master = openpt(flags)?;
    unlockpt(&master)?;
    let slave = ioctl_tiocgptpeer(&master, flags)?;
    tcsetwinsize(&master, winsize(size))?;
    rustix::io::ioctl_fionbio(&master, true)?;
    Ok((master, slave))
}

fn winsize(size: TerminalSize) -> Winsize {
    let size = size.clamped();
    Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 }
}

/// The keys that raise signals, if the program behind lets the terminal raise any.
fn signal_keys(master: &Watched<OwnedFd>) -> Option<SignalKeys> {
    let modes = tcgetattr(master).ok()?;
    modes.local_modes.contains(LocalModes::ISIG).then(|| SignalKeys {
        interrupt: modes.special_codes[SpecialCodeIndex::VINTR],
        quit: modes.special_codes[SpecialCodeIndex::VQUIT],
        suspend: modes.special_codes[SpecialCodeIndex::VSUSP],
    })
}
