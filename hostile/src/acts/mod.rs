//! Doing what a case says. Knows how; whether what came of it is right, [`invariants`](crate::invariants) say.

mod files_api;
mod hand_in;
mod socket;
pub mod stories;
mod terminal;

use std::time::{Duration, Instant};

use ide_protocol::record::Record;
use ide_protocol::rest::Submission;

use crate::case::{Kind, Row};
use crate::class::Class;
use crate::ground::Ground;
use crate::neighbour::Neighbour;

/// Beyond a case's bound, so that what comes late is still seen for what it is.
const LATE: Duration = Duration::from_secs(60);

/// What came of a row.
#[derive(Debug)]
pub struct Acted {
    pub class: Class,
    /// From the hand-in, or the first thing done, to the end.
    pub took: Duration,
    pub submission: Option<Submission>,
    /// How it was graded.
    pub record: Option<Record>,
    /// What was not as the case says, in words.
    pub wrong: Vec<String>,
    /// What an operator would like to know beside the class.
    pub seen: String,
}

impl Acted {
    /// Of something that is no hand-in: it held, or it did not.
    #[must_use]
    pub fn held(began: Instant, wrong: Vec<String>, seen: String) -> Self {
        let class = if wrong.is_empty() { Class::Held } else { Class::Broke };
        Self { class, took: began.elapsed(), submission: None, record: None, wrong, seen }
    }
}

/// Everything that a row is done with.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub ground: &'a Ground,
    pub neighbour: &'a Neighbour,
    pub row: &'a Row,
}

impl Scene<'_> {
    #[must_use]
    pub fn bound(&self) -> Duration {
        Duration::from_secs(self.row.case.file.bound_seconds.into())
    }

    #[must_use]
    pub fn patience(&self) -> Duration {
        self.bound() + LATE
    }

    #[must_use]
    pub fn slug(&self) -> String {
        Ground::slug(self.row.language, self.row.mode)
    }
}

/// Does it. What the runner itself could not do is told as [`Class::Unknown`].
pub async fn act(scene: Scene<'_>) -> Acted {
    let began = Instant::now();
    let acted = match scene.row.case.file.kind {
        Kind::HandIn => hand_in::act(scene).await,
        Kind::Terminal => terminal::act(scene).await,
        Kind::FilesApi => files_api::act(scene).await,
        Kind::Socket => socket::act(scene).await,
        Kind::Story => stories::act(scene).await,
    };
    acted.unwrap_or_else(|why| Acted {
        class: Class::Unknown,
        took: began.elapsed(),
        submission: None,
        record: None,
        wrong: vec![format!("{why:#}")],
        seen: String::new(),
    })
}
