//! Containers that wait stand still, and nothing stays that way: not when they are claimed, nor when their agent is gone.
//! And whoever claims one is given its weight.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eval_agent::WarmImage;

use crate::world::{
    PATIENCE, World, container_pids, containers, containers_become, containers_run, shell_lesson,
};

/// A file of a container's control group: below the tree of a controller in version 1, in the one tree of version 2.
fn group_file(pid: u32, controller: &str, v1: &str, v2: &str) -> PathBuf {
    let membership = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let path = |wanted: &str| {
        membership.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            controllers.split(',').any(|one| one == wanted).then(|| path.trim_start_matches('/').to_owned())
        })
    };
    match path(controller) {
        Some(path) => Path::new("/sys/fs/cgroup").join(controller).join(path).join(v1),
        None => Path::new("/sys/fs/cgroup").join(path("").unwrap()).join(v2),
    }
}

fn stands_still(pid: u32) -> bool {
    let state = fs::read_to_string(group_file(pid, "freezer", "freezer.state", "cgroup.freeze"));
    state.is_ok_and(|state| ["FROZEN", "1"].contains(&state.trim()))
}

/// In hundredths of what a container has that nobody weighed.
fn weight(pid: u32) -> u32 {
    let file = group_file(pid, "cpu", "cpu.shares", "cpu.weight");
    let weight: u32 = fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    if file.ends_with("cpu.shares") { weight * 100 / 1_024 } else { weight }
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
    assert_eq!(weight(pid), 25);
    let session = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(session).await;
    line.until_ready().await;
    assert!(!stands_still(pid), "the session has another one");
    assert_eq!(weight(pid), 400, "before gradings, and before what is prepared");
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
