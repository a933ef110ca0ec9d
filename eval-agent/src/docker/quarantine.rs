//! Removes containers in the background and never gives up: one that resists is tried again with growing pauses,
//! blocks nobody else, and its slot counts as lost until it is gone.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio_util::task::TaskTracker;

use super::{Docker, DockerError};
use crate::dense::{Runc, RuncError};
use crate::supervisor::Lane;

/// Pause after the first failed removal; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// An engine that is stuck for long is asked once a minute.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How many containers of each lane resist removal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    pub sessions: usize,
    pub gradings: usize,
}

/// The background remover. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub struct Quarantine {
    docker: Docker,
    tasks: TaskTracker,
    lost: watch::Sender<Lost>,
}

/// Who made a container, and so takes it away.
#[derive(Debug, Clone)]
pub enum Maker {
    Engine,
    Runtime(Runc),
}

#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    Runc(#[from] RuncError),
}

/// One container to remove.
#[derive(Debug)]
pub struct Removal {
    pub name: String,
    /// Whose slot it occupies; `None` for one that waited in the pool.
    pub lane: Option<Lane>,
    pub maker: Maker,
}

impl Quarantine {
    #[must_use]
    pub fn new(docker: Docker) -> Self {
        Self { docker, tasks: TaskTracker::new(), lost: watch::Sender::new(Lost::default()) }
    }

    /// Follows the number of slots lost.
    #[must_use]
    pub fn lost(&self) -> watch::Receiver<Lost> {
        self.lost.subscribe()
    }

    /// Removes a container; `keep` (its uids, its folder, its entry in the books) is dropped once it is gone.
    /// At most as many run at once as containers exist, which slots and pool bound.
    pub fn remove(&self, removal: Removal, keep: impl Send + 'static) {
        // A guard may drop while the runtime itself goes down; the container then dies of its closed socket.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let this = self.clone();
        let gone = async move {
            this.until_gone(&removal).await;
            drop(keep);
        };
        self.tasks.spawn_on(gone, &runtime);
    }

    /// Runs work that makes a container and has it removed should nobody take it; [`settled`](Self::settled) waits for
    /// that, too.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        self.tasks.spawn(async move {
            // What nobody waits for any more is dropped in here, so that the removal this asks for is counted before
            // this task is not.
            drop(done.send(work.await));
        });
        result
    }

    async fn until_gone(&self, removal: &Removal) {
        let Err(why) = self.once(removal).await else { return };
        tracing::error!(container = removal.name, error = %why, "a container resists removal: quarantined");
        self.count(removal.lane, |slots| slots.saturating_add(1));
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::time::sleep(pause).await;
            match self.once(removal).await {
                Ok(()) => break,
                Err(why) => tracing::warn!(container = removal.name, error = %why, "still there"),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        tracing::info!(container = removal.name, "a quarantined container is gone");
        self.count(removal.lane, |slots| slots.saturating_sub(1));
    }

    /// Tries once, now.
    ///
    /// # Errors
    /// [`RemovalError`] when it may still be there.
    pub async fn once(&self, removal: &Removal) -> Result<(), RemovalError> {
        match &removal.maker {
            Maker::Engine => Ok(self.docker.remove(&removal.name).await?),
            Maker::Runtime(runc) => Ok(runc.remove(&removal.name).await?),
        }
    }

    fn count(&self, lane: Option<Lane>, change: impl Fn(usize) -> usize) {
        self.lost.send_modify(|lost| match lane {
            Some(Lane::Sessions) => lost.sessions = change(lost.sessions),
            Some(Lane::Grading | Lane::Regrading) => lost.gradings = change(lost.gradings),
            None => {}
        });
    }

    /// Waits until every removal asked for so far is done, at most `limit`. True when none is left.
    pub async fn settled(&self, limit: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(limit, self.tasks.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// As long as the engine may take.
    const REMOVAL: Duration = Duration::from_millis(50);

    /// As a container: dropped, it has something done in the background.
    struct Made {
        quarantine: Quarantine,
        removed: Arc<AtomicBool>,
    }

    impl Drop for Made {
        fn drop(&mut self) {
            let removed = self.removed.clone();
            drop(self.quarantine.spawn(async move {
                tokio::time::sleep(REMOVAL).await;
                removed.store(true, Ordering::Relaxed);
            }));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_made_for_nobody_is_removed_before_all_is_settled() {
        let docker = Docker::connect(Path::new("/var/run/docker.sock")).await.unwrap();
        for _ in 0..5 {
            let quarantine = Quarantine::new(docker.clone());
            let removed = Arc::new(AtomicBool::new(false));
            let made = Made { quarantine: quarantine.clone(), removed: removed.clone() };
            let (go, gone) = oneshot::channel::<()>();
            drop(quarantine.spawn(async move {
                let _ = gone.await;
                made
            }));
            let mut settled = Box::pin(quarantine.settled(Duration::from_secs(5)));
            // It waits already when what was made turns out to be for nobody.
            tokio::select! {
                biased;
                _ = &mut settled => panic!("settled before anything was made"),
                () = std::future::ready(()) => {}
            }
            go.send(()).unwrap();
            assert!(settled.await);
            assert!(removed.load(Ordering::Relaxed), "settled before it was removed");
        }
    }
}
