//! The SQS server: ministack, in memory. It keeps nothing over `kill -9`: queues and messages are gone, which is worse than anything
//! Amazon's does.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hostile::ground::{Process, Recipe};

use super::{gradus, recipe};
use crate::plan::Plan;

pub(super) fn recipe_of(plan: &Plan, folder: &Path, listen: SocketAddr) -> Recipe {
    let mut recipe = recipe("sqs", &plan.python.to_string_lossy(), ["-m", "ministack"], &plan.root);
    let folder = folder.to_string_lossy().into_owned();
    recipe.environment = vec![
        ("GATEWAY_PORT".to_owned(), listen.port().to_string()),
        ("BIND_HOST".to_owned(), "127.0.0.1".to_owned()),
        ("SERVICES".to_owned(), "sqs".to_owned()),
        // It looks after containers of its own when it finds an engine; here it is to find none.
        ("DOCKER_HOST".to_owned(), "unix:///nonexistent".to_owned()),
        ("STATE_DIR".to_owned(), format!("{folder}/sqs")),
        ("TMPDIR".to_owned(), folder),
    ];
    recipe
}

/// Making the queues, as an operator does: `gradus queue ensure`.
pub(super) struct Setup {
    pub(super) server: SocketAddr,
    ensure: Recipe,
    logs: PathBuf,
}

impl Setup {
    pub(super) fn new(shared: &gradus::Shared<'_>, server: SocketAddr) -> Self {
        Self { server, ensure: shared.ensure_queues(), logs: shared.folder.to_owned() }
    }

    pub(super) async fn ensure(&self) -> anyhow::Result<()> {
        let mut process = Process::start(self.ensure.clone(), &self.logs)?;
        process.ends().await;
        anyhow::ensure!(process.succeeded(), "gradus queue ensure: {}", process.log_text());
        Ok(())
    }
}
