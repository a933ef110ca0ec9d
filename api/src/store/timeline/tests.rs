//! Rows as saves leave them, and the points that a learner sees.

use super::*;

const MINUTE: i64 = 60;

/// `(save, second, path, origin)`; a path with a minus before it was removed.
fn told(rows: &[(i64, i64, &str, Origin)], history_from: i64, ends: &[i64]) -> Vec<String> {
    let change = |&(save, second, path, origin): &(i64, i64, &str, Origin)| Change {
        save,
        path: path.trim_start_matches('-').to_owned(),
        present: i64::from(!path.starts_with('-')),
        origin: origin.text().to_owned(),
        saved_at: second * 1_000_000,
    };
    let points = points(rows.iter().map(change).collect(), history_from, &ends.iter().copied().collect());
    points.unwrap().iter().map(words).collect()
}

fn words(entry: &TimelineEntry) -> String {
    let TimelineEntry::Saved { save, changes, .. } = entry else { unreachable!() };
    let change = |change: &PointChange| {
        let by: Vec<_> = change.by.iter().map(|by| format!("{by:?}").to_lowercase()).collect();
        format!("{} {:?} by {}", change.path, change.kind, by.join("+")).to_lowercase()
    };
    format!("{save}: {}", changes.iter().map(change).collect::<Vec<_>>().join(", "))
}

use Origin::{Container, Learner, Lesson, Reset, Restored};

#[test]
fn saves_in_quick_succession_are_one_point() {
    let rows = [
        (1, 0, "a", Lesson),
        (2, 0, "b", Lesson),
        (3, 1, "a", Learner),
        (4, 3, "a", Container),
        (5, 60, "out", Container),
        (6, 60 + 2 * MINUTE, "a", Learner),
    ];
    assert_eq!(
        told(&rows, 0, &[]),
        [
            "2: a added by lesson, b added by lesson",
            "5: a changed by learner+program, out added by program",
            "6: a changed by learner",
        ]
    );
}

#[test]
fn who_never_pauses_gets_points_all_the_same() {
    let rows: Vec<_> = (0..60).map(|n| (n + 1, n * 20, "a", Learner)).collect();
    let points = told(&rows, 0, &[]);
    assert_eq!(points, ["31: a added by learner", "60: a changed by learner"]);
}

#[test]
fn a_hand_in_a_restore_and_a_reset_stand_alone() {
    let rows = [
        (1, 0, "a", Learner),
        (2, 1, "a", Learner),
        (3, 2, "a", Learner),
        (4, 3, "a", Restored),
        (5, 3, "b", Restored),
        (6, 4, "a", Restored),
        (7, 5, "-b", Reset),
        (8, 6, "a", Learner),
    ];
    assert_eq!(
        told(&rows, 0, &[1]),
        [
            "1: a added by learner",
            "3: a changed by learner",
            "5: a changed by restored, b added by restored",
            "6: a changed by restored",
            "7: b removed by reset",
            "8: a changed by learner",
        ]
    );
}

#[test]
fn what_came_and_went_within_a_point_is_not_told() {
    let rows = [(1, 0, "tmp", Container), (2, 1, "-tmp", Container), (3, 100, "a", Learner)];
    assert_eq!(told(&rows, 0, &[]), ["3: a added by learner"]);
}

#[test]
fn what_was_forgotten_is_not_told_but_known() {
    let rows = [(1, 0, "a", Learner), (9, 5, "a", Learner), (10, 6, "-a", Learner)];
    assert_eq!(told(&rows, 8, &[]), ["10: a removed by learner"]);
}

#[test]
fn pages_follow_one_another_without_gap_or_repeat() {
    let point = |save| TimelineEntry::Saved { save, since: 0, at: 0, changes: Vec::new() };
    let hand_in = |save| {
        let result = HandInResult::Waiting;
        TimelineEntry::HandedIn { submission: Uuid::nil(), save, at: 0, result }
    };
    let points = || (1..=100).map(point).collect();
    // Three hand-ins of one state, where a page would end.
    let hand_ins = || vec![hand_in(61), hand_in(61), hand_in(61), hand_in(7)];
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = page(points(), hand_ins(), before, false);
        assert!(page.entries.len() <= PAGE + 3);
        seen.extend(page.entries.iter().map(save_of));
        before = page.older;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 104);
    assert!(seen.is_sorted_by(|a, b| a >= b));
    assert_eq!(seen.iter().filter(|save| **save == 61).count(), 4);
}
