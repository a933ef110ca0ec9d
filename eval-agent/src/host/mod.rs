//! What this host runs containers with, as the engine says it: stated at start, kept with every verdict, held against
//! the [`floors`] below which learners' programs should not be let in.
//!
//! Knows versions and names; not what a container may do.

pub mod floors;
mod runtime;
pub(crate) mod size;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::docker::{Docker, DockerError, System};

/// What is told of a part that says nothing about itself.
const UNKNOWN: &str = "unknown";

/// The parts of a host that stand between a learner's program and everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    /// Version of the Docker Engine.
    pub engine: String,
    /// Of its API, as agreed on.
    pub api: String,
    /// Name of the runtime that containers get (`runc`, `runsc`, `kata`, …), and its version.
    pub runtime: String,
    pub runtime_version: String,
    /// The engine's own runc, which is where the escapes of recent years were.
    pub runc: String,
    pub kernel: String,
    /// As the kernel names it: `x86_64`, `aarch64`.
    pub architecture: String,
    /// 1 or 2; 0 when the engine does not say.
    pub cgroup_version: u8,
    /// `cgroupfs` or `systemd`.
    pub cgroup_driver: String,
    pub seccomp: bool,
    pub apparmor: bool,
    pub selinux: bool,
    /// The engine maps root of its containers to nobody of the host's (`userns-remap`).
    pub user_namespaces: bool,
    pub rootless: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(
        "the engine has no runtime {wanted:?} (it has {}): name it in /etc/docker/daemon.json under \"runtimes\" and \
         reload the engine, or choose another with --runtime",
        known.join(", ")
    )]
    NoSuchRuntime { wanted: String, known: Vec<String> },
}

impl HostFacts {
    /// Of the host that an agent with these settings would work on.
    ///
    /// # Errors
    /// [`HostError`] when no engine answers, or it has no such runtime.
    pub async fn of(config: &Config) -> Result<Self, HostError> {
        Self::ask(&Docker::connect(&config.docker_socket).await?, config.runtime.as_deref()).await
    }

    /// Asks the engine. `runtime` is the one that the operator wants; without, it is the engine's own choice.
    ///
    /// # Errors
    /// [`HostError`] when the engine does not answer, or has no such runtime.
    pub(crate) async fn ask(docker: &Docker, runtime: Option<&str>) -> Result<Self, HostError> {
        let System { versions, info } = docker.system().await?;
        let name = runtime::chosen(&info, runtime)?;
        let runtime_version = match name.as_str() {
            "runc" => versions.runc.clone(),
            other => runtime::version(&info, other).await,
        };
        let says = |what: &str| {
            let options = info.security_options.iter().flatten();
            options.into_iter().any(|option| option.split(',').any(|part| part == format!("name={what}")))
        };
        let known = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
        Ok(Self {
            engine: known(versions.engine),
            api: known(versions.api),
            runtime: name,
            runtime_version: known(runtime_version),
            runc: known(versions.runc),
            kernel: known(info.kernel_version.clone()),
            architecture: known(info.architecture.clone()),
            cgroup_version: info.cgroup_version.and_then(|one| one.as_ref().parse().ok()).unwrap_or(0),
            cgroup_driver: known(info.cgroup_driver.map(|driver| driver.to_string())),
            seccomp: says("seccomp"),
            apparmor: says("apparmor"),
            selinux: says("selinux"),
            user_namespaces: says("userns"),
            rootless: says("rootless"),
        })
    }

    /// What of it is older than it should be.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<floors::Shortfall> {
        floors::shortfalls(self)
    }
}

/// One line for people and logs.
impl std::fmt::Display for HostFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { engine, runtime, runtime_version, runc, kernel, architecture, cgroup_version, .. } = self;
        write!(f, "Docker {engine}, {runtime} {runtime_version}")?;
        if runtime != "runc" {
            write!(f, " (runc {runc})")?;
        }
        write!(f, ", Linux {kernel} on {architecture}, control groups version {cgroup_version}")?;
        let guards = [
            (self.seccomp, "seccomp"),
            (self.apparmor, "AppArmor"),
            (self.selinux, "SELinux"),
            (self.user_namespaces, "user namespaces"),
            (self.rootless, "rootless"),
        ];
        guards.iter().filter(|(is_there, _)| *is_there).try_for_each(|(_, name)| write!(f, ", {name}"))
    }
}
