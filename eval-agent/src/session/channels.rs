//! The channels of one session: who may open which, whose number stands for which of the guest's, and whether everybody
//! keeps to their credit.
//!
//! Nothing is kept of what they carry: bytes and grants are passed on as they come. Both sides are checked, because
//! neither is believed: a browser that breaks a rule loses the channel, a guest that does loses the session. Knows
//! viewers by number; 0 is the relay itself.

use std::collections::BTreeMap;

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem, ChannelTarget};
use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::guest::{GuestTarget, ToGuest};
use ide_protocol::limits::{
    MAX_LANGUAGE_BYTES, MAX_LANGUAGE_SERVERS, MAX_PORT_CHANNELS, MAX_VIEWER_CHANNELS,
};
use ide_protocol::session::{AgentToRelay, SessionMessage};

use super::out::Out;
use super::terminals::GuestBrokeRule;
use crate::flowing::Flowing;
use crate::steps;

/// The viewer that is none.
pub(super) const RELAY: ViewerId = 0;

/// A channel as its opener names it.
type Name = (ViewerId, ChannelId);

#[derive(Debug)]
struct Channel {
    name: Name,
    is_port: bool,
    input: Flowing,
    output: Flowing,
}

#[derive(Debug)]
pub(super) struct Channels {
    slug: String,
    /// What the relay may open.
    ports: Vec<u32>,
    next: ChannelId,
    /// By the guest's number.
    open: BTreeMap<ChannelId, Channel>,
    numbers: BTreeMap<Name, ChannelId>,
}

impl Channels {
    pub(super) fn new(slug: String, ports: Vec<u32>) -> Self {
        Self { slug, ports, next: 1, open: BTreeMap::new(), numbers: BTreeMap::new() }
    }

    /// A viewer or the relay says something. What concerns a channel that is over crossed its last word.
    pub(super) fn heard(&mut self, from: ViewerId, message: &ChannelMessage, out: &mut Out) {
        let name = (from, message.channel());
        if let ChannelMessage::Open { target, .. } = message {
            return self.open(name, target, out);
        }
        let Some((id, channel)) = self.find(name) else { return };
        match message {
            ChannelMessage::Granted { up_to, .. } => {
                if let Some(up_to) = channel.output.grant(*up_to) {
                    to_guest(ChannelMessage::Granted { channel: id, up_to }, out);
                }
            }
            ChannelMessage::Finished { .. } => {
                if channel.input.finish() {
                    to_guest(ChannelMessage::Finished { channel: id }, out);
                }
            }
            ChannelMessage::Closed { .. } => self.close(id, out),
            ChannelMessage::Open { .. } | ChannelMessage::Opened { .. } => self.rule_broken(name, out),
        }
    }

    /// Bytes for the container.
    pub(super) fn input(&mut self, channel: ChannelId, frame: &StreamFrame<'_>, out: &mut Out) {
        let name = (frame.viewer, channel);
        let Some((id, found)) = self.find(name) else { return };
        if !found.input.pass(frame) {
            return self.rule_broken(name, out);
        }
        let stream = Stream::Channel(id);
        out.input(StreamFrame { stream, flow: Flow::Input, viewer: 0, ..*frame }.encode());
    }

    /// # Errors
    /// [`GuestBrokeRule`] when that is not the guest's to say.
    pub(super) fn guest(
        &mut self,
        message: ChannelMessage<GuestTarget>,
        out: &mut Out,
    ) -> Result<(), GuestBrokeRule> {
        let id = message.channel();
        let Some(found) = self.open.get_mut(&id) else { return Ok(()) };
        let (viewer, channel) = found.name;
        let told = match message {
            ChannelMessage::Opened { .. } => ChannelMessage::Opened { channel },
            ChannelMessage::Granted { up_to, .. } => match found.input.grant(up_to) {
                Some(up_to) => ChannelMessage::Granted { channel, up_to },
                None => return Ok(()),
            },
            ChannelMessage::Finished { .. } => {
                found.output.finish();
                ChannelMessage::Finished { channel }
            }
            ChannelMessage::Closed { reason, .. } => {
                self.forget(id);
                ChannelMessage::Closed { channel, reason }
            }
            ChannelMessage::Open { .. } => return Err(GuestBrokeRule),
        };
        to_opener(viewer, told, out);
        Ok(())
    }

