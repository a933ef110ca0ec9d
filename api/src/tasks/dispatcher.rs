//! Moves messages from the outbox to the queue, in order. Killed between sending and noting it, it sends twice; whoever
//! works on jobs bears that.

use std::time::Duration;

use job_queue::{Lane, QueueError};

use super::dead_letters;
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::StoreError;

/// Looked into at least this often, should a wake-up be missed or another process have written.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Pause after a failure; the queue or the database is away.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Messages read at once.
const BATCH: u32 = 50;

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

async fn explain(app: &AppState, body: &str, why: &QueueError) -> Result<(), StoreError> {
    tracing::error!(error = %Chain(why), "a job cannot be sent and is given up");
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
        for message in batch {
            let lane = if message.lane == "session" { Lane::Sessions } else { Lane::Grading };
            match app.queue.send(lane, &message.body).await {
                Ok(()) => failpoints::reach("api:enqueue"),
                // No queue takes it, ever, and those behind it must not wait for that.
                Err(why @ QueueError::TooLarge { .. }) => explain(app, &message.body, &why).await?,
                Err(why) => return Err(why.into()),
            }
            app.store.outbox_sent(message.id).await?;
        }
    }
}
