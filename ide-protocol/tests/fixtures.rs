//! Golden messages: what stands in `fixtures/` is what travels. Vitest reads the same files (ide/src/protocol), so
//! that Rust and TypeScript cannot drift apart. A file is a JSON array of messages; each must survive
//! reading and writing unchanged.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may give up")]

use std::path::Path;

use ide_protocol::{frame, guest, job, rest, session};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn check<T: Serialize + DeserializeOwned>(name: &str) {
    let messages: Vec<Value> = serde_json::from_slice(&fixture(name)).unwrap();
    assert!(!messages.is_empty(), "{name} holds no message");
    for message in messages {
        let read: T =
            serde_json::from_value(message.clone()).unwrap_or_else(|why| panic!("{name}: {why}: {message}"));
        assert_eq!(serde_json::to_value(&read).unwrap(), message, "{name}");
    }
}

/// Which variants of an internally tagged enum a fixture shows.
fn types_in(name: &str) -> std::collections::BTreeSet<String> {
    let messages: Vec<Value> = serde_json::from_slice(&fixture(name)).unwrap();
    messages.iter().filter_map(|message| message.get("type")?.as_str().map(str::to_owned)).collect()
}

#[test]
fn every_golden_message_survives_rust() {
    check::<session::ViewerMessage>("viewer_messages.json");
    check::<session::SessionMessage>("session_messages.json");
    check::<session::RelayToAgent>("relay_to_agent.json");
    check::<session::AgentToRelay>("agent_to_relay.json");
    check::<guest::ToGuest>("to_guest.json");
    check::<guest::FromGuest>("from_guest.json");
    check::<job::JobMessage>("job_messages.json");
    check::<job::Assignment>("assignments.json");
    check::<job::FinishGrading>("finish_grading.json");
    check::<rest::SubmissionState>("submission_states.json");
    check::<rest::SessionState>("session_states.json");
}

#[test]
fn every_variant_has_a_golden_message() {
    // serde names all variants in its complaint about an unknown one: a new variant without a fixture fails here.
    fn variants<T: DeserializeOwned>() -> std::collections::BTreeSet<String> {
        let complaint = serde_json::from_str::<T>(r#"{"type":"no such type"}"#).err().unwrap().to_string();
        let names = complaint.split("expected one of ").nth(1).unwrap_or_else(|| panic!("{complaint}"));
        names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }
    assert_eq!(variants::<session::ViewerMessage>(), types_in("viewer_messages.json"));
    assert_eq!(variants::<session::SessionMessage>(), types_in("session_messages.json"));
    assert_eq!(variants::<session::RelayToAgent>(), types_in("relay_to_agent.json"));
    assert_eq!(variants::<session::AgentToRelay>(), types_in("agent_to_relay.json"));
    assert_eq!(variants::<guest::ToGuest>(), types_in("to_guest.json"));
    assert_eq!(variants::<guest::FromGuest>(), types_in("from_guest.json"));
    assert_eq!(variants::<rest::SubmissionState>(), types_in("submission_states.json"));
    assert_eq!(variants::<rest::SessionState>(), types_in("session_states.json"));
}

#[test]
fn the_golden_frames_are_laid_out_as_documented() {
    let terminal = frame::StreamFrame {
        stream: frame::Stream::Terminal(2),
        flow: frame::Flow::Output,
        viewer: 7,
        offset: 0x0001_0000_0000,
        payload: "learner@pipes:~$ ☺".as_bytes(),
    };
    let channel = frame::StreamFrame {
        stream: frame::Stream::Channel(3),
        flow: frame::Flow::Input,
        viewer: 7,
        offset: 0x0002_0000_0000,
        payload: b"Content-Length: 2\r\n\r\n{}",
    };
    for (name, wanted) in [("terminal_output.bin", terminal), ("channel_input.bin", channel)] {
        let bytes = fixture(name);
        assert_eq!(frame::StreamFrame::decode(&bytes), Ok(wanted.clone()), "{name}");
        assert_eq!(wanted.encode(), bytes, "{name}");
    }
}

#[test]
fn unknown_and_broken_messages_are_errors() {
    for bad in
        ["", "{}", "[]", r#"{"type":"nope"}"#, r#"{"type":"stop_run"}"#, r#"{"type":"stop_run","run":-1}"#]
    {
        assert!(serde_json::from_str::<session::ViewerMessage>(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_job_of_a_build_that_did_not_say_needs_what_lessons_get_by_default() {
    let mut messages: Vec<Value> = serde_json::from_slice(&fixture("job_messages.json")).unwrap();
    messages[0].as_object_mut().unwrap().remove("needs");
    let message: job::JobMessage = serde_json::from_value(messages.remove(0)).unwrap();
    assert_eq!(message.needs, job::Room { memory_mib: 256, cpu_percent: 100 });
}
