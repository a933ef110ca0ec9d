//! Those who look on in one session, as its learner's pages are told: who asked, who may, who is there, and what they
//! point at. Pure; the core carries messages and closes.

use std::collections::{BTreeMap, BTreeSet};

use ide_protocol::frame::ViewerId;
use ide_protocol::rest::{WatchState, Watcher};
use ide_protocol::session::{Place, SessionMessage};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::WatcherList;

/// Sockets of those who look on in one session. Few, so that they never take the learner's own places.
pub(super) const MAX_MENTORS: usize = 4;

/// Lines of a file that can be pointed at; far above what an editor shows.
pub(super) const MAX_LINE: u32 = 1_000_000;

/// Somebody who looks on with one socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mentor {
    pub(crate) account: Uuid,
    pub(crate) name: String,
}

#[derive(Debug, Default)]
pub(super) struct Watching {
    /// As stored; a list of a lower version is old news.
    list: WatcherList,
    here: BTreeMap<ViewerId, Mentor>,
    /// What each points at.
    places: BTreeMap<ViewerId, Place>,
}

impl Watching {
    pub(super) fn is_full(&self) -> bool {
        self.here.len() >= MAX_MENTORS
    }

    pub(super) fn joined(&mut self, viewer: ViewerId, mentor: Mentor) {
        self.here.insert(viewer, mentor);
    }

    /// Somebody left; answers what has to be taken back of what they pointed at.
    pub(super) fn left(&mut self, viewer: ViewerId) -> Option<SessionMessage> {
        let mentor = self.here.remove(&viewer)?;
        self.places.remove(&viewer).map(|_| pointed(&mentor, None))
    }

    /// The stored list is this now. False when something newer is known.
    pub(super) fn told(&mut self, list: WatcherList) -> bool {
        let news = list.version > self.list.version;
        if news {
            self.list = list;
        }
        news
    }

    /// Sockets of those who may not look on (any more).
    pub(super) fn not_allowed(&self) -> Vec<ViewerId> {
        let listed = self.list.watchers.iter();
        let allowed: BTreeSet<_> = listed
            .filter(|watcher| watcher.state == WatchState::Allowed)
            .map(|watcher| watcher.mentor)
            .collect();
        let here = self.here.iter().filter(|(_, mentor)| !allowed.contains(&mentor.account));
        here.map(|(viewer, _)| *viewer).collect()
    }

    /// What the learner's pages show; `None` when nobody ever asked.
    pub(super) fn message(&self) -> Option<SessionMessage> {
        if self.list.watchers.is_empty() {
            return None;
        }
        let watchers = self.list.watchers.iter().map(|row| Watcher {
            mentor: row.mentor,
            name: row.name.clone(),
            state: row.state,
            present: self.here.values().any(|mentor| mentor.account == row.mentor),
        });
        Some(SessionMessage::WatchersChanged { watchers: watchers.collect() })
    }

    pub(super) fn accounts(&self) -> BTreeSet<Uuid> {
        self.here.values().map(|mentor| mentor.account).collect()
    }

    /// Somebody points at a line; `None` when that cannot be one.
    pub(super) fn point(&mut self, viewer: ViewerId, place: Option<Place>) -> Option<SessionMessage> {
        let mentor = self.here.get(&viewer)?;
        match &place {
            Some(Place { line, .. }) if *line == 0 || *line > MAX_LINE => return None,
            Some(place) => self.places.insert(viewer, place.clone()),
            None => self.places.remove(&viewer),
        };
        Some(pointed(mentor, place))
    }

    /// Everything that is pointed at now, for a page that just came.
    pub(super) fn places(&self) -> impl Iterator<Item = SessionMessage> {
        self.places
            .iter()
            .filter_map(|(viewer, place)| Some(pointed(self.here.get(viewer)?, Some(place.clone()))))
    }
}

fn pointed(mentor: &Mentor, place: Option<Place>) -> SessionMessage {
    SessionMessage::Pointed { mentor: mentor.account, name: mentor.name.clone(), place }
}
