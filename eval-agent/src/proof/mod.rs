//! The sandbox, proved on the host it runs on: a container with the agent's very settings, looked at from inside by
//! `eval-probe` in a learner's place, and from outside by what the kernel and the engine say of it.
//!
//! Used by `gradus doctor --sandbox` and by the agent's own tests; jobs never come here.

mod checks;
mod facts;
mod trial;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::container::{Purpose, Shape, StartError, Starter};
use crate::dense::{Dense, DenseError};
use crate::docker::{Docker, DockerError, Quarantine};
use crate::guest_link::CallError;
use crate::host::{HostError, HostFacts};
use crate::run_dir::{RunDir, RunDirError};
use crate::sandbox::Control;

pub use facts::Facts;

/// For the removal of the proof's own containers.
const REMOVAL_LIMIT: Duration = Duration::from_secs(20);
/// How long the container lives that is to end by itself.
const SHORT_LIFE: Duration = Duration::from_secs(2);

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    /// The controls without which it would not hold.
    pub controls: &'static [Control],
    /// What was found; or what is missing.
    pub result: Result<String, Missing>,
}

/// A control that does not hold here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub found: String,
    /// What to type, or where to look.
    pub mend: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Dense(#[from] DenseError),
    #[error(transparent)]
    RunDir(#[from] RunDirError),
    #[error("starting the container to look at")]
    Start(#[from] StartError),
    #[error("asking its guest")]
    Guest(#[from] CallError),
    #[error("reading the probe {path}")]
    Probe {
        path: std::path::PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the probe did not run: {0}")]
    NotRun(String),
}

/// What was found out about a host.
#[derive(Debug)]
pub struct Proof {
    pub host: HostFacts,
    pub checks: Vec<Check>,
    /// What the probe said, for tests that hold it against a list of their own.
    pub facts: Facts,
}

/// Starts two containers of `image`, looks, and removes them. They are given `needs`, as for a lesson that an operator
/// allows them: nothing else may be looser then.
///
/// # Errors
/// [`ProofError`] when there is no container to look at.
pub async fn prove(
    config: &Config,
    image: &str,
    probe: &Path,
    needs: lesson::Needs,
) -> Result<Proof, ProofError> {
    let docker = Docker::connect(&config.docker_socket).await?;
    let host = HostFacts::ask(&docker, config.runtime.as_deref()).await?;
    let run_dir = Arc::new(RunDir::open(&config.run_dir, &config.guest_binary)?);
    let quarantine = Quarantine::new(docker.clone());
    let dense = Dense::wanted(&docker, config, &run_dir).await?;
    let starter = Starter::new(docker.clone(), quarantine.clone(), run_dir, config).with_dense(dense);
    let starter = Arc::new(starter);
    let shape = Shape { needs, ..Shape::new(image, &lesson::Limits::default(), &[]) };
    let looked = async {
        let starts = tokio::join!(
            starter.start(&shape, Purpose::Proof),
            // Beside the other, and with a life that ends while we look.
            starter.start_for(&shape, Purpose::Proof, SHORT_LIFE),
        );
        trial::look(&docker, starts.0?, starts.1?, &shape, probe).await
    };
    let looked = looked.await;
    starter.stop();
    quarantine.settled(REMOVAL_LIMIT).await;
    let (trial, facts) = looked?;
    Ok(Proof { checks: checks::all(&host, &trial, &facts), host, facts })
}
