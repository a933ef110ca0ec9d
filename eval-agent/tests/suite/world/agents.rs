//! Agents: one in this process, which can be asked to stop, and one in a process of its own, which can be killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bollard::Docker;
use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::ListContainersOptionsBuilder;
use eval_agent::Config;
use job_queue::EmbeddedQueue;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{PATIENCE, World};

/// How long the queue leaves a job with an agent that is killed: long enough for heartbeats on a busy machine.
const SHORT_VISIBILITY: Duration = Duration::from_secs(12);

/// Uid ranges there are; tests that run at the same time have process ids close together.
const RANGES: u32 = 90;

pub struct Agent {
    pub name: String,
    shutdown: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

/// The static guest, as built by `make`; `GRADUS_GUEST` names another.
pub fn guest() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/guest")
        .join(format!("{}-unknown-linux-gnu/guest/eval-guest", std::env::consts::ARCH));
    let guest = std::env::var_os("GRADUS_GUEST").map_or(built, PathBuf::from);
    assert!(guest.exists(), "{} is missing: run scripts/build-guest", guest.display());
    guest
}

fn config(name: &str, folder: &Path) -> Config {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let range = (std::process::id() + COUNT.fetch_add(1, Ordering::Relaxed)) % RANGES;
    Config {
        run_dir: folder.join(name),
        uid_base: 100_000 + range * 1_000,
        session_slots: 4,
        warm_per_key: 1,
        warm_most_per_key: 1,
        warm_total: 2,
        // Two containers more at each start; stories about it turn it on.
        host_check: false,
        ..Config::new(name, guest())
    }
}

fn fresh_name() -> String {
    format!("t{}", &uuid::Uuid::new_v4().simple().to_string()[..8])
}

impl World {
    /// Settings of an agent of its own.
    pub fn config(&self) -> Config {
        config(&fresh_name(), self.folder.path())
    }

    pub fn agent(&self) -> Agent {
        self.agent_with(|_| {})
    }

    pub fn agent_with(&self, change: impl FnOnce(&mut Config)) -> Agent {
        let name = fresh_name();
        let mut config = config(&name, self.folder.path());
        change(&mut config);
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(eval_agent::run(config, self.queue.clone(), shutdown.clone()));
        Agent { name, shutdown, task }
    }

    /// An agent in a process of its own, on the same queue.
    pub fn agent_process(&self, name: Option<&str>) -> AgentProcess {
        self.agent_process_with(name, "GRADUS_TEST_USUAL")
    }

    /// As [`agent_process`](Self::agent_process), with a word in its environment.
    pub fn agent_process_with(&self, name: Option<&str>, word: &str) -> AgentProcess {
        let name = name.map_or_else(fresh_name, str::to_owned);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "clean_up::the_process_of_an_agent"])
            .env("GRADUS_TEST_AGENT", &name)
            .env(word, "")
            .env("GRADUS_TEST_FOLDER", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        AgentProcess { name, child }
    }
}

/// What the other process does: be an agent until killed.
pub async fn run_as_process() {
    let name = std::env::var("GRADUS_TEST_AGENT").unwrap();
    let folder = PathBuf::from(std::env::var("GRADUS_TEST_FOLDER").unwrap());
    let queue = Arc::new(EmbeddedQueue::open(&folder.join("queue.db")).await.unwrap());
    let dense = std::env::var_os("GRADUS_TEST_DENSE").is_some();
    let config = Config { visibility: SHORT_VISIBILITY, dense, ..config(&name, &folder) };
    eval_agent::run(config, queue, CancellationToken::new()).await.unwrap();
}

impl Agent {
    /// Why it would not start.
    pub async fn refused(self) -> anyhow::Error {
        tokio::time::timeout(PATIENCE, self.task).await.expect("it runs").unwrap().unwrap_err()
    }

    /// Asks it to stop and waits until it has; no container of its is left then.
    pub async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("the agent did not stop").unwrap().unwrap();
        assert_eq!(containers(&self.name).await, Vec::<String>::new(), "left behind");
    }
}

pub struct AgentProcess {
    pub name: String,
    child: Child,
}

impl AgentProcess {
    /// `kill -9`
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // Not again on drop.
        std::mem::forget(self);
    }
}

impl AgentProcess {
    /// `kill -9` of the process and of everything it started, as a service manager does it.
    pub fn kill_with_children(self) {
        let pid = self.child.id();
        // Each thread lists what it started.
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
        let lists: Vec<_> =
            threads.map(|thread| std::fs::read_to_string(thread.path().join("children")).unwrap()).collect();
        let children: Vec<_> = lists.iter().flat_map(|list| list.split_ascii_whitespace()).collect();
        assert_eq!(children.len(), 1, "its warden");
        for child in children {
            let status = Command::new("kill").args(["-9", child]).status().unwrap();
            assert!(status.success(), "no child {child}");
        }
        self.kill();
    }
}

impl Drop for AgentProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Names of the containers that carry an agent's label, running or not.
pub async fn containers(agent: &str) -> Vec<String> {
    list(agent).await.into_iter().map(|container| container.names.unwrap().remove(0)).collect()
}

/// Names of what was made beside holders, and not taken away yet.
pub fn beside(config: &Config) -> Vec<String> {
    let kept = std::fs::read_dir(config.run_dir.join(".dense/state")).into_iter().flatten();
    kept.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

async fn list(agent: &str) -> Vec<ContainerSummary> {
    let docker = Docker::connect_with_local_defaults().unwrap().negotiate_version().await.unwrap();
    let label = vec![format!("org.gradus.agent={agent}")];
    let filters = std::collections::HashMap::from([("label".to_owned(), label)]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    docker.list_containers(Some(options)).await.unwrap()
}

/// PID 1 of each container of an agent that runs, in the host's numbering.
pub async fn container_pids(agent: &str) -> Vec<u32> {
    let docker = Docker::connect_with_local_defaults().unwrap().negotiate_version().await.unwrap();
    let mut pids = Vec::new();
    for container in list(agent).await {
        let found = docker.inspect_container(&container.id.unwrap(), None).await;
        let pid = found.ok().and_then(|found| found.state?.pid).and_then(|pid| u32::try_from(pid).ok());
        pids.extend(pid.filter(|pid| *pid > 0));
    }
    pids
}

/// Waits for a fact about an agent's containers.
pub async fn containers_become(agent: &str, what: impl Fn(usize) -> bool) -> Duration {
    until(agent, |containers| what(containers.len())).await
}

/// Waits until that many containers are there, every one of them started.
pub async fn containers_run(agent: &str, count: usize) {
    let running = |one: &ContainerSummary| one.state == Some(ContainerSummaryStateEnum::RUNNING);
    until(agent, |containers| containers.len() == count && containers.iter().all(running)).await;
}

async fn until(agent: &str, what: impl Fn(&[ContainerSummary]) -> bool) -> Duration {
    let clock = std::time::Instant::now();
    loop {
        let containers = list(agent).await;
        if what(&containers) {
            return clock.elapsed();
        }
        assert!(clock.elapsed() < PATIENCE, "after {PATIENCE:?}: {containers:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
