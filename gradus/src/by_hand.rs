//! Where something is graded by hand, without an agent: the same Docker, guest and runtime as an agent's.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::settings::built_guest;

/// Folder of the places that [`eval_agent::local`] takes.
const RUN_DIR: &str = "/run/gradus/by-hand";

#[derive(Args)]
pub struct ByHandArgs {
    /// The Docker Engine's socket.
    #[arg(long, env = "GRADUS_DOCKER", default_value = "/var/run/docker.sock", value_name = "PATH")]
    docker: PathBuf,
    /// The OCI runtime of every container, by the name the engine knows it under (runsc, kata, crun).
    #[arg(long, env = "GRADUS_RUNTIME", value_name = "NAME")]
    runtime: Option<String>,
    /// The static guest (`scripts/build-guest` makes it).
    #[arg(long, env = "GRADUS_GUEST", value_name = "FILE")]
    guest: Option<PathBuf>,
}

impl ByHandArgs {
    pub fn config(&self) -> eval_agent::Config {
        let guest = self.guest.clone().unwrap_or_else(built_guest);
        let mut config = eval_agent::Config::new("by-hand", guest);
        config.docker_socket.clone_from(&self.docker);
        config.runtime.clone_from(&self.runtime);
        config.run_dir = Path::new(RUN_DIR).to_owned();
        // Nothing waits here.
        config.freeze = false;
        config
    }
}
