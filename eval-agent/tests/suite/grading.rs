//! Hand-ins on the real thing.

use std::time::{Duration, Instant};

use ide_protocol::results::{Ending, GradingOutcome, LessonFault, Outcome, TestStatus, Verdict};

use job_queue::{JobQueue as _, Lane};
use lesson::ReportFormat;

use crate::world::{ANSWER, World, file, shell_lesson, shell_lesson_with};

pub fn verdict(outcome: GradingOutcome) -> Verdict {
    match outcome {
        GradingOutcome::Verdict { verdict } => verdict,
        other => panic!("no verdict: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn right_work_passes_and_wrong_work_fails_test_by_test() {
    let world = World::new().await;
    let agent = world.agent();
    let lesson = shell_lesson();

    let right = world.hand_in(&lesson, "echo \"hello${1:+ $1}\"").await;
    let half = world.hand_in(&lesson, "echo hello").await;

    let result = world.result(right).await;
    assert!(result.image_digest.starts_with("sha256:"));
    let how = result.circumstances;
    assert_eq!(how.lesson_digest, lesson::pack(&lesson).unwrap().digest);
    let handed_in = vec![file(ANSWER, "echo \"hello${1:+ $1}\"")];
    assert_eq!(how.submission_digest, lesson::work_digest(&handed_in));
    assert_eq!(
        (how.limits.wall_ms, how.limits.memory_mib, how.image.as_str()),
        (10_000, 256, "gradus/bash:latest")
    );
    let peak = how.memory.peak_bytes.expect("this kernel counts");
    assert!((100_000..256 << 20).contains(&peak), "{peak}");
    assert_eq!(how.memory.kills, Some(0));
    for (stated, what) in
        [(&how.host.engine, "engine"), (&how.host.kernel, "kernel"), (&how.host.runtime, "runtime")]
    {
        assert!(stated.chars().any(|c| c.is_ascii_digit()), "{what}: {stated}");
    }
    assert_eq!(how.host.guest_digest.len(), 64);
    assert_eq!(verdict(result.outcome).outcome, Outcome::Passed);
    let half = verdict(world.result(half).await.outcome);
    assert_eq!(half.outcome, Outcome::Failed);
    let tests: Vec<_> = half.tests.iter().map(|test| (test.id.as_str(), test.status, test.hidden)).collect();
    assert_eq!(tests, [("greets", TestStatus::Passed, false), ("greets by name", TestStatus::Failed, true)]);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_that_a_learner_hands_in_are_not_the_tests_that_run() {
    let world = World::new().await;
    let agent = world.agent();
    let forged = "echo 'ok 1 - greets'; echo 'ok 2 - greets by name'";
    let files = vec![
        file("answer.sh", "echo wrong"),
        file("tests/check.sh", "check() { echo \"ok $1 - $4\" >> \"$GRADUS_REPORT\"; }"),
        file("tests/1-visible.sh", forged),
        file("tests/2-hidden.sh", forged),
    ];
    let job = world.hand_in_files(&shell_lesson(), files).await;
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Failed);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_whose_image_cannot_run_its_tests_is_the_lessons_fault() {
    let world = World::new().await;
    let agent = world.agent();
    let mut lesson = shell_lesson();
    lesson.manifest.tests.command = vec!["no-such-program".to_owned()];
    let job = world.hand_in(&lesson, "echo hello").await;
    match world.result(job).await.outcome {
        GradingOutcome::LessonFault {
            fault: LessonFault::Unusable { .. } | LessonFault::NoReport { .. },
        } => {}
        other => panic!("{other:?}"),
    }
    agent.stop().await;
}

/// J13: nothing is fetched from anywhere, so nothing can hang; three tries and two pauses, and others are graded meanwhile.
const NO_IMAGE_BOUND: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_not_there_is_tried_again_and_in_the_end_told_as_ours() {
    let world = World::new().await;
    let agent = world.agent();
    let mut lesson = shell_lesson();
    lesson.manifest.image = "no-such-image".to_owned();
    let clock = Instant::now();
    let job = world.hand_in(&lesson, "echo hello").await;
    world.api.started(job, 1).await;
    let beside = world.hand_in(&shell_lesson(), "echo \"hello${1:+ $1}\"").await;
    assert_eq!(verdict(world.result(beside).await.outcome).outcome, Outcome::Passed);
    let result = world.result(job).await;
    assert!(clock.elapsed() < NO_IMAGE_BOUND, "{:?}", clock.elapsed());
    assert!(matches!(result.outcome, GradingOutcome::HostFault { .. }), "{:?}", result.outcome);
    let deliveries: Vec<_> = world.api.started(job, 3).await.iter().map(|start| start.delivery).collect();
    assert_eq!(deliveries, [1, 2, 3]);
    assert_eq!(world.api.posts(job), 1, "told once, at the end");
    agent.stop().await;
    let depth = world.queue.depth(Lane::Grading).await.unwrap();
    assert_eq!((depth.dead, depth.waiting, depth.in_flight), (1, 0, 0), "its death tells the learner");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_fails_is_a_compile_error_with_its_output() {
    let world = World::new().await;
    let agent = world.agent();
    let mut lesson = shell_lesson();
    lesson.manifest.tests.build = Some(["bash", "-n", "answer.sh"].map(str::to_owned).to_vec());
    let job = world.hand_in(&lesson, "if then").await;
    let verdict = verdict(world.result(job).await.outcome);
    assert_eq!(verdict.outcome, Outcome::CompileError);
    assert!(verdict.output.contains("syntax error"), "{}", verdict.output);
    agent.stop().await;
}

/// Words that only the hidden file of the lesson holds.
const HIDDEN_WORDS: &str = "hello Ada";

/// Puts what it finds of hidden files into everything a verdict is made of.
const TELLTALE: &str = r#"
for hidden in tests/*hidden*; do
  [ -e "$hidden" ] || continue
  words=$(tr -d "\n'" < "$hidden")
  echo "$words"; echo "$words" >&2
  [ "$1" = build ] && exit $2
  echo 1..2 > "$GRADUS_REPORT"
  for test in "1 - greets" "2 - $words"; do
    printf "not ok %s\n  ---\n  message: '%s'\n  ...\n" "$test" "$words" >> "$GRADUS_REPORT"
  done
done
"#;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_result_quotes_a_hidden_file() {
    let world = World::new().await;
    let agent = world.agent();
    for (build_ends_with, expected) in [("0", Outcome::Failed), ("1", Outcome::CompileError)] {
        let mut lesson = shell_lesson();
        let build = ["bash", "answer.sh", "build", build_ends_with];
        lesson.manifest.tests.build = Some(build.map(str::to_owned).to_vec());
        lesson.manifest.tests.command = ["bash", "answer.sh"].map(str::to_owned).to_vec();
        let job = world.hand_in(&lesson, TELLTALE).await;
        let result = world.result(job).await;
        let text = serde_json::to_string(&result).unwrap();
        assert!(!text.contains(HIDDEN_WORDS), "{text}");
        let verdict = verdict(result.outcome);
        assert_eq!(verdict.outcome, expected);
        if expected == Outcome::Failed {
            let unexpected = verdict.tests.iter().any(|test| test.id == "unexpected test 1");
            assert!(unexpected, "it did find the hidden file: {:?}", verdict.tests);
        }
    }
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_what_is_wrong_with_a_report() {
    let world = World::new().await;
    let agent = world.agent();
    let mut lesson = shell_lesson();
    lesson.manifest.tests.report = ReportFormat::Exercism;
    lesson.manifest.tests.command = ["bash", "answer.sh"].map(str::to_owned).to_vec();
    let answer = r#"
words=$(tr -d "\n'" < tests/2-hidden.sh)
printf '{"version":2,"status":"%s","tests":[]}' "$words" > "$GRADUS_REPORT"
"#;
    let job = world.hand_in(&lesson, answer).await;
    let outcome = world.result(job).await.outcome;
    let fault = matches!(&outcome, GradingOutcome::LessonFault { fault: LessonFault::BadReport { .. } });
    assert!(fault && !format!("{outcome:?}").contains(HIDDEN_WORDS), "{outcome:?}");
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_mistake_is_explained_by_the_visible_tests() {
    let world = World::new().await;
    let agent = world.agent();
    let answer = r#"
echo wrong
echo "trying $1" >&2
printf "not ok 1 - greets\n  ---\n  message: 'wrong is not a greeting'\n  ...\n1..1\n" > "$GRADUS_REPORT"
exit 1
"#;
    let mut lesson = shell_lesson();
    lesson.manifest.tests.command = ["bash", "answer.sh", "Bob"].map(str::to_owned).to_vec();
    let job = world.hand_in(&lesson, answer).await;
    let verdict = verdict(world.result(job).await.outcome);
    assert_eq!(verdict.outcome, Outcome::Failed);
    assert_eq!(verdict.tests[0].message.as_deref(), Some("wrong is not a greeting"));
    assert!(verdict.output.contains("trying Bob"), "{}", verdict.output);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn standing_in_the_way_of_the_hidden_tests_is_the_learners_fault() {
    let world = World::new().await;
    let agent = world.agent();
    let job = world.hand_in(&shell_lesson(), "echo hello; mkdir -p tests/2-hidden.sh/there").await;
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Crashed);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_a_person_reads_is_the_lessons() {
    let world = World::new().await;
    let agent = world.agent();
    let mut lesson = shell_lesson_with("wall_seconds = 2");
    lesson.manifest.tests.build = Some(["sleep", "1"].map(str::to_owned).to_vec());
    let job = world.hand_in(&lesson, "sleep 60").await;
    let verdict = verdict(world.result(job).await.outcome);
    assert_eq!(verdict.ending, Ending::TimedOut { limit_ms: 2_000 });
    agent.stop().await;
}
