//! The dense lane: containers made straight by the OCI runtime, without the engine. Of each image and set of limits one
//! container, the **holder**, is made by the engine with the settings of all; others are made beside it from the bundle that
//! the engine wrote for it ([`pattern`]) on its image, each with namespaces, a control group, uids, folders in memory and a
//! guest of its own. The sandbox is the same to the letter; what is saved is the engine, containerd and a shim for each.
//!
//! An operator's choice; the engine stays the contract. A bundle that is not as expected turns the lane off for good, and
//! containers come from the engine again.

mod pattern;
mod runc;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use pattern::Unexpected;
pub use runc::{Runc, RuncError};

use crate::config::Config;
use crate::container::{Container, POOL_AGE_LIMIT, Shape, StartError};
use crate::docker::{Docker, DockerError};
use crate::run_dir::RunDir;
use crate::sandbox::{ContainerLimits, Sandbox};
use pattern::Pattern;

/// Images and limits held at once; each costs what an idle container does.
const MAX_HOLDERS: usize = 8;
/// Runtimes that run a bundle on this kernel as it lies there.
const PLAIN_RUNTIMES: [&str; 2] = ["runc", "crun"];
/// Below the agent's folder: what the runtime keeps.
const FOLDER: &str = ".dense";

#[derive(Debug, thiserror::Error)]
pub enum DenseError {
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    Runc(#[from] RuncError),
    #[error(
        "the dense lane works with runc and crun, not with {0}: choose with --runtime, or leave --dense out"
    )]
    Runtime(String),
}

/// What holders are told apart by: everything else of a container is put in anew.
type Kind = (String, ContainerLimits);

/// A container that nothing runs in, and what others are made from.
#[derive(Debug)]
pub struct Holder {
    container: Container,
    pattern: Pattern,
    made_with: Sandbox,
    born: Instant,
}

#[derive(Debug)]
pub struct Dense {
    pub runc: Runc,
    holders: Mutex<BTreeMap<Kind, Arc<Holder>>>,
    /// One holder is made at a time: whoever comes meanwhile may want the same.
    making: tokio::sync::Mutex<()>,
    is_off: AtomicBool,
}

impl Dense {
    /// Asks the engine which runtime it uses, and makes the lane's folder; `None` unless the operator wants the lane.
    ///
    /// # Errors
    /// [`DenseError`]
    pub async fn wanted(
        docker: &Docker,
        config: &Config,
        run_dir: &RunDir,
    ) -> Result<Option<Self>, DenseError> {
        match config.dense {
            true => Self::open(docker, config.runtime.as_deref(), run_dir.path()).await.map(Some),
            false => Ok(None),
        }
    }

    async fn open(docker: &Docker, runtime: Option<&str>, run_dir: &Path) -> Result<Self, DenseError> {
        let info = docker.system().await?.info;
        let name = runtime.map(str::to_owned).or_else(|| info.default_runtime.clone());
        let name = name.unwrap_or_else(|| "runc".to_owned());
        if !PLAIN_RUNTIMES.contains(&name.as_str()) {
            return Err(DenseError::Runtime(name));
        }
        let path = info.runtimes.and_then(|mut known| known.remove(&name)).and_then(|runtime| runtime.path);
        Ok(Self {
            runc: Runc::new(path.unwrap_or(name), &run_dir.join(FOLDER))?,
            holders: Mutex::default(),
            making: tokio::sync::Mutex::default(),
            is_off: AtomicBool::new(false),
        })
    }

    /// The holder to start beside: one that is there, else what `make` makes. `None` when the lane is off.
    ///
    /// # Errors
    /// [`StartError`] of a holder that could not be started.
    pub async fn holder(
        &self,
        shape: &Shape,
        make: impl Future<Output = Result<(Container, Sandbox), StartError>>,
    ) -> Result<Option<Arc<Holder>>, StartError> {
        let kind = (shape.image.clone(), shape.limits);
        if let Some(holder) = self.living(&kind) {
            return Ok(Some(holder));
        }
        let _alone = self.making.lock().await;
        if let Some(holder) = self.living(&kind) {
            return Ok(Some(holder));
        }
        if self.is_off.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let (container, made_with) = make.await?;
        match Holder::of(container, made_with) {
            Ok(holder) => Ok(Some(self.keep(kind, holder))),
            Err(why) => {
                tracing::error!(error = %why, "the dense lane is off: containers come from the engine");
                self.is_off.store(true, Ordering::Relaxed);
                Ok(None)
            }
        }
    }

    /// Lets every holder go; those that something runs beside go with the last of it.
    pub fn close(&self) {
        self.is_off.store(true, Ordering::Relaxed);
        let holders = std::mem::take(&mut *self.lock());
        drop(holders);
    }

    /// One whose image is as fresh as that of a container of the pool may be.
    fn living(&self, kind: &Kind) -> Option<Arc<Holder>> {
        let mut holders = self.lock();
        let holder = holders.get(kind)?;
        if holder.container.is_alive() && holder.born.elapsed() < POOL_AGE_LIMIT {
            return Some(holder.clone());
        }
        let old = holders.remove(kind);
        drop(holders);
        drop(old);
        None
    }

    fn keep(&self, kind: Kind, holder: Holder) -> Arc<Holder> {
        let holder = Arc::new(holder);
        let mut holders = self.lock();
        let oldest = holders.iter().min_by_key(|(_, holder)| holder.born).map(|(kind, _)| kind.clone());
        let surplus = oldest.filter(|_| holders.len() >= MAX_HOLDERS).and_then(|kind| holders.remove(&kind));
        holders.insert(kind, holder.clone());
        drop(holders);
        drop(surplus);
        holder
    }

    /// Held for moments; what leaves is dropped after it is let go.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Kind, Arc<Holder>>> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder {
    fn of(container: Container, made_with: Sandbox) -> Result<Self, Unexpected> {
        let (bundle, id) = pattern::bundle_of(container.pid())?;
        let config =
            std::fs::read(bundle.join("config.json")).map_err(|why| Unexpected::unreadable(&bundle, &why))?;
        let pattern = Pattern::read(&config, &bundle, &id, &made_with)?;
        Ok(Self { container, pattern, made_with, born: Instant::now() })
    }

    /// `sha256:…`
    #[must_use]
    pub fn image_id(&self) -> &str {
        self.container.image_id()
    }

    /// What the engine calls it, and its folder: its settings are those of all that are made beside it, but for that.
    #[must_use]
    pub fn engine_name(&self) -> Option<&str> {
        self.container.name()
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.made_with.folder
    }

    /// Starts another container beside it and says the process id of its PID 1.
    ///
    /// # Errors
    /// [`StartError`]; the container may be there all the same and has to be removed.
    pub async fn start(&self, runc: &Runc, name: &str, sandbox: &Sandbox) -> Result<u32, StartError> {
        let config = self.pattern.of_another(name, &self.made_with, sandbox)?;
        Ok(runc.run(name, &config, self.pattern.by_systemd()).await?)
    }
}
