//! The text of a `lesson.toml` and where in it things stand, so that a finding can point at its cause.
//!
//! The manifest is read twice: once into [`Manifest`], once into a tree that remembers positions. Knows TOML and the
//! manifest's shape, not what its values may be (see [`validate`](crate::validate)).

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use crate::finding::{Finding, LoadError};
use crate::manifest::{
    Command, FileSpec, Limits, Manifest, Preview, SolutionRule, Submit, Tests, TheorySpec,
};
use crate::outside::Outside;
use crate::text::counted;

/// One step from a value to one within it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(key: &'a str) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Step<'_> {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

/// `at!["files", 2, "path"]`: the way to a value of the manifest.
macro_rules! at {
    ($($step:expr),* $(,)?) => { &[$(crate::source::Step::from($step)),*][..] };
}
pub(crate) use at;

/// A `lesson.toml`, and what has been found wrong so far.
pub(crate) struct Source<'t> {
    file: String,
    text: &'t str,
    tree: DeTable<'t>,
    findings: Vec<Finding>,
    /// Findings beyond [`MAX_FINDINGS`].
    left_out: usize,
}

/// Findings told at once: nobody reads more, and a hostile manifest must not cost more.
const MAX_FINDINGS: usize = 100;

impl<'t> Source<'t> {
    /// Reads `text`; whatever is not TOML or not shaped like a manifest becomes a finding, and then there is no manifest.
    pub(crate) fn read(file: String, text: &'t str) -> (Self, Option<Manifest>) {
        let (tree, errors) = DeTable::parse_recoverable(text);
        let mut source = Self { file, text, tree: tree.into_inner(), findings: Vec::new(), left_out: 0 };
        if errors.is_empty() {
            match toml::from_str(text) {
                Ok(manifest) => return (source, Some(manifest)),
                Err(first) => source.explain_shape(&first),
            }
        }
        for error in errors {
            source.add_error(&error);
        }
        (source, None)
    }

    /// A manifest that could not be read at all.
    pub(crate) fn unread(file: String) -> Self {
        Self { file, text: "", tree: DeTable::new(), findings: Vec::new(), left_out: 0 }
    }

    /// Serde stops at the first error; asking each entry by itself tells of the others, too.
    fn explain_shape(&mut self, first: &Error) {
        let mut errors = Vec::new();
        for (key, value) in &self.tree {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("files", DeValue::Array(files)) => {
                    errors.extend(files.iter().filter_map(|file| shape_error::<FileSpec>(file.clone())));
                }
                ("preview", DeValue::Array(previews)) => {
                    errors.extend(previews.iter().filter_map(|one| shape_error::<Preview>(one.clone())));
                }
                (key, _) => errors.extend(entry_error(key, value.clone())),
            }
        }
        if !errors.iter().any(|error| error.span() == first.span()) {
            // A missing or an unknown key: these only the whole table knows.
            self.add_error(first);
        }
        for error in &errors {
            self.add_error(error);
        }
    }

    /// Records `message` at the value `steps` lead to, or at the nearest thing around it.
    pub(crate) fn add(&mut self, steps: &[Step<'_>], message: impl Into<String>) {
        let span = self.span(steps);
        self.add_at(span, message.into());
    }

    fn add_error(&mut self, error: &Error) {
        // Several lines of the parser's ("expected …, found …") become one.
        let message = error.message().lines().map(str::trim).collect::<Vec<_>>().join("; ");
        self.add_at(error.span(), message);
    }

    fn add_at(&mut self, span: Option<Range<usize>>, message: String) {
        if self.findings.len() == MAX_FINDINGS {
            self.left_out += 1;
            return;
        }
        let start = span.map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.findings.push(Finding {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message,
        });
    }

    fn span(&self, steps: &[Step<'_>]) -> Option<Range<usize>> {
        let (first, rest) = steps.split_first()?;
        let Step::Key(key) = first else { return None };
        let mut here = self.tree.get(*key)?;
        for step in rest {
            let within = match step {
                Step::Key(key) => here.get_ref().get(*key),
                Step::Item(item) => here.get_ref().get(*item),
            };
            match within {
                Some(within) => here = within,
                None => break,
            }
        }
        Some(here.span())
    }

    /// The manifest, when nothing was found wrong; else the findings, in the order of their places.
    pub(crate) fn finish(mut self, manifest: Option<Manifest>) -> Result<Manifest, LoadError> {
        self.findings.sort();
        self.findings.dedup();
        if let (Some(last), 1..) = (self.findings.last_mut(), self.left_out) {
            last.message.push_str(&format!(" (and {} more like these)", counted(self.left_out, "finding")));
        }
        match manifest {
            Some(manifest) if self.findings.is_empty() => Ok(manifest),
            _ => Err(LoadError { findings: self.findings }),
        }
    }
}

/// What is wrong with the shape of one entry of the manifest, by its key.
fn entry_error(key: &str, value: Spanned<DeValue<'_>>) -> Option<Error> {
    match key {
        "schema" | "position" | "time_budget_minutes" => shape_error::<u32>(value),
        "slug" | "title" | "summary" | "course" | "language" | "image" => shape_error::<String>(value),
        "hints" => shape_error::<Vec<String>>(value),
        "files" => shape_error::<Vec<FileSpec>>(value),
        "theory" => shape_error::<Vec<TheorySpec>>(value),
        "solution" => shape_error::<SolutionRule>(value),
        "submit" => shape_error::<Submit>(value),
        "tests" => shape_error::<Tests>(value),
        "judge" => shape_error::<Outside>(value),
        "limits" => shape_error::<Limits>(value),
        "preview" => shape_error::<Vec<Preview>>(value),
        "services" => shape_error::<Vec<Command>>(value),
        _ => None,
    }
}

fn shape_error<'de, T: Deserialize<'de>>(value: Spanned<DeValue<'de>>) -> Option<Error> {
    T::deserialize(ValueDeserializer::from(value)).err()
}
