//! Browsers and agents gone bad: whatever they say, in whatever order, each hears only what is theirs, and who breaks a
//! rule is sent away.

use fuzz_inputs::{hostile, hostile_json};
use ide_protocol::limits::MAX_PAYLOAD_BYTES;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::tests::{TAB, mentor, session};
use super::*;

/// Nothing that is said leads to more than a word to everybody there and to the agent.
const MAX_EFFECTS: usize = 2 * MAX_VIEWERS + 2 * super::super::watching::MAX_MENTORS + 8;

#[derive(Debug, Clone)]
enum Deed {
    Join(bool),
    Leave(ViewerId),
    Says(ViewerId, String),
    Types(ViewerId, Vec<u8>),
    AgentJoins,
    AgentLeaves(Link),
    AgentSays(Link, Option<ViewerId>, String),
    AgentToPorts(Link, String),
    AgentPutsOut(Link, Vec<u8>),
    Stored(String, Revision),
}

fn messages(name: &str) -> Vec<Value> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../ide-protocol/fixtures");
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

fn frames() -> Vec<Vec<u8>> {
    let frame =
        |stream, flow, viewer| StreamFrame { stream, flow, viewer, offset: 0, payload: b"ls\n" }.encode();
    let streams = [Stream::Terminal(1), Stream::Channel(1)];
    streams
        .into_iter()
        .flat_map(|stream| [Flow::Output, Flow::Input].map(|flow| (stream, flow)))
        .flat_map(|(stream, flow)| [0, 1, 2].map(|viewer| frame(stream, flow, viewer)))
        .collect()
}

fn deed() -> impl Strategy<Value = Deed> {
    let viewer = || 0u32..6;
    let link = || 0u64..4;
    let channels: Vec<Value> = messages("viewer_messages.json")
        .into_iter()
        .filter_map(|mut message| Some(message.get_mut("message")?.take()))
        .collect();
    prop_oneof![
        3 => any::<bool>().prop_map(Deed::Join),
        1 => viewer().prop_map(Deed::Leave),
        6 => (viewer(), hostile_json(messages("viewer_messages.json"))).prop_map(|(viewer, text)| Deed::Says(viewer, text)),
        2 => (viewer(), hostile(frames())).prop_map(|(viewer, bytes)| Deed::Types(viewer, bytes)),
        2 => Just(Deed::AgentJoins),
        1 => link().prop_map(Deed::AgentLeaves),
        6 => (link(), prop::option::of(viewer()), hostile_json(messages("session_messages.json")))
            .prop_map(|(link, viewer, text)| Deed::AgentSays(link, viewer, text)),
        1 => (link(), hostile_json(channels)).prop_map(|(link, text)| Deed::AgentToPorts(link, text)),
        3 => (link(), hostile(frames())).prop_map(|(link, bytes)| Deed::AgentPutsOut(link, bytes)),
        1 => ("[ab]/?[cd]?", 0u64..4).prop_map(|(path, revision)| Deed::Stored(path, revision)),
    ]
}

fn act(session: &mut RelaySession, deed: &Deed) -> Vec<Effect> {
    match deed {
        Deed::Join(looks_on) => {
            let joined = session.viewer_joined(TAB, looks_on.then(mentor));
            joined.map(|(_, effects)| effects).unwrap_or_default()
        }
        Deed::Leave(viewer) => session.viewer_left(*viewer),
        Deed::Says(viewer, text) => serde_json::from_str(text)
            .map(|message| session.viewer_said(*viewer, message))
            .unwrap_or_default(),
        Deed::Types(viewer, bytes) => session.viewer_typed(*viewer, bytes.clone().into()),
        Deed::AgentJoins => session.agent_joined().1,
        Deed::AgentLeaves(link) => session.agent_left(*link),
        Deed::AgentSays(link, viewer, text) => serde_json::from_str(text)
            .map(|message| session.agent_said(*link, *viewer, &message))
            .unwrap_or_default(),
        Deed::AgentToPorts(link, text) => serde_json::from_str(text)
            .map(|message| session.agent_said_to_ports(*link, message))
            .unwrap_or_default(),
        Deed::AgentPutsOut(link, bytes) => session.agent_put_out(*link, bytes.clone().into()),
        Deed::Stored(path, revision) => {
            let Ok(path) = WorkspacePath::new(path.clone()) else { return Vec::new() };
            let content = Some((FileContent::Text("x".into()), false));
            session.file_changed(StoredChange {
                path,
                revision: *revision,
                content,
                origin: ChangeOrigin::Container,
            })
        }
    }
}

/// What was done leads only to those it concerns.
fn check(session: &RelaySession, deed: &Deed, effects: &[Effect]) {
    assert!(effects.len() <= MAX_EFFECTS, "{} effects of {deed:?}", effects.len());
    for effect in effects {
        match (effect, deed) {
            (Effect::ToViewer(viewer, _), Deed::AgentSays(_, Some(named), _)) => assert_eq!(viewer, named),
            (Effect::ToViewer(..), Deed::AgentSays(link, ..) | Deed::AgentPutsOut(link, _)) => {
                assert_eq!(session.agent, Some(*link), "an agent that is not the session's");
            }
            (Effect::CloseViewer(closed, _), Deed::Says(viewer, _) | Deed::Types(viewer, _)) => {
                assert_eq!(closed, viewer)
            }
            (Effect::CloseAgent(closed, _), Deed::AgentSays(link, ..) | Deed::AgentPutsOut(link, _)) => {
                assert_eq!(closed, link);
            }
            (Effect::ToAgent(Packet::Binary(bytes)), Deed::Types(viewer, _)) => {
                let frame = StreamFrame::decode(bytes).unwrap();
                assert_eq!((frame.viewer, frame.flow), (*viewer, Flow::Input), "nobody types for another");
                assert!(frame.payload.len() <= MAX_PAYLOAD_BYTES && !session.viewers[viewer].read_only);
            }
            (Effect::ToAgent(Packet::Text(text)), Deed::Says(viewer, _)) => {
                let RelayToAgent::ViewerSaid { viewer: named, message } = serde_json::from_str(text).unwrap()
                else {
                    panic!("{text}")
                };
                let harmless = matches!(
                    message,
                    ViewerMessage::AttachTerminal { .. } | ViewerMessage::AcknowledgeOutput { .. }
                );
                assert_eq!(named, *viewer, "nobody speaks for another");
                assert!(harmless || !session.viewers[viewer].read_only, "who looks on does not take part");
            }
            (Effect::ToAgent(_), Deed::AgentSays(..) | Deed::AgentPutsOut(..)) => {
                panic!("an agent talks to itself")
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn everybody_hears_only_what_is_theirs(deeds in vec(deed(), 0..60)) {
        let mut session = session();
        for deed in &deeds {
            let effects = act(&mut session, deed);
            check(&session, deed, &effects);
            prop_assert!(session.viewers.len() <= MAX_VIEWERS + super::super::watching::MAX_MENTORS);
            prop_assert!(session.told.len() <= MAX_TOLD);
        }
    }
}
