//! Judge outside: the tests run in a container of their own, which no byte of the learner's is ever laid into. Says what
//! an author writes about it (`[judge]`), and which files go to which of the two containers.
//!
//! | container | holds |
//! |---|---|
//! | the program's | what the learner handed in, and the read-only files that are to lie beside it; no test, nothing hidden |
//! | the judge's | the lesson's read-only and hidden files, and [stand-ins](crate::stand_ins) where the learner's would be |

use std::collections::BTreeMap;

use ide_protocol::files::{FileRole, WorkspaceFile, WorkspacePath};
use serde::{Deserialize, Serialize};

use crate::glob;
use crate::lesson::{FIRST_REVISION, Lesson, pristine};
use crate::manifest::JudgePlace;
use crate::stand_ins;

/// Where tests lie unless an author says otherwise; what is in it never goes beside the learner's code.
pub(crate) const TESTS: &str = "tests";

/// `[judge]`: by what the tests reach the learner's work, when they run outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outside {
    /// Programs that the tests start: editable files, or what the build step makes. A stand-in of the same name runs the
    /// real one: arguments, environment, folder, standard streams, exit status.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<WorkspacePath>,
    /// Editable files that the tests import. A stand-in of the same name passes calls on, as data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<WorkspacePath>,
    /// What each module gives, where the language has to know before (JavaScript).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exports: BTreeMap<WorkspacePath, Vec<String>>,
    /// Ports that the commands listen on while they run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u32>,
    /// Environment variables by which the tests tell a command where to listen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub port_variables: Vec<String>,
    /// Patterns of read-only files that the learner's code finds beside it; without, all outside of `tests/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Vec<String>>,
}

impl Outside {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the learner's code finds this read-only file beside it.
    pub(crate) fn puts_beside(&self, path: &WorkspacePath) -> bool {
        match &self.beside {
            Some(patterns) => patterns.iter().any(|pattern| glob::matches(pattern, path)),
            None => !is_test(path),
        }
    }
}

pub(crate) fn is_test(path: &WorkspacePath) -> bool {
    path.parts().next() == Some(TESTS)
}

impl Lesson {
    /// Whether hand-ins are graded from outside.
    #[must_use]
    pub fn is_judged_outside(&self) -> bool {
        self.manifest.tests.judge == JudgePlace::Outside
    }

    /// What the program's container holds.
    #[must_use]
    pub fn program_files(&self, submitted: &[WorkspaceFile]) -> Vec<WorkspaceFile> {
        let kept = submitted.iter().filter(|file| self.may_submit(&file.path));
        self.lay_over(kept, |path, role| role == FileRole::ReadOnly && self.manifest.judge.puts_beside(path))
    }

    /// What the judge's container holds; `with_hidden` says whether it is to know all.
    #[must_use]
    pub fn judge_files(&self, with_hidden: bool) -> Vec<WorkspaceFile> {
        let chosen = |role| role == FileRole::ReadOnly || (with_hidden && role == FileRole::Hidden);
        let ours = self.files.iter().filter(|(_, file)| chosen(file.role));
        let ours = ours.map(|(path, file)| pristine(path, file, FIRST_REVISION));
        let all: BTreeMap<_, _> = stand_ins::of(&self.manifest)
            .into_iter()
            .chain(ours)
            .map(|file| (file.path.clone(), file))
            .collect();
        all.into_values().collect()
    }
}
