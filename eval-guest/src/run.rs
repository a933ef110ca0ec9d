//! One run of a command: its output, its clock, its end.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use ide_protocol::files::Base64Bytes;
use ide_protocol::guest::{FromGuest, RunId, RunLimits, RunStream};
use ide_protocol::terminal::ExitStatus;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::child_status::{ChildStatus, STATUS_BYTES};
use crate::connection::Connection;
use crate::ledger::Ledger;
use crate::poller::{Poller, Source, Watched};
use crate::stage::Stage;

/// Bytes of one [`FromGuest::RunOutput`].
const MAX_CHUNK_BYTES: usize = 32 * 1024;

/// From the order to kill until the run is reported ended even if something of it will not die (a process stuck in
/// the kernel). The verdict must not wait longer (hostile case C02).
const KILL_GRACE: Duration = Duration::from_millis(2_000);

pub struct Run {
    id: RunId,
    keeper: Pid,
    keeper_gone: bool,
    started: Instant,
    /// When its time is up; once it is being killed, when it is given up.
    deadline: Instant,
    ledger: Ledger,
    killing: bool,
    given_up: bool,
    pipes: Vec<Pipe>,
    /// Where the keeper writes how the program ended, and what it wrote.
    status: OwnedFd,
    program: Option<ExitStatus>,
}

/// Our end of one of the program's streams.
struct Pipe {
    stream: RunStream,
    end: Watched<OwnedFd>,
    /// Whether a look into it may find something.
    readable: bool,
}

impl Run {
    /// The run of what stands on `stage`: from now on its clock runs and its output counts.
    pub fn begin(id: RunId, stage: Stage, limits: RunLimits, poller: &Poller) -> Self {
        let started = Instant::now();
        let watched = stage.streams.map(|(stream, end)| {
            let end = poller.watch(Source::Run(id, stream), end);
            Pipe { stream, end, readable: false }
        });
        Self {
            id,
            keeper: stage.keeper,
            keeper_gone: false,
            started,
            deadline: started + Duration::from_millis(limits.wall_ms.into()),
            ledger: Ledger::new(limits),
            killing: false,
            given_up: false,
            pipes: watched.into(),
            status: stage.status,
            program: None,
        }
    }

    pub fn id(&self) -> RunId {
        self.id
    }

    pub fn is_kept_by(&self, pid: Pid) -> bool {
        self.keeper == pid && !self.keeper_gone
    }

    /// The keeper has ended: nothing of the run is alive.
    pub fn keeper_ended(&mut self) {
        self.keeper_gone = true;
        self.learn_status();
    }

    /// Somebody pressed stop.
    pub fn stop(&mut self, now: Instant) {
        self.learn_status();
        if self.program.is_none() && !self.ledger.is_ended() {
            self.ledger.stopped();
            self.kill(now);
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        (!self.keeper_gone && !self.given_up).then_some(self.deadline)
    }

    /// One of the pipes has something to say.
    pub fn readable(&mut self, stream: RunStream) {
        for pipe in self.pipes.iter_mut().filter(|pipe| pipe.stream == stream) {
            pipe.readable = true;
        }
    }

    /// Passes output on, looks at the clock, and says what to be woken for. To be called on every turn of the loop;
    /// answers the last message once nothing more can come.
    pub fn attend(&mut self, connection: &mut Connection, now: Instant) -> Option<FromGuest> {
        let mut drained = self.pass_output(connection, now);
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.time_is_up(now);
        }
        let over = self.keeper_gone || self.given_up;
        while over && !drained && connection.has_room() {
            // No writer is left to wake us: what the pipes hold now is all there is.
            self.pipes.iter_mut().for_each(|pipe| pipe.readable = true);
            drained = self.pass_output(connection, now);
        }
        if over && (drained || self.ledger.is_ended()) {
            let ending = self.ledger.ending(self.program);
            let duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
            return Some(FromGuest::RunFinished { run: self.id, ending, duration_ms });
        }
        let room = connection.has_room();
        for pipe in &mut self.pipes {
            pipe.end.want(room, false);
        }
        None
    }

    /// The wall clock, or the grace after it.
    fn time_is_up(&mut self, now: Instant) {
        if self.killing {
            self.given_up = true;
            return;
        }
        self.learn_status();
        if self.program.is_none() {
            // Else it ended in time, and only what it left behind is still being killed.
            self.ledger.time_is_up();
        }
        self.kill(now);
    }

    /// The keeper does the killing: it alone knows what belongs to the run.
    fn kill(&mut self, now: Instant) {
        if self.killing || self.keeper_gone {
            return;
        }
        self.killing = true;
        self.deadline = now + KILL_GRACE;
        let _ = kill_process(self.keeper, Signal::TERM);
    }

    fn learn_status(&mut self) {
        let mut bytes = [0; STATUS_BYTES];
        if self.program.is_none() && rustix::io::read(&self.status, &mut bytes) == Ok(STATUS_BYTES) {
            self.program = Some(ChildStatus::decode(bytes).exit_status());
        }
    }

    /// One chunk of each pipe, so that none starves the others. Answers whether all were found empty or closed.
    fn pass_output(&mut self, connection: &mut Connection, now: Instant) -> bool {
        let mut drained = true;
        for mut pipe in std::mem::take(&mut self.pipes) {
            let found = self.pass_chunk(&mut pipe, connection, now);
            drained &= !matches!(found, Found::More);
            if !matches!(found, Found::Closed) {
                self.pipes.push(pipe);
            }
        }
        drained
    }

    fn pass_chunk(&mut self, pipe: &mut Pipe, connection: &mut Connection, now: Instant) -> Found {
        if !pipe.readable {
            return Found::Nothing;
        }
        if !connection.has_room() {
            return Found::More;
        }
        let mut chunk = Vec::with_capacity(MAX_CHUNK_BYTES);
        match rustix::io::read(&pipe.end, spare_capacity(&mut chunk)) {
            Ok(0) => Found::Closed,
            Ok(count) if self.pass(pipe.stream, chunk, connection) < count => {
                self.kill(now);
                Found::Closed
            }
            Ok(_) | Err(Errno::INTR) => Found::More,
            Err(_) => {
                pipe.readable = false;
                Found::Nothing
            }
        }
    }

    /// Sends what the limits admit of `bytes`; answers how many that was.
    fn pass(&mut self, stream: RunStream, mut bytes: Vec<u8>, connection: &mut Connection) -> usize {
        let admitted = self.ledger.admit(stream, bytes.len());
        bytes.truncate(admitted);
        if admitted > 0 {
            connection.say(&FromGuest::RunOutput { run: self.id, stream, bytes: Base64Bytes(bytes) });
        }
        admitted
    }
}

/// What one look into a pipe found.
enum Found {
    More,
    Nothing,
    Closed,
}
