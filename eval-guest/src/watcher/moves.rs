//! Telling our own work from the learner's in the stream of events. Knows names and cookies, no kernel.
//!
//! The kernel reports a rename as two events, leaving and arriving, with one cookie, next to each other. The guest
//! writes and deletes by renaming from and to a temporary name, and announces its other renames here; so a pair
//! whose other half is a temporary name, or that was announced, is ours. When pairs are torn apart by other events,
//! our own work is told as if a program had done it: the agent then reads a file once too often, no harm.

use ide_protocol::files::WorkspacePath;

use crate::workspace::TEMPORARY_PREFIX;

/// Own renames announced and not yet seen; the agent's requests are done one by one.
const MAX_ANNOUNCED: usize = 16;

/// What happened to a name in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Made, written, closed, removed or its mode changed, in place.
    Changed,
    Removed,
    /// Renamed away, or to here.
    Left {
        cookie: u32,
    },
    Arrived {
        cookie: u32,
    },
}

/// One event of the kernel, with its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub path: WorkspacePath,
    pub folder: bool,
    pub happening: Happening,
}

/// What it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    FileTouched(WorkspacePath),
    /// A folder appeared; what is in it is not known.
    FolderAppeared(WorkspacePath),
    /// A program moved a folder away.
    FolderLeft(WorkspacePath),
    /// The agent moved or deleted a folder.
    OwnFolderMoved {
        from: WorkspacePath,
        to: WorkspacePath,
    },
    OwnFolderDeleted(WorkspacePath),
}

#[derive(Debug, Default)]
pub struct Moves {
    announced: Vec<(WorkspacePath, WorkspacePath)>,
    /// The half of a pair whose other half may be next.
    left: Option<(u32, Event)>,
}

impl Moves {
    /// The agent's rename that was just done; its events are still to come.
    pub fn announce(&mut self, from: WorkspacePath, to: WorkspacePath) {
        if self.announced.len() < MAX_ANNOUNCED {
            self.announced.push((from, to));
        }
    }

    pub fn feed(&mut self, event: Event) -> Vec<Fact> {
        if let Happening::Left { cookie } = event.happening {
            let facts = self.settle();
            self.left = Some((cookie, event));
            return facts;
        }
        let Happening::Arrived { cookie } = event.happening else {
            let mut facts = self.settle();
            facts.extend(changed_in_place(event));
            return facts;
        };
        match self.left.take() {
            Some((left_cookie, left)) if left_cookie == cookie => self.moved(left, event),
            other => {
                self.left = other;
                let mut facts = self.settle();
                facts.extend(arrived(event));
                facts
            }
        }
    }

    /// No event follows for now: what left has left.
    pub fn settle(&mut self) -> Vec<Fact> {
        self.left.take().and_then(|(_, event)| left(event)).into_iter().collect()
    }

    /// Forgets what was announced: its events are not coming (the queue overflowed).
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn moved(&mut self, from: Event, to: Event) -> Vec<Fact> {
        let announced = self.announced.iter().position(|pair| pair.0 == from.path && pair.1 == to.path);
        if let Some(at) = announced {
            self.announced.remove(at);
            let moved = Fact::OwnFolderMoved { from: from.path, to: to.path };
            return to.folder.then_some(moved).into_iter().collect();
        }
        match (is_temporary(&from.path), is_temporary(&to.path)) {
            (true, _) => Vec::new(),
            (false, true) if from.folder => vec![Fact::OwnFolderDeleted(from.path)],
            (false, true) => Vec::new(),
            (false, false) => left(from).into_iter().chain(arrived(to)).collect(),
        }
    }
}

fn is_temporary(path: &WorkspacePath) -> bool {
    path.name().starts_with(TEMPORARY_PREFIX)
}

fn changed_in_place(event: Event) -> Option<Fact> {
    match (event.folder, event.happening) {
        (true, Happening::Removed) => None,
        _ => arrived(event),
    }
}

