//! Fuzz targets of the wire: whatever comes over it is a message or an error, and costs no more than its limit.

use std::path::Path;

use fuzz_inputs::{any_bytes, cut, hostile, hostile_json, hostile_text, sizes};
use ide_protocol::credit::{Credit, Window};
use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use ide_protocol::frame::{Decoder, Frame, FrameError, HEADER_BYTES, StreamFrame, encode_into, readdress};
use ide_protocol::guest::{FromGuest, ToGuest};
use ide_protocol::job::{Assignment, FinishGrading, JobMessage};
use ide_protocol::limits::{
    CHANNEL_WINDOW_BYTES, MAX_FILE_BYTES, MAX_MESSAGE_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH,
    MAX_PATH_PART_BYTES, MAX_PAYLOAD_BYTES,
};
use ide_protocol::session::{AgentToRelay, RelayToAgent, SessionMessage, ViewerMessage};
use ide_protocol::terminal::TerminalSize;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

/// Every message of a golden file.
fn messages(name: &str) -> Vec<serde_json::Value> {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// A connection's bytes as they should be: texts and frames, one after the other.
fn good_stream() -> Vec<u8> {
    let texts = messages("from_guest.json").into_iter().map(|message| Frame::Text(message.to_string()));
    let frames = ["terminal_output.bin", "channel_input.bin"].map(|name| Frame::Binary(fixture(name)));
    let mut stream = Vec::new();
    texts.chain(frames).for_each(|frame| encode_into(&frame, &mut stream));
    stream
}

/// Everything a decoder makes of a stream that comes in these pieces: its frames, then the error it ends with.
fn decoded(pieces: &[&[u8]]) -> (Vec<Frame>, Option<FrameError>) {
    let (mut decoder, mut frames) = (Decoder::default(), Vec::new());
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

/// What is taken for a message is one: it is written and read again as the same.
fn is_message_or_nothing<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    if let Ok(message) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<T>(&written).unwrap(), message, "{text}");
    }
}

