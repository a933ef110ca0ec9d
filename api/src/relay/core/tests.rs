//! Scripts: somebody does something, and then this is to be done.

use ide_protocol::channel::ChannelTarget;
use ide_protocol::limits::MAX_VIEWER_CHANNELS;
use ide_protocol::session::EndReason;
use ide_protocol::terminal::TerminalSize;

use super::*;

pub(super) const TAB: Uuid = Uuid::from_u128(7);

pub(super) fn mentor() -> Mentor {
    Mentor { account: Uuid::from_u128(9), name: "grader".into() }
}

pub(super) fn session() -> RelaySession {
    RelaySession::new(SessionState::Queued)
}

pub(super) fn join(session: &mut RelaySession) -> ViewerId {
    session.viewer_joined(TAB, None).unwrap().0
}

/// Effects as a person would write them down.
pub(super) fn said(effects: &[Effect]) -> Vec<String> {
    let kind = |packet: &Packet| match packet {
        Packet::Text(text) => {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            value["type"].as_str().unwrap().to_owned()
        }
        Packet::Binary(bytes) => {
            let frame = StreamFrame::decode(bytes).unwrap();
            format!("bytes for {} at {}", frame.viewer, frame.offset)
        }
    };
    let line = |effect: &Effect| match effect {
        Effect::ToViewer(viewer, packet) => format!("viewer {viewer}: {}", kind(packet)),
        Effect::ToAgent(packet) => format!("agent: {}", kind(packet)),
        Effect::CloseViewer(viewer, close) => format!("close viewer {viewer}: {}", close.code),
        Effect::CloseAgent(link, close) => format!("close agent {link}: {}", close.code),
        Effect::ToPorts(PortNews::Said(message)) => format!("port {}: said", message.channel()),
        Effect::ToPorts(PortNews::Bytes { channel, offset, .. }) => {
            format!("port {channel}: bytes at {offset}")
        }
        Effect::ToPorts(PortNews::Lost) => "ports: lost".to_owned(),
    };
    effects.iter().map(line).collect()
}

fn frame(flow: Flow, viewer: ViewerId) -> Bytes {
    StreamFrame { flow, stream: Stream::Terminal(1), viewer, offset: 5, payload: b"ls\n" }.encode().into()
}

fn saved(revision: Revision, origin: ChangeOrigin) -> StoredChange {
    let content = Some((FileContent::Text("x".into()), false));
    StoredChange { path: WorkspacePath::new("a.py").unwrap(), revision, content, origin }
}

const OPEN: ViewerMessage = ViewerMessage::OpenTerminal { size: TerminalSize { columns: 80, rows: 24 } };

#[test]
fn a_viewer_may_be_there_before_the_agent_and_is_announced_when_it_comes() {
    let mut session = session();
    let (viewer, effects) = session.viewer_joined(TAB, None).unwrap();
    assert_eq!(said(&effects), ["viewer 1: welcome"]);
    assert_eq!(said(&session.viewer_said(viewer, OPEN)), ["viewer 1: request_refused"]);
    assert_eq!(said(&session.viewer_typed(viewer, frame(Flow::Input, 0))), [""; 0]);
    let (link, effects) = session.agent_joined();
    assert_eq!(said(&effects), ["agent: viewer_joined"]);
    assert_eq!(said(&session.viewer_said(viewer, OPEN)), ["agent: viewer_said"]);
    session.agent_left(link);
    assert_eq!(said(&session.agent_joined().1), ["agent: viewer_joined"], "told again after a reconnect");
    assert_eq!(said(&session.viewer_left(viewer)), ["agent: viewer_left"]);
    assert_eq!(said(&session.viewer_left(viewer)), [""; 0], "and left once");
}

#[test]
fn terminal_bytes_are_readdressed_and_go_one_way_each() {
    let mut session = session();
    let (one, two) = (join(&mut session), join(&mut session));
    let (link, _) = session.agent_joined();
    let typed =
        |session: &mut RelaySession, viewer, flow| said(&session.viewer_typed(viewer, frame(flow, 99)));
    assert_eq!(typed(&mut session, two, Flow::Input), ["agent: bytes for 2 at 5"]);
    assert_eq!(typed(&mut session, one, Flow::Output), ["close viewer 1: 4400"]);
    let put_out =
        |session: &mut RelaySession, flow, viewer| said(&session.agent_put_out(link, frame(flow, viewer)));
    assert_eq!(put_out(&mut session, Flow::Output, two), ["viewer 2: bytes for 0 at 5"]);
    assert_eq!(put_out(&mut session, Flow::Output, 77), [""; 0], "a viewer that left meanwhile");
    assert_eq!(put_out(&mut session, Flow::Input, one), ["close agent 1: 4400"]);
    assert_eq!(said(&session.viewer_typed(one, Bytes::from_static(b"short"))), ["close viewer 1: 4400"]);
}

