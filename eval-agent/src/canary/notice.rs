//! What the last check showed, in a file beside the containers' folders, for `gradus doctor` and whoever looks.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::supervisor::HostCheck;

const FILE: &str = "host-check.json";

/// The last check of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostNotice {
    /// Takes jobs.
    pub fit: bool,
    /// Why not.
    pub why: String,
    /// When, in seconds since 1970.
    pub unix_seconds: u64,
}

/// Where they are left.
#[derive(Debug)]
pub(crate) struct Notices(PathBuf);

impl Notices {
    pub(crate) fn new(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    pub(crate) fn leave(&self, finding: &Finding) {
        let notice = HostNotice {
            fit: finding.check == HostCheck::Fit,
            why: finding.why.clone(),
            unix_seconds: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        };
        let left = serde_json::to_vec(&notice).map_err(Into::into).and_then(|text| fs::write(&self.0, text));
        if let Err(why) = left {
            tracing::warn!(error = %why, "what the check of the host showed cannot be left for others");
        }
    }
}

/// The last check that an agent with this folder has left; `None` when there is none.
#[must_use]
pub fn read(run_dir: &Path) -> Option<HostNotice> {
    serde_json::from_slice(&fs::read(run_dir.join(FILE)).ok()?).ok()
}