proptest! {
    #[test]
    fn a_stream_is_the_same_frames_however_it_is_cut(bytes in hostile([good_stream()]), sizes in sizes()) {
        let (frames, error) = decoded(&[&bytes]);
        prop_assert_eq!((&frames, &error), (&decoded(&cut(&bytes, &sizes)).0, &decoded(&cut(&bytes, &sizes)).1));
        let mut again = Vec::new();
        frames.iter().for_each(|frame| encode_into(frame, &mut again));
        prop_assert!(bytes.starts_with(&again), "nothing is taken for a frame that was not sent as one");
    }

    #[test]
    fn a_binary_frame_is_read_as_it_is_written(
        bytes in hostile(["terminal_output.bin", "channel_input.bin"].map(fixture)), viewer: u32,
    ) {
        let mut bytes = bytes;
        if let Ok(frame) = StreamFrame::decode(&bytes) {
            prop_assert!(frame.payload.len() <= MAX_PAYLOAD_BYTES);
            prop_assert_eq!(frame.encode(), bytes.clone());
        }
        let length = bytes.len();
        readdress(&mut bytes, viewer);
        prop_assert_eq!(bytes.len(), length);
        if let Ok(frame) = StreamFrame::decode(&bytes) {
            prop_assert!(length >= HEADER_BYTES);
            prop_assert_eq!(frame.viewer, viewer);
        }
    }

    #[test]
    fn what_a_browser_says(text in hostile_json(messages("viewer_messages.json"))) {
        is_message_or_nothing::<ViewerMessage>(&text);
    }

    #[test]
    fn what_an_agent_says(text in hostile_json(messages("agent_to_relay.json"))) {
        is_message_or_nothing::<AgentToRelay>(&text);
    }

    #[test]
    fn what_a_relay_says(text in hostile_json(messages("relay_to_agent.json"))) {
        is_message_or_nothing::<RelayToAgent>(&text);
    }

    #[test]
    fn what_a_browser_is_told(text in hostile_json(messages("session_messages.json"))) {
        is_message_or_nothing::<SessionMessage>(&text);
    }

    #[test]
    fn what_a_guest_says(text in hostile_json(messages("from_guest.json"))) {
        is_message_or_nothing::<FromGuest>(&text);
    }

    #[test]
    fn what_a_guest_is_told(text in hostile_json(messages("to_guest.json"))) {
        is_message_or_nothing::<ToGuest>(&text);
    }

    #[test]
    fn what_a_queue_holds(text in hostile_json(messages("job_messages.json"))) {
        is_message_or_nothing::<JobMessage>(&text);
    }

    #[test]
    fn what_an_agent_is_to_do(text in hostile_json(messages("assignments.json"))) {
        is_message_or_nothing::<Assignment>(&text);
    }

    #[test]
    fn what_an_agent_found(text in hostile_json(messages("finish_grading.json"))) {
        is_message_or_nothing::<FinishGrading>(&text);
    }

    /// Joined to a folder, a path stays in it by its letters alone; and it is a path however often it is read.
    #[test]
    fn a_path_stays_inside(text in hostile_text(["src/main.py", "a/b/c/d/e/f.txt", "-rf", ".env", "имя/файла.txt"])) {
        let Ok(path) = WorkspacePath::new(text.clone()) else { return Ok(()) };
        prop_assert_eq!(path.as_str(), &text);
        prop_assert!(text.len() <= MAX_PATH_BYTES && path.parts().count() <= MAX_PATH_DEPTH);
        prop_assert!(path.parts().all(|part| !part.is_empty() && part.len() <= MAX_PATH_PART_BYTES));
        prop_assert!(!text.chars().any(|c| c.is_control() || c == '\\'));
        let inside = Path::new("/home").join(path.as_str());
        let plain = inside.components().skip(2).all(|part| matches!(part, std::path::Component::Normal(_)));
        prop_assert!(plain && inside.starts_with("/home") && inside.components().count() == 2 + path.parts().count());
        let json = serde_json::to_string(&path).unwrap();
        prop_assert_eq!(serde_json::from_str::<WorkspacePath>(&json).unwrap(), path);
    }

    #[test]
    fn a_path_in_a_message_is_checked(text in any::<String>()) {
        let file = serde_json::json!({ "path": text, "revision": 1, "content": { "encoding": "text", "data": "" } });
        let read = serde_json::from_value::<WorkspaceFile>(file);
        prop_assert_eq!(read.is_ok(), WorkspacePath::new(text).is_ok());
    }

    /// Whatever a file holds, it fits a message and comes back byte for byte.
    #[test]
    fn a_file_fits_a_message(piece in any_bytes(), times in 1usize..3_000) {
        let mut bytes = piece.repeat(times);
        bytes.truncate(MAX_FILE_BYTES);
        let content = FileContent::from_bytes(bytes.clone());
        let json = serde_json::to_string(&content).unwrap();
        prop_assert!(json.len() < MAX_MESSAGE_BYTES);
        prop_assert_eq!(serde_json::from_str::<FileContent>(&json).unwrap().into_bytes(), bytes);
    }

    /// Nobody gets past their credit, whatever the other side claims.
    #[test]
    fn credit_is_never_overdrawn(steps in proptest::collection::vec((0u8..5, any::<u64>(), 0usize..200_000, any::<bool>()), 0..60)) {
        let (mut credit, mut window, mut given) = (Credit::new(CHANNEL_WINDOW_BYTES), Window::default(), 0u64);
        let (mut in_hand, mut taken) = (0u64, 0u64);
        for (step, number, length, honest) in steps {
            let before = credit;
            match step {
                0 => credit.grant_window(number),
                1 => credit.advance(length.min(credit.allowance())),
                2 => drop(credit.accept(if honest { credit.passed() } else { number }, length)),
                3 => {
                    let at = if honest { given } else { number };
                    if window.accept(at, length).is_ok() {
                        given += length as u64;
                        in_hand += length as u64;
                    }
                }
                _ => {
                    let grant = window.take(length);
                    let took = in_hand.min(length as u64);
                    in_hand -= took;
                    taken += took;
                    if let Some(up_to) = grant {
                        prop_assert_eq!(up_to, taken + CHANNEL_WINDOW_BYTES, "granted what was taken");
                    }
                }
            }
            prop_assert!(credit.passed() <= credit.granted(), "{:?} after {:?}", credit, before);
            prop_assert!(credit.granted() >= before.granted() && credit.passed() >= before.passed());
            prop_assert!(credit.granted() - credit.passed() <= CHANNEL_WINDOW_BYTES);
            prop_assert!(in_hand <= CHANNEL_WINDOW_BYTES, "a receiver never holds more than its window");
        }
    }

    #[test]
    fn a_terminal_is_never_told_a_size_out_of_range(columns: u16, rows: u16) {
        let (min, max) = (TerminalSize::MIN, TerminalSize::MAX);
        let size = TerminalSize { columns, rows }.clamped();
        prop_assert!((min.columns..=max.columns).contains(&size.columns) && (min.rows..=max.rows).contains(&size.rows));
        prop_assert_eq!(size.clamped(), size);
    }
}