#[test]
fn an_agent_that_dials_again_takes_the_place_and_the_old_one_is_not_heard() {
    let mut session = session();
    join(&mut session);
    let (old, _) = session.agent_joined();
    let (new, effects) = session.agent_joined();
    assert_eq!(said(&effects), ["close agent 1: 4409", "ports: lost", "agent: viewer_joined"]);
    let late = SessionMessage::TerminalClosed { terminal: 1 };
    assert_eq!(said(&session.agent_said(old, None, &late)), [""; 0]);
    assert_eq!(said(&session.agent_put_out(old, frame(Flow::Output, 1))), [""; 0]);
    session.agent_left(old);
    assert!(session.has_agent(), "the old one's end is not the new one's");
    assert_eq!(said(&session.agent_said(new, None, &late)), ["viewer 1: terminal_closed"]);
}

#[test]
fn an_agent_cannot_speak_for_the_relay() {
    let mut session = session();
    join(&mut session);
    let (link, _) = session.agent_joined();
    let forged = SessionMessage::StateChanged { state: SessionState::Queued };
    assert_eq!(said(&session.agent_said(link, None, &forged)), ["close agent 1: 4400"]);
}

#[test]
fn who_looks_on_may_attach_and_nothing_else() {
    let mut session = session();
    let (viewer, _) = session.viewer_joined(TAB, Some(mentor())).unwrap();
    session.agent_joined();
    let attach = ViewerMessage::AttachTerminal { terminal: 1, from_offset: 0 };
    assert_eq!(said(&session.viewer_said(viewer, attach)), ["agent: viewer_said"]);
    assert_eq!(said(&session.viewer_said(viewer, OPEN)), ["close viewer 1: 4403"]);
    assert_eq!(said(&session.viewer_said(viewer, ViewerMessage::RunTests)), ["close viewer 1: 4403"]);
    assert_eq!(said(&session.viewer_said(viewer, open(1))), ["close viewer 1: 4403"]);
    assert_eq!(said(&session.viewer_typed(viewer, frame(Flow::Input, 0))), ["close viewer 1: 4403"]);
}

/// A viewer's word about a channel of its own.
fn channel(message: ChannelMessage) -> ViewerMessage {
    ViewerMessage::Channel { message }
}

fn open(channel: u32) -> ViewerMessage {
    let target = ChannelTarget::LanguageServer { language: "python".into() };
    ViewerMessage::Channel { message: ChannelMessage::Open { channel, target } }
}

#[test]
fn a_viewers_channels_are_passed_on_and_end_with_the_agents_connection() {
    let mut session = session();
    let viewer = join(&mut session);
    assert_eq!(said(&session.viewer_said(viewer, open(1))), ["viewer 1: channel"], "nobody to ask");
    let (link, _) = session.agent_joined();
    assert_eq!(said(&session.viewer_said(viewer, open(2))), ["agent: viewer_said"]);
    let frame = |flow, viewer| {
        let stream = Stream::Channel(2);
        Bytes::from(StreamFrame { stream, flow, viewer, offset: 5, payload: b"{}" }.encode())
    };
    assert_eq!(said(&session.viewer_typed(viewer, frame(Flow::Input, 0))), ["agent: bytes for 1 at 5"]);
    assert_eq!(said(&session.agent_put_out(link, frame(Flow::Output, 1))), ["viewer 1: bytes for 0 at 5"]);
    assert_eq!(said(&session.agent_left(link)), ["ports: lost", "viewer 1: channel"]);
    let (link, _) = session.agent_joined();
    assert_eq!(said(&session.agent_left(link)), ["ports: lost"], "told once");
}

