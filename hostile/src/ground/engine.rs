//! The Docker Engine as the runner sees it: which containers of this agent there are, and whether it answers. What the agent
//! makes beside a holder is listed with them, and said to be made as the holder is.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::models::{ContainerInspectResponse, ContainerSummary};
use bollard::query_parameters::ListContainersOptionsBuilder;

use super::lane::Lane;

/// Label that names a container's agent.
const AGENT_LABEL: &str = "org.gradus.agent";
/// And one that says what it is there for; a holder is there for as long as its agent.
const PURPOSE_LABEL: &str = "org.gradus.purpose";
const HOLDER: &str = "holder";

/// Answers that take longer are as good as none.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Engine {
    docker: bollard::Docker,
    filter: String,
    lane: Lane,
}

/// A container as listed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ContainerSeen {
    pub name: String,
    pub state: String,
    /// Bytes it wrote beside its image and its tmpfs.
    pub written_bytes: i64,
}

impl Engine {
    /// What the agent of that name has; `run_dir` is where its sockets lie.
    ///
    /// # Errors
    /// When there is no engine.
    pub fn connect(agent: &str, run_dir: PathBuf) -> anyhow::Result<Self> {
        let docker = bollard::Docker::connect_with_unix_defaults()?;
        Ok(Self { docker, filter: format!("{AGENT_LABEL}={agent}"), lane: Lane { run_dir } })
    }

    /// This agent's containers, in any state, but for holders.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn containers(&self) -> anyhow::Result<Vec<ContainerSeen>> {
        let listed = self.listed().await?.into_iter().filter(|one| !is_holder(one));
        Ok(listed.map(seen).chain(self.lane.containers()).collect())
    }

    /// All of this agent's that there is.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn everything(&self) -> anyhow::Result<Vec<ContainerSeen>> {
        Ok(self.listed().await?.into_iter().map(seen).chain(self.lane.containers()).collect())
    }

    async fn listed(&self) -> anyhow::Result<Vec<ContainerSummary>> {
        let filters = HashMap::from([("label", vec![self.filter.clone()])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let list = tokio::time::timeout(PATIENCE, self.docker.list_containers(Some(options)));
        Ok(list.await.context("the engine does not list containers")??)
    }

    /// How long `/_ping` takes.
    ///
    /// # Errors
    /// When it is not answered at all.
    pub async fn ping(&self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        tokio::time::timeout(PATIENCE, self.docker.ping()).await.context("the engine does not answer")??;
        Ok(began.elapsed())
    }

    /// Where the engine writes the log of a container; empty when nowhere.
    ///
    /// # Errors
    /// When there is no such container any more.
    pub async fn log_path(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.inspect(name).await?.log_path.unwrap_or_default())
    }

    /// Its addresses on networks of the host's.
    ///
    /// # Errors
    /// When there is no such container any more.
    pub async fn address(&self, name: &str) -> anyhow::Result<Vec<String>> {
        let networks = self.inspect(name).await?.network_settings.and_then(|settings| settings.networks);
        let addresses = networks.into_iter().flatten().filter_map(|(_, network)| network.ip_address);
        Ok(addresses.filter(|address| !address.is_empty()).collect())
    }

    /// # Errors
    /// When there is no such container any more.
    pub async fn inspect(&self, name: &str) -> anyhow::Result<ContainerInspectResponse> {
        let holder = match self.lane.holds(name) {
            true => self.listed().await?.into_iter().find(is_holder).map(|one| seen(one).name),
            false => None,
        };
        let name = holder.as_deref().unwrap_or(name);
        let call = self.docker.inspect_container(name.trim_start_matches('/'), None);
        Ok(tokio::time::timeout(PATIENCE, call).await.context("the engine does not answer")??)
    }
}

fn is_holder(container: &ContainerSummary) -> bool {
    let labels = container.labels.as_ref();
    labels.and_then(|labels| labels.get(PURPOSE_LABEL)).is_some_and(|purpose| purpose == HOLDER)
}

fn seen(container: ContainerSummary) -> ContainerSeen {
    ContainerSeen {
        name: container.names.and_then(|names| names.into_iter().next()).unwrap_or_default(),
        state: container.state.map_or_else(String::new, |state| state.to_string()),
        written_bytes: container.size_rw.unwrap_or_default(),
    }
}
