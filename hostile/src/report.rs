//! What came of a run: a table for people, JSON for programs.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::case::Row;
use crate::class::Class;
use crate::invariants::Finding;

#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub lines: Vec<Line>,
    /// Of the end of it all, and of no case.
    pub findings: Vec<Finding>,
    pub took_seconds: f64,
    /// The neighbour's echo on the quiet machine, p95.
    pub baseline_ms: f64,
}

/// One row and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub id: String,
    pub name: String,
    pub does: String,
    pub expected: Vec<Class>,
    pub got: Class,
    pub seconds: f64,
    pub seen: String,
    pub control: Vec<String>,
    pub findings: Vec<Finding>,
}

impl Line {
    #[must_use]
    pub fn new(row: &Row, got: Class, took: Duration, seen: String, findings: Vec<Finding>) -> Self {
        Self {
            id: row.case.file.id.clone(),
            name: row.name(),
            does: row.case.file.does.clone(),
            expected: row.expected().to_vec(),
            got,
            seconds: took.as_secs_f64(),
            seen,
            control: row.case.file.control.clone(),
            findings,
        }
    }

    #[must_use]
    pub fn is_red(&self) -> bool {
        !self.findings.is_empty()
    }

    pub fn print(&self) {
        let mut broken: Vec<_> = self.findings.iter().map(|finding| finding.invariant).collect();
        broken.dedup();
        let verdict = if self.is_red() { broken.join(" ") } else { "ok".to_owned() };
        let expected: Vec<_> = self.expected.iter().map(|class| class.word()).collect();
        println!(
            "{:<24} {:<48} {:<13} {:>6.1} s  {verdict}{}",
            self.name,
            cut(&self.does, 48),
            self.got.word(),
            self.seconds,
            if self.is_red() { format!("   expected {}", expected.join("|")) } else { String::new() },
        );
        for finding in &self.findings {
            println!("    {}: {}", finding.invariant, finding.what);
        }
    }
}

impl Report {
    #[must_use]
    pub fn red(&self) -> usize {
        self.lines.iter().filter(|line| line.is_red()).count() + usize::from(!self.findings.is_empty())
    }

    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")?)
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
