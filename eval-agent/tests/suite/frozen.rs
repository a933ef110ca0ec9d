//! Containers that wait stand still, and nothing stays that way: not when they are claimed, nor when their agent is gone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eval_agent::WarmImage;

use crate::world::{
    PATIENCE, World, container_pids, containers, containers_become, containers_run, shell_lesson,
};

/// The file that says whether a container stands still, and what it says then.
fn switch(pid: u32) -> (PathBuf, &'static str) {
    let membership = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let path = |controller: &str| {
        let line = membership
            .lines()
            .find_map(|line| line.split_once(':')?.1.split_once(':').filter(|(name, _)| *name == controller));
        line.map(|(_, path)| path.trim_start_matches('/').to_owned())
    };
    match path("freezer") {
        Some(path) => (Path::new("/sys/fs/cgroup/freezer").join(path).join("freezer.state"), "FROZEN"),
        None => (Path::new("/sys/fs/cgroup").join(path("").unwrap()).join("cgroup.freeze"), "1"),
    }
}

fn stands_still(pid: u32) -> bool {
    let (file, still) = switch(pid);
    fs::read_to_string(file).is_ok_and(|state| state.trim() == still)
}

/// Waits until the one container of an agent that keeps one warm stands still.
async fn still_one(agent: &str) -> u32 {
    containers_run(agent, 1).await;
    let clock = Instant::now();
    loop {
        if let [pid] = container_pids(agent).await[..]
            && stands_still(pid)
        {
            return pid;
        }
        assert!(clock.elapsed() < PATIENCE, "it still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn one_warm() -> Vec<WarmImage> {
    let manifest = shell_lesson().manifest;
    vec![WarmImage { image: manifest.image, limits: manifest.limits, services: manifest.services }]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_waits_stands_still_until_it_is_claimed_or_thrown_away() {
    let world = World::new().await;
    let agent = world.agent_with(|config| (config.warm, config.warm_total) = (one_warm(), 1));
    let pid = still_one(&agent.name).await;
    let session = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(session).await;
    line.until_ready().await;
    assert!(!stands_still(pid), "the session has another one");
    line.join(1, uuid::Uuid::new_v4()).await;
    line.open_terminal(1).await;
    // The refill stands still as well, and is thrown away for all that.
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_together_with_its_warden_an_agent_leaves_what_stands_still_to_its_next_start() {
    let world = World::new().await;
    let agent = world.agent_process(None);
    let job = world.hand_in(&shell_lesson(), "echo hello").await;
    world.result(job).await;
    let pid = still_one(&agent.name).await;

    let name = agent.name.clone();
    agent.kill_with_children();
    assert!(stands_still(pid), "nobody is left to let it go on");
    let left = containers(&name).await;
    assert_eq!(left.len(), 1);

    let next = world.agent_with(|config| {
        // The same place: what is frozen is written down in it.
        config.run_dir = world.folder.path().join(&name);
        config.name.clone_from(&name);
        config.warm_total = 0;
    });
    containers_become(&name, |count| count == 0).await;
    next.stop().await;
}
