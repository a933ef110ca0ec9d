//! All runs of the container.

use std::os::fd::AsFd as _;
use std::time::Instant;

use ide_protocol::guest::{GuestError, Program, RunId, RunLimits, RunStream};
use rustix::process::Pid;

use crate::connection::Connection;
use crate::launch::{Launcher, Purpose};
use crate::poller::Poller;
use crate::run::Run;
use crate::spawn::null;
use crate::stage::Stage;
use crate::zygotes::Zygotes;

/// Runs at once. The agent starts one at a time; this bounds its mistakes.
const MAX_RUNS: usize = 4;

#[derive(Default)]
pub struct Runs {
    running: Vec<Run>,
}

impl Runs {
    /// Starts a run; answers whether a [zygote](crate::zygotes) became it.
    pub fn start(
        &mut self,
        id: RunId,
        program: &Program,
        limits: RunLimits,
        launcher: &Launcher,
        zygotes: &mut Zygotes,
        poller: &Poller,
    ) -> Result<bool, GuestError> {
        if self.running.len() >= MAX_RUNS {
            return Err(GuestError::TooMany);
        }
        if self.running.iter().any(|run| run.id() == id) {
            return Err(GuestError::AlreadyExists);
        }
        let plan = launcher.plan(program, Purpose::Run)?;
        let prepared = zygotes.become_run(&plan);
        let by_zygote = prepared.is_some();
        let stage = match prepared {
            Some(stage) => stage,
            None => Stage::set(&plan, launcher.identity, null()?.as_fd())?,
        };
        self.running.push(Run::begin(id, stage, limits, poller));
        Ok(by_zygote)
    }

    pub fn readable(&mut self, id: RunId, stream: RunStream) {
        if let Some(run) = self.find(id) {
            run.readable(stream);
        }
    }

    /// A run that has ended is no mistake of the agent's: its message crossed ours.
    pub fn stop(&mut self, id: RunId, now: Instant) {
        if let Some(run) = self.find(id) {
            run.stop(now);
        }
    }

    /// Tells the run whose keeper `pid` was, if any.
    pub fn child_ended(&mut self, pid: Pid) -> bool {
        let kept = self.running.iter_mut().find(|run| run.is_kept_by(pid));
        kept.map(Run::keeper_ended).is_some()
    }

    pub fn attend(&mut self, connection: &mut Connection, now: Instant) {
        self.running.retain_mut(|run| match run.attend(connection, now) {
            Some(last) => {
                connection.say(&last);
                false
            }
            None => true,
        });
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.running.iter().filter_map(Run::next_deadline).min()
    }

    fn find(&mut self, id: RunId) -> Option<&mut Run> {
        self.running.iter_mut().find(|run| run.id() == id)
    }
}
