//! Whatever viewers, relay and guest do within the rules, in whatever order: every viewer sees a contiguous stream with
//! stated gaps, never more than a window ahead of what it acknowledged, and the true bytes.

use std::collections::BTreeMap;

use ide_protocol::frame::{StreamFrame, ViewerId};
use ide_protocol::guest::ToGuest;
use ide_protocol::limits::{MAX_PAYLOAD_BYTES, VIEWER_WINDOW_BYTES};
use ide_protocol::session::{AgentToRelay, RelayToAgent, SessionMessage, ViewerMessage};
use ide_protocol::terminal::TerminalId;
use proptest::prelude::*;

use super::world::*;
use crate::session::logic::{Command, Event};

#[derive(Debug, Clone)]
enum Deed {
    /// The program puts out as many bytes, as far as it may.
    Output(usize),
    Join(ViewerId),
    Leave(ViewerId),
    /// Attaches at this share (of 255) of what has been put out.
    Attach(ViewerId, u8),
    /// Acknowledges this share of what it was sent and has not acknowledged.
    Acknowledge(ViewerId, u8),
    RelayBreaks,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let viewer = || 1u32..4;
    let deed = prop_oneof![
        4 => (1usize..300_000).prop_map(Deed::Output),
        1 => viewer().prop_map(Deed::Join),
        1 => viewer().prop_map(Deed::Leave),
        2 => (viewer(), any::<u8>()).prop_map(|(viewer, share)| Deed::Attach(viewer, share)),
        3 => (viewer(), any::<u8>()).prop_map(|(viewer, share)| Deed::Acknowledge(viewer, share)),
        1 => Just(Deed::RelayBreaks),
    ];
    proptest::collection::vec(deed, 1..60)
}

/// The byte at an offset of the program's output.
fn byte(offset: u64) -> u8 {
    (offset % 251) as u8
}

/// What one viewer has seen.
#[derive(Debug, Default)]
struct Seen {
    next: u64,
    acknowledged: u64,
}

struct Play {
    world: World,
    terminal: TerminalId,
    put_out: u64,
    granted: u64,
    attached: BTreeMap<ViewerId, Seen>,
    /// Has just asked to be attached.
    attaching: Option<ViewerId>,
}

impl Play {
    fn new() -> Self {
        let mut world = World::joined();
        let terminal = world.opens(1);
        let attached = BTreeMap::from([(1, Seen::default())]);
        Self { world, terminal, put_out: 0, granted: VIEWER_WINDOW_BYTES, attached, attaching: None }
    }

    fn act(&mut self, deed: Deed) {
        let terminal = self.terminal;
        match deed {
            Deed::Output(bytes) => self.put_out(bytes as u64),
            Deed::Join(viewer) => self.check(|world| world.join(viewer)),
            Deed::Leave(viewer) => {
                self.attached.remove(&viewer);
                self.check(|world| world.relay(RelayToAgent::ViewerLeft { viewer }));
            }
            Deed::Attach(viewer, share) => {
                let from_offset = self.put_out / 255 * u64::from(share);
                self.attaching = Some(viewer);
                self.check(|world| {
                    world.says(viewer, ViewerMessage::AttachTerminal { terminal, from_offset })
                });
                self.attaching = None;
            }
            Deed::Acknowledge(viewer, share) => {
                let Some(seen) = self.attached.get_mut(&viewer) else { return };
                seen.acknowledged += (seen.next - seen.acknowledged) * u64::from(share) / 255;
                let offset = seen.acknowledged;
                self.check(|world| world.says(viewer, ViewerMessage::AcknowledgeOutput { terminal, offset }));
            }
            Deed::RelayBreaks => {
                self.attached.clear();
                self.check(|world| world.happens(Event::RelayDown));
                self.check(|world| world.happens(Event::RelayUp));
            }
        }
    }

    /// As the guest does: no further than granted, in frames of the size allowed.
    fn put_out(&mut self, mut bytes: u64) {
        while bytes > 0 && self.put_out < self.granted {
            let count = bytes.min(self.granted - self.put_out).min(MAX_PAYLOAD_BYTES as u64);
            let (from, terminal) = (self.put_out, self.terminal);
            let payload: Vec<u8> = (from..from + count).map(byte).collect();
            self.put_out += count;
            bytes -= count;
            self.check(|world| world.shows(terminal, from, &payload));
        }
    }

    fn check(&mut self, act: impl FnOnce(&mut World) -> Vec<Command>) {
        for command in act(&mut self.world) {
            match command {
                Command::Show(bytes) => self.seen(&StreamFrame::decode(&bytes).unwrap()),
                Command::Ask(ToGuest::GrantOutput { up_to, .. }) => {
                    assert!(up_to > self.granted, "a grant never falls");
                    self.granted = up_to;
                }
                Command::Say(AgentToRelay::ToViewer {
                    viewer,
                    message: SessionMessage::TerminalAttached { offset, .. },
                }) => self.attached_at(viewer, offset),
                Command::End(end) => panic!("it ended: {end:?}"),
                _ => {}
            }
        }
    }

    /// An attachment, or a gap – which is stated only to one that has taken in most of what it was sent.
    fn attached_at(&mut self, viewer: ViewerId, offset: u64) {
        let seen = self.attached.entry(viewer).or_default();
        if self.attaching != Some(viewer) {
            assert!(offset > seen.next, "no gap");
            assert!(
                seen.next - seen.acknowledged <= VIEWER_WINDOW_BYTES / 2,
                "it has not read what it was sent"
            );
        }
        self.attaching = None;
        *seen = Seen { next: offset, acknowledged: offset };
    }

    fn seen(&mut self, frame: &StreamFrame<'_>) {
        let seen = self.attached.get_mut(&frame.viewer).expect("output for one who did not ask");
        assert_eq!(frame.offset, seen.next, "a gap or repeat that was not stated");
        assert!(frame.payload.iter().zip(frame.offset..).all(|(seen, offset)| *seen == byte(offset)));
        seen.next += frame.payload.len() as u64;
        assert!(seen.next - seen.acknowledged <= VIEWER_WINDOW_BYTES, "more than its window");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_viewer_sees_a_true_stream_whatever_happens(deeds in deeds()) {
        let mut play = Play::new();
        for deed in deeds {
            play.act(deed);
        }
        // Nobody is stuck: one who acknowledges everything comes to see the end.
        let (viewer, terminal) = (9, play.terminal);
        play.check(|world| world.join(viewer));
        play.attaching = Some(viewer);
        play.check(|world| {
            world.says(viewer, ViewerMessage::AttachTerminal { terminal, from_offset: 0 })
        });
        let mut before = None;
        while before != Some(play.attached[&viewer].next) {
            before = Some(play.attached[&viewer].next);
            play.act(Deed::Acknowledge(viewer, 255));
        }
        prop_assert_eq!(play.attached[&viewer].next, play.put_out);
        prop_assert!(play.granted > play.put_out, "the program may go on");
    }
}
