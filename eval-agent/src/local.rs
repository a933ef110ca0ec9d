//! Grading on this machine without an agent around it: no queue, no API, no sessions, nothing kept warm. For authors who
//! prove their lessons, and for verdicts that are run again.
//!
//! It works beside agents of the same host and beside others like it: each takes a place of its own, which is a folder
//! with a lock, a name for its containers and a range of uids.

mod prompt;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ide_protocol::files::WorkspaceFile;
use ide_protocol::record::{Circumstances, Host};
use lesson::Lesson;

use crate::config::Config;
use crate::container::{Shape, StartError, Starter};
use crate::docker::{Docker, Quarantine};
use crate::freezer::Freezer;
use crate::grading::{self, Tried};
use crate::host::HostFacts;
use crate::pool::{Policy, Pool};
use crate::reaper::reap;
use crate::run_dir::{RunDir, RunDirError};

pub use prompt::Opened;

/// Of these at once on one host; a tenth waits for nobody and says so.
const PLACES: u32 = 9;
/// Their uids lie above those of agents by default and below learners'; see [`Config::uid_base`].
const FIRST_UID: u32 = 190_000;
/// For the removal of every container when it is over; what resists is left to whoever takes the place next.
const REMOVAL_LIMIT: Duration = Duration::from_secs(20);

/// A place to grade in. [`close`](Self::close) it: dropped, it leaves containers to end by themselves.
#[derive(Debug)]
pub struct Local {
    pool: Pool,
    starter: Arc<Starter>,
    quarantine: Quarantine,
    host: Host,
}

impl Local {
    /// Takes a free place below `config.run_dir`; name and uids of `config` are replaced by the place's.
    ///
    /// # Errors
    /// When Docker does not answer, the guest is not there, or every place is taken.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let docker = Docker::connect(&config.docker_socket).await?;
        let facts = HostFacts::ask(&docker, config.runtime.as_deref()).await?;
        let (run_dir, config) = take_place(config)?;
        let run_dir = Arc::new(run_dir);
        let quarantine = Quarantine::new(docker.clone());
        let starter = Arc::new(Starter::new(docker, quarantine.clone(), run_dir, &config));
        reap(&starter.docker, None, &config.name, &starter.books, &starter.run_dir, &quarantine)
            .await
            .context("removing what an earlier run left")?;
        let host = grading::host(&facts, &config.guest_binary);
        let freezer = config.freeze.then(|| Freezer::open(&starter.run_dir, true));
        let pool = Pool::new(starter.clone(), freezer, Policy::default(), config.metrics.clone());
        Ok(Self { pool, starter, quarantine, host })
    }

    /// Grades as an agent would, and says what it would say.
    pub async fn grade(
        &self,
        lesson: &Lesson,
        lesson_digest: &str,
        files: &[WorkspaceFile],
    ) -> (Tried, Circumstances) {
        let tried = grading::grade(&self.pool, lesson, files).await;
        let how = grading::circumstances(&lesson.manifest, lesson_digest, files, tried.memory, &self.host);
        (tried, how)
    }

    /// Has so many containers for `lesson` started and waiting, as an agent's pool would.
    ///
    /// # Errors
    /// When one cannot be started.
    pub async fn warm(&self, lesson: &Lesson, count: usize) -> Result<(), StartError> {
        self.starter.zygotes.expect(lesson);
        let shape = Shape::of(&lesson.manifest);
        for _ in 0..count {
            self.pool.add(&shape).await?;
        }
        Ok(())
    }

    /// Waits until every container that was used is gone; false when one resists.
    pub async fn settled(&self) -> bool {
        self.quarantine.settled(REMOVAL_LIMIT).await
    }

    /// Removes every container; false when one resists.
    pub async fn close(&self) -> bool {
        self.starter.stop();
        self.settled().await
    }
}

fn take_place(config: Config) -> anyhow::Result<(RunDir, Config)> {
    for place in 0..PLACES {
        let folder: PathBuf = config.run_dir.join(place.to_string());
        match RunDir::open(&folder, &config.guest_binary) {
            Ok(run_dir) => {
                let name = format!("{}-{place}", config.name);
                let uid_base = FIRST_UID + place * crate::uids::UIDS_PER_AGENT;
                return Ok((run_dir, Config { name, uid_base, ..config }));
            }
            Err(RunDirError::Taken { .. }) => {}
            Err(why) => return Err(why.into()),
        }
    }
    anyhow::bail!("{PLACES} others grade by hand on this machine: wait until one of them is done")
}
