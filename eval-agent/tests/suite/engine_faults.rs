//! An engine that misbehaves costs what it must and no more.

use std::time::{Duration, Instant};

use ide_protocol::results::{GradingOutcome, Outcome};

use crate::grading::verdict;
use crate::world::{Engine, Fault, World, shell_lesson};

const RIGHT: &str = "echo \"hello${1:+ $1}\"";

#[tokio::test(flavor = "multi_thread")]
async fn removals_that_hang_keep_nobody_waiting() {
    let world = World::new().await;
    let engine = Engine::start(world.folder.path());
    let agent = world.agent_with(|config| {
        config.docker_socket.clone_from(&engine.socket);
        config.warm_total = 0;
    });
    engine.set(Fault::Hold("DELETE"));
    let clock = Instant::now();
    // More than there are slots: none of them is held by a removal under way.
    for _ in 0..4 {
        let job = world.hand_in(&shell_lesson(), RIGHT).await;
        assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Passed);
    }
    assert!(clock.elapsed() < Duration::from_secs(9), "a verdict waited for a removal's deadline");
    engine.set(Fault::None);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_that_resist_removal_cost_their_slots_until_they_are_gone() {
    let world = World::new().await;
    let engine = Engine::start(world.folder.path());
    let agent = world.agent_with(|config| {
        config.docker_socket.clone_from(&engine.socket);
        (config.warm_total, config.grading_slots) = (0, 1);
    });
    engine.set(Fault::Hold("DELETE"));
    let job = world.hand_in(&shell_lesson(), RIGHT).await;
    world.result(job).await;
    // Ten seconds until a removal counts as hung, two until the look for jobs under way has ended: nothing outside shows
    // either, so this is the one place that waits for time.
    tokio::time::sleep(Duration::from_secs(13)).await;
    let waiting = world.hand_in(&shell_lesson(), RIGHT).await;
    let none = tokio::time::timeout(Duration::from_secs(3), world.api.result(waiting)).await;
    assert!(none.is_err(), "graded without a slot");
    engine.set(Fault::None);
    assert_eq!(verdict(world.result(waiting).await.outcome).outcome, Outcome::Passed);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_refuses_is_our_fault_and_the_agent_recovers_with_it() {
    let world = World::new().await;
    let engine = Engine::start(world.folder.path());
    let agent = world.agent_with(|config| {
        config.docker_socket.clone_from(&engine.socket);
        config.warm_total = 0;
    });
    engine.set(Fault::Refuse("POST"));
    let job = world.hand_in(&shell_lesson(), RIGHT).await;
    match world.result(job).await.outcome {
        GradingOutcome::HostFault { fault } => assert!(fault.detail.contains("no space left"), "{fault}"),
        other => panic!("{other:?}"),
    }
    engine.set(Fault::None);
    let job = world.hand_in(&shell_lesson(), RIGHT).await;
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Passed);
    agent.stop().await;
}

/// Calls that are held for ever, by a part of their path (J14: a runtime that hangs in *start*).
const HELD: [&str; 3] = ["/containers/create", "/start", "/json"];
/// From the job's first begin to its next, which takes the slot anew: the longest deadline and a pause.
const SLOT_FREE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_costs_its_own_deadline_and_the_job_is_tried_again() {
    let held = HELD.map(|part| async move {
        let world = World::new().await;
        let engine = Engine::start(world.folder.path());
        let agent = world.agent_with(|config| {
            config.docker_socket.clone_from(&engine.socket);
            (config.warm_total, config.grading_slots) = (0, 1);
        });
        // The agent itself has to be up first: one job through.
        let first = world.hand_in(&shell_lesson(), RIGHT).await;
        world.result(first).await;
        engine.set(Fault::HoldPath(part));
        let job = world.hand_in(&shell_lesson(), RIGHT).await;
        world.api.started(job, 1).await;
        let clock = Instant::now();
        world.api.started(job, 2).await;
        let took = clock.elapsed();
        println!("{part}: the slot was free again after {took:?}");
        engine.set(Fault::None);
        assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Passed, "{part}");
        agent.stop().await;
        (part, took)
    });
    for (part, took) in futures_util::future::join_all(held).await {
        assert!(took < SLOT_FREE, "{part}: {took:?}");
    }
}
