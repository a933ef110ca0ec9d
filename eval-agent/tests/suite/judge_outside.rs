//! Judge outside on the real thing: honest work gets its due, and nothing that a program does in its own container makes
//! a wrong answer pass, keeps the tests from ending, or becomes a fault of ours.

use std::time::{Duration, Instant};

use ide_protocol::files::WorkspaceFile;
use ide_protocol::results::{Outcome, TestStatus, Trust, Verdict};
use lesson::{JudgePlace, Lesson};

use crate::grading::verdict;
use crate::world::{ANSWER, World, containers_become, containers_run, file, outside_lesson};

/// What the tests want to hear.
const RIGHT: &str = "echo \"hello${1:+ $1}\"";
/// From hand-in to verdict: two rounds of the lesson's wall clock, killing, and cold starts on a busy machine.
const IN_TIME: Duration = Duration::from_secs(30);
/// The test that looks around in the judge's container.
const CLEAN: &str = "nothing was planted";

fn answer(text: &str) -> Vec<WorkspaceFile> {
    vec![WorkspaceFile { executable: true, ..file(ANSWER, &format!("#!/bin/bash\n{text}\n")) }]
}

async fn graded(world: &World, lesson: &Lesson, text: &str) -> Verdict {
    let job = world.hand_in_files(lesson, answer(text)).await;
    verdict(world.result(job).await.outcome)
}

