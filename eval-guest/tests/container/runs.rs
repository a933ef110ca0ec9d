//! Runs: what they print, how they end, and that nothing of them survives.

use std::time::{Duration, Instant};

use ide_protocol::guest::{FromGuest, RunLimits, RunStream, ToGuest};
use ide_protocol::results::Ending;

use super::harness::{Guest, LIMITS, Seen, program};

#[test]
fn output_errors_and_report_come_separately() {
    let mut guest = Guest::start();
    let script =
        r#"echo out; echo err >&2; echo "ok 1" > $GRADUS_REPORT; echo "ok 2" >&9; read x; echo "read: $?""#;
    let finished = guest.run(script, LIMITS);
    assert_eq!(finished.ending, Ending::Exited { code: 0 });
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("out\nread: 1\n", "err\n"));
    assert_eq!(finished.report, "ok 1\nok 2\n");
}

#[test]
fn the_report_streams_while_the_run_goes_on() {
    let mut guest = Guest::start();
    let run =
        guest.start_run(&["sh", "-c", "echo ok 1 >&9; while ! test -e go; do usleep 1000; done"], LIMITS);
    guest.wait_for("the first test", |seen| match seen {
        Seen::Said(FromGuest::RunOutput { stream: RunStream::Report, bytes, .. }) => {
            assert_eq!(bytes.0, b"ok 1\n");
            Some(())
        }
        _ => None,
    });
    guest.write("go", "").unwrap();
    assert_eq!(guest.finish_run(run).ending, Ending::Exited { code: 0 });
}

#[test]
fn every_run_tells_how_it_ended() {
    let mut guest = Guest::start();
    let short = RunLimits { wall_ms: 300, ..LIMITS };
    let tight = RunLimits { output_bytes: 1_000, report_bytes: 10, ..LIMITS };
    let rows = [
        ("exit 0", LIMITS, Ending::Exited { code: 0 }),
        ("exit 7", LIMITS, Ending::Exited { code: 7 }),
        ("kill -SEGV $$", LIMITS, Ending::Signaled { signal: 11 }),
        ("kill -9 $$", LIMITS, Ending::Signaled { signal: 9 }),
        ("kill -34 $$", LIMITS, Ending::Signaled { signal: 34 }),
        ("sleep 1000", short, Ending::TimedOut { limit_ms: 300 }),
        ("trap '' TERM INT HUP; while :; do :; done", short, Ending::TimedOut { limit_ms: 300 }),
        ("kill -STOP -1; kill -STOP $$", short, Ending::TimedOut { limit_ms: 300 }),
        ("yes", tight, Ending::OutputLimit { limit_bytes: 1_000 }),
        ("yes >&2", tight, Ending::OutputLimit { limit_bytes: 1_000 }),
        ("head -c 1000 /dev/zero", tight, Ending::Exited { code: 0 }),
        ("head -c 11 /dev/zero >&9; sleep 1000", tight, Ending::OutputLimit { limit_bytes: 10 }),
        ("head -c 50000000 /dev/zero", LIMITS, Ending::OutputLimit { limit_bytes: 1 << 20 }),
    ];
    for (script, limits, ending) in rows {
        let started = Instant::now();
        let finished = guest.run(script, limits);
        assert_eq!(finished.ending, ending, "{script}");
        assert!(finished.stdout.len() + finished.stderr.len() <= limits.output_bytes as usize, "{script}");
        assert!(started.elapsed() < Duration::from_secs(3), "{script} took {:?}", started.elapsed());
    }
}

#[test]
fn a_run_can_be_stopped() {
    let mut guest = Guest::start();
    let run = guest.start_run(&["sh", "-c", "trap '' TERM; echo up; sleep 1000; sleep 1000"], LIMITS);
    guest.tell(&ToGuest::StopRun { run });
    assert_eq!(guest.finish_run(run).ending, Ending::Stopped);
    // Once more, for nothing.
    guest.tell(&ToGuest::StopRun { run });
    assert_eq!(guest.sh("pidof sleep || echo none"), "none\n");
}

#[test]
fn nothing_a_run_started_survives_it_however_it_hid() {
    let mut guest = Guest::start();
    guest.open(1, &["sh", "-c", "exec sleep 2000"]);
    let daemons = [
        "sleep 1000 &",
        "setsid sleep 1000 &",
        "(setsid sh -c 'sleep 1000 & sleep 1000 &' &)",
        "(env -i setsid setsid nohup sleep 1000 >/dev/null 2>&1 </dev/null &)",
        "setsid sh -c 'trap \"\" TERM HUP INT; (sleep 1000; sleep 1000) & kill -STOP $$' &",
    ];
    for daemon in daemons {
        // C02: it also keeps the standard output open.
        let started = Instant::now();
        let finished = guest.run(&format!("{daemon}\nusleep 20000; echo end"), LIMITS);
        assert_eq!(
            (finished.ending, finished.stdout.as_str()),
            (Ending::Exited { code: 0 }, "end\n"),
            "{daemon}"
        );
        assert!(started.elapsed() < Duration::from_secs(3), "{daemon} took {:?}", started.elapsed());
        // The run's are gone, the terminal's lives on.
        assert_eq!(guest.sh("pidof sleep | wc -w"), "1\n", "{daemon}");
    }
}

#[test]
fn a_pipe_end_smuggled_out_of_the_run_does_not_delay_its_verdict() {
    let mut guest = Guest::start();
    guest.service("while ! test -e pid; do usleep 1000; done; exec sleep 1000 >> /proc/$(cat pid)/fd/1");
    let script =
        "echo $$ > pid.new; mv pid.new pid; while ! pidof sleep; do usleep 1000; done >/dev/null; echo end";
    let started = Instant::now();
    let finished = guest.run(script, LIMITS);
    assert_eq!((finished.ending, finished.stdout.as_str()), (Ending::Exited { code: 0 }, "end\n"));
    assert!(started.elapsed() < Duration::from_secs(3));
    guest.sh("pidof sleep");
}

#[test]
fn several_runs_do_not_mix() {
    let mut guest = Guest::start();
    let runs: Vec<_> = (0..4)
        .map(|number| {
            let script = format!("for i in $(seq 500); do echo {number}; done; exit {number}");
            guest.start_run(&["sh", "-c", &script], LIMITS)
        })
        .collect();
    for (number, run) in runs.into_iter().enumerate() {
        let finished = guest.finish_run(run);
        assert_eq!(finished.ending, Ending::Exited { code: number as i32 });
        assert_eq!(finished.stdout, format!("{number}\n").repeat(500));
    }
}

#[test]
fn what_cannot_start_is_refused_and_never_finishes() {
    let mut guest = Guest::start();
    for argv in [&["no-such-program"][..], &["/etc"], &[]] {
        let run = 500;
        let answer =
            guest.ask(|request| ToGuest::RunCommand { request, run, program: program(argv), limits: LIMITS });
        assert!(answer.is_err(), "{argv:?}: {answer:?}");
    }
    let finished = guest.find_within(Duration::from_millis(200), |seen| match seen {
        Seen::Said(FromGuest::RunFinished { .. }) => Some(()),
        _ => None,
    });
    assert_eq!(finished, None);
}

#[test]
fn a_removed_workspace_does_not_keep_a_program_from_starting() {
    let mut guest = Guest::start();
    guest.sh("cd ..; rm -rf work");
    assert_eq!(guest.sh("pwd"), "/home/learner\n");
}