    /// # Errors
    /// [`GuestBrokeRule`] when bytes do not join on to what came before, or exceed the grant.
    pub(super) fn output(
        &mut self,
        id: ChannelId,
        frame: &StreamFrame<'_>,
        out: &mut Out,
    ) -> Result<(), GuestBrokeRule> {
        // Closed here, while its last bytes were on their way.
        let Some(found) = self.open.get_mut(&id) else { return Ok(()) };
        if !found.output.pass(frame) {
            return Err(GuestBrokeRule);
        }
        let (viewer, channel) = found.name;
        let stream = Stream::Channel(channel);
        out.frame(StreamFrame { stream, flow: Flow::Output, viewer, ..*frame }.encode());
        Ok(())
    }

    pub(super) fn viewer_left(&mut self, viewer: ViewerId, out: &mut Out) {
        let theirs = self.numbers.range((viewer, ChannelId::MIN)..=(viewer, ChannelId::MAX));
        for id in theirs.map(|(_, id)| *id).collect::<Vec<_>>() {
            self.close(id, out);
        }
    }

    /// Nobody who opened one can be reached any more.
    pub(super) fn relay_down(&mut self, out: &mut Out) {
        for id in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(id, out);
        }
    }

    fn open(&mut self, name: Name, target: &ChannelTarget, out: &mut Out) {
        let (viewer, channel) = name;
        if self.numbers.contains_key(&name) {
            return self.rule_broken(name, out);
        }
        let target = match self.admit(viewer, target) {
            Ok(target) => target,
            Err(problem) => {
                let closed = ChannelMessage::Closed { channel, reason: Some(problem) };
                return to_opener(viewer, closed, out);
            }
        };
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        let is_port = matches!(target, GuestTarget::Port { .. });
        self.numbers.insert(name, id);
        self.open
            .insert(id, Channel { name, is_port, input: Flowing::default(), output: Flowing::default() });
        to_guest(ChannelMessage::Open { channel: id, target }, out);
    }

    /// Ports are the relay's and language servers the viewers'; the lesson says which ports.
    fn admit(&self, viewer: ViewerId, target: &ChannelTarget) -> Result<GuestTarget, ChannelProblem> {
        let count = |counted: fn(&Channel) -> bool| self.open.values().filter(|c| counted(c)).count();
        match target {
            ChannelTarget::Port { port } if viewer == RELAY && self.ports.contains(&u32::from(*port)) => {
                below(count(|channel| channel.is_port), MAX_PORT_CHANNELS)?;
                Ok(GuestTarget::Port { port: *port })
            }
            ChannelTarget::LanguageServer { language } if viewer != RELAY && is_language(language) => {
                let theirs = self.open.values().filter(|channel| channel.name.0 == viewer).count();
                below(theirs, MAX_VIEWER_CHANNELS)?;
                below(count(|channel| !channel.is_port), MAX_LANGUAGE_SERVERS)?;
                Ok(GuestTarget::Program { program: steps::language_server(&self.slug, language) })
            }
            ChannelTarget::Port { .. } | ChannelTarget::LanguageServer { .. } => {
                Err(ChannelProblem::NotAllowed)
            }
        }
    }

    fn rule_broken(&mut self, name: Name, out: &mut Out) {
        let reason = Some(ChannelProblem::RuleBroken);
        to_opener(name.0, ChannelMessage::Closed { channel: name.1, reason }, out);
        if let Some(&id) = self.numbers.get(&name) {
            self.close(id, out);
        }
    }

    fn close(&mut self, id: ChannelId, out: &mut Out) {
        self.forget(id);
        to_guest(ChannelMessage::Closed { channel: id, reason: None }, out);
    }

    fn forget(&mut self, id: ChannelId) {
        if let Some(channel) = self.open.remove(&id) {
            self.numbers.remove(&channel.name);
        }
    }

    fn find(&mut self, name: Name) -> Option<(ChannelId, &mut Channel)> {
        let id = *self.numbers.get(&name)?;
        Some((id, self.open.get_mut(&id)?))
    }
}

fn below(count: usize, most: usize) -> Result<(), ChannelProblem> {
    if count < most { Ok(()) } else { Err(ChannelProblem::TooMany { limit: most as u32 }) }
}

/// It becomes an argument of a program: one that is no option, no path and no shell's.
fn is_language(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'#' | b'_');
    name.len() <= MAX_LANGUAGE_BYTES
        && name.bytes().all(fits)
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

fn to_guest(message: ChannelMessage<GuestTarget>, out: &mut Out) {
    out.guest(ToGuest::Channel { message });
}

fn to_opener(viewer: ViewerId, message: ChannelMessage, out: &mut Out) {
    if viewer == RELAY {
        out.relay(AgentToRelay::Channel { message });
    } else {
        out.viewer(viewer, SessionMessage::Channel { message });
    }
}
