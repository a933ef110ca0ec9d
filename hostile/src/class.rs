//! What a case can come to, in one word: the product's own outcomes, and two more for what is not a hand-in.

use ide_protocol::rest::SubmissionState;
use ide_protocol::results::Outcome;
use serde::{Deserialize, Serialize};

/// HOSTILE.md's closed set, in our words; README.md has the mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Passed,
    Failed,
    CompileError,
    Crashed,
    TimedOut,
    OutOfMemory,
    OutputLimit,
    /// The author would have to act.
    LessonFault,
    /// Ours; never right for a case that a learner can bring about.
    NotGraded,
    /// No hand-in: all that was asked was answered as the case says.
    Held,
    /// No hand-in: something was seen that must not be, or not seen that must.
    Broke,
    /// The runner saw no end of it.
    Unknown,
}

impl Class {
    /// Of a hand-in that has come to its end; [`Class::Unknown`] before.
    #[must_use]
    pub fn of(state: &SubmissionState) -> Self {
        match state {
            SubmissionState::Graded { verdict, .. } => Self::of_outcome(verdict.outcome),
            SubmissionState::LessonFault { .. } => Self::LessonFault,
            SubmissionState::NotGraded { .. } => Self::NotGraded,
            SubmissionState::Queued { .. } | SubmissionState::Running { .. } => Self::Unknown,
        }
    }

    fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::CompileError => Self::CompileError,
            Outcome::Crashed => Self::Crashed,
            Outcome::TimedOut => Self::TimedOut,
            Outcome::OutOfMemory => Self::OutOfMemory,
            Outcome::OutputLimit => Self::OutputLimit,
        }
    }

    /// As `case.toml` writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::CompileError => "compile_error",
            Self::Crashed => "crashed",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::OutputLimit => "output_limit",
            Self::LessonFault => "lesson_fault",
            Self::NotGraded => "not_graded",
            Self::Held => "held",
            Self::Broke => "broke",
            Self::Unknown => "unknown",
        }
    }
}
