//! A host takes what it has room for: by the memory that lessons declare, not by a count.

use ide_protocol::results::{GradingOutcome, Outcome};

use crate::grading::verdict;
use crate::world::{World, shell_lesson, shell_lesson_with};

/// Right, after a while.
const SLOW: &str = "sleep 1; echo \"hello${1:+ $1}\"";

#[tokio::test(flavor = "multi_thread")]
async fn two_that_do_not_fit_together_run_one_after_the_other_and_neither_uses_a_delivery_up() {
    let world = World::new().await;
    let agent = world.agent_with(|config| {
        (config.host_memory_mib, config.host_cpu_percent) = (Some(1_024), Some(400));
        (config.grading_slots, config.warm_total) = (4, 0);
    });
    let big = shell_lesson_with("wall_seconds = 10\nmemory_mib = 400");
    let first = world.hand_in(&big, SLOW).await;
    world.api.started(first, 1).await;
    let second = world.hand_in(&big, SLOW).await;
    // What is the sessions' is not the gradings' to wait for.
    let session = world.open_session(&shell_lesson()).await;

    world.api.line(session).await.until_ready().await;
    assert_eq!(verdict(world.result(first).await.outcome).outcome, Outcome::Passed);
    let result = world.result(second).await;

    let timings = result.timings.milestones.unwrap();
    let ended = world.result(first).await.timings.milestones.unwrap().ended_at.unwrap();
    assert!(timings.assigned_at.unwrap() > ended, "the second had no room before the first had ended");
    assert_eq!(verdict(result.outcome).outcome, Outcome::Passed);
    assert_eq!(
        world.api.started(second, 1).await.iter().map(|start| start.delivery).collect::<Vec<_>>(),
        [1]
    );
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_on_no_host_ends_as_our_fault_in_words_that_name_the_flag() {
    let world = World::new().await;
    let agent = world.agent_with(|config| {
        (config.host_memory_mib, config.warm_total) = (Some(512), 0);
    });
    let job = world.hand_in(&shell_lesson_with("wall_seconds = 10\nmemory_mib = 300"), SLOW).await;
    let outcome = world.result(job).await.outcome;
    let GradingOutcome::HostFault { fault } = outcome else { panic!("{outcome:?}") };
    let text = fault.to_string();
    assert!(text.contains("need 300 MiB of memory and one job gets 256 on this host"), "{text}");
    assert!(text.contains("--host-memory"), "{text}");
    agent.stop().await;
}
