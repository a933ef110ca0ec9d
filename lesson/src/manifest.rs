//! `lesson.toml`: what an author writes about a lesson. Knows its shape, defaults and bounds; not where it lies.

use ide_protocol::files::{FileRole, WorkspacePath};
use serde::{Deserialize, Serialize};

use crate::needs::Needs;
use crate::outside::Outside;

/// A lesson's manifest. Unknown keys are errors, so that a typo is found at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this file's shape; 1.
    pub schema: u32,
    /// Stable name in URLs: lower-case letters, digits, single hyphens.
    pub slug: String,
    pub title: String,
    /// One sentence.
    pub summary: String,
    pub course: String,
    /// Place in its course, from 1.
    pub position: u32,
    /// Programming language as CodeMirror names it (`python`, `javascript`, `shell`, `c`, `sql`).
    pub language: String,
    /// Name of a lesson image (`python`); see lesson-images/.
    pub image: String,
    /// Minutes a learner typically needs.
    pub time_budget_minutes: u32,
    /// Shown one at a time; Markdown.
    #[serde(default)]
    pub hints: Vec<String>,
    /// Pages to read beside the task, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub theory: Vec<TheorySpec>,
    /// Every file below `files/`, with its role.
    pub files: Vec<FileSpec>,
    #[serde(default)]
    pub submit: Submit,
    #[serde(default)]
    pub workspace: WorkspaceRules,
    #[serde(default, skip_serializing_if = "SolutionRule::is_default")]
    pub solution: SolutionRule,
    pub tests: Tests,
    /// How tests that run outside reach the learner's work.
    #[serde(default, skip_serializing_if = "Outside::is_default")]
    pub judge: Outside,
    #[serde(default)]
    pub limits: Limits,
    /// What it cannot do without and only gets where an operator allows it by name.
    #[serde(default, skip_serializing_if = "Needs::is_default")]
    pub needs: Needs,
    /// Programs started in the background before anything else, in order; each must return or daemonise quickly
    /// (`["start-postgres"]`).
    #[serde(default)]
    pub services: Vec<Command>,
    /// What a learner's program may show in the IDE while it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preview: Vec<Preview>,
}

/// An HTTP server that the lesson has the learner start. Ports without an entry cannot be reached from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// Where it listens, on the container's loopback.
    pub port: u32,
    /// What it is called in the IDE.
    pub title: String,
    /// Shown first; may carry a query.
    #[serde(default = "top")]
    pub path: String,
}

fn top() -> String {
    "/".to_owned()
}

/// Program and arguments; not a shell line.
pub type Command = Vec<String>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    pub path: WorkspacePath,
    pub role: FileRole,
    #[serde(default)]
    pub executable: bool,
}

/// A page of theory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheorySpec {
    pub title: String,
    /// From the lesson's folder down (`theory/pipes.md`); Markdown.
    pub file: WorkspacePath,
}

/// When a learner may see the author's solution. Until then it stays on the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "shown", rename_all = "snake_case", deny_unknown_fields)]
pub enum SolutionRule {
    /// Once they have passed.
    #[default]
    AfterPassing,
    /// Once they have passed, or so many of their hand-ins were graded.
    AfterHandIns {
        count: u32,
    },
    Never,
}

impl SolutionRule {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What is kept of the learner's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceRules {
    /// Names of files and folders that programs make and nobody misses (`*.o`, `build`); `*` stands for anything within
    /// a name. A folder goes with all that is in it. Beside those that every lesson ignores (`__pycache__`, `.git`, …).
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// Which of a learner's files count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// Glob patterns (`*` within a part, `**` across) of files a learner may add beside the editable ones.
    #[serde(default)]
    pub allow: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tests {
    /// Run first; when it fails, the verdict is "compile error" and its output is shown.
    #[serde(default)]
    pub build: Option<Command>,
    /// Runs the tests that are in the workspace – visible ones while working, all when grading – and writes the
    /// report to the path in `GRADUS_REPORT`.
    pub command: Command,
    pub report: ReportFormat,
    /// Where they run when a hand-in is graded.
    #[serde(default, skip_serializing_if = "JudgePlace::is_default")]
    pub judge: JudgePlace,
    /// What learners see of hidden tests once their work is graded.
    #[serde(default, skip_serializing_if = "HiddenShows::is_default")]
    pub hidden_shows: HiddenShows,
    /// The starter is to pass: the task is to change something that works.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub starter_passes: bool,
    /// What a complete run reports; `gradus lesson pin` writes it.
    #[serde(default)]
    pub expected: Expected,
}

/// What a failing hidden test shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenShows {
    /// How many passed of how many.
    Nothing,
    /// Which.
    #[default]
    Name,
    /// And what it said. Only with `judge = "outside"`: beside the tests, a learner's code could put their text there.
    Message,
}

impl HiddenShows {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Where the tests run when a hand-in is graded. (*Run tests* always runs them in the learner's own container.)
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgePlace {
    /// Beside the learner's code, in one container.
    #[default]
    Inside,
    /// In a container of their own; see [`outside`](crate::outside).
    Outside,
}

impl JudgePlace {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    Junit,
    Tap,
    Exercism,
}

/// Ids of tests, in the order shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub visible: Vec<String>,
    #[serde(default)]
    pub hidden: Vec<String>,
}

/// What a container of this lesson and a run in it may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Wall clock of build step and tests together.
    pub wall_seconds: u32,
    pub memory_mib: u32,
    /// Hundredths of a core.
    pub cpu_percent: u32,
    /// Processes and threads.
    pub processes: u32,
    /// Home directory, in memory; counts against `memory_mib`.
    pub disk_mib: u32,
    /// What a run may print.
    pub output_kib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_seconds: 10,
            memory_mib: 256,
            cpu_percent: 100,
            processes: 128,
            disk_mib: 64,
            output_kib: 1_024,
        }
    }
}
