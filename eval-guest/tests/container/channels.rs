//! Channels to servers and programs in the container, kind and unkind.

use std::time::{Duration, Instant};

use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelProblem};
use ide_protocol::frame::{Flow, Frame, Stream, StreamFrame};
use ide_protocol::guest::{FromGuest, GuestTarget, ToGuest};
use ide_protocol::limits::{
    CHANNEL_WINDOW_BYTES, MAX_LANGUAGE_SERVERS, MAX_PAYLOAD_BYTES, MAX_PORT_CHANNELS,
};
use ide_protocol::terminal::ExitStatus;

use super::harness::{Guest, PATIENCE, Seen, program};

const PORT: u16 = 8000;
const WINDOW: usize = CHANNEL_WINDOW_BYTES as usize;
/// Far beyond what is ever sent; the guest cuts it to a window each time.
const PLENTY: u64 = 1 << 40;
/// How long nothing has to come before it counts as nothing.
const QUIET: Duration = Duration::from_millis(300);

impl Guest {
    fn channel(&mut self, message: ChannelMessage<GuestTarget>) {
        self.tell(&ToGuest::Channel { message });
    }

    /// The end of a channel, or that it is open.
    fn opened(&mut self, channel: ChannelId) -> Result<(), Option<ChannelProblem>> {
        self.wait_for("an open channel", |seen| match about(seen, channel)? {
            ChannelMessage::Opened { .. } => Some(Ok(())),
            ChannelMessage::Closed { reason, .. } => Some(Err(reason.clone())),
            _ => None,
        })
    }

    fn connect(&mut self, channel: ChannelId, port: u16) -> Result<(), Option<ChannelProblem>> {
        self.channel(ChannelMessage::Open { channel, target: GuestTarget::Port { port } });
        self.opened(channel)
    }

    fn start_program(&mut self, channel: ChannelId, script: &str) -> Result<(), Option<ChannelProblem>> {
        let program = program(&["sh", "-c", script]);
        self.channel(ChannelMessage::Open { channel, target: GuestTarget::Program { program } });
        self.opened(channel)
    }

    fn put(&mut self, channel: ChannelId, offset: u64, payload: &[u8]) {
        let (stream, flow) = (Stream::Channel(channel), Flow::Input);
        self.send(&Frame::Binary(StreamFrame { stream, flow, viewer: 0, offset, payload }.encode()));
    }

    fn finish(&mut self, channel: ChannelId) {
        self.channel(ChannelMessage::Finished { channel });
    }

    fn grant_channel(&mut self, channel: ChannelId, up_to: u64) {
        self.channel(ChannelMessage::Granted { channel, up_to });
    }