fn arrived(event: Event) -> Option<Fact> {
    if is_temporary(&event.path) {
        return None;
    }
    Some(if event.folder { Fact::FolderAppeared(event.path) } else { Fact::FileTouched(event.path) })
}

fn left(event: Event) -> Option<Fact> {
    if is_temporary(&event.path) {
        return None;
    }
    Some(if event.folder { Fact::FolderLeft(event.path) } else { Fact::FileTouched(event.path) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPORARY: &str = ".gradus-tmp-00";

    fn path(text: &str) -> WorkspacePath {
        WorkspacePath::new(text).unwrap()
    }

    fn event(text: &str, happening: Happening) -> Event {
        let folder = text.ends_with('/');
        Event { path: path(text.trim_end_matches('/')), folder, happening }
    }

    fn facts(moves: &mut Moves, events: &[(&str, Happening)]) -> Vec<Fact> {
        let mut facts: Vec<Fact> =
            events.iter().flat_map(|&(text, happening)| moves.feed(event(text, happening))).collect();
        facts.extend(moves.settle());
        facts
    }

    const LEFT: Happening = Happening::Left { cookie: 1 };
    const ARRIVED: Happening = Happening::Arrived { cookie: 1 };

    #[test]
    fn what_the_agent_did_is_not_told_and_what_a_program_did_is() {
        let touched = |text| Fact::FileTouched(path(text));
        type Row<'a> = (&'a str, Vec<(&'a str, Happening)>, Vec<Fact>);
        let rows: Vec<Row> = vec![
            ("a program writes", vec![("a", Happening::Changed)], vec![touched("a")]),
            ("a program removes", vec![("a", Happening::Removed)], vec![touched("a")]),
            ("a program renames", vec![("a", LEFT), ("b", ARRIVED)], vec![touched("a"), touched("b")]),
            ("a program moves out", vec![("a", LEFT)], vec![touched("a")]),
            ("a program moves in", vec![("a", ARRIVED)], vec![touched("a")]),
            (
                "a program makes a folder",
                vec![("d/", Happening::Changed)],
                vec![Fact::FolderAppeared(path("d"))],
            ),
            ("a program moves a folder out", vec![("d/", LEFT)], vec![Fact::FolderLeft(path("d"))]),
            ("a folder is removed, its files before it", vec![("d/", Happening::Removed)], vec![]),
            (
                "the agent writes",
                vec![(TEMPORARY, Happening::Changed), (TEMPORARY, LEFT), ("a", ARRIVED)],
                vec![],
            ),
            (
                "the agent deletes",
                vec![("a", LEFT), (TEMPORARY, ARRIVED), (TEMPORARY, Happening::Removed)],
                vec![],
            ),
            (
                "the agent deletes a folder",
                vec![("d/", LEFT), (".gradus-tmp-00/", ARRIVED)],
                vec![Fact::OwnFolderDeleted(path("d"))],
            ),
            (
                "a pair torn apart is told",
                vec![("a", LEFT), ("x", Happening::Changed), (TEMPORARY, ARRIVED)],
                vec![touched("a"), touched("x")],
            ),
            (
                "another cookie is another move",
                vec![("a", LEFT), ("b", Happening::Arrived { cookie: 2 })],
                vec![touched("a"), touched("b")],
            ),
        ];
        for (story, events, expected) in rows {
            assert_eq!(facts(&mut Moves::default(), &events), expected, "{story}");
        }
    }

    #[test]
    fn an_announced_rename_is_ours_once() {
        let mut moves = Moves::default();
        moves.announce(path("a"), path("b"));
        moves.announce(path("d"), path("e"));
        let own = facts(&mut moves, &[("a", LEFT), ("b", ARRIVED), ("d/", LEFT), ("e/", ARRIVED)]);
        assert_eq!(own, [Fact::OwnFolderMoved { from: path("d"), to: path("e") }]);
        assert_eq!(facts(&mut moves, &[("a", LEFT), ("b", ARRIVED)]).len(), 2);
    }
}
