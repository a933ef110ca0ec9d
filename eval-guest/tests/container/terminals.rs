//! Terminals: echo, size, flow, hang-up.

use std::time::{Duration, Instant};

use ide_protocol::frame::{Flow, Frame, Stream, StreamFrame};
use ide_protocol::guest::{FromGuest, GuestError, RunLimits, ToGuest};
use ide_protocol::limits::{MAX_PAYLOAD_BYTES, MAX_TERMINALS};
use ide_protocol::terminal::{ExitStatus, TerminalSize};
use ide_protocol::trace::{self, Hop, STAMP_BYTES};

use super::harness::{Guest, LIMITS, PATIENCE, SIZE, Seen, TRACED_BY, output_of, program};

const PLENTY: u64 = 1 << 40;

#[test]
fn a_shell_echoes_runs_and_exits() {
    let mut guest = Guest::start();
    guest.open(7, &["sh"]);
    guest.grant(7, PLENTY);
    guest.type_in(7, b"tty; echo $((6*7)) $TERM\n");
    let output = guest.output_until(7, "42 xterm-256color");
    assert!(output.contains("/dev/pts/"), "{output}");
    guest.type_in(7, b"exit 3\n");
    assert_eq!(guest.exit_of(7), ExitStatus::Exited { code: 3 });
}

#[test]
fn the_last_output_comes_before_the_exit_and_offsets_leave_no_gap() {
    let mut guest = Guest::start();
    for round in 1..20 {
        guest.open(round, &["sh", "-c", "seq 3000; echo the end"]);
        guest.grant(round, PLENTY);
        let (mut output, mut status) = (Vec::new(), None);
        while status.is_none() {
            guest.wait_for("output or exit", |seen| match seen {
                Seen::Output { stream: Stream::Terminal(terminal), .. } if *terminal == round => {
                    let (offset, payload) = output_of(seen, round).unwrap();
                    assert_eq!(offset, output.len() as u64);
                    assert!(payload.len() <= MAX_PAYLOAD_BYTES);
                    output.extend(payload);
                    Some(())
                }
                Seen::Said(FromGuest::TerminalExited { terminal, status: how }) if *terminal == round => {
                    status = Some(*how);
                    Some(())
                }
                _ => None,
            });
        }
        assert_eq!(status, Some(ExitStatus::Exited { code: 0 }));
        assert!(output.ends_with(b"3000\r\nthe end\r\n"), "round {round}: {} bytes", output.len());
    }
}

#[test]
fn what_a_program_writes_in_dribs_is_gathered_into_few_frames() {
    let mut guest = Guest::start();
    let began = Instant::now();
    guest
        .open(1, &["sh", "-c", "stty raw; i=0; while [ $i -lt 5000 ]; do echo $i; i=$((i+1)); done; read x"]);
    guest.grant(1, PLENTY);
    let (mut output, mut frames) = (Vec::new(), 0);
    while !output.ends_with(b"4999\n") {
        output.extend(guest.wait_for("output", |seen| output_of(seen, 1)).1);
        frames += 1;
    }
    // One a millisecond, and the first at once; as each line is a system call, it would be thousands otherwise.
    let most = began.elapsed().as_millis() + 2;
    assert!(frames <= most, "{frames} frames for 5000 lines in {most} ms");
}

#[test]
fn the_stamps_of_a_traced_key_come_behind_its_echo() {
    let mut guest = Guest::start();
    guest.open(1, &["cat"]);
    guest.grant(1, PLENTY);
    let payload = [&[0; STAMP_BYTES][..], b"key"].concat();
    let (stream, flow) = (Stream::Trace(1), Flow::Input);
    let frame = StreamFrame { stream, flow, viewer: TRACED_BY, offset: 0, payload: &payload };
    let before = trace::now();
    guest.send(&Frame::Binary(frame.encode()));
    assert_eq!(guest.output_until(1, "key"), "key");
    let stamps = guest.wait_for("stamps", |seen| match seen {
        Seen::Output { stream: Stream::Trace(1), payload, .. } => Some(payload.clone()),
        _ => None,
    });
    let (stamps, nothing) = trace::split(&stamps).unwrap();
    let stamps = trace::read(stamps);
    let [typed, echoed] = [Hop::GuestIn, Hop::GuestOut].map(|hop| stamps[hop as usize]);
    assert!(nothing.is_empty() && before < typed && typed <= echoed, "{stamps:?}");
    guest.type_in(1, b"more");
    guest.output_until(1, "more");
    let again = guest.find_within(Duration::from_millis(100), |seen| {
        matches!(seen, Seen::Output { stream: Stream::Trace(_), .. }).then_some(())
    });
    assert!(again.is_none(), "only a traced key has stamps");
}

#[test]
fn programs_see_the_size_and_learn_of_a_new_one() {
    let mut guest = Guest::start();
    guest.open(
        1,
        &["sh", "-c", "stty size; trap 'stty size; exit' WINCH; echo ready; while :; do read x; done"],
    );
    guest.grant(1, PLENTY);
    let first = guest.output_until(1, "ready");
    assert!(first.starts_with("24 80"), "{first}");
    guest.tell(&ToGuest::ResizeTerminal { terminal: 1, size: TerminalSize { columns: 0, rows: 65535 } });
    guest.output_until(1, "300 2");
}

