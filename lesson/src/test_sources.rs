//! Where the visible tests of a lesson are written, so that a learner can read what is asked of them.
//!
//! A guess from the test's name, in the ways the runners of our images make names of definitions; knows no language. A
//! test that is not found is still named, only without its text.

use ide_protocol::files::{FileRole, WorkspacePath};

use crate::Lesson;

/// A visible test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSource {
    /// As reports name it.
    pub id: String,
    pub place: Option<TestPlace>,
}

/// The lines of a file that define a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPlace {
    pub path: WorkspacePath,
    /// Of the first line, from 1.
    pub line: u32,
    pub text: String,
}

/// Lines of a definition that are shown: a test that goes on longer is read in its file.
const MAX_SHOWN_LINES: usize = 60;

/// Every visible test of `lesson` in its order, each with where it is written.
#[must_use]
pub fn test_sources(lesson: &Lesson) -> Vec<TestSource> {
    let shown = lesson.files.iter().filter(|(_, file)| file.role == FileRole::ReadOnly);
    let texts: Vec<(&WorkspacePath, &str)> =
        shown.filter_map(|(path, file)| Some((path, std::str::from_utf8(&file.content).ok()?))).collect();
    let visible = lesson.manifest.tests.expected.visible.iter();
    visible.map(|id| TestSource { id: id.clone(), place: place_of(id, &texts) }).collect()
}

fn place_of(id: &str, texts: &[(&WorkspacePath, &str)]) -> Option<TestPlace> {
    let wanted = Definitions::of(id);
    texts.iter().find_map(|(path, text)| {
        let index = text.lines().position(|line| wanted.matches(line))?;
        let line = u32::try_from(index + 1).ok()?;
        Some(TestPlace { path: (*path).clone(), line, text: block(text, index) })
    })
}

/// What a line that defines a test may hold.
struct Definitions {
    /// The name in quotes: Bats, node, `TEST("…")`.
    quoted: [String; 3],
    /// Python: the name in words, or the last part of JUnit's `module.Class.test_name`.
    functions: [String; 2],
}

impl Definitions {
    fn of(id: &str) -> Self {
        // Suites stand before their tests, as node's are joined.
        let own = id.rsplit(" › ").next().unwrap_or(id);
        let last = own.rsplit('.').next().unwrap_or(own);
        // One case of many: `test_leap[2000]`.
        let plain = |name: &str| name.split('[').next().unwrap_or(name).trim_end().to_owned();
        Self {
            quoted: ['"', '\'', '`'].map(|quote| format!("{quote}{own}{quote}")),
            functions: [
                format!("def test_{}(", plain(own).replace(' ', "_")),
                format!("def {}(", plain(last)),
            ],
        }
    }

    fn matches(&self, line: &str) -> bool {
        self.quoted.iter().any(|name| line.contains(name))
            || self.functions.iter().any(|name| line.contains(name))
    }
}

/// The line at `first` and those that belong to it: what is indented deeper, and a line that closes it.
fn block(text: &str, first: usize) -> String {
    let mut lines = text.lines().skip(first);
    let Some(head) = lines.next() else { return String::new() };
    let edge = indentation(head);
    let mut kept = vec![head];
    for line in lines {
        let inside = line.trim().is_empty() || indentation(line) > edge;
        let closes = indentation(line) == edge && line.trim_start().starts_with(['}', ')', ']']);
        // An opening brace on a line of its own belongs to the head.
        let opens = kept.len() == 1 && line.trim() == "{";
        if inside || closes || opens {
            kept.push(line);
        }
        if closes || !(inside || opens) || kept.len() > MAX_SHOWN_LINES {
            break;
        }
    }
    if kept.len() > MAX_SHOWN_LINES {
        kept.truncate(MAX_SHOWN_LINES);
        kept.push("…");
    }
    kept.join("\n").trim_end().to_owned()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
