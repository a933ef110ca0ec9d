//! A guest that has been taken over, and a relay that has: whatever they say, in whatever order, the session neither
//! panics nor sends what is no message, and once it is over it is silent.

use std::path::Path;

use fuzz_inputs::{hostile, hostile_json};
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::guest::{FromGuest, ToGuest};
use ide_protocol::limits::{MAX_MESSAGE_BYTES, MAX_TERMINALS};
use ide_protocol::session::{AgentToRelay, RelayToAgent, SessionMessage, ViewerMessage};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::world::*;
use crate::session::logic::{Command, Event};

/// What one event may set off: sixteen viewers, eight terminals, a ring of eight frames each.
const MAX_COMMANDS: usize = 16 * 8 * 8 + 100;

/// Files being read or told at once.
const MAX_CHANGES_UNDER_WAY: usize = 4;

#[derive(Debug, Clone)]
enum Deed {
    /// A message; where it carries the number of a request, that of one which is open.
    Guest(String, Index),
    GuestBytes(Vec<u8>),
    /// Output that joins on to the last.
    Output(u32, usize),
    Relay(String),
    RelayBytes(Vec<u8>),
    Viewer(u32, String),
    RelayDown,
    RelayUp,
    /// So many seconds pass.
    Tick(u8),
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ide-protocol/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

fn messages(name: &str) -> Vec<Value> {
    serde_json::from_slice(&fixture(name)).unwrap()
}

fn frames() -> Vec<Vec<u8>> {
    let frame = |stream, flow| StreamFrame { stream, flow, viewer: 1, offset: 0, payload: b"ls\n" }.encode();
    let streams = [Stream::Terminal(1), Stream::Channel(1)];
    streams.into_iter().flat_map(|s| [frame(s, Flow::Output), frame(s, Flow::Input)]).collect()
}

fn deed() -> impl Strategy<Value = Deed> {
    // The greeting ends a session at once: once in a while is enough.
    let said: Vec<_> = messages("from_guest.json").into_iter().skip(1).collect();
    prop_oneof![
        8 => (hostile_json(said), any::<Index>()).prop_map(|(text, open)| Deed::Guest(text, open)),
        1 => hostile(frames()).prop_map(Deed::GuestBytes),
        3 => (1u32..3, 0usize..40_000).prop_map(|(terminal, bytes)| Deed::Output(terminal, bytes)),
        2 => hostile_json(messages("relay_to_agent.json")).prop_map(Deed::Relay),
        1 => hostile(frames()).prop_map(Deed::RelayBytes),
        6 => (1u32..4, hostile_json(messages("viewer_messages.json"))).prop_map(|(viewer, text)| Deed::Viewer(viewer, text)),
        1 => Just(Deed::RelayDown),
        1 => Just(Deed::RelayUp),
        1 => any::<u8>().prop_map(Deed::Tick),
    ]
}

struct Play {
    world: World,
    /// Numbers of questions to the guest that it has not answered.
    open: Vec<u32>,
    reads: Vec<u32>,
    /// Output so far, per terminal.
    ends: [u64; 4],
    over: bool,
}

impl Play {
    fn new() -> Self {
        let mut play =
            Self { world: World::joined(), open: vec![], reads: vec![], ends: [0; 4], over: false };
        for _ in 0..2 {
            let asked = play.world.says(1, ViewerMessage::OpenTerminal { size: SIZE });
            play.check(asked);
        }
        play
    }

    fn act(&mut self, deed: &Deed) {
        let commands = match deed {
            Deed::Guest(text, open) => match self.answer(text, open) {
                Some(message) => self.world.guest(message),
                None => return,
            },
            Deed::GuestBytes(bytes) => self.world.happens(Event::GuestFrame(bytes.clone())),
            Deed::Output(terminal, bytes) => {
                let offset = self.ends[*terminal as usize];
                self.ends[*terminal as usize] += *bytes as u64;
                self.world.shows(*terminal, offset, &vec![b'x'; *bytes])
            }
            Deed::Relay(text) => match serde_json::from_str::<RelayToAgent>(text) {
                Ok(message) => self.world.relay(message),
                Err(_) => return,
            },
            Deed::RelayBytes(bytes) => self.world.happens(Event::RelayFrame(bytes.clone())),
            Deed::Viewer(viewer, text) => match serde_json::from_str::<ViewerMessage>(text) {
                Ok(message) => {
                    let mut commands = self.world.join(*viewer);
                    commands.extend(self.world.says(*viewer, message));
                    commands
                }
                Err(_) => return,
            },
            Deed::RelayDown => self.world.happens(Event::RelayDown),
            Deed::RelayUp => self.world.happens(Event::RelayUp),
            Deed::Tick(seconds) => {
                self.world.second += u64::from(*seconds);
                self.world.happens(Event::Tick)
            }
        };
        self.check(commands);
    }

    fn answer(&mut self, text: &str, open: &Index) -> Option<FromGuest> {
        let mut value: Value = serde_json::from_str(text).ok()?;
        if let Some(request) = value.get_mut("request").filter(|_| !self.open.is_empty()) {
            let number = self.open.swap_remove(open.index(self.open.len()));
            self.reads.retain(|read| *read != number);
            *request = number.into();
        }
        serde_json::from_value(value).ok()
    }

    fn check(&mut self, commands: Vec<Command>) {
        assert!(!self.over || commands.is_empty(), "after the end: {commands:?}");
        assert!(commands.len() <= MAX_COMMANDS, "{} commands", commands.len());
        for command in commands {
            assert!(!self.over, "the end is the last");
            match command {
                Command::Say(message) => {
                    assert!(serde_json::to_vec(&message).unwrap().len() <= MAX_MESSAGE_BYTES);
                    if let AgentToRelay::ToViewer {
                        message: SessionMessage::TerminalsListed { terminals, .. },
                        ..
                    } = message
                    {
                        assert!(terminals.len() <= MAX_TERMINALS, "{} terminals", terminals.len());
                    }
                }
                Command::Show(bytes) => assert_eq!(StreamFrame::decode(&bytes).unwrap().flow, Flow::Output),
                Command::Type(bytes) => {
                    let frame = StreamFrame::decode(&bytes).unwrap();
                    assert_eq!((frame.flow, frame.viewer), (Flow::Input, 0));
                }
                Command::Ask(message) => self.asked(&message),
                Command::Measure => {}
                Command::End(_) => self.over = true,
            }
        }
    }

    fn asked(&mut self, message: &ToGuest) {
        let value = serde_json::to_value(message).unwrap();
        if let Some(request) = value["request"].as_u64() {
            self.open.push(u32::try_from(request).unwrap());
        }
        if let ToGuest::ReadFile { request, .. } = message {
            self.reads.push(*request);
        }
        assert!(self.reads.len() <= MAX_CHANGES_UNDER_WAY, "{} files are read at once", self.reads.len());
    }
}

proptest! {
    #[test]
    fn a_guest_or_relay_gone_bad_costs_no_more_than_its_session(deeds in vec(deed(), 0..60)) {
        let mut play = Play::new();
        for deed in &deeds {
            play.act(deed);
        }
    }
}
