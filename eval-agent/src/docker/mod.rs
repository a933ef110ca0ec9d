//! The few things asked of the Docker Engine: create, start, inspect, remove, list, and how containers died. Each has a deadline; none is on
//! a path where a person waits for a key stroke. Knows nothing of lessons, guests or jobs.
//!
//! `exec`, `attach`, archives and `stats` are left out on purpose: they cost 10–900 ms and a stalled one can wedge
//! removal (measured). The guest does those jobs.

mod deaths;
mod error;
mod quarantine;

use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use bollard::models::{ContainerCreateBody, HostConfig, SystemInfo};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};

pub use deaths::{Deaths, Obituary};
pub use error::{DockerCall, DockerError};
pub use quarantine::{Lost, Maker, Quarantine, Removal, RemovalError};

/// Answers from memory; an engine that takes longer is not well.
const QUICK_DEADLINE: Duration = Duration::from_secs(5);
/// 10 ms idle, up to a second under load.
const CREATE_DEADLINE: Duration = Duration::from_secs(10);
/// 0.2 s idle, 1.5 s with four at once on a busy host. A runtime that hangs here is quarantined.
const START_DEADLINE: Duration = Duration::from_secs(15);
/// 50 ms idle. Beyond this the container is quarantined and removed in the background.
const REMOVE_DEADLINE: Duration = Duration::from_secs(10);
/// bollard's own limit, in seconds; above all of ours, so that ours decide.
const CLIENT_TIMEOUT_SECONDS: u64 = 60;
/// Between looks at a container that is being removed already (AutoRemove won the race).
const REMOVAL_POLL: Duration = Duration::from_millis(20);

/// A connection to the engine, its API version agreed on.
#[derive(Debug, Clone)]
pub struct Docker {
    api: bollard::Docker,
}

/// A running container, as the engine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Of its PID 1, in the host's numbering.
    pub pid: u32,
    /// `sha256:…`
    pub image_id: String,
}

/// Who answers on the socket, and on what machine.
#[derive(Debug)]
pub struct System {
    pub versions: Versions,
    pub info: SystemInfo,
}

/// As far as the engine says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    pub engine: Option<String>,
    pub api: Option<String>,
    pub runc: Option<String>,
}

impl Docker {
    /// Connects and agrees on an API version.
    ///
    /// # Errors
    /// [`DockerError`] when nothing answers in time.
    pub async fn connect(socket: &Path) -> Result<Self, DockerError> {
        let call = DockerCall::Connect;
        let api = bollard::Docker::connect_with_unix(
            &socket.to_string_lossy(),
            CLIENT_TIMEOUT_SECONDS,
            bollard::API_DEFAULT_VERSION,
        )
        .map_err(|why| DockerError::from_engine(call, why))?;
        let api = within(call, QUICK_DEADLINE, api.negotiate_version()).await?;
        Ok(Self { api })
    }

    /// # Errors
    /// [`DockerError`] when the engine does not answer in time.
    pub async fn system(&self) -> Result<System, DockerError> {
        let version = within(DockerCall::Version, QUICK_DEADLINE, self.api.version()).await?;
        let info = within(DockerCall::Version, QUICK_DEADLINE, self.api.info()).await?;
        let parts = version.components.unwrap_or_default();
        let runc = parts.into_iter().find(|part| part.name == "runc").map(|part| part.version);
        Ok(System { versions: Versions { engine: version.version, api: version.api_version, runc }, info })
    }

    /// # Errors
    /// [`DockerError::ImageMissing`] when the image is not on this host; others as they come.
    pub async fn create(&self, name: &str, body: ContainerCreateBody) -> Result<(), DockerError> {
        let options = CreateContainerOptionsBuilder::default().name(name).build();
        let created = self.api.create_container(Some(options), body);
        let answer = within(DockerCall::Create, CREATE_DEADLINE, created).await?;
        for warning in answer.warnings {
            tracing::debug!(container = name, warning, "the engine warned");
        }
        Ok(())
    }

    /// # Errors
    /// [`DockerError`], a deadline among them: the container may still come up later and has to be removed.
    pub async fn start(&self, name: &str) -> Result<(), DockerError> {
        within(DockerCall::Start, START_DEADLINE, self.api.start_container(name, None)).await
    }

    /// # Errors
    /// [`DockerError`]; [`DockerError::Odd`] when it is not running.
    pub async fn inspect(&self, name: &str) -> Result<Running, DockerError> {
        let answer =
            within(DockerCall::Inspect, QUICK_DEADLINE, self.api.inspect_container(name, None)).await?;
        let pid = answer.state.and_then(|state| state.pid).and_then(|pid| u32::try_from(pid).ok());
        match (pid, answer.image) {
            (Some(pid), Some(image_id)) if pid > 0 => Ok(Running { pid, image_id }),
            _ => Err(DockerError::Odd { call: DockerCall::Inspect, detail: "it is not running".to_owned() }),
        }
    }

    /// What the engine says it made a container with.
    ///
    /// # Errors
    /// [`DockerError`]
    pub async fn settings_of(&self, name: &str) -> Result<HostConfig, DockerError> {
        let answer =
            within(DockerCall::Inspect, QUICK_DEADLINE, self.api.inspect_container(name, None)).await?;
        Ok(answer.host_config.unwrap_or_default())
    }

    /// Kills and removes a container; one that is not there counts as removed. Returns when it is gone.
    ///
    /// # Errors
    /// [`DockerError::TooSlow`] when it is still there after [`REMOVE_DEADLINE`].
    pub async fn remove(&self, name: &str) -> Result<(), DockerError> {
        let gone = async {
            while !self.remove_once(name).await? {
                tokio::time::sleep(REMOVAL_POLL).await;
            }
            Ok::<_, DockerError>(())
        };
        tokio::time::timeout(REMOVE_DEADLINE, gone)
            .await
            .map_err(|_| DockerError::TooSlow { call: DockerCall::Remove, deadline: REMOVE_DEADLINE })?
    }

    /// True when the container is gone, false when someone (AutoRemove) is at it.
    async fn remove_once(&self, name: &str) -> Result<bool, DockerError> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match self.api.remove_container(name, Some(options)).await {
            Ok(()) => Ok(true),
            Err(why) => match DockerError::from_engine(DockerCall::Remove, why) {
                DockerError::NotFound { .. } => Ok(true),
                DockerError::Conflict { .. } => Ok(false),
                other => Err(other),
            },
        }
    }

    /// Names of all containers, running or not, that carry `label` with `value`.
    ///
    /// # Errors
    /// [`DockerError`]
    pub async fn list_labelled(&self, label: &str, value: &str) -> Result<Vec<String>, DockerError> {
        let filters = HashMap::from([("label".to_owned(), vec![format!("{label}={value}")])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let listed =
            within(DockerCall::List, QUICK_DEADLINE, self.api.list_containers(Some(options))).await?;
        let names = listed.into_iter().filter_map(|summary| summary.names?.into_iter().next());
        Ok(names.map(|name| name.trim_start_matches('/').to_owned()).collect())
    }
}

async fn within<T>(
    call: DockerCall,
    deadline: Duration,
    answer: impl Future<Output = Result<T, bollard::errors::Error>>,
) -> Result<T, DockerError> {
    match tokio::time::timeout(deadline, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(why)) => Err(DockerError::from_engine(call, why)),
        Err(_) => Err(DockerError::TooSlow { call, deadline }),
    }
}
