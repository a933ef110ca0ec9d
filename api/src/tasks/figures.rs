//! Reads, every few seconds, the figures that nobody counts as they happen.

use std::time::Duration;

use job_queue::Lane;
use tokio::time::MissedTickBehavior;

use super::dispatcher::outbox_name;
use crate::clock;
use crate::metrics::LaneFigures;
use crate::state::AppState;

/// How often: several times between two scrapes, and a queue that charges for each question is asked little.
const LOOK_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(app: AppState) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.shutdown.cancelled() => return,
        }
        if !app.config.metrics.are_read() {
            continue;
        }
        let metrics = &app.config.metrics;
        metrics.connected(app.sockets.len(), app.hub.rooms());
        metrics.database(app.store.connections());
        for duty in [&app.duties.dispatch, &app.duties.sweep] {
            metrics.duty(duty.name, duty.is_ours());
        }
        if let Err(why) = lanes(&app).await {
            metrics.failed("figures");
            tracing::warn!(error = format!("{why:#}"), "lanes could not be counted");
        }
    }
}

/// One process tells of them: the one that fills them.
async fn lanes(app: &AppState) -> anyhow::Result<()> {
    let is_ours = app.duties.dispatch.is_ours();
    let waiting = if is_ours { app.store.outbox_depths().await? } else { Vec::new() };
    for lane in Lane::ALL {
        if !is_ours {
            app.config.metrics.lane(lane.name(), None);
            continue;
        }
        let depth = app.queue.depth(lane).await?;
        let (outbox, since) = waiting
            .iter()
            .find(|row| row.lane == outbox_name(lane))
            .map_or((0, None), |row| (row.waiting, Some(row.since)));
        let in_outbox =
            since.map(|since| Duration::from_micros(u64::try_from(clock::now() - since).unwrap_or(0)));
        let figures = LaneFigures {
            outbox: u64::try_from(outbox).unwrap_or(0),
            queued: depth.waiting,
            in_flight: depth.in_flight,
            dead: depth.dead,
            oldest: in_outbox.max(depth.oldest),
        };
        app.config.metrics.lane(lane.name(), Some(figures));
    }
    Ok(())
}
