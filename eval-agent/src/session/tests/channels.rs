//! Channels: who may open which, what is passed on to whom, who loses what when a rule is broken.

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem, ChannelTarget};
use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::guest::{FromGuest, GuestTarget, ToGuest};
use ide_protocol::limits::{
    CHANNEL_WINDOW_BYTES, MAX_LANGUAGE_SERVERS, MAX_PAYLOAD_BYTES, MAX_PORT_CHANNELS, MAX_VIEWER_CHANNELS,
};
use ide_protocol::session::{AgentToRelay, EndReason, RelayToAgent, SessionMessage, ViewerMessage};
use proptest::prelude::*;

use super::world::*;
use crate::session::logic::{Command, Event, SessionEnd};

const RELAY: ViewerId = 0;
/// The one that the lesson declares.
const PORT: ChannelTarget = ChannelTarget::Port { port: 8000 };

fn python() -> ChannelTarget {
    ChannelTarget::LanguageServer { language: "python".to_owned() }
}

impl World {
    /// The relay (0) or a viewer says something about a channel.
    fn channel(&mut self, from: ViewerId, message: ChannelMessage) -> Vec<Command> {
        match from {
            RELAY => self.relay(RelayToAgent::Channel { message }),
            viewer => self.says(viewer, ViewerMessage::Channel { message }),
        }
    }

    fn open(&mut self, from: ViewerId, channel: ChannelId, target: ChannelTarget) -> Vec<Command> {
        self.channel(from, ChannelMessage::Open { channel, target })
    }

    /// Opens a channel that has to be admitted; answers the guest's number.
    fn admitted(&mut self, from: ViewerId, channel: ChannelId, target: ChannelTarget) -> ChannelId {
        let asked = self.open(from, channel, target);
        let [Command::Ask(ToGuest::Channel { message: ChannelMessage::Open { channel, .. } })] = &asked[..]
        else {
            panic!("{asked:?}")
        };
        *channel
    }

    fn guest_about(&mut self, message: ChannelMessage<GuestTarget>) -> Vec<Command> {
        self.guest(FromGuest::Channel { message })
    }

    fn puts(&mut self, viewer: ViewerId, channel: ChannelId, offset: u64, payload: &[u8]) -> Vec<Command> {
        self.happens(Event::RelayFrame(frame(Flow::Input, viewer, channel, offset, payload)))
    }

    fn gives(&mut self, channel: ChannelId, offset: u64, payload: &[u8]) -> Vec<Command> {
        self.happens(Event::GuestFrame(frame(Flow::Output, 0, channel, offset, payload)))
    }
}

fn frame(flow: Flow, viewer: ViewerId, channel: ChannelId, offset: u64, payload: &[u8]) -> Vec<u8> {
    StreamFrame { stream: Stream::Channel(channel), flow, viewer, offset, payload }.encode()
}

fn told(to_whom: ViewerId, message: ChannelMessage) -> Command {
    match to_whom {
        RELAY => Command::Say(AgentToRelay::Channel { message }),
        viewer => to(viewer, SessionMessage::Channel { message }),
    }
}

fn closed(to_whom: ViewerId, channel: ChannelId, reason: ChannelProblem) -> Command {
    told(to_whom, ChannelMessage::Closed { channel, reason: Some(reason) })
}

fn asked(message: ChannelMessage<GuestTarget>) -> Command {
    Command::Ask(ToGuest::Channel { message })
}

fn ask_to_close(channel: ChannelId) -> Command {
    asked(ChannelMessage::Closed { channel, reason: None })
}

