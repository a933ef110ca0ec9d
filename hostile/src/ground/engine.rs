//! The Docker Engine as the runner sees it: which containers of this agent there are, and whether it answers.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::ListContainersOptionsBuilder;

/// Label that names a container's agent.
const AGENT_LABEL: &str = "org.gradus.agent";

/// Answers that take longer are as good as none.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Engine {
    docker: bollard::Docker,
    filter: String,
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
    pub(super) fn connect(agent: &str) -> anyhow::Result<Self> {
        let docker = bollard::Docker::connect_with_unix_defaults()?;
        Ok(Self { docker, filter: format!("{AGENT_LABEL}={agent}") })
    }

    /// This agent's containers, in any state.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn containers(&self) -> anyhow::Result<Vec<ContainerSeen>> {
        let filters = HashMap::from([("label", vec![self.filter.clone()])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let list = tokio::time::timeout(PATIENCE, self.docker.list_containers(Some(options)));
        let list = list.await.context("the engine does not list containers")??;
        let seen = list.into_iter().map(|one| ContainerSeen {
            name: one.names.and_then(|names| names.into_iter().next()).unwrap_or_default(),
            state: one.state.map_or_else(String::new, |state| state.to_string()),
            written_bytes: one.size_rw.unwrap_or_default(),
        });
        Ok(seen.collect())
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
        let call = self.docker.inspect_container(name.trim_start_matches('/'), None);
        Ok(tokio::time::timeout(PATIENCE, call).await.context("the engine does not answer")??)
    }
}
