//! Each second: counts this instance's beat in the store, looks who else is alive, and sends away the sockets of
//! sessions that are at home elsewhere by now.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Peering;
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::StoreError;

/// From beat to beat, and from look to look.
const BEAT_EVERY: Duration = Duration::from_secs(1);

/// Beats between two rounds of tidying up homes of sessions that are over.
const TIDY_EVERY: u32 = 60;

/// Beats until the shutdown; nothing where this is the only instance.
pub(crate) async fn run(app: AppState) {
    let Some(peering) = app.peering.clone() else { return };
    for round in 1u32.. {
        tokio::select! {
            () = tokio::time::sleep(BEAT_EVERY) => {}
            () = peering.leaving.cancelled() => return,
        }
        if let Err(why) = one(&app, &peering, round).await {
            tracing::warn!(error = %Chain(&why), "this instance could not say that it is alive");
        }
    }
}

async fn one(app: &AppState, peering: &Arc<Peering>, round: u32) -> Result<(), StoreError> {
    let Peering { id, url, store, .. } = peering.as_ref();
    store.beat(*id, url).await?;
    let rows = store.instances().await?;
    let forgotten = peering.known().looked(rows);
    // Rooms first: one that is there by now was claimed before.
    let rooms = app.hub.sessions();
    if !rooms.is_empty() {
        let homes: BTreeSet<_> = store.homes_at(*id).await?.into_iter().collect();
        for session in rooms.into_iter().filter(|session| !homes.contains(session)) {
            tracing::warn!(%session, "session {session} is at home elsewhere; its sockets are sent away");
            app.hub.send_away(session);
        }
    }
    if round.is_multiple_of(TIDY_EVERY) {
        store.forget_old_homes().await?;
        for row in forgotten {
            store.forget_instance(&row).await?;
        }
    }
    Ok(())
}
