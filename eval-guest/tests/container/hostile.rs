//! Programs that mean harm.

use std::time::{Duration, Instant};

use ide_protocol::guest::{FromGuest, RunLimits, ToGuest};
use ide_protocol::results::Ending;

use super::harness::{Guest, LIMITS};
use super::place::PIDS_LIMIT;

/// See `bomb.c`.
const BOMBS: [&str; 2] = ["flood", "runner"];

#[test]
fn a_fork_bomb_in_a_terminal_is_killed_on_request() {
    for bomb in BOMBS {
        let mut guest = Guest::start();
        guest.open(1, &["sh", "-c", &format!("bomb {bomb} & sleep 1000")]);
        until_it_multiplies(&guest, bomb);
        let started = Instant::now();
        let done = guest.ask(|request| ToGuest::KillAll { request });
        assert!(matches!(done, Ok(FromGuest::Done { .. })), "{done:?}");
        assert!(started.elapsed() < Duration::from_secs(3), "{bomb} took {:?}", started.elapsed());
        assert_eq!(guest.place.processes().len(), 1, "only the guest is left");
        assert_eq!(guest.sh("echo alive"), "alive\n");
    }
}

#[test]
fn a_fork_bomb_in_a_run_ends_with_it_and_spares_the_rest() {
    for bomb in BOMBS {
        let mut guest = Guest::start();
        guest.open(1, &["cat"]);
        guest.grant(1, 1_000);
        // Shell built-ins only: the bomb may have taken every process by now.
        let wait = "i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done";
        let script = format!("bomb {bomb} & {wait}; echo end; exit 3");
        let finished = guest.run(&script, LIMITS);
        assert_eq!(
            (finished.ending, finished.stdout.as_str()),
            (Ending::Exited { code: 3 }, "end\n"),
            "{bomb}"
        );
        assert!(finished.duration < Duration::from_secs(3), "{bomb} took {:?}", finished.duration);
        guest.type_in(1, b"hello\n");
        guest.output_until(1, "hello\r\nhello");
        assert_eq!(guest.place.processes().len(), 2, "{bomb}: the guest and the terminal's program");
    }
}

#[test]
fn a_run_that_is_nothing_but_a_bomb_ends_in_time() {
    let mut guest = Guest::start();
    let limits = RunLimits { wall_ms: 500, ..LIMITS };
    for (bomb, ending) in
        [("flood", Ending::TimedOut { limit_ms: 500 }), ("runner", Ending::Exited { code: 0 })]
    {
        let run = guest.start_run(&["bomb", bomb], limits);
        let finished = guest.finish_run(run);
        assert_eq!(finished.ending, ending);
        let bound = Duration::from_millis(500 + 3_000);
        assert!(finished.duration < bound, "{bomb} took {:?}", finished.duration);
        assert_eq!(guest.place.processes().len(), 1, "{bomb}");
    }
}

#[test]
fn a_flood_of_every_kind_leaves_the_guest_answering() {
    let mut guest = Guest::start();
    guest.service("while :; do cat /dev/zero; done");
    guest.service("while :; do (true &); done");
    guest.service("i=0; while :; do i=$((i+1)); mkdir -p d$i; rmdir d$i; echo $i > log; done");
    guest.ask(|request| ToGuest::WatchWorkspace { request }).unwrap();
    guest.open(1, &["yes"]);
    guest.grant(1, 100_000);
    let mut slowest = Duration::ZERO;
    for number in 0..50 {
        let started = Instant::now();
        guest.write("answer", &number.to_string()).unwrap();
        assert_eq!(guest.read("answer"), Ok(number.to_string()));
        slowest = slowest.max(started.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
}

#[test]
fn a_large_folder_moved_to_and_fro_does_not_keep_the_watcher_busy() {
    let mut guest = Guest::start();
    guest.sh("mkdir large; cd large; for i in $(seq 1 4500); do : > f$i; done");
    guest.ask(|request| ToGuest::WatchWorkspace { request }).unwrap();
    guest.service("while :; do mv large again; mv again large; done");
    let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
    while begun.elapsed() < Duration::from_secs(2) {
        let started = Instant::now();
        let _ = guest.read("some/file");
        slowest = slowest.max(started.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    guest.ask(|request| ToGuest::KillAll { request }).unwrap();
}

#[test]
fn memory_runs_out_for_the_learner_not_for_the_guest() {
    let mut guest = Guest::start();
    let hog = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
    let finished = guest.run(hog, LIMITS);
    assert!(
        matches!(finished.ending, Ending::Signaled { .. } | Ending::Exited { .. }),
        "{:?}",
        finished.ending
    );
    assert_ne!(finished.ending, Ending::Exited { code: 0 });
    assert_eq!(guest.sh("echo alive"), "alive\n");
    // Several, each smaller than half of the memory, that would rather have the guest killed.
    let hide = "{ echo 0 > /proc/$$/oom_score_adj; } 2>/dev/null";
    let hogs = format!("({hog}) & ").repeat(4);
    guest.run(&format!("{hide}; {hogs} wait"), LIMITS);
    assert_eq!(guest.sh("echo alive"), "alive\n");
}

#[test]
fn no_program_can_make_itself_less_of_a_victim_than_the_guest() {
    let mut guest = Guest::start();
    let take = "{ echo $((score - 1000)) > /proc/$$/oom_score_adj; } 2>/dev/null && break";
    let lower = format!("for score in $(seq 0 2000); do {take}; done");
    let scores = guest.sh(&format!("{lower}; cat /proc/$$/oom_score_adj /proc/1/oom_score_adj"));
    let scores: Vec<i32> = scores.lines().map(|line| line.parse().unwrap()).collect();
    let [learner, ours] = scores[..] else { panic!("{scores:?}") };
    assert!(ours <= learner, "guest {ours}, learner {learner}");
}

#[test]
fn a_program_that_stops_all_others_cannot_stop_the_guest() {
    let mut guest = Guest::start();
    for _ in 0..4 {
        guest.service("while :; do kill -STOP -1; done");
    }
    let limits = RunLimits { wall_ms: 100, ..LIMITS };
    for run in 1_000..1_100 {
        // Started, or refused because it was stopped on its way: answered in any case, and soon.
        let started = Instant::now();
        let program = super::harness::program(&["true"]);
        let _ = guest.ask(|request| ToGuest::RunCommand { request, run, program, limits });
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
    guest.ask(|request| ToGuest::KillAll { request }).unwrap();
    assert_eq!(guest.sh("echo alive"), "alive\n");
}

/// `flood` has gone off once it has used (nearly) every process the container may have, `runner` when it is another
/// process than before.
fn until_it_multiplies(guest: &Guest, bomb: &str) {
    let deadline = Instant::now() + super::harness::PATIENCE;
    let before = guest.place.processes();
    loop {
        let now = guest.place.processes();
        if (bomb == "flood" && now.len() > PIDS_LIMIT * 3 / 4)
            || (bomb == "runner" && now.len() > 2 && now != before)
        {
            return;
        }
        assert!(Instant::now() < deadline, "the bomb does not go off: {now:?}");
    }
}