#[test]
fn a_channel_is_passed_through_under_two_numbers() {
    let mut world = World::joined();
    let opened = world.open(1, 70, python());
    let [
        Command::Ask(ToGuest::Channel {
            message: ChannelMessage::Open { channel: 1, target: GuestTarget::Program { program } },
        }),
    ] = &opened[..]
    else {
        panic!("{opened:?}")
    };
    assert_eq!(program.argv, ["gradus-language-server", "python"]);
    let opened = world.guest_about(ChannelMessage::Opened { channel: 1 });
    assert_eq!(opened, [told(1, ChannelMessage::Opened { channel: 70 })]);
    assert_eq!(world.puts(1, 70, 0, b"in"), [Command::Type(frame(Flow::Input, 0, 1, 0, b"in"))]);
    assert_eq!(world.gives(1, 0, b"out"), [Command::Show(frame(Flow::Output, 1, 70, 0, b"out"))]);
    let granted = world.channel(1, ChannelMessage::Granted { channel: 70, up_to: CHANNEL_WINDOW_BYTES + 3 });
    assert_eq!(granted, [asked(ChannelMessage::Granted { channel: 1, up_to: CHANNEL_WINDOW_BYTES + 3 })]);
    let granted = world.guest_about(ChannelMessage::Granted { channel: 1, up_to: CHANNEL_WINDOW_BYTES + 2 });
    assert_eq!(granted, [told(1, ChannelMessage::Granted { channel: 70, up_to: CHANNEL_WINDOW_BYTES + 2 })]);
    let finished = world.channel(1, ChannelMessage::Finished { channel: 70 });
    assert_eq!(finished, [asked(ChannelMessage::Finished { channel: 1 })]);
    assert_eq!(world.gives(1, 3, b"!"), [Command::Show(frame(Flow::Output, 1, 70, 3, b"!"))]);
    let finished = world.guest_about(ChannelMessage::Finished { channel: 1 });
    assert_eq!(finished, [told(1, ChannelMessage::Finished { channel: 70 })]);
    let over = world.guest_about(ChannelMessage::Closed { channel: 1, reason: None });
    assert_eq!(over, [told(1, ChannelMessage::Closed { channel: 70, reason: None })]);
    assert_eq!(world.channel(1, ChannelMessage::Closed { channel: 70, reason: None }), [], "they crossed");
}

#[test]
fn the_relay_opens_the_lessons_ports_and_browsers_language_servers() {
    let port = |port| ChannelTarget::Port { port };
    let server = |language: &str| ChannelTarget::LanguageServer { language: language.to_owned() };
    let rows: [(ViewerId, ChannelTarget, bool); 11] = [
        (RELAY, port(8000), true),
        (RELAY, port(8001), false),
        (RELAY, port(0), false),
        (RELAY, python(), false),
        (1, python(), true),
        (1, server("c++"), true),
        (1, port(8000), false),
        (1, server(""), false),
        (1, server("--help"), false),
        (1, server("../sh"), false),
        (1, server(&"x".repeat(33)), false),
    ];
    for (who, target, may) in rows {
        let mut world = World::joined();
        let commands = world.open(who, 5, target.clone());
        if may {
            assert!(matches!(commands[..], [Command::Ask(ToGuest::Channel { .. })]), "{who}: {target:?}");
        } else {
            assert_eq!(commands, [closed(who, 5, ChannelProblem::NotAllowed)], "{who}: {target:?}");
        }
    }
}

#[test]
fn who_looks_on_opens_nothing() {
    let mut world = World::joined();
    world.relay(RelayToAgent::ViewerJoined { viewer: 2, client: client(2), read_only: true });
    let refusal = [refused(2, "You may watch this session, not take part in it.")];
    assert_eq!(world.open(2, 1, python()), refusal);
    assert_eq!(world.puts(2, 1, 0, b"x"), refusal);
}

