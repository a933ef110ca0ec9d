//! Terminals: opening, typing, watching, leaving, coming back.

use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::guest::{FromGuest, GuestError, ToGuest};
use ide_protocol::limits::{MAX_PAYLOAD_BYTES, MAX_TERMINALS, TERMINAL_RING_BYTES, VIEWER_WINDOW_BYTES};
use ide_protocol::session::{EndReason, RelayToAgent, SessionMessage, ViewerMessage};
use ide_protocol::terminal::{ExitStatus, TerminalInfo, TerminalSize};
use ide_protocol::trace::STAMP_BYTES;

use super::world::*;
use crate::session::logic::{Command, Event, SessionEnd};

#[test]
fn an_opener_is_told_attached_and_the_guest_may_send_a_window() {
    let mut world = World::joined();
    world.join(2);
    let asked = world.says(1, ViewerMessage::OpenTerminal { size: TerminalSize { columns: 0, rows: 9_999 } });
    let [Command::Ask(ToGuest::OpenTerminal { request, terminal: 1, program, size })] = asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    assert_eq!(program.environment, [("GRADUS_LESSON".to_owned(), "greeting".to_owned())]);
    let clamped = TerminalSize { columns: 2, rows: 300 };
    assert_eq!(*size, clamped);
    let opened = world.guest(FromGuest::TerminalOpened { request: *request, terminal: 1 });
    assert_eq!(
        opened,
        [
            to_all(SessionMessage::TerminalOpened { terminal: 1, size: clamped, viewer: 1 }),
            Command::Ask(ToGuest::GrantOutput { terminal: 1, up_to: VIEWER_WINDOW_BYTES }),
        ]
    );
    assert_eq!(world.shows(1, 0, b"$ "), [shown(1, 1, 0, b"$ ")], "viewer 2 has not asked for it");
}

#[test]
fn there_is_a_most_to_terminals_and_a_refused_one_makes_room() {
    let mut world = World::joined();
    for _ in 0..MAX_TERMINALS - 1 {
        world.opens(1);
    }
    let asked = world.says(1, ViewerMessage::OpenTerminal { size: SIZE });
    let [Command::Ask(ToGuest::OpenTerminal { request, .. })] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(
        world.says(1, ViewerMessage::OpenTerminal { size: SIZE }),
        [refused(1, "There can be 8 terminals at once; close one first.")]
    );
    let failed = FromGuest::RequestFailed { request: *request, error: GuestError::TooMany };
    assert_eq!(
        world.guest(failed),
        [refused(1, "The terminal could not be opened: there are too many terminals.")]
    );
    world.opens(1);
}

#[test]
fn what_is_typed_twice_arrives_once_across_reconnects_and_viewers_are_counted_apart() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    assert_eq!(world.types(1, terminal, 0, "ls"), [typed(terminal, 0, "ls")]);
    assert_eq!(world.types(1, terminal, 0, "ls -l"), [typed(terminal, 2, " -l")]);
    assert_eq!(world.types(1, terminal, 9, "lost"), [received(1, terminal, 5)], "a hole");
    world.join(2);
    assert_eq!(world.types(2, terminal, 0, "x"), [typed(terminal, 5, "x")]);
    // The first tab comes back as viewer 3 and is told how far it got.
    world.relay(RelayToAgent::ViewerLeft { viewer: 1 });
    world.relay(RelayToAgent::ViewerJoined { viewer: 3, client: client(1), read_only: false });
    let attached = world.says(3, ViewerMessage::AttachTerminal { terminal, from_offset: 0 });
    assert_eq!(
        attached.first(),
        Some(&to(3, SessionMessage::TerminalAttached { terminal, offset: 0, input_offset: 5 }))
    );
}

#[test]
fn a_traced_key_is_typed_once_like_any_other_and_its_stamps_come_back_once() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    let frame = |flow, viewer, offset, payload: &[u8]| {
        StreamFrame { stream: Stream::Trace(terminal), flow, viewer, offset, payload }.encode()
    };
    let stamps = [7; STAMP_BYTES];
    let key = |viewer, offset| frame(Flow::Input, viewer, offset, &[&stamps[..], b"x"].concat());
    assert_eq!(world.happens(Event::RelayFrame(key(1, 0))), [Command::Type(key(1, 0))]);
    assert_eq!(world.happens(Event::RelayFrame(key(1, 0))), [received(1, terminal, 1)], "it was there");
    assert_eq!(world.happens(Event::RelayFrame(frame(Flow::Input, 1, 1, b"x"))), [], "no stamps");

    let back = frame(Flow::Output, 1, 0, &stamps);
    assert_eq!(world.happens(Event::GuestFrame(back.clone())), [Command::Show(back.clone())]);
    assert_eq!(world.happens(Event::GuestFrame(back)), [], "nobody waits for it any more");

    world.looks_on(2);
    let not_theirs = refused(2, "You may watch this session, not take part in it.");
    assert_eq!(world.happens(Event::RelayFrame(key(2, 0))), [not_theirs]);
}

