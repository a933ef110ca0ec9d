//! Hostile hand-ins: each ends in its verdict, in time, its container gone, the neighbour's terminal alive.

use std::time::{Duration, Instant};

use ide_protocol::results::Outcome;
use uuid::Uuid;

use crate::grading::verdict;
use crate::world::{World, shell_lesson, shell_lesson_with};

/// The corpus's limits: three seconds of wall clock, one core.
const LIMITS: &str = "wall_seconds = 3\nmemory_mib = 192\ndisk_mib = 32\noutput_kib = 256";
/// From hand-in to verdict: the wall clock, killing, and a cold start on a busy machine.
const IN_TIME: Duration = Duration::from_secs(15);
/// A neighbour's echo under attack, at worst.
const ECHO_LIMIT: Duration = Duration::from_millis(500);

/// Hands the answer in while a neighbour types; checks time, outcome, neighbour and clean-up.
async fn survives(name: &str, answer: &str, outcomes: &[Outcome]) {
    let world = World::new().await;
    let agent = world.agent();
    let neighbour = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(neighbour).await;
    line.until_ready().await;
    line.join(1, Uuid::new_v4()).await;
    let mut screen = line.open_terminal(1).await;

    let clock = Instant::now();
    let job = world.hand_in(&shell_lesson_with(LIMITS), answer).await;
    let result = world.result(job);
    tokio::pin!(result);
    let mut slowest = Duration::ZERO;
    let mut count = 0;
    let result = loop {
        tokio::select! {
            biased;
            result = &mut result => break result,
            () = async {
                count += 1;
                // What is typed differs from what it prints, so only the answer counts.
                screen.type_text(&line, &format!("echo n$(({count}))\r")).await;
                slowest = slowest.max(screen.until(&mut line, &format!("n{count}\r\n")).await);
            } => {}
        }
    };
    let took = clock.elapsed();
    let verdict = verdict(result.outcome);
    println!(
        "{name}: {:?} after {took:?}; neighbour's slowest of {count} echoes {slowest:?}",
        verdict.outcome
    );
    assert!(outcomes.contains(&verdict.outcome), "{name}: {verdict:?}");
    assert!(took < IN_TIME, "{name} took {took:?}");
    assert!(slowest < ECHO_LIMIT, "{name}: the neighbour's echo took {slowest:?}");
    drop(line);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_bomb() {
    survives(
        "fork bomb",
        "f() { f | f & }; f; sleep 60",
        &[Outcome::Failed, Outcome::TimedOut, Outcome::Crashed],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_hog() {
    survives("memory hog", "tail /dev/zero", &[Outcome::OutOfMemory]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_hogs_that_hide_from_the_kernels_choice() {
    let hide = "for pid in $$ $PPID; do echo 0 > /proc/$pid/oom_score_adj; done";
    let hogs = "for hog in 1 2 3 4; do tail /dev/zero & done; wait";
    // Every test and every round feeds them anew: a busy machine may not be through with it in time.
    let outcomes = [Outcome::OutOfMemory, Outcome::TimedOut];
    survives("hiding memory hogs", &format!("{hide}; {hogs}"), &outcomes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_output() {
    survives("endless output", "yes >&2", &[Outcome::OutputLimit]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop() {
    survives("endless loop", "while :; do :; done", &[Outcome::TimedOut]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk() {
    let fill = "cat /dev/zero > ~/full; cat /dev/zero > /tmp/full; cat /dev/zero > /dev/shm/full; echo hello";
    // The hidden tests may find no room any more.
    survives("full disk", fill, &[Outcome::Failed, Outcome::TimedOut, Outcome::Crashed]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_everyone() {
    survives("kill -9 -1", "kill -9 -1; sleep 60", &[Outcome::Crashed]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_symlink_to_the_passwords() {
    // Planted where the lesson's own file lies, and written through. The greeting only comes if nothing worked.
    let attack = r#"
before=$(cat /etc/passwd)
rm notes.txt; ln -s /etc/passwd notes.txt
(echo 'x::0:0::/:/bin/sh' >> notes.txt) && exit
cat /etc/shadow && exit
[ "$before" = "$(cat /etc/passwd)" ] && echo "hello${1:+ $1}"
"#;
    survives("symlink", attack, &[Outcome::Passed]).await;
}
