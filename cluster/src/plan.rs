//! How much of everything, and how long.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::topology::Part;

/// How long the queue leaves a job with an agent that says nothing. Gradus's own 60 s would only make every wait for a dead agent
/// 40 s longer; reports say so.
pub const LEASE: Duration = Duration::from_secs(20);

/// A supervisor that starts a part again takes this long to notice (systemd's `RestartSec`).
pub const RESTART_AFTER: Duration = Duration::from_secs(2);

/// What to start, and what to do to it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The repository.
    pub root: PathBuf,
    pub gradus: PathBuf,
    /// The fast end of `make bench`, for the store's figures; without it that figure is left out.
    pub bench: PathBuf,
    /// Of the SQS server.
    pub python: PathBuf,
    pub size: Size,
}

impl Plan {
    #[must_use]
    pub fn new(root: &Path, gradus: &Path, size: Size) -> Self {
        Self {
            gradus: root.join(gradus),
            bench: root.join("target/quick/gradus-bench"),
            python: root.join("target/sqs-servers/bin/python"),
            root: root.to_owned(),
            size,
        }
    }
}

#[derive(Debug, Clone, serde::Serialize)]
pub struct Size {
    pub apis: usize,
    pub agents: usize,
    /// Learners who type.
    pub sessions: usize,
    /// Learners who hand in, one work after the other.
    pub classmates: usize,
    /// Between two hand-ins of one of them.
    #[serde(serialize_with = "seconds")]
    pub pace: Duration,
    /// What is killed; each part when left out.
    pub kills: Option<Vec<Part>>,
    /// Hand-ins that have to have flowed before the kills are over.
    pub hand_ins: usize,
    /// How long what is away is away.
    #[serde(serialize_with = "seconds")]
    pub away: Duration,
    /// Jobs of the noisy institution, and hand-ins of the quiet one beside them.
    pub noise: usize,
    pub quiet: usize,
    /// How long each row of the growth table is measured.
    #[serde(serialize_with = "seconds")]
    pub growth: Duration,
}

fn seconds<S: serde::Serializer>(time: &Duration, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u64(time.as_secs())
}

impl Size {
    /// What the issue asks for.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            apis: 3,
            agents: 3,
            sessions: 30,
            classmates: 24,
            // 2.4 a second in all: half of what two cores grade.
            pace: Duration::from_secs(10),
            kills: None,
            hand_ins: 500,
            away: Duration::from_secs(60),
            noise: 1_000,
            quiet: 30,
            growth: Duration::from_secs(12),
        }
    }

    /// To see whether it works at all, beside other work.
    #[must_use]
    pub fn small() -> Self {
        Self {
            sessions: 5,
            classmates: 6,
            pace: Duration::from_secs(5),
            hand_ins: 50,
            away: Duration::from_secs(20),
            noise: 60,
            quiet: 10,
            growth: Duration::from_secs(5),
            ..Self::whole()
        }
    }

    /// Part of `make test`.
    #[must_use]
    pub fn story() -> Self {
        Self {
            apis: 2,
            agents: 2,
            sessions: 3,
            classmates: 4,
            pace: Duration::from_secs(2),
            kills: Some(vec![Part::Api(0)]),
            hand_ins: 20,
            ..Self::small()
        }
    }
}
