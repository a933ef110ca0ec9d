//! No container outlives its job, its agent's shutdown, or its agent's violent death.

use std::time::Duration;

use ide_protocol::close;
use ide_protocol::results::Outcome;

use crate::grading::verdict;
use crate::world::{
    World, containers, containers_become, containers_run, run_as_process, shell_lesson, shell_lesson_with,
};

/// Not a test: the body of the process that other tests start.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by other tests, as an agent in a process of its own"]
async fn the_process_of_an_agent() {
    run_as_process().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_an_agent_is_killed_in_mid_grade_its_containers_die_and_another_agent_grades() {
    let world = World::new().await;
    let agent = world.agent_process(None);
    let job =
        world.hand_in(&shell_lesson_with("wall_seconds = 30"), "sleep 3; echo \"hello${1:+ $1}\"").await;
    world.api.started(job, 1).await;
    // The grading's and a warm one. (One that was made and not yet started when the agent dies is left to the next start,
    // see the story below.)
    containers_run(&agent.name, 2).await;

    let name = agent.name.clone();
    agent.kill();

    let died_within = containers_become(&name, |count| count == 0).await;
    println!("after kill -9 of the agent, its containers were gone within {died_within:?}");
    assert!(died_within < Duration::from_secs(10));
    // The lease runs out; the next agent, of the same name and place, takes the job.
    let next = world.agent_process(Some(&name));
    let result = tokio::time::timeout(Duration::from_secs(100), world.api.result(job)).await.unwrap();
    assert_eq!(verdict(result.outcome).outcome, Outcome::Passed);
    assert_eq!(world.api.posts(job), 1);
    next.kill();
    containers_become(&name, |count| count == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_run_left_is_removed_at_the_next_start() {
    let world = World::new().await;
    let name = format!("left{}", std::process::id());
    let label = format!("org.gradus.agent={name}");
    // One that runs, and one that was made and never started.
    for how in [["run", "--detach"].as_slice(), &["create"]] {
        let stray = std::process::Command::new("docker")
            .args(how)
            .args(["--label", &label, "--network", "none", "gradus/bash:latest", "sleep", "600"])
            .output()
            .unwrap();
        assert!(stray.status.success(), "{stray:?}");
    }
    assert_eq!(containers(&name).await.len(), 2);
    let agent = world.agent_with(|config| {
        config.name.clone_from(&name);
        config.warm_total = 0;
    });
    containers_become(&name, |count| count == 0).await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_lets_gradings_finish_and_hands_sessions_over() {
    let world = World::new().await;
    let agent = world.agent();
    let session = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(session).await;
    line.until_ready().await;
    let job = world.hand_in(&shell_lesson(), "sleep 1; echo \"hello${1:+ $1}\"").await;
    world.api.started(job, 1).await;

    let (code, ()) = tokio::join!(line.until_closed(), agent.stop());

    assert_eq!(code, Some(close::GOING_AWAY));
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Passed);
    // The session is there for whoever comes next.
    let next = world.agent();
    world.api.line(session).await.until_ready().await;
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_agent_of_the_same_name_is_kept_out() {
    let world = World::new().await;
    let mut run_dir = None;
    let first = world.agent_with(|config| {
        config.warm_total = 0;
        run_dir = Some(config.run_dir.clone());
    });
    let job = world.hand_in(&shell_lesson(), "echo hello").await;
    world.result(job).await;
    let second = world.agent_with(|config| config.run_dir = run_dir.unwrap());
    let refused = second.refused().await;
    assert!(refused.to_string().contains("another agent works in"), "{refused}");
    first.stop().await;
}
