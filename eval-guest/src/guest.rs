//! The loop: waits for what happens, hands it to whom it concerns, answers the agent.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::guest::{FromGuest, GuestError, RequestId};

use crate::calls::Calls;
use crate::channels::Channels;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::launch::Launcher;
use crate::poller::{Poller, Ready, Source, Watched};
use crate::processes::kill_everything;
use crate::runs::Runs;
use crate::services::Services;
use crate::signals::Signals;
use crate::terminals::Terminals;
use crate::unsafe_calls::{Reaped, reap};
use crate::watcher::Watcher;
use crate::watcher::ignore::Ignore;
use crate::workspace::Workspace;
use crate::zygotes::Zygotes;

/// A request to kill everything is repeated this often, and given up after that long.
const KILL_AGAIN: Duration = Duration::from_millis(5);
const KILL_GRACE: Duration = Duration::from_secs(5);

pub struct Guest {
    pub(crate) connection: Connection,
    pub(crate) poller: Poller,
    signals: Watched<Signals>,
    pub(crate) launcher: Launcher,
    pub(crate) workspace: Workspace,
    pub(crate) ignore: Ignore,
    pub(crate) watcher: Option<Watcher>,
    pub(crate) terminals: Terminals,
    pub(crate) channels: Channels,
    pub(crate) calls: Option<Calls>,
    pub(crate) runs: Runs,
    pub(crate) services: Services,
    pub(crate) zygotes: Zygotes,
    killing: Option<Killing>,
    deadline: Instant,
}

/// Somebody asked to kill everything; answered when no process is left.
struct Killing {
    asked_by: Vec<RequestId>,
    again: Instant,
    give_up: Instant,
}

impl Guest {
    pub fn new(
        connection: Connection,
        poller: Poller,
        signals: Signals,
        launcher: Launcher,
        workspace: Workspace,
        ignore: Vec<String>,
        deadline: Instant,
    ) -> Self {
        let mut signals = poller.watch(Source::Signals, signals);
        signals.want(true, false);
        Self {
            connection,
            poller,
            signals,
            launcher,
            workspace,
            ignore: Ignore::new(ignore),
            watcher: None,
            terminals: Terminals::default(),
            channels: Channels::default(),
            calls: None,
            runs: Runs::default(),
            services: Services::default(),
            zygotes: Zygotes::default(),
            killing: None,
            deadline,
        }
    }

    /// Serves the agent until the end.
    pub fn serve(mut self) -> Result<Infallible, Exit> {
        self.connection.say(&FromGuest::Hello { version: PROTOCOL_VERSION });
        loop {
            let more = self.answer_requests()?;
            let again = self.turn(Instant::now())?;
            let timeout = if more || again { Some(Duration::ZERO) } else { self.timeout(Instant::now()) };
            for ready in self.poller.wait(timeout).map_err(Exit::setup("waiting"))? {
                self.take_in(ready)?;
            }
        }
    }

    /// Everyone does what is due. Answers whether somebody could do more at once.
    fn turn(&mut self, now: Instant) -> Result<bool, Exit> {
        if self.deadline <= now {
            return Err(Exit::Deadline);
        }
        let killed = self.go_on_killing(now);
        self.terminals.attend(&mut self.connection, now);
        self.runs.attend(&mut self.connection, now);
        self.channels.attend(&mut self.connection, now);
        if let Some(calls) = &mut self.calls {
            calls.attend(&mut self.channels, &self.poller, &mut self.connection);
        }
        if let Some(watcher) = &mut self.watcher {
            watcher.attend(&self.workspace, &mut self.connection, now);
        }
        self.zygotes.attend(&mut self.connection, now);
        // After the last words of what was killed.
        killed.iter().for_each(|answer| self.connection.say(answer));
        self.connection.flush()
    }

    fn timeout(&self, now: Instant) -> Option<Duration> {
        // What is due but has no room waits for the agent to read, not for the clock.
        let watcher = self.watcher.as_ref().filter(|_| self.connection.has_room());
        let watcher = watcher.and_then(Watcher::next_deadline);
        let killing = self.killing.as_ref().map(|killing| killing.again);
        let programs =
            [self.terminals.next_deadline(), self.channels.next_deadline(), self.runs.next_deadline()];
        let ours = [watcher, killing, self.zygotes.next_deadline(), Some(self.deadline)];
        programs
            .into_iter()
            .chain(ours)
            .flatten()
            .min()
            .map(|deadline| deadline.saturating_duration_since(now))
    }

    fn take_in(&mut self, ready: Ready) -> Result<(), Exit> {
        match ready.source {
            Source::Agent if ready.readable => self.connection.receive()?,
            Source::Agent => {}
            Source::Signals => self.take_signals()?,
            Source::Watcher => self.look_at_changes(),
            Source::Terminal(id) => {
                if let Some(terminal) = self.terminals.find(id) {
                    if ready.readable {
                        terminal.readable();
                    }
                    if ready.writable {
                        terminal.write_input();
                    }
                }
            }
            Source::Channel(id) => self.channels.ready(id),
            // Attended to on every turn.
            Source::Calls => {}
            Source::Run(id, stream) => self.runs.readable(id, stream),
            Source::Zygote(number) => self.zygotes.heard(number),
        }
        Ok(())
    }

    fn take_signals(&mut self) -> Result<(), Exit> {
        let arrived = self.signals.get().take();
        if arrived.stop {
            return Err(Exit::Stopped);
        }
        if arrived.child {
            self.reap_all();
        }
        Ok(())
    }

    /// Collects every child that has ended, ours and orphans. Answers whether none is left at all.
    fn reap_all(&mut self) -> bool {
        loop {
            match reap() {
                Reaped::Child(pid, status) => {
                    let exit = status.exit_status();
                    if !self.terminals.child_ended(pid, exit)
                        && !self.channels.child_ended(pid, exit)
                        && !self.runs.child_ended(pid)
                        && !self.zygotes.child_ended(pid)
                    {
                        self.services.child_ended(pid, status);
                    }
                }
                Reaped::NoneEnded => return false,
                Reaped::NoChildren => return true,
            }
        }
    }

    pub(crate) fn look_at_changes(&mut self) {
        if let Some(watcher) = &mut self.watcher {
            watcher.look(&self.workspace, Instant::now());
        }
    }

    pub(crate) fn end_within(&mut self, time: Duration, now: Instant) {
        self.deadline = self.deadline.min(now + time);
    }

    pub(crate) fn kill_all(&mut self, request: RequestId, now: Instant) {
        self.channels.end_all(&mut self.connection);
        let killing = Killing { asked_by: Vec::new(), again: now, give_up: now + KILL_GRACE };
        self.killing.get_or_insert(killing).asked_by.push(request);
    }

    /// Answers those who asked, once no process is left or some will not die.
    fn go_on_killing(&mut self, now: Instant) -> Vec<FromGuest> {
        if self.killing.as_ref().is_none_or(|killing| killing.again > now) {
            return Vec::new();
        }
        kill_everything();
        let none_left = self.reap_all();
        let Some(mut killing) = self.killing.take() else { return Vec::new() };
        if !none_left && killing.give_up > now {
            killing.again = now + KILL_AGAIN;
            self.killing = Some(killing);
            return Vec::new();
        }
        let answer = |request| {
            let detail = "some processes would not die".to_owned();
            let error = GuestError::Other { detail };
            if none_left { FromGuest::Done { request } } else { FromGuest::RequestFailed { request, error } }
        };
        killing.asked_by.into_iter().map(answer).collect()
    }
}