#[test]
fn there_is_a_most_to_each_kind_and_an_end_makes_room() {
    let mut world = World::joined();
    let too_many = |limit: usize| ChannelProblem::TooMany { limit: limit as u32 };
    let ports: Vec<_> = (0..MAX_PORT_CHANNELS as u32).map(|n| world.admitted(RELAY, n, PORT)).collect();
    assert_eq!(world.open(RELAY, 99, PORT), [closed(RELAY, 99, too_many(MAX_PORT_CHANNELS))]);
    world.guest_about(ChannelMessage::Closed { channel: ports[3], reason: None });
    world.admitted(RELAY, 99, PORT);

    let viewers = (MAX_LANGUAGE_SERVERS / MAX_VIEWER_CHANNELS) as u32;
    for viewer in 1..=viewers + 1 {
        world.join(viewer);
    }
    for viewer in 1..=viewers {
        for channel in 0..MAX_VIEWER_CHANNELS as u32 {
            world.admitted(viewer, channel, python());
        }
        assert_eq!(world.open(viewer, 9, python()), [closed(viewer, 9, too_many(MAX_VIEWER_CHANNELS))]);
    }
    let late = viewers + 1;
    assert_eq!(world.open(late, 0, python()), [closed(late, 0, too_many(MAX_LANGUAGE_SERVERS))]);
    world.channel(1, ChannelMessage::Closed { channel: 0, reason: None });
    world.admitted(late, 1, python());
}

#[test]
fn a_viewers_channels_end_with_it_and_everybodys_with_the_relay() {
    let mut world = World::joined();
    world.join(2);
    let (mine, theirs) = (world.admitted(1, 1, python()), world.admitted(2, 1, python()));
    let preview = world.admitted(RELAY, 1, PORT);
    assert_eq!(world.relay(RelayToAgent::ViewerLeft { viewer: 1 }), [ask_to_close(mine)]);
    assert_eq!(world.happens(Event::RelayDown), [ask_to_close(theirs), ask_to_close(preview)]);
    // The guest's own last words about them concern nobody.
    assert_eq!(world.guest_about(ChannelMessage::Finished { channel: theirs }), []);
    assert_eq!(world.gives(preview, 0, b"late"), []);
}

#[test]
fn a_browser_that_breaks_a_rule_loses_the_channel_and_nothing_else() {
    type Deed = fn(&mut World) -> Vec<Command>;
    let rows: [(&str, Deed); 5] = [
        ("a hole", |world| world.puts(1, 7, 1, b"x")),
        ("more than was granted", |world| {
            let mut commands = Vec::new();
            for n in 0..=CHANNEL_WINDOW_BYTES / MAX_PAYLOAD_BYTES as u64 {
                let offset = n * MAX_PAYLOAD_BYTES as u64;
                commands = world.puts(1, 7, offset, &[0; MAX_PAYLOAD_BYTES]);
            }
            commands
        }),
        ("bytes after the last", |world| {
            world.channel(1, ChannelMessage::Finished { channel: 7 });
            world.puts(1, 7, 0, b"x")
        }),
        ("a number twice", |world| world.open(1, 7, python())),
        ("the guest's word", |world| world.channel(1, ChannelMessage::Opened { channel: 7 })),
    ];
    for (what, deed) in rows {
        let mut world = World::joined();
        let id = world.admitted(1, 7, python());
        let wanted = [closed(1, 7, ChannelProblem::RuleBroken), ask_to_close(id)];
        assert_eq!(deed(&mut world), wanted, "{what}");
        assert_eq!(world.puts(1, 7, 0, b"void"), [], "{what}");
        world.opens(1);
    }
}

#[test]
fn a_guest_that_breaks_a_rule_ends_the_session() {
    type Deed = fn(&mut World, ChannelId) -> Vec<Command>;
    let rows: [(&str, Deed); 4] = [
        ("a hole", |world, id| world.gives(id, 1, b"x")),
        ("more than was granted", |world, id| {
            let mut commands = Vec::new();
            for n in 0..=CHANNEL_WINDOW_BYTES / MAX_PAYLOAD_BYTES as u64 {
                commands = world.gives(id, n * MAX_PAYLOAD_BYTES as u64, &[0; MAX_PAYLOAD_BYTES]);
            }
            commands
        }),
        ("bytes after the last", |world, id| {
            world.guest_about(ChannelMessage::Finished { channel: id });
            world.gives(id, 0, b"x")
        }),
        ("an opener's word", |world, id| {
            let target = GuestTarget::Port { port: 22 };
            world.guest_about(ChannelMessage::Open { channel: id, target })
        }),
    ];
    for (what, deed) in rows {
        let mut world = World::joined();
        let id = world.admitted(RELAY, 7, PORT);
        let detail = "the guest broke its protocol".to_owned();
        let end = SessionEnd::Over(EndReason::ContainerLost { detail });
        assert_eq!(deed(&mut world, id), [Command::End(end)], "{what}");
    }
}

