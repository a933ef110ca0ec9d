//! From hello to the end, and who may do what to whom.

use std::time::{Duration, Instant};

use ide_protocol::frame::Frame;
use ide_protocol::guest::{FromGuest, ToGuest};
use ide_protocol::results::Ending;
use ide_protocol::terminal::ExitStatus;

use super::harness::{Guest, LIMITS, program};

#[test]
fn a_program_runs_as_the_learner_with_nothing_but_what_it_needs() {
    let mut guest = Guest::start();
    let uid = guest.learner_uid;
    // Without a shell, which would set signals of its own.
    let run = guest.start_run(&["cat", "/proc/self/status"], LIMITS);
    let status = guest.finish_run(run).stdout;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    let same = format!("{uid} {uid} {uid} {uid}");
    assert_eq!((field("Uid:"), field("Gid:"), field("Groups:")), (same.clone(), same, String::new()));
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
        assert_eq!(field(set), "0000000000000000", "{set}");
    }
    assert_eq!((field("NoNewPrivs:"), field("Umask:")), ("1".to_owned(), "0022".to_owned()));
    assert_eq!(
        (field("SigBlk:"), field("SigIgn:")),
        ("0000000000000000".to_owned(), "0000000000000000".to_owned())
    );
    assert_eq!(
        guest.sh("ulimit -c; ulimit -H -c; cat /proc/self/oom_score_adj; pwd"),
        "0\n0\n1000\n/home/learner/work\n"
    );
}

#[test]
fn a_program_gets_a_clean_environment_and_no_stray_descriptors() {
    let mut guest = Guest::start();
    let mut variables: Vec<String> = guest.sh("env").lines().map(str::to_owned).collect();
    variables.retain(|line| !line.starts_with("PWD=") && !line.starts_with("SHLVL="));
    variables.sort();
    assert_eq!(
        variables,
        [
            "GRADUS_LESSON=test",
            "GRADUS_REPORT=/dev/fd/9",
            "HOME=/home/learner",
            "LANG=C.UTF-8",
            "LOGNAME=learner",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            "USER=learner",
        ]
    );
    // 0 to 2, the report, and the folder that `ls` is reading.
    assert_eq!(
        guest.sh("ls /proc/self/fd").split_whitespace().collect::<Vec<_>>(),
        ["0", "1", "2", "3", "9"]
    );
    guest.open(1, &["ls", "/proc/self/fd"]);
    guest.grant(1, 1_000);
    assert_eq!(guest.output_until(1, "3").split_whitespace().collect::<Vec<_>>(), ["0", "1", "2", "3"]);
}

#[test]
fn the_learner_can_neither_signal_nor_read_nor_trace_the_guest_nor_reach_its_socket() {
    let mut guest = Guest::start();
    let rows = [
        "kill -9 1",
        "kill -STOP 1",
        "cat /proc/1/environ",
        "cat /proc/1/maps",
        "head -c 1 /proc/1/mem",
        "ls /proc/1/fd/",
        "ls /proc/1/cwd/",
        "cat /proc/1/exe",
        "ls /run/gradus",
        "echo x | nc local:/run/gradus/guest.sock",
        "ls /run/gradus/guest.sock",
        "echo -17 > /proc/1/oom_score_adj",
        "renice -n 19 1",
        "exec 5<>/dev/ptmx",
        "exec 5<>/dev/pts/ptmx",
        "mount -t tmpfs x /tmp",
        "touch /etc/x",
    ];
    for attempt in rows {
        let finished = guest.run(attempt, LIMITS);
        assert!(matches!(finished.ending, Ending::Exited { code } if code != 0), "{attempt}: {finished:?}");
    }
    assert_eq!(guest.sh("grep -c 'State:.T' /proc/1/status || true"), "0\n", "the guest was stopped");
}

#[test]
fn the_keeper_of_a_run_is_out_of_the_learners_reach_too() {
    let mut guest = Guest::start();
    let finished =
        guest.run("kill -9 $PPID; kill -STOP $PPID; cat /proc/$PPID/environ; ls /proc/$PPID/fd/", LIMITS);
    assert_eq!(finished.ending, Ending::Exited { code: 1 });
    assert_eq!(finished.stdout, "");
    assert_eq!(finished.stderr.lines().count(), 4, "{finished:?}");
}