#[test]
fn output_stops_at_the_granted_offset_and_control_c_still_works_at_once() {
    let mut guest = Guest::start();
    guest.open(1, &["sh"]);
    guest.grant(1, 1_000);
    guest.type_in(1, b"trap 'echo caught' INT; yes\n");
    let mut received = 0;
    while received < 1_000 {
        let (offset, payload) = guest.wait_for("output", |seen| output_of(seen, 1));
        assert_eq!(offset, received);
        received += payload.len() as u64;
    }
    assert_eq!(received, 1_000, "not a byte more than was granted");
    assert!(guest.find_within(Duration::from_millis(300), |seen| output_of(seen, 1)).is_none());
    // Nothing of the output is read, and yet the program hears the key.
    guest.type_in(1, b"\x03");
    guest.until("! pidof yes >/dev/null");
    guest.grant(1, PLENTY);
    guest.type_in(1, b"echo back $((1+1))\n");
    guest.output_until(1, "back 2");
}

#[test]
fn control_c_reaches_a_program_that_never_reads_what_is_typed() {
    let mut guest = Guest::start();
    guest.open(1, &["sh"]);
    guest.grant(1, PLENTY);
    guest.type_in(1, b"stty -echo; echo ready; sleep 1000\n");
    guest.output_until(1, "ready\r\n");
    guest.until("pidof sleep >/dev/null");
    for _ in 0..40 {
        guest.type_in(1, &b"all work and no play\n".repeat(1_000));
    }
    guest.type_in(1, b"\x03");
    guest.until("! pidof sleep >/dev/null");
}

#[test]
fn a_background_program_does_not_delay_the_exit() {
    let mut guest = Guest::start();
    guest.open(1, &["sh", "-c", "(trap '' HUP; sleep 1000) & echo started"]);
    guest.grant(1, PLENTY);
    guest.output_until(1, "started");
    assert_eq!(guest.exit_of(1), ExitStatus::Exited { code: 0 });
}

#[test]
fn closing_a_terminal_hangs_up_and_then_kills_its_whole_session() {
    let mut guest = Guest::start();
    guest.open(
        1,
        &[
            "sh",
            "-c",
            "trap '' HUP TERM; sh -c \"trap '' HUP TERM; echo up; sleep 1000; sleep 1000\"; sleep 1000",
        ],
    );
    guest.grant(1, PLENTY);
    guest.output_until(1, "up");
    guest.tell(&ToGuest::CloseTerminal { terminal: 1 });
    assert_eq!(guest.exit_of(1), ExitStatus::Signaled { signal: 9 });
    guest.until("! pidof sleep >/dev/null");
    // One that listens may say goodbye.
    guest.open(2, &["sh", "-c", "trap 'echo bye > bye; exit 5' HUP; echo up; while :; do usleep 1000; done"]);
    guest.grant(2, PLENTY);
    guest.output_until(2, "up");
    guest.tell(&ToGuest::CloseTerminal { terminal: 2 });
    assert_eq!(guest.exit_of(2), ExitStatus::Exited { code: 5 });
    assert_eq!(guest.read("bye").as_deref(), Ok("bye\n"));
}

#[test]
fn there_are_only_so_many_terminals_and_each_has_its_own_number() {
    let mut guest = Guest::start();
    for terminal in 1..=MAX_TERMINALS as u32 {
        guest.open(terminal, &["cat"]);
    }
    let open = |terminal| {
        move |request| ToGuest::OpenTerminal { request, terminal, program: program(&["cat"]), size: SIZE }
    };
    assert_eq!(guest.ask(open(99)).unwrap_err(), GuestError::TooMany);
    guest.tell(&ToGuest::CloseTerminal { terminal: 1 });
    guest.exit_of(1);
    assert_eq!(guest.ask(open(2)).unwrap_err(), GuestError::AlreadyExists);
    guest.open(1, &["cat"]);
}

#[test]
fn a_program_without_its_terminal_costs_nothing_and_is_still_reported() {
    let mut guest = Guest::start();
    guest.open(1, &["sh", "-c", "exec sh -c 'usleep 300000; exit 4' <&- >&- 2>&-"]);
    guest.grant(1, PLENTY);
    assert_eq!(guest.exit_of(1), ExitStatus::Exited { code: 4 });
}

#[test]
fn an_agent_that_does_not_read_costs_a_bounded_memory() {
    let mut guest = Guest::start();
    guest.ask(|request| ToGuest::WatchWorkspace { request }).unwrap();
    guest.start_run(&["cat", "/dev/zero"], RunLimits { output_bytes: u32::MAX, ..LIMITS });
    for terminal in 1..=4 {
        guest.open(terminal, &["yes"]);
        guest.grant(terminal, PLENTY);
    }
    guest.service("echo x > changed; (sleep 1; echo x > changed) & exec sleep 1000");
    let pid = guest.place.pid();
    // The guest sleeps once nothing can be sent: that is the fact to wait for.
    let deadline = std::time::Instant::now() + PATIENCE;
    let mut last = String::new();
    loop {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let switches: String = status.lines().filter(|line| line.contains("ctxt_switches")).collect();
        if switches == last {
            let resident = guest.place.resident_kib();
            assert!(resident < 8 * 1024, "{resident} KiB");
            return;
        }
        assert!(std::time::Instant::now() < deadline, "the guest never rests");
        last = switches;
        std::thread::sleep(Duration::from_millis(100));
    }
}