    /// Takes `count` bytes and checks that they join on at `from`.
    fn take(&mut self, channel: ChannelId, from: u64, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let (offset, payload) = self.wait_for("bytes of a channel", |seen| bytes_of(seen, channel));
            assert_eq!(offset, from + bytes.len() as u64);
            assert!(payload.len() <= MAX_PAYLOAD_BYTES);
            bytes.extend(payload);
        }
        bytes
    }

    fn finished(&mut self, channel: ChannelId) {
        self.wait_for("the end of a channel's bytes", |seen| {
            matches!(about(seen, channel)?, ChannelMessage::Finished { .. }).then_some(())
        });
    }

    fn closed(&mut self, channel: ChannelId) -> Option<ChannelProblem> {
        self.wait_for("the end of a channel", |seen| match about(seen, channel)? {
            ChannelMessage::Closed { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    }

    fn serve(&mut self, mode: &str) {
        self.serve_at(mode, PORT, "");
    }

    fn serve_at(&mut self, mode: &str, port: u16, six: &str) {
        self.service(&format!("exec server {mode} {port} {six}"));
        self.until(&format!("netstat -ltn | grep -q ':{port} '"));
    }

    /// Types into a terminal and waits for the answer.
    fn echo_takes(&mut self, terminal: u32) -> Duration {
        let asked = Instant::now();
        self.type_in(terminal, b"x\n");
        self.output_until(terminal, "x\r\nx\r\n");
        asked.elapsed()
    }
}

fn about(seen: &Seen, channel: ChannelId) -> Option<&ChannelMessage<GuestTarget>> {
    match seen {
        Seen::Said(FromGuest::Channel { message }) if message.channel() == channel => Some(message),
        _ => None,
    }
}

fn bytes_of(seen: &Seen, channel: ChannelId) -> Option<(u64, Vec<u8>)> {
    match seen {
        Seen::Output { stream, offset, payload } if *stream == Stream::Channel(channel) => {
            Some((*offset, payload.clone()))
        }
        _ => None,
    }
}

#[test]
fn bytes_go_both_ways_each_side_ends_its_own_and_the_learner_is_the_owner() {
    let mut guest = Guest::start();
    guest.serve("echo");
    // Bytes may follow at once, before it is known whether anybody is there.
    let open = ChannelMessage::Open { channel: 1, target: GuestTarget::Port { port: PORT } };
    guest.channel(open);
    guest.put(1, 0, b"hello ");
    assert_eq!(guest.opened(1), Ok(()));
    guest.put(1, 6, b"there");
    assert_eq!(guest.take(1, 0, 11), b"hello there");
    // Both ends of the connection belong to the learner's uid.
    let owners = guest.sh("awk '$2 ~ /:1F40$/ || $3 ~ /:1F40$/ { print $8 }' /proc/net/tcp | sort -u");
    assert_eq!(owners.trim(), guest.learner_uid.to_string());
    guest.finish(1);
    guest.finished(1);
    assert_eq!(guest.closed(1), None);
}

#[test]
fn a_long_stream_arrives_whole_in_both_directions() {
    const LENGTH: usize = 3 << 20;
    let mut guest = Guest::start();
    guest.serve("echo");
    guest.connect(1, PORT).unwrap();
    let stream: Vec<u8> = (0..LENGTH).map(|at| (at % 251) as u8).collect();
    let (mut put, mut granted, mut back) = (0, WINDOW, Vec::new());
    while back.len() < LENGTH {
        while put < granted.min(LENGTH) {
            let end = granted.min(LENGTH).min(put + MAX_PAYLOAD_BYTES);
            guest.put(1, put as u64, &stream[put..end]);
            put = end;
        }
        let (grant, payload) = guest.wait_for("bytes or a grant", |seen| match about(seen, 1) {
            Some(ChannelMessage::Granted { up_to, .. }) => Some((Some(*up_to as usize), Vec::new())),
            _ => bytes_of(seen, 1).map(|(_, payload)| (None, payload)),
        });
        granted = grant.unwrap_or(granted);
        back.extend(payload);
        guest.grant_channel(1, (back.len() + WINDOW) as u64);
    }
    assert!(back == stream);
}

#[test]
fn a_server_may_listen_on_either_address_and_nobody_there_is_told_at_once() {
    let mut guest = Guest::start();
    let asked = Instant::now();
    assert_eq!(guest.connect(1, PORT), Err(Some(ChannelProblem::NothingListens { port: PORT })));
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert_eq!(guest.connect(2, 0), Err(Some(ChannelProblem::NothingListens { port: 0 })));
    if guest.sh("cat /proc/net/if_inet6 2>/dev/null; true").is_empty() {
        return eprintln!("no IPv6 here");
    }
    guest.serve_at("echo", PORT, "6");
    assert_eq!(guest.connect(3, PORT), Ok(()));
    guest.put(3, 0, b"six");
    assert_eq!(guest.take(3, 0, 3), b"six");
}

#[test]
fn a_server_that_takes_no_connections_is_given_up_and_nobody_waits_meanwhile() {
    let mut guest = Guest::start();
    guest.serve("stall");
    guest.open(1, &["cat"]);
    guest.grant(1, PLENTY);
    // The kernel completes as many as its queue holds; one of a few has to wait.
    for channel in 1..=4 {
        guest.channel(ChannelMessage::Open { channel, target: GuestTarget::Port { port: PORT } });
    }
    assert!(guest.echo_takes(1) < Duration::from_secs(1));
    let gave_up = guest.wait_for("one that is given up", |seen| match seen {
        Seen::Said(FromGuest::Channel { message: ChannelMessage::Closed { reason, .. } }) => reason.clone(),
        _ => None,
    });
    assert_eq!(gave_up, ChannelProblem::NoAnswer { port: PORT, limit_ms: 3_000 });
}

#[test]
fn a_flood_stops_at_the_window_costs_no_memory_and_delays_no_terminal() {
    let mut guest = Guest::start();
    guest.serve("flood");
    guest.open(1, &["cat"]);
    guest.grant(1, PLENTY);
    for channel in 1..=MAX_PORT_CHANNELS as u32 {
        guest.connect(channel, PORT).unwrap();
    }
    for channel in 1..=MAX_PORT_CHANNELS as u32 {
        assert_eq!(guest.take(channel, 0, WINDOW).len(), WINDOW, "channel {channel}: not a byte more");
    }
    assert!(guest.find_within(QUIET, |seen| matches!(seen, Seen::Output { .. }).then_some(())).is_none());
    assert!(guest.echo_takes(1) < Duration::from_secs(1));
    // One is read on, the others are not.
    guest.grant_channel(7, (WINDOW + 1_000) as u64);
    assert_eq!(guest.take(7, WINDOW as u64, 1_000).len(), 1_000);
    assert!(guest.place.resident_kib() < 8 * 1024, "{} KiB", guest.place.resident_kib());
}

#[test]
fn a_grant_without_bounds_is_worth_a_window() {
    let mut guest = Guest::start();
    guest.serve("flood");
    guest.connect(1, PORT).unwrap();
    guest.take(1, 0, WINDOW);
    guest.grant_channel(1, u64::MAX);
    assert_eq!(guest.take(1, WINDOW as u64, WINDOW).len(), WINDOW);
    assert!(guest.find_within(QUIET, |seen| bytes_of(seen, 1)).is_none());
}

#[test]
fn a_server_that_never_reads_is_sent_what_the_kernel_holds_and_a_window() {
    let mut guest = Guest::start();
    guest.serve("mute");
    guest.open(1, &["cat"]);
    guest.grant(1, PLENTY);
    guest.connect(1, PORT).unwrap();
    let (mut put, mut granted) = (0, CHANNEL_WINDOW_BYTES);
    let chunk = vec![b'x'; MAX_PAYLOAD_BYTES];
    loop {
        while put < granted {
            let count = (granted - put).min(MAX_PAYLOAD_BYTES as u64);
            guest.put(1, put, &chunk[..count as usize]);
            put += count;
        }
        let more = guest.find_within(QUIET, |seen| match about(seen, 1)? {
            ChannelMessage::Granted { up_to, .. } => Some(*up_to),
            _ => None,
        });
        let Some(up_to) = more else { break };
        granted = up_to;
    }
    // Buffers of loopback sockets grow to a few MiB.
    assert!(put < 16 << 20, "{put} bytes were taken");
    assert!(guest.echo_takes(1) < Duration::from_secs(1));
    assert!(guest.place.resident_kib() < 8 * 1024, "{} KiB", guest.place.resident_kib());
    guest.sh("killall server");
    assert!(matches!(guest.closed(1), Some(ChannelProblem::Broken { .. })));
}

#[test]
fn a_server_that_resets_the_connection_is_reported() {
    let mut guest = Guest::start();
    guest.serve("reset");
    guest.connect(1, PORT).unwrap();
    guest.put(1, 0, b"?");
    assert!(matches!(guest.closed(1), Some(ChannelProblem::Broken { .. })));
    guest.put(1, 1, b"late words are void");
    assert_eq!(guest.sh("echo alive"), "alive\n");
}

#[test]
fn a_server_that_closes_its_side_can_still_be_written_to() {
    let mut guest = Guest::start();
    guest.serve("half");
    guest.connect(1, PORT).unwrap();
    assert_eq!(guest.take(1, 0, 4), b"half");
    guest.finished(1);
    guest.put(1, 0, &[b'x'; 20_000]);
    guest.put(1, 20_000, &[b'x'; 20_000]);
    guest.finish(1);
    assert_eq!(guest.closed(1), None);
    guest.until("test -e counted");
    assert_eq!(guest.read("counted").as_deref(), Ok("40000\n"));
}

#[test]
fn a_program_speaks_over_its_standard_streams_as_the_learner_and_ends_with_its_input() {
    let mut guest = Guest::start();
    guest.start_program(1, "id -u; pwd; echo not for us >&2; cat; exit 3").unwrap();
    let greeting = format!("{}\n/home/learner/work\n", guest.learner_uid);
    assert_eq!(guest.take(1, 0, greeting.len()), greeting.as_bytes());
    guest.put(1, 0, b"Content-Length: 2\r\n\r\n{}");
    let from = greeting.len() as u64;
    assert_eq!(guest.take(1, from, 23), b"Content-Length: 2\r\n\r\n{}");
    guest.finish(1);
    guest.finished(1);
    let status = ExitStatus::Exited { code: 3 };
    assert_eq!(guest.closed(1), Some(ChannelProblem::ProgramEnded { status }));
}

#[test]
fn every_byte_of_a_program_comes_before_its_end_even_if_it_leaves_input_unread() {
    let mut guest = Guest::start();
    for channel in 1..10 {
        guest.channel(ChannelMessage::Open {
            channel,
            target: GuestTarget::Program { program: program(&["sh", "-c", "read x; seq 20000"]) },
        });
        guest.put(channel, 0, &[b'\n'; 5_000]);
        guest.opened(channel).unwrap();
        let bytes = guest.take(channel, 0, 108_894);
        assert!(bytes.ends_with(b"\n19999\n20000\n"), "{} bytes", bytes.len());
        guest.finished(channel);
        let status = ExitStatus::Exited { code: 0 };
        assert_eq!(guest.closed(channel), Some(ChannelProblem::ProgramEnded { status }));
    }
}

#[test]
fn a_program_is_killed_with_its_channel_and_with_what_it_started() {
    let mut guest = Guest::start();
    guest.start_program(1, "trap '' TERM HUP; sleep 1000 & sleep 1000").unwrap();
    guest.until("test $(pidof sleep | wc -w) = 2");
    guest.channel(ChannelMessage::Closed { channel: 1, reason: None });
    guest.until("! pidof sleep >/dev/null");
    // What a program leaves behind when it ends by itself goes, too, though it holds the channel open.
    guest.start_program(2, "echo begun; yes & exit 0").unwrap();
    guest.grant_channel(2, PLENTY);
    guest.until("! pidof yes >/dev/null");
    guest.take(2, 0, 1);
    assert_eq!(guest.place.processes().len(), 1, "reaped, all of them");
}

#[test]
fn a_program_that_is_not_there_cannot_be_started() {
    let mut guest = Guest::start();
    let program = program(&["gradus-language-server", "python"]);
    guest.channel(ChannelMessage::Open { channel: 1, target: GuestTarget::Program { program } });
    assert!(matches!(guest.opened(1), Err(Some(ChannelProblem::CannotStart { .. }))));
}

#[test]
fn channels_are_so_many_and_each_has_its_own_number() {
    let mut guest = Guest::start();
    guest.serve("mute");
    let most = (MAX_PORT_CHANNELS + MAX_LANGUAGE_SERVERS) as u32;
    for channel in 1..=most {
        guest.connect(channel, PORT).unwrap();
    }
    assert_eq!(guest.connect(99, PORT), Err(Some(ChannelProblem::TooMany { limit: most })));
    guest.channel(ChannelMessage::Closed { channel: 1, reason: None });
    assert_eq!(guest.connect(2, PORT), Err(Some(ChannelProblem::RuleBroken)));
    assert_eq!(guest.connect(100, PORT), Ok(()));
}

#[test]
fn killing_everything_closes_every_channel() {
    let mut guest = Guest::start();
    guest.serve("mute");
    guest.connect(1, PORT).unwrap();
    guest.start_program(2, "exec cat").unwrap();
    let done = guest.ask(|request| ToGuest::KillAll { request });
    assert!(matches!(done, Ok(FromGuest::Done { .. })), "{done:?}");
    for channel in [1, 2] {
        assert!(matches!(guest.closed(channel), Some(ChannelProblem::Broken { .. })), "{channel}");
    }
    assert_eq!(guest.place.processes().len(), 1, "only the guest is left");
}

#[test]
fn an_agent_that_sends_more_than_was_granted_is_no_agent_of_ours() {
    let mut guest = Guest::start();
    guest.serve("mute");
    guest.connect(1, PORT).unwrap();
    guest.put(1, 1, b"a hole");
    assert!(guest.has_hung_up());
}

#[test]
fn what_nobody_reads_leaves_when_the_agent_does() {
    let mut guest = Guest::start();
    guest.start_program(1, "exec yes").unwrap();
    guest.take(1, 0, WINDOW);
    let mut place = guest.hang_up();
    let asked = Instant::now();
    place.exit_code();
    assert!(asked.elapsed() < PATIENCE);
}
