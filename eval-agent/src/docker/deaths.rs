//! How containers die, in the engine's own words: one stream of its events for all containers of this agent.
//!
//! The kernel's counter of a control group is read where it is still there ([`cgroup`](crate::cgroup)); it goes with a
//! container that dies whole. The engine is told of every kill for want of memory by the runtime, on both versions of
//! control groups, and says so before it says that the container died: hence `die` without `oom` before it means that it
//! was something else. What it said while nobody listened it says again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Docker;
use crate::sandbox::AGENT_LABEL;

/// From a guest's hanging up to the engine's word: a tenth of a second idle.
const WORD_DEADLINE: Duration = Duration::from_secs(5);
/// Between two attempts to listen.
const LISTEN_PAUSE: Duration = Duration::from_millis(500);

/// What the engine said of one container so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Said {
    /// Kills for want of memory.
    kills: u64,
    has_died: bool,
}

/// As many as containers live: a name is entered before its container is made, and struck out after it.
type Names = Arc<Mutex<HashMap<String, watch::Sender<Said>>>>;

/// Listens as long as it lives.
#[derive(Debug)]
pub struct Deaths {
    names: Names,
    _listening: DropGuard,
}

/// What is heard of one container; struck out on drop.
#[derive(Debug)]
pub struct Obituary {
    name: String,
    names: Names,
    said: watch::Receiver<Said>,
}

impl Deaths {
    /// Begins to listen for all containers with this agent's label.
    #[must_use]
    pub fn listen(docker: &Docker, agent: &str) -> Self {
        let names = Names::default();
        let stop = CancellationToken::new();
        let listener = Listener { docker: docker.clone(), agent: agent.to_owned(), names: names.clone() };
        tokio::spawn(stop.clone().run_until_cancelled_owned(listener.run()));
        Self { names, _listening: stop.drop_guard() }
    }

    /// To be asked for before the engine hears of the name.
    #[must_use]
    pub fn of(&self, name: &str) -> Obituary {
        let (sender, said) = watch::channel(Said::default());
        lock(&self.names).insert(name.to_owned(), sender);
        Obituary { name: name.to_owned(), names: self.names.clone(), said }
    }
}

impl Obituary {
    /// Kills for want of memory that the engine has spoken of.
    #[must_use]
    pub fn kills(&self) -> u64 {
        self.said.borrow().kills
    }

    /// Waits for the engine's word on a container that has died: kills in all. `None` when none comes – the engine itself
    /// may be on its way down.
    pub async fn last_word(&self) -> Option<u64> {
        let mut said = self.said.clone();
        let died = said.wait_for(|said| said.has_died);
        let died = tokio::time::timeout(WORD_DEADLINE, died).await.ok()?.ok()?;
        Some(died.kills)
    }
}

impl Drop for Obituary {
    fn drop(&mut self) {
        lock(&self.names).remove(&self.name);
    }
}

struct Listener {
    docker: Docker,
    agent: String,
    names: Names,
}

impl Listener {
    /// Listens, and again from where it was cut off.
    async fn run(self) {
        let mut since = now();
        loop {
            let filters = HashMap::from([
                ("type".to_owned(), vec!["container".to_owned()]),
                ("event".to_owned(), vec!["oom".to_owned(), "die".to_owned()]),
                ("label".to_owned(), vec![format!("{AGENT_LABEL}={}", self.agent)]),
            ]);
            let options = EventsOptionsBuilder::default().since(&written(since)).filters(&filters).build();
            let mut events = std::pin::pin!(self.docker.api.events(Some(options)));
            while let Some(Ok(event)) = events.next().await {
                // The last one before a cut is said again.
                let time =
                    event.time_nano.and_then(|nanos| u64::try_from(nanos).ok()).map(Duration::from_nanos);
                if let Some(time) = time.filter(|time| *time != since) {
                    self.hear(&event);
                    since = time;
                }
            }
            tokio::time::sleep(LISTEN_PAUSE).await;
        }
    }

    fn hear(&self, event: &EventMessage) {
        let attributes = event.actor.as_ref().and_then(|actor| actor.attributes.as_ref());
        let Some(name) = attributes.and_then(|attributes| attributes.get("name")) else { return };
        let names = lock(&self.names);
        let Some(said) = names.get(name) else { return };
        said.send_modify(|said| match event.action.as_deref() {
            Some("oom") => said.kills += 1,
            Some("die") => said.has_died = true,
            _ => {}
        });
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// As the engine reads times.
fn written(time: Duration) -> String {
    format!("{}.{:09}", time.as_secs(), time.subsec_nanos())
}

fn lock(names: &Names) -> MutexGuard<'_, HashMap<String, watch::Sender<Said>>> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}
