use ide_protocol::limits::CHANNEL_WINDOW_BYTES;

use super::*;

const CALL: ChannelId = FIRST_CALL;

fn bridge() -> Bridge {
    Bridge::new(Program { argv: vec!["worker".to_owned()], environment: Vec::new() })
}

fn open(channel: ChannelId) -> Message {
    Message::Open { channel, target: GuestTarget::Call }
}

fn bytes(channel: ChannelId, offset: u64, payload: &[u8]) -> Vec<u8> {
    let stream = Stream::Channel(channel);
    StreamFrame { stream, flow: Flow::Output, viewer: 0, offset, payload }.encode()
}

/// What waits to be sent, in short; and nothing waits any more.
fn sent(to: &mut VecDeque<Frame>) -> Vec<String> {
    let told = |text: &str| match serde_json::from_str(text).unwrap() {
        ToGuest::Channel { message: Message::Open { target: GuestTarget::Program { program }, .. } } => {
            format!("open {}", program.argv[0])
        }
        ToGuest::Channel { message: Message::Granted { up_to, .. } } => format!("granted {up_to}"),
        ToGuest::Channel { message: Message::Finished { .. } } => "finished".to_owned(),
        ToGuest::Channel { message: Message::Closed { reason, .. } } => {
            reason.map_or("closed".to_owned(), |why| format!("closed: {why}"))
        }
        other => panic!("{other:?}"),
    };
    to.drain(..)
        .map(|frame| match frame {
            Frame::Text(text) => told(&text),
            Frame::Binary(bytes) => {
                let frame = StreamFrame::decode(&bytes).unwrap();
                assert_eq!(frame.flow, Flow::Input);
                format!("{}@{}", String::from_utf8_lossy(frame.payload), frame.offset)
            }
        })
        .collect()
}

#[test]
fn a_call_is_passed_on_with_its_bytes_grants_and_end() {
    let mut bridge = bridge();
    bridge.judge_said(open(CALL)).unwrap();
    bridge.judge_sent(&bytes(CALL, 0, b"run")).unwrap();
    assert_eq!(sent(&mut bridge.to_program), ["open worker", "run@0"]);
    bridge.program_said(Message::Opened { channel: CALL }).unwrap();
    bridge.program_said(Message::Granted { channel: CALL, up_to: CHANNEL_WINDOW_BYTES + 3 }).unwrap();
    bridge.program_sent(&bytes(CALL, 0, b"done")).unwrap();
    bridge.program_said(Message::Finished { channel: CALL }).unwrap();
    bridge.program_said(Message::Closed { channel: CALL, reason: None }).unwrap();
    assert_eq!(sent(&mut bridge.to_judge), ["granted 131075", "done@0", "finished", "closed"]);
    // What crosses the end on its way is void.
    bridge.judge_sent(&bytes(CALL, 3, b"more")).unwrap();
    bridge.judge_said(Message::Closed { channel: CALL, reason: None }).unwrap();
    assert_eq!(sent(&mut bridge.to_program), [""; 0]);
}

#[test]
fn a_caller_that_ends_ends_its_program() {
    let mut bridge = bridge();
    bridge.judge_said(open(CALL)).unwrap();
    bridge.judge_said(Message::Closed { channel: CALL, reason: None }).unwrap();
    assert_eq!(sent(&mut bridge.to_program), ["open worker", "closed"]);
    bridge.program_sent(&bytes(CALL, 0, b"late")).unwrap();
    assert_eq!(sent(&mut bridge.to_judge), [""; 0]);
}

#[test]
fn a_program_that_is_gone_is_told_to_every_caller() {
    let mut bridge = bridge();
    bridge.judge_said(open(CALL)).unwrap();
    bridge.program_lost();
    bridge.judge_said(open(CALL + 1)).unwrap();
    assert_eq!(sent(&mut bridge.to_judge), ["closed: the container cannot be reached"; 2]);
    assert_eq!(sent(&mut bridge.to_program), [""; 0]);
}

#[test]
fn one_call_too_many_is_refused_and_the_others_go_on() {
    let mut bridge = bridge();
    for number in 0..=MAX_CALLS as ChannelId {
        bridge.judge_said(open(CALL + number)).unwrap();
    }
    assert_eq!(sent(&mut bridge.to_judge), ["closed: there are 16 of these channels already"]);
    assert_eq!(sent(&mut bridge.to_program).len(), MAX_CALLS);
}

#[test]
fn neither_guest_may_do_what_is_not_its_to_do() {
    type Deed = fn(&mut Bridge) -> Result<(), RuleBroken>;
    let deeds: [(&str, Deed); 8] = [
        ("a call opened twice", |bridge| bridge.judge_said(open(CALL))),
        ("one of the agent's numbers", |bridge| bridge.judge_said(open(1))),
        ("a way of the judge's own", |bridge| {
            bridge.judge_said(Message::Open { channel: CALL + 1, target: GuestTarget::Port { port: 80 } })
        }),
        ("a program that calls", |bridge| bridge.program_said(open(CALL))),
        ("more than was granted", |bridge| {
            bridge.program_sent(&bytes(CALL, 0, &[0; 32 * 1024]))?;
            (1..5).try_for_each(|part| bridge.program_sent(&bytes(CALL, part * 32 * 1024, &[0; 32 * 1024])))
        }),
        ("a hole", |bridge| bridge.judge_sent(&bytes(CALL, 7, b"x"))),
        ("bytes after the last", |bridge| {
            bridge.program_said(Message::Finished { channel: CALL })?;
            bridge.program_sent(&bytes(CALL, 0, b"x"))
        }),
        ("no frame at all", |bridge| bridge.program_sent(b"GET / HTTP/1.1")),
    ];
    for (name, deed) in deeds {
        let mut bridge = bridge();
        bridge.judge_said(open(CALL)).unwrap();
        assert_eq!(deed(&mut bridge), Err(RuleBroken), "{name}");
    }
}
