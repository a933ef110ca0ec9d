//! A case as its folder says it. Knows the form of `case.toml` and which payloads make which rows; does nothing.

mod payload;
mod scripts;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::class::Class;

pub use payload::{Language, Payload};
pub use scripts::{Ask, Says, Typed};

/// How a case's learner goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Saves files and hands them in; `[[types]]`, if any, are typed in a session before.
    HandIn,
    /// Types commands in a live session.
    Terminal,
    /// Speaks HTTP, byte by byte.
    FilesApi,
    /// Speaks on the session's WebSocket.
    Socket,
    /// What no table can say: a function of [`acts::stories`](crate::acts::stories), named by `story`.
    Story,
}

/// Where a lesson's tests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Inside,
    Outside,
}

impl Mode {
    pub const ALL: [Self; 2] = [Self::Inside, Self::Outside];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }
}

/// `case.toml`. Unknown keys are errors, so that a typo does not weaken a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// As in HOSTILE.md §5: a letter and two digits.
    pub id: String,
    /// One line: what the learner does.
    pub does: String,
    pub kind: Kind,
    /// Classes that are right. For what is no hand-in it is `held` and need not be said.
    #[serde(default = "held")]
    pub expect: Vec<Class>,
    /// From the hand-in (or the first key) to the end, on a machine with room; the runner adds
    /// [`START_ALLOWANCE`](crate::invariants::START_ALLOWANCE).
    pub bound_seconds: u32,
    /// Runs in `make test`.
    #[serde(default)]
    pub fast: bool,
    /// Takes so much of the machine that figures of others beside it would say nothing.
    #[serde(default)]
    pub alone: bool,
    /// The controls it guards: dropping one of them must turn a case red.
    #[serde(default)]
    pub control: Vec<String>,
    /// Where the tests run; all modes when left out.
    #[serde(default = "all_modes")]
    pub modes: Vec<Mode>,
    /// Of the session, for cases that are no hand-in.
    #[serde(default)]
    pub language: Option<Language>,
    /// Rows that may come to something else.
    #[serde(default)]
    pub except: Vec<Exception>,
    /// Of a hand-in: words that stand nowhere in what the learner is told of it.
    #[serde(default)]
    pub never: Vec<String>,
    #[serde(default)]
    pub types: Vec<Typed>,
    #[serde(default)]
    pub asks: Vec<Ask>,
    #[serde(default)]
    pub says: Vec<Says>,
    /// Of a socket case: half of what is said has to be answered within this; each has bounds of its own, for a busy machine.
    #[serde(default)]
    pub median_ms: Option<u32>,
    #[serde(default)]
    pub story: Option<String>,
    #[serde(default)]
    pub notes: String,
}

fn held() -> Vec<Class> {
    vec![Class::Held]
}

fn all_modes() -> Vec<Mode> {
    Mode::ALL.to_vec()
}

/// What some rows of a case may come to instead.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    #[serde(default)]
    pub language: Option<Language>,
    #[serde(default)]
    pub mode: Option<Mode>,
    pub expect: Vec<Class>,
    /// Why.
    pub because: String,
}

/// A case and where it lies.
#[derive(Debug)]
pub struct Case {
    pub file: CaseFile,
    pub folder: PathBuf,
    pub payloads: Vec<Payload>,
}

/// One thing to be done: a case in a language and a mode.
#[derive(Debug, Clone)]
pub struct Row {
    pub case: Arc<Case>,
    pub language: Language,
    pub mode: Mode,
}

impl Case {
    /// # Errors
    /// When the folder does not hold a case.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("case.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let file: CaseFile = toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        anyhow::ensure!(
            name.starts_with(&format!("{}-", file.id)),
            "{}: a case's folder is called <id>-<misbehaviour>, and its id is {}",
            folder.display(),
            file.id
        );
        let payloads = Payload::find(folder)?;
        let case = Self { file, folder: folder.to_owned(), payloads };
        case.check().with_context(|| format!("in {}", path.display()))?;
        Ok(case)
    }

    /// Every case below `folder`, by name.
    ///
    /// # Errors
    /// When one of them is not well-formed.
    pub fn read_all(folder: &Path) -> anyhow::Result<Vec<Arc<Self>>> {
        let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
        let mut folders = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        folders.sort();
        folders.iter().map(|folder| Ok(Arc::new(Self::read(folder)?))).collect()
    }

    fn check(&self) -> anyhow::Result<()> {
        let file = &self.file;
        let said = match file.kind {
            Kind::HandIn => !self.payloads.is_empty(),
            Kind::Terminal => !file.types.is_empty(),
            Kind::FilesApi => !file.asks.is_empty(),
            Kind::Socket => !file.says.is_empty(),
            Kind::Story => file.story.is_some(),
        };
        anyhow::ensure!(said, "it does not say what is done: see hostile/README.md for its kind");
        if file.kind == Kind::HandIn {
            let right = !file.expect.is_empty() && !file.expect.contains(&Class::Held);
            anyhow::ensure!(right, "a hand-in says what it may come to: `expect`");
        }
        for rule in file.except.iter() {
            anyhow::ensure!(!rule.because.is_empty(), "an exception says why: `because`");
        }
        Ok(())
    }

    /// Whether `pattern` (`A01`, `F*`) names this case.
    #[must_use]
    pub fn is_named(&self, pattern: &str) -> bool {
        match pattern.strip_suffix('*') {
            Some(start) => self.file.id.starts_with(start),
            None => self.file.id == pattern,
        }
    }
}

impl Row {
    /// The rows of a case, in those `modes` that there are lessons for.
    #[must_use]
    pub fn all(case: &Arc<Case>, there_is: impl Fn(Language, Mode) -> bool) -> Vec<Self> {
        let row = |language, mode| Self { case: Arc::clone(case), language, mode };
        if case.file.kind != Kind::HandIn {
            return vec![row(case.file.language.unwrap_or(Language::Shell), Mode::Inside)];
        }
        let modes = case.file.modes.iter().copied();
        let rows = modes.flat_map(|mode| {
            case.payloads.iter().map(move |payload| payload.language).map(move |language| (language, mode))
        });
        rows.filter(|(language, mode)| there_is(*language, *mode))
            .map(|(language, mode)| row(language, mode))
            .collect()
    }

    /// `A01 shell inside`
    #[must_use]
    pub fn name(&self) -> String {
        match self.case.file.kind {
            Kind::HandIn => format!("{} {} {}", self.case.file.id, self.language.word(), self.mode.word()),
            _ => self.case.file.id.clone(),
        }
    }

    /// What it may come to.
    #[must_use]
    pub fn expected(&self) -> &[Class] {
        let fits = |rule: &&Exception| {
            rule.language.is_none_or(|language| language == self.language)
                && rule.mode.is_none_or(|mode| mode == self.mode)
        };
        self.case.file.except.iter().find(fits).map_or(&self.case.file.expect, |rule| &rule.expect)
    }

    #[must_use]
    pub fn payload(&self) -> Option<&Payload> {
        self.case.payloads.iter().find(|payload| payload.language == self.language)
    }
}
