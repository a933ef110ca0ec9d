//! Changes that wait to be told: one per path, gathered until things are quiet. Knows no kernel and no file.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ide_protocol::files::WorkspacePath;

/// A save is several events; this much silence ends it.
const QUIET: Duration = Duration::from_millis(50);

/// A program that never stops writing is told about this often.
const LONGEST_WAIT: Duration = Duration::from_millis(300);

/// Paths waiting at once; more are told as "list all". Above every lesson, below what would fill the way to the
/// agent.
const MAX_WAITING: usize = 500;

#[derive(Debug, Default)]
pub struct Changes {
    waiting: BTreeSet<WorkspacePath>,
    lost: bool,
    times: Option<Times>,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    first: Instant,
    last: Instant,
}

/// What is to be told now.
#[derive(Debug, PartialEq, Eq)]
pub enum Batch {
    Paths(BTreeSet<WorkspacePath>),
    /// Too much for single paths.
    Lost,
}

impl Changes {
    pub fn touch(&mut self, path: WorkspacePath, now: Instant) {
        if self.waiting.len() >= MAX_WAITING {
            return self.lose(now);
        }
        if !self.lost {
            self.waiting.insert(path);
        }
        self.note(now);
    }

    /// Single changes are not known any more.
    pub fn lose(&mut self, now: Instant) {
        self.lost = true;
        self.waiting.clear();
        self.note(now);
    }

    /// When [`Changes::take`] will have something.
    pub fn due(&self) -> Option<Instant> {
        self.times.map(|times| (times.last + QUIET).min(times.first + LONGEST_WAIT))
    }

    pub fn take(&mut self, now: Instant) -> Option<Batch> {
        if self.due()? > now {
            return None;
        }
        self.times = None;
        let waiting = std::mem::take(&mut self.waiting);
        Some(if std::mem::take(&mut self.lost) { Batch::Lost } else { Batch::Paths(waiting) })
    }

    fn note(&mut self, now: Instant) {
        let first = self.times.map_or(now, |times| times.first);
        self.times = Some(Times { first, last: now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> WorkspacePath {
        WorkspacePath::new(text).unwrap()
    }

    #[test]
    fn one_save_is_one_change_once_it_is_quiet() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut changes = Changes::default();
        assert_eq!(changes.take(at(0)), None);
        for ms in [0, 10, 40] {
            changes.touch(path("a"), at(ms));
        }
        changes.touch(path("b"), at(40));
        assert_eq!(changes.take(at(89)), None);
        assert_eq!(changes.take(at(90)), Some(Batch::Paths(BTreeSet::from([path("a"), path("b")]))));
        assert_eq!(changes.due(), None);
    }

    #[test]
    fn a_busy_writer_is_told_about_all_the_same() {
        let start = Instant::now();
        let mut changes = Changes::default();
        for ms in (0..300).step_by(20) {
            let now = start + Duration::from_millis(ms);
            assert_eq!(changes.take(now), None);
            changes.touch(path("log"), now);
        }
        assert!(changes.take(start + LONGEST_WAIT).is_some());
    }

    #[test]
    fn too_many_become_one_word() {
        let now = Instant::now();
        let mut changes = Changes::default();
        for number in 0..=MAX_WAITING {
            changes.touch(path(&format!("f{number}")), now);
        }
        changes.touch(path("after"), now);
        assert_eq!(changes.take(now + QUIET), Some(Batch::Lost));
        changes.touch(path("later"), now + QUIET);
        assert_eq!(changes.take(now + QUIET * 2), Some(Batch::Paths(BTreeSet::from([path("later")]))));
    }
}