#[test]
fn a_grant_is_never_passed_on_for_more_than_a_window() {
    let mut world = World::joined();
    let id = world.admitted(1, 7, python());
    assert_eq!(
        world.channel(1, ChannelMessage::Granted { channel: 7, up_to: u64::MAX }),
        [],
        "it has a window"
    );
    world.gives(id, 0, b"12345");
    let up_to = CHANNEL_WINDOW_BYTES + 5;
    let granted = world.channel(1, ChannelMessage::Granted { channel: 7, up_to: u64::MAX });
    assert_eq!(granted, [asked(ChannelMessage::Granted { channel: id, up_to })]);
    assert_eq!(world.channel(1, ChannelMessage::Granted { channel: 7, up_to: 9 }), [], "an older one");
}

/// What openers, guest and relay may do about three channels.
#[derive(Debug, Clone)]
enum Deed {
    Open(ViewerId, ChannelId),
    Say(ViewerId, ChannelMessage),
    Put(ViewerId, ChannelId, u64, usize),
    Guest(ChannelMessage<GuestTarget>),
    Give(ChannelId, u64, usize),
    Leave(ViewerId),
    Join(ViewerId),
    RelayBreaks,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let (who, id) = (|| 0u32..3, || 0u32..4);
    let offset = || prop_oneof![3 => 0u64..5, 1 => any::<u64>()];
    let length = || prop_oneof![3 => 0usize..5, 1 => Just(MAX_PAYLOAD_BYTES)];
    let deed = prop_oneof![
        3 => (who(), id()).prop_map(|(who, id)| Deed::Open(who, id)),
        2 => (who(), id(), offset()).prop_map(|(who, channel, up_to)| {
            Deed::Say(who, ChannelMessage::Granted { channel, up_to })
        }),
        1 => (who(), id()).prop_map(|(who, channel)| Deed::Say(who, ChannelMessage::Finished { channel })),
        1 => (who(), id()).prop_map(|(who, channel)| {
            Deed::Say(who, ChannelMessage::Closed { channel, reason: None })
        }),
        3 => (who(), id(), offset(), length()).prop_map(|(who, id, at, count)| Deed::Put(who, id, at, count)),
        2 => (1u32..9, offset()).prop_map(|(channel, up_to)| {
            Deed::Guest(ChannelMessage::Granted { channel, up_to })
        }),
        1 => (1u32..9).prop_map(|channel| Deed::Guest(ChannelMessage::Closed { channel, reason: None })),
        2 => (1u32..9, offset(), length()).prop_map(|(id, at, count)| Deed::Give(id, at, count)),
        1 => (1u32..3).prop_map(Deed::Leave),
        1 => (1u32..3).prop_map(Deed::Join),
        1 => Just(Deed::RelayBreaks),
    ];
    proptest::collection::vec(deed, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    /// Whatever is said in whatever order: the guest is never sent what it would call a broken rule, and never keeps a
    /// channel that nobody has.
    #[test]
    fn the_guest_sees_only_what_keeps_the_rules(deeds in deeds()) {
        let mut world = World::joined();
        let mut guest = PlayedGuest::default();
        for deed in deeds {
            let commands = match deed {
                Deed::Open(who, id) => {
                    let target = if who == RELAY { PORT } else { python() };
                    world.open(who, id, target)
                }
                Deed::Say(who, message) => world.channel(who, message),
                Deed::Put(who, id, offset, count) => world.puts(who, id, offset, &vec![0; count]),
                Deed::Guest(message) => {
                    guest.says(&message);
                    world.guest_about(message)
                }
                Deed::Give(id, offset, count) if guest.may_give(id, offset, count) => {
                    world.gives(id, offset, &vec![0; count])
                }
                Deed::Give(..) => Vec::new(),
                Deed::Leave(viewer) => world.relay(RelayToAgent::ViewerLeft { viewer }),
                Deed::Join(viewer) => world.join(viewer),
                Deed::RelayBreaks => {
                    let commands = world.happens(Event::RelayDown);
                    guest.hears(&commands);
                    prop_assert!(guest.open.is_empty(), "left open: {:?}", guest.open);
                    world.happens(Event::RelayUp)
                }
            };
            guest.hears(&commands);
        }
    }
}

/// A guest that keeps to the rules and is strict about them.
#[derive(Default)]
struct PlayedGuest {
    open: std::collections::BTreeMap<ChannelId, Told>,
    last: ChannelId,
}

#[derive(Debug, Default)]
struct Told {
    put: u64,
    input_granted: u64,
    input_finished: bool,
    given: u64,
    output_granted: u64,
}

impl PlayedGuest {
    fn says(&mut self, message: &ChannelMessage<GuestTarget>) {
        match message {
            ChannelMessage::Granted { channel, up_to } => {
                let Some(told) = self.open.get_mut(channel) else { return };
                // As far as an agent that cuts grants believes it.
                let most = told.put + CHANNEL_WINDOW_BYTES;
                told.input_granted = told.input_granted.max((*up_to).min(most));
            }
            ChannelMessage::Closed { channel, .. } => drop(self.open.remove(channel)),
            _ => {}
        }
    }

