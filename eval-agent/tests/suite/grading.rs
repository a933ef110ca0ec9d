//! Hand-ins on the real thing.

use ide_protocol::results::{Ending, GradingOutcome, LessonFault, Outcome, TestStatus, Verdict};

use job_queue::{JobQueue as _, Lane};

use crate::world::{World, file, shell_lesson, shell_lesson_with};

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

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_not_there_is_tried_again_and_in_the_end_told_as_ours() {
    let world = World::new().await;
    let agent = world.agent();
    let mut lesson = shell_lesson();
    lesson.manifest.image = "no-such-image".to_owned();
    let job = world.hand_in(&lesson, "echo hello").await;
    let result = world.result(job).await;
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
