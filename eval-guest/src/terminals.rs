//! All terminals of the container.

use std::time::Instant;

use ide_protocol::guest::{FromGuest, GuestError, Program};
use ide_protocol::limits::MAX_TERMINALS;
use ide_protocol::terminal::{ExitStatus, TerminalId, TerminalSize};
use rustix::process::Pid;

use crate::connection::Connection;
use crate::launch::{Launcher, Purpose};
use crate::poller::Poller;
use crate::terminal::Terminal;

#[derive(Default)]
pub struct Terminals {
    open: Vec<Terminal>,
}

impl Terminals {
    pub fn open(
        &mut self,
        id: TerminalId,
        program: &Program,
        size: TerminalSize,
        launcher: &Launcher,
        poller: &Poller,
    ) -> Result<(), GuestError> {
        if self.open.len() >= MAX_TERMINALS {
            return Err(GuestError::TooMany);
        }
        if self.find(id).is_some() {
            return Err(GuestError::AlreadyExists);
        }
        let plan = launcher.plan(program, Purpose::Terminal)?;
        self.open.push(Terminal::open(id, &plan, launcher.identity, size, poller)?);
        Ok(())
    }

    /// A terminal that has ended is no mistake of the agent's: its message crossed ours.
    pub fn find(&mut self, id: TerminalId) -> Option<&mut Terminal> {
        self.open.iter_mut().find(|terminal| terminal.id() == id)
    }

    /// Tells the terminal that `pid` led, if any.
    pub fn child_ended(&mut self, pid: Pid, status: ExitStatus) -> bool {
        let led = self.open.iter_mut().find(|terminal| terminal.is_led_by(pid));
        led.map(|terminal| terminal.leader_ended(status)).is_some()
    }

    pub fn attend(&mut self, connection: &mut Connection, now: Instant) {
        self.open.retain_mut(|terminal| match terminal.attend(connection, now) {
            Some(status) => {
                connection.say(&FromGuest::TerminalExited { terminal: terminal.id(), status });
                false
            }
            None => true,
        });
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.open.iter().filter_map(Terminal::next_deadline).min()
    }
}
