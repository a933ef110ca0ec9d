//! Moves messages from the outbox to the queue, in order. Killed between sending and noting it, it sends twice; whoever
//! works on jobs bears that.

use std::time::Duration;

use job_queue::{Lane, MAX_BODY_BYTES, Message, QueueError};

use super::dead_letters;
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::{OutboxRow, StoreError};

/// Looked into at least this often, should a wake-up be missed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The same where other processes write, which nobody hears: a learner does not notice the wait.
const LOOK_EVERY_IN_COMPANY: Duration = Duration::from_millis(100);

/// Pause after a failure; the queue or the database is away.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Sent messages are noted this much later, unless others come first: a few durable writes.
const NOTED_AFTER: Duration = Duration::from_millis(50);

/// What rows of the outbox call the lanes.
const LANES: [(&str, Lane); 3] =
    [("session", Lane::Sessions), ("grading", Lane::Grading), ("regrading", Lane::Regrading)];

/// Messages moved at once, in two durable writes.
const BATCH: u32 = 100;

#[derive(Debug, thiserror::Error)]
enum DispatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the queue took no message")]
    Queue(#[from] QueueError),
}

pub(super) async fn run(app: AppState) {
    while !app.shutdown.is_cancelled() {
        let pause = match empty_outbox(&app).await {
            Ok(()) if app.duties.dispatch.has_company() => LOOK_EVERY_IN_COMPANY,
            Ok(()) => LOOK_EVERY,
            Err(why) => {
                tracing::warn!(error = %Chain(&why), "jobs wait in the outbox");
                RETRY_AFTER
            }
        };
        tokio::select! {
            () = app.outbox.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = app.shutdown.cancelled() => {}
        }
    }
}

async fn explain(app: &AppState, body: &str) -> Result<(), StoreError> {
    tracing::error!(bytes = body.len(), "a job is larger than any queue takes and is given up");
    match serde_json::from_str(body) {
        Ok(message) => dead_letters::lay_to_rest(app, &message).await.map(drop),
        // Not written by this build; whoever waits for it is found by the watch over lost jobs.
        Err(_) => Ok(()),
    }
}

async fn empty_outbox(app: &AppState) -> Result<(), DispatchError> {
    loop {
        let batch = app.store.outbox(BATCH).await?;
        if batch.is_empty() {
            return Ok(());
        }
        for (name, lane) in LANES {
            let messages: Vec<_> =
                batch.iter().filter(|row| row.lane == name && fits(row)).map(message).collect();
            if !messages.is_empty() {
                app.queue.send_all(lane, &messages).await?;
                failpoints::reach("api:enqueue");
            }
        }
        // No queue takes these, ever, and those behind them must not wait for that.
        for message in batch.iter().filter(|row| !fits(row)) {
            explain(app, &message.body).await?;
        }
        // Whoever begins on these jobs writes next, and somebody waits for that; nobody waits for this.
        tokio::select! {
            () = app.outbox.notified() => {}
            () = tokio::time::sleep(NOTED_AFTER) => {}
            () = app.shutdown.cancelled() => {}
        }
        let sent: Vec<i64> = batch.iter().map(|row| row.id).collect();
        app.store.outbox_sent(&sent).await?;
    }
}

fn fits(message: &OutboxRow) -> bool {
    message.body.len() <= MAX_BODY_BYTES
}

fn message(row: &OutboxRow) -> Message<'_> {
    Message::of(&row.body)
}
