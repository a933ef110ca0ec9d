//! Programs in the background. Nobody reads what they print; what becomes of them is only logged.

use ide_protocol::guest::{GuestError, Program};
use rustix::process::Pid;
use std::os::fd::AsFd as _;

use crate::child_status::ChildStatus;
use crate::launch::{Launcher, Purpose};
use crate::spawn::{Streams, null, start};

/// Services alive at once: a lesson has a database and perhaps a server.
const MAX_SERVICES: usize = 16;

#[derive(Default)]
pub struct Services {
    running: Vec<Pid>,
}

impl Services {
    pub fn start(&mut self, program: &Program, launcher: &Launcher) -> Result<(), GuestError> {
        if self.running.len() >= MAX_SERVICES {
            return Err(GuestError::TooMany);
        }
        let plan = launcher.plan(program, Purpose::Service)?;
        let null = null()?;
        self.running.push(start(&plan, launcher.identity, Streams::Null(null.as_fd()))?);
        Ok(())
    }

    pub fn child_ended(&mut self, pid: Pid, status: ChildStatus) {
        let before = self.running.len();
        self.running.retain(|&service| service != pid);
        if self.running.len() < before {
            eprintln!("eval-guest: a service ended: {:?}", status.exit_status());
        }
    }
}
