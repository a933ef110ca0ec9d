//! The dense lane: containers made straight by the runtime, beside one that the engine made. Every control in them is tried
//! by the proof (`sandbox.rs`); here they come, die and go.

use std::time::Duration;

use eval_agent::Config;
use ide_protocol::results::Outcome;

use crate::grading::verdict;
use crate::world::{World, beside, containers, containers_become, shell_lesson, shell_lesson_with};

/// Takes memory without end.
const HOG: &str = "tail /dev/zero";
const PATIENCE: Duration = Duration::from_secs(30);

async fn beside_become(config: &Config, count: usize) {
    let clock = std::time::Instant::now();
    while beside(config).len() != count {
        assert!(clock.elapsed() < PATIENCE, "{:?}", beside(config));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hand_ins_and_sessions_are_served_beside_one_container_of_the_engines_and_nothing_is_left() {
    let world = World::new().await;
    let mut config = world.config();
    let agent = world.agent_with(|own| {
        (own.dense, own.warm_total) = (true, 0);
        config = own.clone();
    });
    let session = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(session).await;
    line.until_ready().await;
    assert_eq!((containers(&agent.name).await.len(), beside(&config).len()), (1, 1));
    let right = world.hand_in(&shell_lesson(), r#"echo "hello${1:+ $1}""#).await;
    let wrong = world.hand_in(&shell_lesson(), "echo no").await;
    assert_eq!(verdict(world.result(right).await.outcome).outcome, Outcome::Passed);
    assert_eq!(verdict(world.result(wrong).await.outcome).outcome, Outcome::Failed);
    beside_become(&config, 1).await;
    assert_eq!(containers(&agent.name).await.len(), 1, "the engine made one for all of them");

    let ((), _) = tokio::join!(agent.stop(), line.until_closed());
    assert_eq!(beside(&config), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn want_of_memory_is_told_there_as_anywhere() {
    let world = World::new().await;
    let agent = world.agent_with(|config| (config.dense, config.warm_total) = (true, 0));
    let lesson = shell_lesson_with("wall_seconds = 20\nmemory_mib = 192\ndisk_mib = 32");
    let job = world.hand_in(&lesson, HOG).await;
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::OutOfMemory);
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_agents_containers_die_and_its_next_start_takes_away_what_the_runtime_kept() {
    let world = World::new().await;
    let agent = world.agent_process_with(None, "GRADUS_TEST_DENSE");
    let config = Config { run_dir: world.folder.path().join(&agent.name), ..world.config() };
    let job =
        world.hand_in(&shell_lesson_with("wall_seconds = 30"), "sleep 3; echo \"hello${1:+ $1}\"").await;
    world.api.started(job, 1).await;
    let pids = loop {
        let pids = beside_pids(&config);
        if pids.len() == 2 {
            break pids;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let name = agent.name.clone();
    agent.kill();
    containers_become(&name, |count| count == 0).await;
    for pid in pids {
        while std::path::Path::new(&format!("/proc/{pid}/root/proc")).exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(beside(&config).len(), 2, "the runtime's notes of the dead");

    let next = world.agent_with(|own| {
        own.name.clone_from(&name);
        own.run_dir.clone_from(&config.run_dir);
        (own.dense, own.warm_total) = (true, 0);
    });
    beside_become(&config, 0).await;
    next.stop().await;
}

/// PID 1 of each, in the host's numbering.
fn beside_pids(config: &Config) -> Vec<u64> {
    let states = beside(config).into_iter().filter_map(|name| {
        let state = config.run_dir.join(".dense/state").join(name).join("state.json");
        let state: serde_json::Value = serde_json::from_slice(&std::fs::read(state).ok()?).ok()?;
        state["init_process_pid"].as_u64()
    });
    states.collect()
}