#[test]
fn typing_is_confirmed_with_the_next_tick_and_a_long_paste_as_it_arrives() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    world.types(1, terminal, 0, "l");
    world.types(1, terminal, 1, "s");
    assert_eq!(world.happens(Event::Tick).first(), Some(&received(1, terminal, 2)));
    assert!(!world.happens(Event::Tick).contains(&received(1, terminal, 2)), "told once");
    let paste = "x".repeat(MAX_PAYLOAD_BYTES);
    let end = 2 + paste.len() as u64;
    assert_eq!(world.types(1, terminal, 2, &paste).last(), Some(&received(1, terminal, end)));
}

#[test]
fn a_viewer_gets_a_window_and_more_as_it_acknowledges() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    let piece = [b'x'; MAX_PAYLOAD_BYTES];
    let pieces = VIEWER_WINDOW_BYTES / piece.len() as u64;
    for number in 0..pieces {
        let offset = number * piece.len() as u64;
        assert_eq!(world.shows(terminal, offset, &piece), [shown(1, terminal, offset, &piece)]);
    }
    let offset = piece.len() as u64;
    assert_eq!(
        world.says(1, ViewerMessage::AcknowledgeOutput { terminal, offset }),
        [Command::Ask(ToGuest::GrantOutput { terminal, up_to: VIEWER_WINDOW_BYTES + offset })]
    );
    // What was never sent cannot be acknowledged.
    let far = ViewerMessage::AcknowledgeOutput { terminal, offset: u64::MAX };
    assert_eq!(
        world.says(1, far),
        [Command::Ask(ToGuest::GrantOutput { terminal, up_to: 2 * VIEWER_WINDOW_BYTES })]
    );
}

#[test]
fn with_nobody_watching_programs_go_on_and_a_newcomer_is_told_of_the_gap() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    world.relay(RelayToAgent::ViewerLeft { viewer: 1 });
    let piece = [b'x'; MAX_PAYLOAD_BYTES];
    let pieces = 20;
    let mut granted = VIEWER_WINDOW_BYTES;
    for number in 0..pieces {
        for command in world.shows(terminal, number * piece.len() as u64, &piece) {
            let Command::Ask(ToGuest::GrantOutput { up_to, .. }) = command else { panic!("{command:?}") };
            granted = up_to;
        }
        assert!(granted > (number + 1) * piece.len() as u64, "the program would stop");
    }
    world.join(2);
    let attached = world.says(2, ViewerMessage::AttachTerminal { terminal, from_offset: 0 });
    let start = pieces * piece.len() as u64 - TERMINAL_RING_BYTES as u64;
    let stated = to(2, SessionMessage::TerminalAttached { terminal, offset: start, input_offset: 0 });
    assert_eq!(attached.first(), Some(&stated));
    assert_eq!(attached.get(1), Some(&shown(2, terminal, start, &piece)));
}

#[test]
fn the_fastest_viewer_sets_the_pace_and_a_slow_one_is_told_its_gap() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    world.join(2);
    world.says(2, ViewerMessage::AttachTerminal { terminal, from_offset: 0 });
    let piece = [b'x'; MAX_PAYLOAD_BYTES];
    let mut end = 0;
    for _ in 0..30 {
        world.shows(terminal, end, &piece);
        end += piece.len() as u64;
        world.says(1, ViewerMessage::AcknowledgeOutput { terminal, offset: end });
    }
    // Viewer 2 has read nothing: it got one window, and then knows that the rest up to the ring's start is gone.
    let caught_up = world.says(2, ViewerMessage::AcknowledgeOutput { terminal, offset: VIEWER_WINDOW_BYTES });
    let start = end - TERMINAL_RING_BYTES as u64;
    assert!(caught_up.iter().all(|command| *command != shown(2, terminal, VIEWER_WINDOW_BYTES, &piece)));
    let Some(Command::Show(bytes)) = caught_up.last() else { panic!("{caught_up:?}") };
    let last = ide_protocol::frame::StreamFrame::decode(bytes).unwrap();
    assert!(last.offset >= start && last.offset + last.payload.len() as u64 == end);
}

