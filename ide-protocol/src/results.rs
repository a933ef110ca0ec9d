//! Results: what a run of tests showed, how it ended, and what follows from both.
//!
//! Whose fault it is, is the type: [`Verdict`] is the learner's and final, [`LessonFault`] the author's,
//! [`HostFault`] ours. The crate `lesson` turns a report and an ending into one of them.

use serde::{Deserialize, Serialize};

/// What one test showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum TestStatus {
    Passed,
    Failed,
    /// The test itself broke (an exception outside an assertion).
    Errored,
    Skipped,
    /// Expected, but never reported: the run ended before it.
    Missing,
}

/// One test of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct TestResult {
    /// Identity within the lesson, as the report format gives it (JUnit: `classname.name`; TAP: description).
    pub id: String,
    /// What people read.
    pub name: String,
    pub status: TestStatus,
    /// Why it did not pass, in the test framework's words; at most
    /// [`MAX_TEST_TEXT_BYTES`](crate::limits::MAX_TEST_TEXT_BYTES).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What the learner's program printed during this test, where the format tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Whether the test's text is kept from learners.
    #[serde(default)]
    pub hidden: bool,
}

/// How a run ended. Limits are the ones in force, so that the sentence a person reads can name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum Ending {
    Exited {
        code: i32,
    },
    Signaled {
        signal: i32,
    },
    TimedOut {
        limit_ms: u32,
    },
    OutputLimit {
        limit_bytes: u32,
    },
    OutOfMemory {
        limit_mib: u32,
    },
    /// Somebody pressed stop.
    Stopped,
}

/// The closed set of verdicts a learner can get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum Outcome {
    /// The run ended well and every expected test was reported passed.
    Passed,
    Failed,
    /// The lesson's build step refused the program.
    CompileError,
    /// The run ended before its tests did.
    Crashed,
    TimedOut,
    OutOfMemory,
    OutputLimit,
}

/// How far a verdict can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum Trust {
    /// Tests and learner's code share a process: honest work is graded right, forging is hard, not impossible.
    InProcess,
    /// Tests run where the learner's code cannot reach.
    Isolated,
}

/// What a learner's work came to. Final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Verdict {
    pub outcome: Outcome,
    pub ending: Ending,
    pub trust: Trust,
    /// Every expected test once, in the lesson's order, then any the run added.
    pub tests: Vec<TestResult>,
    /// The end of what the run printed, outside of tests; at most
    /// [`MAX_RUN_OUTPUT_BYTES`](crate::limits::MAX_RUN_OUTPUT_BYTES).
    pub output: String,
    /// Bytes of output that were dropped before `output` begins.
    pub output_dropped_bytes: u64,
    pub duration_ms: u64,
}

impl Verdict {
    /// Tests that passed, and all that count.
    #[must_use]
    pub fn score(&self) -> (usize, usize) {
        (self.tests.iter().filter(|test| test.status == TestStatus::Passed).count(), self.tests.len())
    }
}

/// The lesson is broken; its author has to act. Costs the learner nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum LessonFault {
    #[error("the lesson's tests wrote no report: {detail}")]
    NoReport { detail: String },
    #[error("the lesson's tests wrote a report that cannot be read: {detail}")]
    BadReport { detail: String },
    #[error("the lesson's image or files cannot be used: {detail}")]
    Unusable { detail: String },
}

/// We could not grade; to be tried again, and never the learner's loss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{doing}: {detail}")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct HostFault {
    /// What was being done ("starting the container").
    pub doing: String,
    pub detail: String,
}

/// What one grading run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum GradingOutcome {
    Verdict { verdict: Verdict },
    LessonFault { fault: LessonFault },
    HostFault { fault: HostFault },
}
