//! Removes what an earlier run left: containers of this agent's label that are not in the books, and their folders.
//! What was made beside a holder is known to the runtime alone. Idempotent; runs at start, before anything is taken on, and every minute after that.

use std::time::Duration;

use crate::books::Books;
use crate::dense::Dense;
use crate::docker::{Docker, DockerError, Maker, Quarantine, Removal};
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
    dense: Option<&Dense>,
    agent: &str,
    books: &Books,
    run_dir: &RunDir,
    quarantine: &Quarantine,
) -> Result<usize, DockerError> {
    let mut strays = 0;
    let ours = docker.list_labelled(AGENT_LABEL, agent).await?.into_iter();
    let beside = dense.into_iter().flat_map(|dense| {
        let maker = Maker::Runtime(dense.runc.clone());
        dense.runc.names().into_iter().map(move |name| (name, maker.clone()))
    });
    for (name, maker) in ours.map(|name| (name, Maker::Engine)).chain(beside) {
        if books.hold(&name) {
            continue;
        }
        strays += 1;
        tracing::warn!(container = name, "removing a container that an earlier run left");
        // In the books while it goes, so that the next round does not ask again.
        let entry = books.enter(&name);
        quarantine.remove(Removal { name, lane: None, maker }, entry);
    }
    for name in run_dir.containers() {
        if !books.hold(&name) {
            run_dir.remove(&name);
        }
    }
    Ok(strays)
}