#[test]
fn an_exit_is_told_after_the_last_byte_and_the_terminal_stays_readable() {
    let mut world = World::joined();
    world.join(2);
    let terminal = world.opens(1);
    world.shows(terminal, 0, b"bye");
    let status = ExitStatus::Exited { code: 3 };
    let exited = SessionMessage::TerminalExited { terminal, status };
    assert_eq!(
        world.guest(FromGuest::TerminalExited { terminal, status }),
        [to(1, exited.clone()), to(2, exited.clone())]
    );
    world.join(3);
    assert_eq!(
        world.says(3, ViewerMessage::AttachTerminal { terminal, from_offset: 0 }),
        [
            to(3, SessionMessage::TerminalAttached { terminal, offset: 0, input_offset: 0 }),
            shown(3, terminal, 0, b"bye"),
            to(3, exited),
        ]
    );
    let closed = to_all(SessionMessage::TerminalClosed { terminal });
    assert_eq!(
        world.says(1, ViewerMessage::CloseTerminal { terminal }),
        [closed],
        "the guest knows it as ended"
    );
}

#[test]
fn a_closed_terminal_is_forgotten_and_its_last_words_are_not_minded() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    assert_eq!(
        world.says(1, ViewerMessage::CloseTerminal { terminal }),
        [
            Command::Ask(ToGuest::CloseTerminal { terminal }),
            to_all(SessionMessage::TerminalClosed { terminal })
        ]
    );
    assert_eq!(world.shows(terminal, 0, b"late"), []);
    let status = ExitStatus::Signaled { signal: 1 };
    assert_eq!(world.guest(FromGuest::TerminalExited { terminal, status }), []);
    assert_eq!(
        world.says(1, ViewerMessage::CloseTerminal { terminal }),
        [refused(1, "There is no such terminal.")]
    );
}

#[test]
fn the_last_one_who_resizes_wins_and_saying_it_again_is_nothing_new() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    let size = TerminalSize { columns: 100, rows: 40 };
    assert_eq!(
        world.says(1, ViewerMessage::ResizeTerminal { terminal, size }),
        [
            Command::Ask(ToGuest::ResizeTerminal { terminal, size }),
            to_all(SessionMessage::TerminalResized { terminal, size }),
        ]
    );
    assert_eq!(world.says(1, ViewerMessage::ResizeTerminal { terminal, size }), []);
    let info = TerminalInfo { terminal, size, output_offset: 0, exited: None };
    assert_eq!(world.join(2), [to(2, SessionMessage::TerminalsListed { terminals: vec![info], run: None })]);
}

#[test]
fn who_may_only_watch_cannot_take_part() {
    let mut world = World::joined();
    let terminal = world.opens(1);
    world.shows(terminal, 0, b"seen");
    world.relay(RelayToAgent::ViewerJoined { viewer: 2, client: client(2), read_only: true });
    let no = [refused(2, "You may watch this session, not take part in it.")];
    assert_eq!(world.types(2, terminal, 0, "rm -rf /"), no);
    for forbidden in [
        ViewerMessage::OpenTerminal { size: SIZE },
        ViewerMessage::ResizeTerminal { terminal, size: SIZE },
        ViewerMessage::CloseTerminal { terminal },
        ViewerMessage::RunTests,
        ViewerMessage::StopRun { run: 1 },
    ] {
        assert_eq!(world.says(2, forbidden), no);
    }
    let watched = world.says(2, ViewerMessage::AttachTerminal { terminal, from_offset: 0 });
    assert_eq!(watched.last(), Some(&shown(2, terminal, 0, b"seen")));
}

#[test]
fn a_guest_that_breaks_the_rules_of_offsets_is_not_believed_any_more() {
    let detail = "the guest broke its protocol".to_owned();
    let end = [Command::End(SessionEnd::Over(EndReason::ContainerLost { detail }))];
    for (offset, bytes) in [(7, b"a hole".as_slice()), (u64::MAX, b"an overflow")] {
        let mut world = World::joined();
        let terminal = world.opens(1);
        assert_eq!(world.shows(terminal, offset, bytes), end);
        assert_eq!(world.happens(Event::Tick), [], "nothing follows");
    }
    let mut world = World::joined();
    let terminal = world.opens(1);
    let piece = [b'x'; MAX_PAYLOAD_BYTES];
    for offset in (0..VIEWER_WINDOW_BYTES).step_by(piece.len()) {
        world.shows(terminal, offset, &piece);
    }
    assert_eq!(world.shows(terminal, VIEWER_WINDOW_BYTES, b"a byte more than granted"), end);
}