    fn may_give(&mut self, id: ChannelId, offset: u64, count: usize) -> bool {
        let Some(told) = self.open.get_mut(&id) else { return true };
        let fits = offset == told.given && offset + count as u64 <= told.output_granted;
        told.given += if fits { count as u64 } else { 0 };
        fits
    }

    fn hears(&mut self, commands: &[Command]) {
        for command in commands {
            match command {
                Command::Ask(ToGuest::Channel { message }) => self.hears_about(message),
                Command::Type(bytes) => {
                    let frame = StreamFrame::decode(bytes).unwrap();
                    let Stream::Channel(id) = frame.stream else { panic!("{frame:?}") };
                    let told = self.open.get_mut(&id).expect("bytes for a channel that is not open");
                    assert_eq!(frame.offset, told.put, "a hole");
                    assert!(!told.input_finished, "bytes after the last");
                    told.put += frame.payload.len() as u64;
                    assert!(told.put <= told.input_granted, "more than was granted");
                }
                Command::End(end) => panic!("it ended: {end:?}"),
                _ => {}
            }
        }
    }

    fn hears_about(&mut self, message: &ChannelMessage<GuestTarget>) {
        let id = message.channel();
        match message {
            ChannelMessage::Open { .. } => {
                assert!(id > self.last, "a number used twice");
                self.last = id;
                let window = CHANNEL_WINDOW_BYTES;
                let told = Told { input_granted: window, output_granted: window, ..Told::default() };
                self.open.insert(id, told);
            }
            ChannelMessage::Granted { up_to, .. } => {
                let told = self.open.get_mut(&id).expect("a grant for a channel that is not open");
                assert!(*up_to > told.output_granted && *up_to <= told.given + CHANNEL_WINDOW_BYTES);
                told.output_granted = *up_to;
            }
            ChannelMessage::Finished { .. } => self.open.get_mut(&id).unwrap().input_finished = true,
            ChannelMessage::Closed { .. } => drop(self.open.remove(&id).expect("closed twice")),
            ChannelMessage::Opened { .. } => panic!("not for the guest"),
        }
    }
}
