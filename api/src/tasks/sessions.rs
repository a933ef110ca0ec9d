//! Keeps the stored state of sessions true: agents that stay away, time limits nobody enforced, learners who left
//! before a host was free.

use std::collections::HashMap;
use std::time::Duration;

use ide_protocol::rest::{SessionState, UnixMicros};
use ide_protocol::session::EndReason;
use uuid::Uuid;

use crate::clock::{self, micros};
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::{Actor, SessionRow, StoreError};

/// How often it is looked: time limits are kept to the second.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An agent that was not connected for so long is lost; one that reconnects takes a second or two.
const AGENT_AWAY: Duration = Duration::from_secs(30);

/// A session that waits with nobody looking is not wanted any more.
const UNWANTED_AFTER: Duration = Duration::from_secs(5 * 60);

/// A session that waits longer than this will not come: its job may be lost.
const HOPELESS_AFTER: Duration = Duration::from_secs(30 * 60);

pub(super) async fn run(app: AppState) {
    let mut away = HashMap::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.shutdown.cancelled() => return,
        }
        if let Err(why) = look(&app, &mut away).await {
            tracing::warn!(error = %Chain(&why), "sessions could not be looked after");
        }
    }
}

async fn look(app: &AppState, away: &mut HashMap<Uuid, UnixMicros>) -> Result<(), StoreError> {
    let now = clock::now();
    let mut live = app.store.live_sessions().await?;
    if let Some(peering) = &app.peering {
        // Who is connected to the others only their homes know, and look after them.
        let elsewhere = peering.homed_elsewhere().await?;
        live.retain(|row| !elsewhere.contains(&row.id));
    }
    let here: HashMap<_, _> = live.iter().map(|row| (row.id, app.hub.presence(row.id))).collect();
    away.retain(|id, _| here.get(id).is_some_and(|who| !who.agent));
    for row in live {
        let Some(who) = here.get(&row.id) else { continue };
        let since = (!who.agent).then(|| *away.entry(row.id).or_insert(now));
        let mend = decide(&row, since, who.viewers, now);
        let changed = match &mend {
            None => continue,
            Some(Mend::Lost) => app.store.session_lost(row.id, now).await?,
            Some(Mend::TimeIsUp) => app.store.end_session_at_limit(row.id, now).await?,
            Some(Mend::End(reason)) => app.store.end_session(row.id, reason, &Actor::System, now).await?,
        };
        if let Some(row) = changed {
            tracing::info!(session = %row.id, ?mend, "session {} was mended", row.id);
            app.hub.state_changed(row.id, row.state);
        }
    }
    Ok(())
}

/// What has to be done to a session.
#[derive(Debug, PartialEq, Eq)]
enum Mend {
    Lost,
    /// Decided by the store, which knows of an extension a moment ago.
    TimeIsUp,
    End(EndReason),
}

/// `away_since`: since when its agent is known not to be connected.
fn decide(row: &SessionRow, away_since: Option<UnixMicros>, wanted: bool, now: UnixMicros) -> Option<Mend> {
    if row.until.is_some_and(|until| now >= until) {
        return Some(Mend::TimeIsUp);
    }
    let waited = now - row.state_since;
    match row.state {
        SessionState::Starting | SessionState::Ready { .. } => {
            // Since it is in this state at most: while it was queued, nobody was expected to be there.
            let lost = away_since.is_some_and(|since| now - since.max(row.state_since) >= micros(AGENT_AWAY));
            lost.then_some(Mend::Lost)
        }
        SessionState::Queued if waited > micros(HOPELESS_AFTER) => {
            let detail = "no host took this session; start it again".to_owned();
            Some(Mend::End(EndReason::HostFault { detail }))
        }
        SessionState::Queued if !wanted && waited > micros(UNWANTED_AFTER) => {
            Some(Mend::End(EndReason::Idle))
        }
        SessionState::Queued | SessionState::Ended { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: UnixMicros = 1_000_000;

    #[test]
    fn what_is_done_to_a_session() {
        let ready = || SessionState::Ready {
            since: 0,
            until: 100 * SECOND,
            idle_seconds: 600,
            extensions_left: 2,
            extension_seconds: 1_800,
        };
        let hopeless = || {
            Some(Mend::End(EndReason::HostFault {
                detail: "no host took this session; start it again".into(),
            }))
        };
        // state, until, agent away since, wanted, now (all in seconds)
        let rows = [
            (ready(), Some(100), None, true, 50, None, "all is well"),
            (ready(), Some(100), Some(30), true, 50, None, "away for a moment"),
            (ready(), Some(100), Some(20), true, 50, Some(Mend::Lost), "away for too long"),
            (SessionState::Starting, None, Some(0), true, 31, Some(Mend::Lost), "never dialled"),
            (ready(), Some(100), None, true, 99, None, "a second is left"),
            (ready(), Some(100), None, true, 100, Some(Mend::TimeIsUp), "its time is up"),
            (SessionState::Queued, None, Some(0), true, 1_000, None, "somebody waits"),
            (SessionState::Queued, None, Some(0), false, 200, None, "a reload takes a moment"),
            (
                SessionState::Queued,
                None,
                Some(0),
                false,
                301,
                Some(Mend::End(EndReason::Idle)),
                "nobody waits",
            ),
            (SessionState::Queued, None, Some(0), true, 1_801, hopeless(), "nobody comes"),
        ];
        for (state, until, away, wanted, now, expected, story) in rows {
            let row = SessionRow {
                id: Uuid::nil(),
                workspace: Uuid::nil(),
                account: Uuid::nil(),
                state,
                state_since: 0,
                until: until.map(|s: i64| s * SECOND),
                idle_seconds: 600,
                extensions: 0,
                files_seen: 0,
            };
            let away = away.map(|s: i64| s * SECOND);
            assert_eq!(decide(&row, away, wanted, now * SECOND), expected, "{story}");
        }
    }

    #[test]
    fn a_session_that_waited_long_is_not_lost_the_moment_it_starts() {
        let row = SessionRow {
            id: Uuid::nil(),
            workspace: Uuid::nil(),
            account: Uuid::nil(),
            state: SessionState::Starting,
            state_since: 100 * SECOND,
            until: None,
            idle_seconds: 600,
            extensions: 0,
            files_seen: 0,
        };
        assert_eq!(decide(&row, Some(0), true, 101 * SECOND), None);
        assert_eq!(decide(&row, Some(0), true, 130 * SECOND), Some(Mend::Lost));
    }
}