#[test]
fn a_viewer_has_so_many_channels_and_an_end_makes_room() {
    let mut session = session();
    let viewer = join(&mut session);
    let (link, _) = session.agent_joined();
    for number in 0..MAX_VIEWER_CHANNELS as u32 {
        assert_eq!(said(&session.viewer_said(viewer, open(number))), ["agent: viewer_said"]);
    }
    assert_eq!(said(&session.viewer_said(viewer, open(8))), ["viewer 1: channel"], "refused");
    let close = ChannelMessage::Closed { channel: 0, reason: None };
    assert_eq!(said(&session.viewer_said(viewer, channel(close))), ["agent: viewer_said"]);
    assert_eq!(said(&session.viewer_said(viewer, open(9))), ["agent: viewer_said"]);
    let ended = ChannelMessage::Closed { channel: 1, reason: None };
    let ended = SessionMessage::Channel { message: ended };
    assert_eq!(said(&session.agent_said(link, Some(viewer), &ended)), ["viewer 1: channel"]);
    assert_eq!(said(&session.viewer_said(viewer, open(10))), ["agent: viewer_said"]);
}

#[test]
fn the_relays_own_channels_are_heard_from_the_agent_of_now_only() {
    let mut session = session();
    let viewer = join(&mut session);
    let (old, _) = session.agent_joined();
    let (new, _) = session.agent_joined();
    let bytes = |viewer| {
        let stream = Stream::Channel(3);
        Bytes::from(StreamFrame { stream, flow: Flow::Output, viewer, offset: 5, payload: b"x" }.encode())
    };
    let opened = ChannelMessage::Opened { channel: 3 };
    assert_eq!(said(&session.agent_said_to_ports(old, opened.clone())), [""; 0]);
    assert_eq!(said(&session.agent_said_to_ports(new, opened)), ["port 3: said"]);
    assert_eq!(said(&session.agent_put_out(old, bytes(0))), [""; 0]);
    assert_eq!(said(&session.agent_put_out(new, bytes(0))), ["port 3: bytes at 5"]);
    assert_eq!(said(&session.agent_put_out(new, bytes(viewer))), ["viewer 1: bytes for 0 at 5"]);
}

#[test]
fn the_end_is_told_to_everybody_and_viewers_are_closed_after_it() {
    let mut session = session();
    join(&mut session);
    session.agent_joined();
    let ended = SessionState::Ended { reason: EndReason::Asked };
    let effects = session.state_changed(ended.clone());
    assert_eq!(said(&effects), ["viewer 1: state_changed", "agent: end_session", "close viewer 1: 4410"]);
    assert_eq!(said(&session.state_changed(ended)), [""; 0]);
    assert_eq!(said(&session.state_changed(SessionState::Queued)), [""; 0], "the end is final");
    assert!(
        said(&session.agent_joined().1).contains(&"agent: end_session".to_owned()),
        "an agent that was away"
    );
}

#[test]
fn a_state_told_twice_is_told_once() {
    let mut session = session();
    join(&mut session);
    assert_eq!(said(&session.state_changed(SessionState::Starting)), ["viewer 1: state_changed"]);
    assert_eq!(said(&session.state_changed(SessionState::Starting)), [""; 0]);
}

#[test]
fn a_saved_file_reaches_the_container_and_the_tabs_and_an_older_one_does_not() {
    let mut session = session();
    join(&mut session);
    session.agent_joined();
    let tab = ChangeOrigin::Client { client: Some(TAB) };
    assert_eq!(said(&session.file_changed(saved(3, tab))), ["viewer 1: file_changed", "agent: file_saved"]);
    assert_eq!(said(&session.file_changed(saved(2, tab))), [""; 0], "two saves told in the wrong order");
    assert_eq!(said(&session.file_changed(saved(4, ChangeOrigin::Container))), ["viewer 1: file_changed"]);
}

#[test]
fn a_file_is_one_message_even_if_json_swells_it() {
    let nasty = FileContent::Text("\u{1}".repeat(ide_protocol::limits::MAX_FILE_BYTES));
    let packet = file_packet(WorkspacePath::new("a").unwrap(), 1, Some((nasty, false)));
    assert!(packet.len() <= MAX_MESSAGE_BYTES, "{} bytes", packet.len());
}

#[test]
fn a_session_has_so_many_viewers_and_no_more() {
    let mut session = session();
    for _ in 0..MAX_VIEWERS {
        join(&mut session);
    }
    assert!(session.viewer_joined(TAB, None).is_none());
    session.viewer_left(3);
    assert!(session.viewer_joined(TAB, None).is_some_and(|(viewer, _)| viewer > MAX_VIEWERS as ViewerId));
}
