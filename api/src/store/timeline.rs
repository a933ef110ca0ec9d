//! The timeline of a workspace: bursts of saves joined into points, and the hand-ins between them.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ide_protocol::files::WorkspacePath;
use ide_protocol::rest::UnixMicros;
use ide_protocol::timeline::{
    HandInResult, PointChange, PointChangeKind, SaveNumber, SavedBy, Timeline, TimelineEntry,
};
use uuid::Uuid;

use super::db::args;
use super::file_history::{self, Origin};
use super::files::path_from;
use super::{Store, StoreError, natural};
use crate::clock::micros;

/// Who does not save for this long has finished a thought: the next save begins a point of its own.
const POINT_PAUSE: Duration = Duration::from_secs(60);

/// Who goes on without a pause gets a point this often all the same.
const POINT_LONGEST: Duration = Duration::from_secs(10 * 60);

/// Entries of one page.
const PAGE: usize = 40;

/// Hand-ins looked at; older ones than these are on no page. A learner hands in a lesson a few dozen times at most.
const MAX_HAND_INS: i64 = 500;

/// One stored change, without its bytes.
#[derive(Debug, sqlx::FromRow)]
struct Change {
    save: i64,
    path: String,
    present: i64,
    origin: String,
    saved_at: UnixMicros,
}

#[derive(Debug, sqlx::FromRow)]
struct HandInRow {
    #[sqlx(try_from = "String")]
    id: Uuid,
    save: i64,
    state: String,
    passed: i64,
    submitted_at: UnixMicros,
}

impl Store {
    /// The newest entries before `before` (all, when absent), newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn timeline(
        &self,
        workspace: Uuid,
        before: Option<SaveNumber>,
    ) -> Result<Timeline, StoreError> {
        let history_from = self.history_from(workspace).await?;
        let sql = "SELECT save, path, CAST(CASE WHEN blob IS NULL THEN 0 ELSE 1 END AS BIGINT) AS present,
                     origin, saved_at FROM workspace_revisions WHERE workspace = $1 ORDER BY save";
        let changes = self.db.all::<Change>(sql, args![workspace]).await?;
        let sql = "SELECT id, save, state, passed, submitted_at FROM submissions WHERE workspace = $1
                   ORDER BY submitted_at DESC, id DESC LIMIT $2";
        let hand_ins = self.db.all::<HandInRow>(sql, args![workspace, MAX_HAND_INS]).await?;
        let ends: HashSet<i64> = hand_ins.iter().map(|row| row.save).collect();
        let points = points(changes, file_history::number(history_from), &ends)?;
        Ok(page(points, hand_ins.into_iter().map(HandInRow::into_entry).collect(), before, history_from > 0))
    }
}

impl HandInRow {
    fn into_entry(self) -> TimelineEntry {
        let result = match self.state.as_str() {
            "graded" if self.passed != 0 => HandInResult::Passed,
            "graded" => HandInResult::NotPassed,
            "lesson_fault" | "not_graded" => HandInResult::DidNotCount,
            _ => HandInResult::Waiting,
        };
        let (submission, save, at) = (self.id, natural(self.save), self.submitted_at);
        TimelineEntry::HandedIn { submission, save, at, result }
    }
}

/// Puts points and hand-ins (newest first) in one order, and takes one page of it. What belongs to one save stays on
/// one page, so that its number is where the next begins.
fn page(
    points: Vec<TimelineEntry>,
    hand_ins: Vec<TimelineEntry>,
    before: Option<SaveNumber>,
    forgotten: bool,
) -> Timeline {
    let mut all: Vec<_> = hand_ins.into_iter().chain(points.into_iter().rev()).collect();
    // Stable: a hand-in stays above the point that it took its files from.
    all.sort_by_key(|entry| std::cmp::Reverse(save_of(entry)));
    let older_than = before.unwrap_or(SaveNumber::MAX);
    let mut rest = all.into_iter().filter(|entry| save_of(entry) < older_than).peekable();
    let mut entries: Vec<TimelineEntry> = Vec::new();
    while let Some(next) = rest.peek() {
        let last = entries.last().map(save_of);
        if entries.len() >= PAGE && last != Some(save_of(next)) {
            return Timeline { older: last, entries, forgotten };
        }
        entries.extend(rest.next());
    }
    Timeline { entries, older: None, forgotten }
}

fn save_of(entry: &TimelineEntry) -> SaveNumber {
    match entry {
        TimelineEntry::Saved { save, .. } | TimelineEntry::HandedIn { save, .. } => *save,
    }
}

/// A burst being gathered.
struct Burst {
    save: i64,
    since: UnixMicros,
    at: UnixMicros,
    /// Of its first change.
    origin: Origin,
    /// By path, in the order of their first change: there before, there now, by whom.
    files: Vec<(String, bool, bool, Vec<SavedBy>)>,
}

/// `changes` (oldest first) joined into points. Those up to `history_from` are not told of: they are kept only to know
/// what was there before. After a save in `ends` a new point begins.
fn points(
    changes: Vec<Change>,
    history_from: i64,
    ends: &HashSet<i64>,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let mut there: HashMap<String, bool> = HashMap::new();
    let mut bursts: Vec<Burst> = Vec::new();
    for change in changes {
        let before = there.insert(change.path.clone(), change.present != 0).unwrap_or(false);
        if change.save <= history_from {
            continue;
        }
        let origin = Origin::from_text(&change.origin)?;
        match bursts.last_mut() {
            Some(burst) if burst.takes(&change, origin, ends) => burst.add(change, origin, before),
            _ => {
                let (save, at) = (change.save, change.saved_at);
                let mut burst = Burst { save, since: at, at, origin, files: Vec::new() };
                burst.add(change, origin, before);
                bursts.push(burst);
            }
        }
    }
    let points = bursts.into_iter().filter_map(|burst| burst.into_point().transpose());
    points.collect()
}

impl Burst {
    fn takes(&self, change: &Change, origin: Origin, ends: &HashSet<i64>) -> bool {
        // What one request did at once is a point of its own.
        if self.origin.is_at_once() || origin.is_at_once() {
            return self.origin == origin && self.at == change.saved_at;
        }
        // A clock that was set back does not begin a point.
        change.saved_at - self.at <= micros(POINT_PAUSE)
            && change.saved_at - self.since <= micros(POINT_LONGEST)
            && !(self.save..change.save).any(|save| ends.contains(&save))
    }

    fn add(&mut self, change: Change, origin: Origin, before: bool) {
        (self.save, self.at) = (change.save, change.saved_at);
        let now = change.present != 0;
        let by = origin.by();
        match self.files.iter_mut().find(|(path, ..)| *path == change.path) {
            Some((_, _, there, all)) => {
                *there = now;
                if !all.contains(&by) {
                    all.push(by);
                }
            }
            None => self.files.push((change.path, before, now, vec![by])),
        }
    }

    /// Nothing when all it made is gone again.
    fn into_point(self) -> Result<Option<TimelineEntry>, StoreError> {
        let mut changes = Vec::new();
        for (path, before, now, by) in self.files {
            let kind = match (before, now) {
                (false, true) => PointChangeKind::Added,
                (true, true) => PointChangeKind::Changed,
                (true, false) => PointChangeKind::Removed,
                (false, false) => continue,
            };
            let path: WorkspacePath = path_from(path)?;
            changes.push(PointChange { path, kind, by });
        }
        let (save, since, at) = (natural(self.save), self.since, self.at);
        Ok((!changes.is_empty()).then_some(TimelineEntry::Saved { save, since, at, changes }))
    }
}

#[cfg(test)]
#[path = "timeline/tests.rs"]
mod tests;
