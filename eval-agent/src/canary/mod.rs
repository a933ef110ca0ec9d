//! The canary: a lesson of the agent's own, whose right answer must pass and whose wrong one must fail. A host that says
//! otherwise, or cannot say, grades nobody's work; when, is the [`supervisor`](crate::supervisor)'s to know.
//!
//! It goes the way that every hand-in goes, with hidden tests and all, in containers of its own.

mod ledger;
mod notice;

use std::sync::Arc;

use ide_protocol::results::{GradingOutcome, Outcome, Verdict};
use lesson::{Lesson, LoadError};
use tokio::sync::watch;

use crate::container::Starter;
use crate::grading::{self, Tried};
use crate::pool::Pool;
use crate::supervisor::HostCheck;

pub(crate) use ledger::Ledger;
pub(crate) use notice::Notices;
pub use notice::{HostNotice, read as read_notice};

const PARTS: [(&str, &[u8]); 6] = [
    ("lesson.toml", include_bytes!("lesson/lesson.toml")),
    ("instructions.md", include_bytes!("lesson/instructions.md")),
    ("files/sum.sh", include_bytes!("lesson/files/sum.sh")),
    ("files/tests/sum.sh", include_bytes!("lesson/files/tests/sum.sh")),
    ("files/tests/sum2.sh", include_bytes!("lesson/files/tests/sum2.sh")),
    ("solution/sum.sh", include_bytes!("lesson/solution/sum.sh")),
];

/// What a check found, in words where it is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) check: HostCheck,
    pub(crate) why: String,
}

/// The lesson, and where it is graded.
#[derive(Debug)]
pub(crate) struct Canary {
    lesson: Lesson,
    /// Of its own and kept empty, so that a check neither takes nor warms what learners wait for.
    pool: Pool,
}

impl Canary {
    /// # Errors
    /// When the lesson in this binary is none; a test would have told.
    pub(crate) fn new(starter: Arc<Starter>) -> Result<Self, LoadError> {
        Ok(Self { lesson: Lesson::from_memory(&PARTS)?, pool: Pool::cold(starter) })
    }

    /// Grades both answers at once: a host that is well takes some tenths of a second.
    pub(crate) async fn check(&self) -> Finding {
        let (solution, starter) = (self.lesson.solution_files(), self.lesson.starter());
        let (right, wrong) = tokio::join!(
            grading::grade(&self.pool, &self.lesson, &solution),
            grading::grade(&self.pool, &self.lesson, &starter),
        );
        compare(&right, &wrong)
    }
}

fn compare(right: &Tried, wrong: &Tried) -> Finding {
    let unable = [right, wrong].into_iter().find_map(|tried| match &tried.outcome {
        GradingOutcome::HostFault { fault } => Some(fault.to_string()),
        _ => None,
    });
    if let Some(why) = unable {
        return Finding { check: HostCheck::Unable, why };
    }
    for (answer, tried, expected) in
        [("right", right, (Outcome::Passed, (2, 2))), ("wrong", wrong, (Outcome::Failed, (1, 2)))]
    {
        if came_to(tried) != Some(expected) {
            let why = format!("the {answer} answer to a known lesson came to {:?}", tried.outcome);
            return Finding { check: HostCheck::Wrong, why };
        }
    }
    Finding { check: HostCheck::Fit, why: String::new() }
}

fn came_to(tried: &Tried) -> Option<(Outcome, (usize, usize))> {
    match &tried.outcome {
        GradingOutcome::Verdict { verdict } => Some((verdict.outcome, Verdict::score(verdict))),
        _ => None,
    }
}

/// Rung by whoever meets what a host that is well does not do: an attempt that failed for a reason of ours, a job whose
/// task broke. Rung often, heard once.
#[derive(Debug)]
pub(crate) struct Alarm(watch::Sender<()>);

impl Default for Alarm {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Alarm {
    pub(crate) fn ring(&self) {
        self.0.send_replace(());
    }

    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests;
