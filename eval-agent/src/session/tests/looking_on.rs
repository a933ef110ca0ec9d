//! Those who look on: they see what there is, change nothing, and set nobody's pace.

use ide_protocol::guest::ToGuest;
use ide_protocol::limits::{MAX_PAYLOAD_BYTES, VIEWER_WINDOW_BYTES};
use ide_protocol::session::ViewerMessage;
use ide_protocol::terminal::TerminalId;

use super::world::*;
use crate::session::logic::Command;

const LEARNER: u32 = 1;
const MENTOR: u32 = 2;
const PIECE: &[u8] = &[b'x'; MAX_PAYLOAD_BYTES];
const PIECES_IN_A_WINDOW: u64 = VIEWER_WINDOW_BYTES / MAX_PAYLOAD_BYTES as u64;

/// A learner's terminal that a mentor has attached to.
fn watched() -> (World, TerminalId) {
    let mut world = World::joined();
    let terminal = world.opens(LEARNER);
    world.looks_on(MENTOR);
    world.says(MENTOR, ViewerMessage::AttachTerminal { terminal, from_offset: 0 });
    (world, terminal)
}

/// The terminal puts out as much as it is granted at first; answers how much that was.
fn a_window_full(world: &mut World, terminal: TerminalId) -> u64 {
    for piece in 0..PIECES_IN_A_WINDOW {
        world.shows(terminal, piece * PIECE.len() as u64, PIECE);
    }
    VIEWER_WINDOW_BYTES
}

fn granted(commands: &[Command]) -> Option<u64> {
    commands.iter().find_map(|command| match command {
        Command::Ask(ToGuest::GrantOutput { up_to, .. }) => Some(*up_to),
        _ => None,
    })
}

#[test]
fn a_mentor_that_stalls_does_not_hold_the_learner_up() {
    let (mut world, terminal) = watched();
    let mut end = a_window_full(&mut world, terminal);
    // Ten windows more, of which the mentor takes in nothing.
    for _ in 0..10 * PIECES_IN_A_WINDOW {
        let seen = world.says(LEARNER, ViewerMessage::AcknowledgeOutput { terminal, offset: end });
        assert_eq!(granted(&seen), Some(end + VIEWER_WINDOW_BYTES));
        for command in world.shows(terminal, end, PIECE) {
            assert_eq!(command, shown(LEARNER, terminal, end, PIECE), "the mentor has its window full");
        }
        end += PIECE.len() as u64;
    }
}

#[test]
fn a_mentor_that_reads_fast_does_not_run_away_with_the_learners_output() {
    let (mut world, terminal) = watched();
    let end = a_window_full(&mut world, terminal);
    let seen = world.says(MENTOR, ViewerMessage::AcknowledgeOutput { terminal, offset: end });
    assert_eq!(granted(&seen), None, "the learner has seen nothing yet, so the guest waits");
    let seen = world.says(LEARNER, ViewerMessage::AcknowledgeOutput { terminal, offset: end });
    assert_eq!(granted(&seen), Some(end + VIEWER_WINDOW_BYTES));
}

#[test]
fn what_only_a_learner_may_do_is_refused() {
    let (mut world, terminal) = watched();
    let words = "You may watch this session, not take part in it.";
    let rows = [
        ViewerMessage::OpenTerminal { size: SIZE },
        ViewerMessage::ResizeTerminal { terminal, size: SIZE },
        ViewerMessage::CloseTerminal { terminal },
        ViewerMessage::RunTests,
        ViewerMessage::StopRun { run: 1 },
    ];
    for message in rows {
        assert_eq!(world.says(MENTOR, message.clone()), [refused(MENTOR, words)], "{message:?}");
    }
    assert_eq!(world.types(MENTOR, terminal, 0, "rm -rf ~\n"), [refused(MENTOR, words)]);
}
