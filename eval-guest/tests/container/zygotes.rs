//! Programs that wait to become a run: they are that run in every respect, and whoever finds none does without.

use std::time::Duration;

use ide_protocol::guest::{FromGuest, RunLimits, ToGuest};
use ide_protocol::results::Ending;

use super::harness::{Finished, Guest, LIMITS, program};

/// As [`Guest::run`], by the program that the test image has a zygote for; also whether one became the run.
fn run(guest: &mut Guest, script: &str, limits: RunLimits) -> (bool, Finished) {
    let run = guest.unused_run();
    let program = program(&["waits", script]);
    let started = guest.ask(|request| ToGuest::RunCommand { request, run, program, limits });
    let Ok(FromGuest::RunStarted { zygote, .. }) = started else { panic!("{started:?}") };
    (zygote, guest.finish_run(run))
}

fn warm_up(guest: &mut Guest, count: u8) {
    let answer = guest.ask(|request| ToGuest::WarmUp { request, program: "waits".to_owned(), count });
    assert!(matches!(answer, Ok(FromGuest::Done { .. })), "{answer:?}");
}

#[test]
fn each_becomes_one_run_and_is_a_run_like_any_other() {
    let mut guest = Guest::start();
    warm_up(&mut guest, 2);
    let script = r#"pwd; echo "$GRADUS_REPORT $HOME"; read x; echo "read: $?"; echo err >&2; echo "ok 1" >&9; setsid sleep 1000 & exit 7"#;
    let mut told = Vec::new();
    for zygote_expected in [true, true, false] {
        let (zygote, finished) = run(&mut guest, script, LIMITS);
        assert_eq!(zygote, zygote_expected);
        assert_eq!(finished.ending, Ending::Exited { code: 7 });
        told.push((finished.stdout, finished.stderr, finished.report));
        assert_eq!(guest.sh("pidof sleep || echo none"), "none\n");
    }
    assert_eq!(told[0].0, "/home/learner/work\n/dev/fd/9 /home/learner\nread: 1\n");
    assert_eq!((told[0].1.as_str(), told[0].2.as_str()), ("err\n", "ok 1\n"));
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    // Asked again, there is one again.
    warm_up(&mut guest, 1);
    assert!(run(&mut guest, script, LIMITS).0);
}

#[test]
fn the_clock_runs_from_the_order_and_ends_it() {
    let mut guest = Guest::start();
    warm_up(&mut guest, 1);
    let short = RunLimits { wall_ms: 300, ..LIMITS };
    guest.sh("usleep 400000");
    let (zygote, finished) = run(&mut guest, "trap '' TERM; echo up; sleep 1000", short);
    assert!(zygote);
    assert_eq!((finished.stdout.as_str(), finished.ending), ("up\n", Ending::TimedOut { limit_ms: 300 }));
    assert!(finished.duration >= Duration::from_millis(300));
}

#[test]
fn a_learner_who_kills_or_stops_them_loses_time_and_nothing_else() {
    let mut guest = Guest::start();
    warm_up(&mut guest, 2);
    guest.sh("kill -9 $(pidof zygote) || kill -9 -1");
    let (zygote, finished) = run(&mut guest, "echo still here", LIMITS);
    assert_eq!((zygote, finished.stdout.as_str()), (false, "still here\n"));
    warm_up(&mut guest, 1);
    let short = RunLimits { wall_ms: 300, ..LIMITS };
    guest.sh("kill -STOP -1");
    let (zygote, finished) = run(&mut guest, "echo never", short);
    assert_eq!((zygote, finished.ending), (true, Ending::TimedOut { limit_ms: 300 }));
    assert_eq!(run(&mut guest, "echo on", LIMITS).1.stdout, "on\n");
}

#[test]
fn ending_all_programs_ends_them_too() {
    let mut guest = Guest::start();
    warm_up(&mut guest, 2);
    let killed = guest.ask(|request| ToGuest::KillAll { request });
    assert!(matches!(killed, Ok(FromGuest::Done { .. })), "{killed:?}");
    assert!(!run(&mut guest, "echo cold", LIMITS).0);
    warm_up(&mut guest, 1);
    assert!(run(&mut guest, "echo warm", LIMITS).0);
}

#[test]
fn where_an_image_has_none_nobody_waits() {
    let mut guest = Guest::start_bare();
    warm_up(&mut guest, 2);
    assert_eq!(guest.sh("echo cold"), "cold\n");
}
