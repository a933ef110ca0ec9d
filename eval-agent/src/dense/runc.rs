//! The few things asked of the OCI runtime itself: run, remove, list. Each has a deadline.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use std::{fs, io};

use serde_json::Value;
use tokio::process::Command;

/// 30 ms idle; as generous as with the engine.
const RUN_DEADLINE: Duration = Duration::from_secs(15);
/// It kills, waits up to ten seconds and takes the control group away.
const REMOVE_DEADLINE: Duration = Duration::from_secs(15);
/// The beginning of what it logged: enough to say what is wrong.
const MAX_COMPLAINT_CHARS: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum RuncError {
    #[error("preparing {path}")]
    Prepare {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{program} would not start: is it installed, and named to the agent with --runtime?")]
    NotThere {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("{doing} took longer than {deadline:?}")]
    TooSlow { doing: &'static str, deadline: Duration },
    #[error("{doing} failed ({status}): {complaint}")]
    Failed { doing: &'static str, status: ExitStatus, complaint: String },
    #[error("it told no process id")]
    NoPid,
}

/// One runtime, with a place of its own for what it keeps: the engine's containers are none of its business.
#[derive(Debug, Clone)]
pub struct Runc {
    program: String,
    state: PathBuf,
    bundles: PathBuf,
}

impl Runc {
    /// # Errors
    /// [`RuncError::Prepare`]
    pub fn new(program: String, folder: &Path) -> Result<Self, RuncError> {
        let (state, bundles) = (folder.join("state"), folder.join("bundles"));
        for path in [&state, &bundles] {
            let failed = |source| RuncError::Prepare { path: path.clone(), source };
            fs::create_dir_all(path).map_err(failed)?;
        }
        Ok(Self { program, state, bundles })
    }

    /// Starts a container and says the process id of its PID 1.
    ///
    /// # Errors
    /// [`RuncError`]; the container may be there all the same and has to be removed.
    pub async fn run(&self, name: &str, config: &Value, by_systemd: bool) -> Result<u32, RuncError> {
        let bundle = self.bundles.join(name);
        let failed = |source| RuncError::Prepare { path: bundle.clone(), source };
        fs::create_dir(&bundle).map_err(failed)?;
        fs::write(bundle.join("config.json"), config.to_string()).map_err(failed)?;
        let mut command = self.command(&bundle);
        if by_systemd {
            command.arg("--systemd-cgroup");
        }
        command.args(["run", "--detach", "--pid-file"]).arg(bundle.join("pid"));
        command.arg("--bundle").arg(&bundle).arg(name);
        self.done("starting a container", command, &bundle, RUN_DEADLINE).await?;
        let pid = fs::read_to_string(bundle.join("pid")).map_err(failed)?;
        pid.trim().parse().map_err(|_| RuncError::NoPid)
    }

    /// Kills and removes it, and its control group. One that is not there counts as removed.
    ///
    /// # Errors
    /// [`RuncError`] when it may still be there.
    pub async fn remove(&self, name: &str) -> Result<(), RuncError> {
        let bundle = self.bundles.join(name);
        let _ = fs::create_dir(&bundle);
        let mut command = self.command(&bundle);
        command.args(["delete", "--force", name]);
        self.done("removing a container", command, &bundle, REMOVE_DEADLINE).await?;
        let _ = fs::remove_dir_all(&bundle);
        Ok(())
    }

    /// Names of all there are, dead or alive, and of bundles that were left.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let entries = [&self.state, &self.bundles].into_iter().filter_map(|folder| fs::read_dir(folder).ok());
        let names = entries.flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn command(&self, bundle: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--root").arg(&self.state).arg("--log").arg(bundle.join("log"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        command
    }

    async fn done(
        &self,
        doing: &'static str,
        mut command: Command,
        bundle: &Path,
        deadline: Duration,
    ) -> Result<(), RuncError> {
        let not_there = |source| RuncError::NotThere { program: self.program.clone(), source };
        let status = tokio::time::timeout(deadline, command.status()).await;
        let status = status.map_err(|_| RuncError::TooSlow { doing, deadline })?.map_err(not_there)?;
        if status.success() {
            return Ok(());
        }
        let log = fs::read(bundle.join("log")).unwrap_or_default();
        let complaint = String::from_utf8_lossy(&log).trim().chars().take(MAX_COMPLAINT_CHARS).collect();
        Err(RuncError::Failed { doing, status, complaint })
    }
}
