//! Connections to learners' servers that are open: counted per session, and cut when the login behind them ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::limits::MAX_PREVIEW_CONNECTIONS;

#[derive(Default)]
pub(crate) struct Live {
    /// By session; a session without connections has no entry.
    open: Mutex<HashMap<Uuid, Vec<Arc<Open>>>>,
}

struct Open {
    /// Hash of the login or token that asked for the preview.
    credential: String,
    cut: CancellationToken,
}

/// A place among a session's connections; given back when dropped.
pub(super) struct Place {
    live: Arc<Live>,
    session: Uuid,
    open: Arc<Open>,
}

impl Live {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Vec<Arc<Open>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when the session has as many as it may.
    pub(super) fn enter(
        self: &Arc<Self>,
        session: Uuid,
        credential: String,
        shutdown: &CancellationToken,
    ) -> Option<Place> {
        let mut all = self.lock();
        let of_session = all.entry(session).or_default();
        if of_session.len() >= MAX_PREVIEW_CONNECTIONS {
            return None;
        }
        let open = Arc::new(Open { credential, cut: shutdown.child_token() });
        of_session.push(Arc::clone(&open));
        Some(Place { live: Arc::clone(self), session, open })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Cuts what a login or token opened.
    pub(crate) fn revoke(&self, credential: &str) {
        let all = self.lock();
        let theirs = all.values().flatten().filter(|open| open.credential == credential);
        theirs.for_each(|open| open.cut.cancel());
    }
}

impl Place {
    /// Resolves when the connection has to go.
    pub(super) async fn cut(&self) {
        self.open.cut.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.live.lock();
        if let Some(of_session) = all.get_mut(&self.session) {
            of_session.retain(|open| !Arc::ptr_eq(open, &self.open));
            if of_session.is_empty() {
                all.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_session_has_so_many_places_and_gets_them_back() {
        let (live, shutdown) = (Arc::new(Live::default()), CancellationToken::new());
        let enter = |session| live.enter(Uuid::from_u128(session), "one".into(), &shutdown);
        let places: Vec<_> = (0..MAX_PREVIEW_CONNECTIONS).map(|_| enter(1).unwrap()).collect();
        assert!(enter(1).is_none());
        assert!(enter(2).is_some(), "another session has its own");
        drop(places);
        assert!(live.is_empty());
        assert!(enter(1).is_some());
    }

    #[test]
    fn a_logout_cuts_its_own_connections() {
        let (live, shutdown) = (Arc::new(Live::default()), CancellationToken::new());
        let mine = live.enter(Uuid::from_u128(1), "mine".into(), &shutdown).unwrap();
        let other = live.enter(Uuid::from_u128(1), "other".into(), &shutdown).unwrap();
        live.revoke("mine");
        assert!(mine.cut().now_or_never().is_some());
        assert!(other.cut().now_or_never().is_none());
        shutdown.cancel();
        assert!(other.cut().now_or_never().is_some());
    }
}