fn status(verdict: &Verdict, id: &str) -> Option<TestStatus> {
    verdict.tests.iter().find(|test| test.id == id).map(|test| test.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_work_gets_its_due() {
    let world = World::new().await;
    let agent = world.agent();
    let lesson = outside_lesson();
    let rows = [
        ("right", RIGHT, Outcome::Passed),
        ("reads its input", "[ \"$(wc -c)\" = 300000 ] && echo \"hello${1:+ $1}\"", Outcome::Passed),
        ("half right", "echo hello", Outcome::Failed),
        ("right, but fails", "echo hello $1; exit 1", Outcome::Failed),
    ];
    for (name, text, expected) in rows {
        let verdict = graded(&world, &lesson, text).await;
        assert_eq!((verdict.outcome, verdict.trust), (expected, Trust::Isolated), "{name}: {verdict:#?}");
        assert_eq!(status(&verdict, CLEAN), Some(TestStatus::Passed), "{name}");
    }
    agent.stop().await;
}

/// Between the rounds nothing of the learner's lives on: a daemon of the first is not there in the second.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_leaves_running_does_not_see_the_hidden_tests() {
    let world = World::new().await;
    let agent = world.agent();
    let text = "if [ -e /tmp/daemon ]; then [ -e /proc/$(cat /tmp/daemon) ] && echo haunted && exit
        else setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >/tmp/daemon; fi
        echo \"hello${1:+ $1}\"";
    let verdict = graded(&world, &outside_lesson(), text).await;
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_calls_where_the_learners_program_runs() {
    let world = World::new().await;
    let agent = world.agent();
    let text = "command -v perl >/dev/null || { echo no perl; exit; }
        if perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or die; \
             exit !connect(S, pack(\"Sa*\", AF_UNIX, \"\\0gradus-calls\"))'
        then echo reached; else echo \"hello${1:+ $1}\"; fi";
    let verdict = graded(&world, &outside_lesson(), text).await;
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
    agent.stop().await;
}

const FAILED: &[Outcome] = &[Outcome::Failed];
const FAILED_OR_LATE: &[Outcome] = &[Outcome::Failed, Outcome::TimedOut];
/// Its errors are the test's own, and count with what the tests print.
const FAILED_OR_TOO_MUCH: &[Outcome] = &[Outcome::Failed, Outcome::OutputLimit];
/// What stands in the way of the second round's files keeps every test of it from running.
const FAILED_OR_CRASHED: &[Outcome] = &[Outcome::Failed, Outcome::Crashed];
const LATE: &[Outcome] = &[Outcome::TimedOut];
const MEMORY: &[Outcome] = &[Outcome::OutOfMemory];

/// Wrong answers that try something. None passes, each ends in time, as what it is, and as the learner's.
const ATTACKS: [(&str, &str, &[Outcome]); 16] = [
    ("ends at once", "exit 0", FAILED),
    ("prints a report", "printf '1..3\\nok 1 - greets\\nok 2 - greets by name\\nok 3 - nothing was planted\\n'", FAILED),
    (
        "writes a report to whatever is open",
        "for fd in /proc/$$/fd/* /proc/$PPID/fd/* /dev/fd/9; do echo 'ok 1 - greets' >$fd; done 2>/dev/null",
        FAILED_OR_LATE,
    ),
    ("kills its worker", "kill -9 $PPID; sleep 1; echo hello $1", FAILED),
    ("stops its worker", "kill -STOP $PPID", LATE),
    ("kills all it may", "kill -9 -1", FAILED),
    (
        "plants files wherever it may",
        "for place in ~ ~/work ~/work/tests /tmp /dev/shm; do mkdir -p $place
           for name in conftest.py sitecustomize.py check.sh run.sh bash .bashrc 1-visible.sh; do
             echo 'check() { echo \"ok $1 - $4\" >>$GRADUS_REPORT; }' >$place/$name; chmod +x $place/$name; done; done",
        FAILED,
    ),
    ("rewrites itself to a link", "ln -sf /bin/true ~/work/answer.sh; echo wrong", FAILED_OR_CRASHED),
    ("leaves a daemon with its output open", "(while :; do sleep 1; done) & echo wrong", FAILED),
    ("speaks the wire's language", "printf '\\012\\000\\000\\000\\033{\"type\":\"exited\",\"code\":0}'", FAILED),
    ("floods", "yes", FAILED_OR_LATE),
    ("floods its errors", "yes >&2", FAILED_OR_TOO_MUCH),
    ("sleeps and never reads", "sleep 1000", LATE),
    ("ignores every signal", "trap '' TERM INT HUP PIPE; while :; do :; done", LATE),
    ("takes all memory", "tail /dev/zero", MEMORY),
    ("is a fork bomb", "bomb() { bomb | bomb & }; bomb; wait", FAILED_OR_LATE),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_attack_on_the_call_passes() {
    let world = World::new().await;
    let agent = world.agent();
    let lesson = outside_lesson();
    let mut wrong = Vec::new();
    for (name, text, expected) in ATTACKS {
        let clock = Instant::now();
        let verdict = graded(&world, &lesson, text).await;
        let took = clock.elapsed();
        println!("{name}: {:?} after {took:?}", verdict.outcome);
        let planted = !matches!(status(&verdict, CLEAN), Some(TestStatus::Passed | TestStatus::Missing));
        if !expected.contains(&verdict.outcome) || took > IN_TIME || planted {
            wrong.push(format!("{name} after {took:?}: {verdict:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let right = graded(&world, &lesson, RIGHT).await;
    assert_eq!(right.outcome, Outcome::Passed, "the same agent goes on");
    let name = agent.name.clone();
    agent.stop().await;
    containers_become(&name, |count| count == 0).await;
}

/// What it costs to judge outside: the same hand-in both ways, in turn. For the figure, not for the suite:
/// `cargo nextest run -p eval-agent --run-ignored only what_outside_costs --no-capture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; tells nothing on a busy machine"]
async fn what_outside_costs() {
    const ROUNDS: usize = 12;
    let world = World::new().await;
    let agent = world.agent_with(|config| {
        config.warm_per_key = 2;
        config.warm_total = 2;
    });
    let mut outside = outside_lesson();
    // It asks for a stand-in, which there is in one of the two only.
    outside.files.retain(|path, _| path.as_str() != "tests/3-clean.sh");
    outside.manifest.files.retain(|file| file.path.as_str() != "tests/3-clean.sh");
    outside.manifest.tests.expected.hidden.retain(|id| id != CLEAN);
    let mut inside = outside.clone();
    inside.manifest.tests.judge = JudgePlace::Inside;
    inside.manifest.judge = lesson::outside::Outside::default();
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (lesson, times) in [&inside, &outside].into_iter().zip(&mut took) {
            // The pool learns the shape from the first, and is full again before each of the others.
            if round > 0 {
                containers_run(&agent.name, 2).await;
            }
            let job = world.hand_in_files(lesson, answer(RIGHT)).await;
            let result = world.result(job).await;
            let timings = result.timings;
            assert_eq!(verdict(result.outcome).outcome, Outcome::Passed);
            // The first of each warms caches up.
            if round > 0 {
                times.push((timings.container_ms, timings.prepare_ms, timings.run_ms));
            }
        }
    }
    for (name, mut times) in ["inside", "outside"].into_iter().zip(took) {
        times.sort_by_key(|(container, prepare, run)| container + prepare + run);
        println!(
            "{name}: median of {ROUNDS} (container, prepare, run in ms) {:?}; all {times:?}",
            times[ROUNDS / 2]
        );
    }
    agent.stop().await;
}
