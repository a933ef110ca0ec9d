//! Figures, not stories: `cargo nextest run -p api --run-ignored only figures --no-capture`.

use std::time::{Duration, Instant};

use ide_protocol::frame::Flow::{Input, Output};

use crate::relay::{Joined, joined};
use crate::support::{Backend, World};

const ROUNDS: usize = 500;

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    println!("{what}: median {:.2} ms, p95 {:.2} ms, p99 {:.2} ms", at(50), at(95), at(99));
}

async fn figures(world: World) {
    let Joined { learner, workspace, mut tab, mut agent, .. } = joined(&world).await;
    let mut times = Vec::new();
    for n in 0..ROUNDS as u64 {
        let started = Instant::now();
        tab.put(Input, 0, n, b"x").await;
        agent.hears_bytes().await;
        agent.put(Output, 1, n, b"x").await;
        tab.hears_bytes().await;
        times.push(started.elapsed());
    }
    print("key stroke to the agent and back", times);
    let payload = vec![b'y'; 32 * 1024];
    let started = Instant::now();
    for n in 0..2_000_u64 {
        agent.put(Output, 1, n * 32 * 1024, &payload).await;
        tab.hears_bytes().await;
    }
    println!("output: {:.0} MiB/s", 62.5 / started.elapsed().as_secs_f64());
    let mut times = Vec::new();
    let mut revision = 1;
    for n in 0..150 {
        let started = Instant::now();
        revision = learner.save(workspace, "double.py", revision, &n.to_string()).await;
        times.push(started.elapsed());
    }
    print("save", times);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints figures"]
async fn sqlite() {
    figures(World::new(Backend::Sqlite).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints figures"]
async fn postgres() {
    if let Some(world) = World::new(Backend::Postgres).await {
        figures(world).await;
    }
}
