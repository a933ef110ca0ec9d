//! Removes what an earlier run left: containers of this agent's label that are not in the books, and their folders.
//! Idempotent; runs at start, before anything is taken on, and every minute after that.

use std::time::Duration;

use crate::books::Books;
use crate::docker::{Docker, DockerError, Quarantine, Removal};
use crate::run_dir::RunDir;
use crate::sandbox::AGENT_LABEL;

/// Between two rounds.
pub const REAP_EVERY: Duration = Duration::from_secs(60);

/// Asks for the removal of every stray container and folder; says how many containers there were.
///
/// # Errors
/// [`DockerError`] when the engine would not list its containers.
pub async fn reap(
    docker: &Docker,
    agent: &str,
    books: &Books,
    run_dir: &RunDir,
    quarantine: &Quarantine,
) -> Result<usize, DockerError> {
    let mut strays = 0;
    for name in docker.list_labelled(AGENT_LABEL, agent).await? {
        if books.hold(&name) {
            continue;
        }
        strays += 1;
        tracing::warn!(container = name, "removing a container that an earlier run left");
        // In the books while it goes, so that the next round does not ask again.
        let entry = books.enter(&name);
        quarantine.remove(Removal { name, lane: None }, entry);
    }
    for name in run_dir.containers() {
        if !books.hold(&name) {
            run_dir.remove(&name);
        }
    }
    Ok(strays)
}
