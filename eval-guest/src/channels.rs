//! All channels of the container.

use std::os::fd::OwnedFd;
use std::time::Instant;

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem};
use ide_protocol::credit::CreditBroken;
use ide_protocol::guest::{FromGuest, GuestTarget};
use ide_protocol::limits::{MAX_LANGUAGE_SERVERS, MAX_PORT_CHANNELS};
use ide_protocol::terminal::ExitStatus;
use rustix::process::Pid;

use crate::channel::{Channel, End};
use crate::connection::Connection;
use crate::launch::{Launcher, Purpose};
use crate::poller::Poller;

/// Of the agent's own. It keeps to its own limits; this bounds its mistakes.
const MAX_CHANNELS: usize = MAX_PORT_CHANNELS + MAX_LANGUAGE_SERVERS;

#[derive(Default)]
pub struct Channels {
    open: Vec<Channel>,
}

impl Channels {
    /// The agent says something about a channel. What concerns one that is over crossed our last word.
    pub fn heard(
        &mut self,
        message: ChannelMessage<GuestTarget>,
        launcher: &Launcher,
        poller: &Poller,
        connection: &mut Connection,
    ) {
        let id = message.channel();
        match message {
            ChannelMessage::Open { channel, target } => match self.open(channel, &target, launcher, poller) {
                Ok(channel) => {
                    if !channel.is_connecting() {
                        say(ChannelMessage::Opened { channel: id }, connection);
                    }
                    self.open.push(channel);
                }
                Err(problem) => say_closed(channel, Some(problem), connection),
            },
            ChannelMessage::Granted { up_to, .. } => {
                self.find(id).into_iter().for_each(|channel| channel.grant(up_to));
            }
            ChannelMessage::Finished { .. } => {
                self.find(id).into_iter().for_each(Channel::finish_input);
            }
            ChannelMessage::Closed { .. } => self.closed(id),
            // Only we say so.
            ChannelMessage::Opened { .. } => {}
        }
    }

    fn closed(&mut self, id: ChannelId) {
        // The caller is still to read what came before.
        if let Some(call) = self.find(id).filter(|channel| channel.is_call()) {
            return call.finish_input();
        }
        self.open.retain(|channel| {
            if channel.id() == id {
                channel.kill();
            }
            channel.id() != id
        });
    }

    /// A program in the container calls: a channel that we open.
    pub fn take_call(
        &mut self,
        id: ChannelId,
        caller: OwnedFd,
        poller: &Poller,
        connection: &mut Connection,
    ) {
        say(ChannelMessage::Open { channel: id, target: GuestTarget::Call }, connection);
        let mut call = Channel::of_caller(id, caller, poller);
        // At once, so that it is heard without waiting for anything else to happen.
        match call.attend(connection, Instant::now()) {
            Some(end) => say_closed(id, end, connection),
            None => self.open.push(call),
        }
    }

    /// Calls under way.
    pub fn calls(&self) -> usize {
        self.open.iter().filter(|channel| channel.is_call()).count()
    }

    fn open(
        &mut self,
        id: ChannelId,
        target: &GuestTarget,
        launcher: &Launcher,
        poller: &Poller,
    ) -> Result<Channel, ChannelProblem> {
        if self.open.len() - self.calls() >= MAX_CHANNELS {
            return Err(ChannelProblem::TooMany { limit: MAX_CHANNELS as u32 });
        }
        if self.find(id).is_some() {
            return Err(ChannelProblem::RuleBroken);
        }
        match target {
            // Only we open these.
            GuestTarget::Call => Err(ChannelProblem::NotAllowed),
            GuestTarget::Port { port } => Channel::to_port(id, *port, Instant::now(), poller),
            GuestTarget::Program { program } => {
                let plan = launcher.plan(program, Purpose::Channel);
                let plan = plan.map_err(|why| ChannelProblem::CannotStart { detail: why.to_string() })?;
                Channel::to_program(id, &plan, launcher.identity, poller)
            }
        }
    }

    /// Bytes for a channel's other end; those of one that is over crossed our last word.
    pub fn put_in(&mut self, id: ChannelId, offset: u64, payload: &[u8]) -> Result<(), CreditBroken> {
        self.find(id).map_or(Ok(()), |channel| channel.put_in(offset, payload))
    }

    pub fn ready(&mut self, id: ChannelId) {
        self.find(id).into_iter().for_each(Channel::ready);
    }

    /// Tells the channel whose program `pid` was, if any.
    pub fn child_ended(&mut self, pid: Pid, status: ExitStatus) -> bool {
        self.open.iter_mut().any(|channel| channel.child_ended(pid, status))
    }

    pub fn attend(&mut self, connection: &mut Connection, now: Instant) {
        // Room is short when many flood: each turn another one is first.
        if !self.open.is_empty() {
            self.open.rotate_left(1);
        }
        self.open.retain_mut(|channel| match channel.attend(connection, now) {
            Some(end) => {
                channel.kill();
                say_closed(channel.id(), end, connection);
                false
            }
            None => true,
        });
    }

    /// Closes all of them.
    pub fn end_all(&mut self, connection: &mut Connection) {
        for channel in self.open.drain(..) {
            channel.kill();
            let detail = "everything in the container was ended".to_owned();
            say_closed(channel.id(), Some(ChannelProblem::Broken { detail }), connection);
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.open.iter().filter_map(Channel::next_deadline).min()
    }

    fn find(&mut self, id: ChannelId) -> Option<&mut Channel> {
        self.open.iter_mut().find(|channel| channel.id() == id)
    }
}

fn say_closed(channel: ChannelId, reason: End, connection: &mut Connection) {
    say(ChannelMessage::Closed { channel, reason }, connection);
}

fn say(message: ChannelMessage<GuestTarget>, connection: &mut Connection) {
    connection.say(&FromGuest::Channel { message });
}