#[test]
fn kill_minus_one_by_the_learner_leaves_the_guest_alive() {
    let mut guest = Guest::start();
    guest.service("sleep 1000");
    let finished = guest.run("trap '' TERM; kill -9 -1; echo still here", LIMITS);
    assert_eq!((finished.ending, finished.stdout.as_str()), (Ending::Exited { code: 0 }, "still here\n"));
    guest.until("! pidof sleep >/dev/null");
}

#[test]
fn orphans_are_reaped() {
    let mut guest = Guest::start();
    // More double-forked children than the container may have processes: zombies would use them up.
    guest.open(1, &["sh", "-c", "for i in $(seq 200); do (true & true) ; done; echo done; read x"]);
    guest.grant(1, 10_000);
    guest.output_until(1, "done");
    guest.until("! grep -l 'State:.Z' /proc/[0-9]*/status 2>/dev/null");
}

#[test]
fn a_closed_socket_ends_everything() {
    let mut guest = Guest::start();
    guest.service("trap '' TERM HUP; while :; do sleep 1; done");
    let mut place = guest.hang_up();
    assert_eq!(place.exit_code(), 0);
}

#[test]
fn the_time_to_live_ends_a_guest_whose_agent_hangs() {
    let started = Instant::now();
    let mut guest = Guest::start_with(&["--ttl-seconds", "2"]);
    assert_eq!(guest.place.exit_code(), 75);
    assert!(started.elapsed() > Duration::from_millis(1_500));
}

#[test]
fn a_container_that_is_wanted_for_less_ends_sooner_and_never_later() {
    let mut guest = Guest::start();
    let started = Instant::now();
    guest.tell(&ToGuest::EndWithin { seconds: 2 });
    guest.tell(&ToGuest::EndWithin { seconds: 600 });
    assert_eq!(guest.place.exit_code(), 75);
    assert!(started.elapsed() > Duration::from_millis(1_500));
}

#[test]
fn an_agent_that_breaks_the_protocol_is_left() {
    let rows: [&dyn Fn(&mut Guest); 6] = [
        &|guest| guest.send(&Frame::Text("{".to_owned())),
        &|guest| guest.send(&Frame::Text(r#"{"type":"make_coffee"}"#.to_owned())),
        &|guest| {
            guest.send(&Frame::Text(r#"{"type":"read_file","request":1,"path":"../etc/passwd"}"#.to_owned()))
        },
        &|guest| guest.send(&Frame::Binary(vec![1, 2, 3])),
        &|guest| guest.send_raw(&[0xff; 5]),
        &|guest| guest.send_raw(&[0, 0, 0, 1, 7, 0]),
    ];
    for (number, misbehave) in rows.iter().enumerate() {
        let mut guest = Guest::start();
        misbehave(&mut guest);
        assert!(guest.has_hung_up(), "row {number}");
        assert_eq!(guest.place.exit_code(), 65, "row {number}");
    }
}

#[test]
fn a_service_lives_in_the_background_and_one_that_cannot_start_is_refused() {
    let mut guest = Guest::start();
    guest.service("echo up > up; sleep 1000");
    guest.until("test -e up");
    guest.sh("pidof sleep");
    for argv in [&["no-such-program"][..], &["/etc"], &["./up"], &[]] {
        let answer = guest.ask(|request| ToGuest::StartService { request, program: program(argv) });
        assert!(answer.is_err(), "{argv:?}");
    }
    let done = guest.ask(|request| ToGuest::KillAll { request });
    assert!(matches!(done, Ok(FromGuest::Done { .. })), "{done:?}");
    assert_eq!(guest.sh("pidof sleep || echo none"), "none\n");
}

#[test]
fn outside_a_container_kill_all_spares_everybody_elses_processes() {
    let mut bystander = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
    let mut guest = Guest::start_bare();
    guest.service("setsid sleep 1000 & sleep 1000");
    guest.open(1, &["sh", "-c", "(sleep 1000 &); sleep 1000"]);
    guest.grant(1, 1_000);
    let run = guest.start_run(&["sh", "-c", "sleep 1000 & sleep 1000"], LIMITS);
    let done = guest.ask(|request| ToGuest::KillAll { request });
    assert!(matches!(done, Ok(FromGuest::Done { .. })), "{done:?}");
    assert_eq!(guest.exit_of(1), ExitStatus::Signaled { signal: 9 });
    assert_eq!(guest.finish_run(run).ending, Ending::Signaled { signal: 9 });
    let pid = guest.place.pid();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    assert_eq!(children, "");
    assert!(bystander.try_wait().unwrap().is_none(), "the bystander was killed");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert_eq!(guest.hang_up().exit_code(), 0);
}
