//! Moves messages from the outbox, where jobs wait, to the queue: in an order that is fair ([`turns`]), and only as many as
//! agents are about to begin on ([`stretch`]). So any queue is fair, also one that knows no groups: what waits long waits here.
//! Killed between sending and noting it, it sends twice; whoever works on jobs bears that.

mod stretch;
mod turns;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use job_queue::{Lane, MAX_BODY_BYTES, Message, QueueError};

use super::dead_letters;
use crate::clock;
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::{OutboxRow, StoreError};
use stretch::{Room, Stretch};
use turns::{Head, Heads, Turns};

/// Looked into at least this often, should a wake-up be missed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The same while something waits, and where other processes write, which nobody hears: a learner does not notice.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Pause after a failure; the queue or the database is away.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Sent messages are noted this much later, unless others come first: a few durable writes.
const NOTED_AFTER: Duration = Duration::from_millis(50);

/// How often it is asked what an earlier build has sent, which works beside this one for as long as an update takes.
const PLACE_EVERY: Duration = Duration::from_secs(60);

/// Messages of a lane moved at once.
const BATCH: u32 = 100;

#[derive(Debug, thiserror::Error)]
enum DispatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the queue took no message")]
    Queue(#[from] QueueError),
}

/// What rows of the outbox call a lane.
pub(super) fn outbox_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Sessions => "session",
        Lane::Grading => "grading",
        Lane::Regrading => "regrading",
    }
}

/// A lane, with what is remembered of it.
struct Desk {
    lane: Lane,
    turns: Turns,
    stretch: Stretch,
}

pub(super) async fn run(app: AppState) {
    let now = Instant::now();
    let desk = |lane| Desk { lane, turns: Turns::default(), stretch: Stretch::new(now) };
    let mut desks = Lane::ALL.map(desk);
    let mut place_at = now;
    while !app.shutdown.is_cancelled() {
        let looked = async {
            if Instant::now() >= place_at {
                app.store.place_what_others_sent().await?;
                place_at = Instant::now() + PLACE_EVERY;
            }
            dispatch(&app, &mut desks).await
        };
        let pause = match looked.await {
            Ok(Left::Nothing) if !app.duties.dispatch.has_company() => LOOK_EVERY,
            Ok(_) => LOOK_AGAIN,
            Err(why) => {
                app.config.metrics.failed("dispatcher");
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

/// Whether something waits in the outbox.
enum Left {
    Nothing,
    Something,
}

/// Sends what there is room for, and what there is room for then.
async fn dispatch(app: &AppState, desks: &mut [Desk]) -> Result<Left, DispatchError> {
    loop {
        let waiting = app.store.lanes_waiting().await?;
        let mut sent = Vec::new();
        let mut left = Left::Nothing;
        for desk in &mut *desks {
            let waits = match desk.lane {
                Lane::Sessions => waiting.session,
                Lane::Grading => waiting.grading,
                Lane::Regrading => waiting.regrading,
            };
            if waits {
                left = Left::Something;
                sent.extend(fill(app, desk).await?);
            }
        }
        if sent.is_empty() {
            return Ok(left);
        }
        // Whoever begins on these jobs writes next, and somebody waits for that; nobody waits for this.
        tokio::select! {
            () = app.outbox.notified() => {}
            () = tokio::time::sleep(NOTED_AFTER) => {}
            () = app.shutdown.cancelled() => {}
        }
        app.store.outbox_sent(&sent).await?;
    }
}

/// Sends what there is room for in a lane; answers what was sent.
async fn fill(app: &AppState, desk: &mut Desk) -> Result<Vec<i64>, DispatchError> {
    let name = outbox_name(desk.lane);
    let in_queue = app.store.in_queue(name).await?;
    let room = match desk.stretch.look(Instant::now(), in_queue) {
        Room::For(room) => room,
        Room::AskTheQueue => {
            let depth = app.queue.depth(desk.lane).await?;
            desk.stretch.queue_has(depth.waiting)
        }
    };
    let room = room.min(BATCH);
    if room == 0 {
        return Ok(Vec::new());
    }
    // One more of each group than there can be room for tells whether any stays behind.
    let rows = app.store.outbox_heads(name, room + 1).await?;
    let waiting = rows.len();
    let chosen = choose(&mut desk.turns, rows, room);
    send(app, desk.lane, &chosen).await?;
    for row in &chosen {
        let waited = u64::try_from(clock::now() - row.created_at).unwrap_or(0);
        app.config.metrics.dispatched(desk.lane.name(), Duration::from_micros(waited));
    }
    let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    desk.stretch.sent(count, chosen.len() < waiting);
    Ok(chosen.iter().map(|row| row.id).collect())
}

fn choose(turns: &mut Turns, rows: Vec<OutboxRow>, room: u32) -> Vec<OutboxRow> {
    let mut heads = Heads::new();
    for row in &rows {
        let courses = heads.entry(row.institution.clone()).or_default();
        let cost = u64::try_from(row.cost).unwrap_or(0);
        courses.entry(row.course.clone()).or_default().push_back(Head { job: row.id, cost });
    }
    let mut rows: HashMap<i64, OutboxRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let taken = turns.take(&mut heads, usize::try_from(room).unwrap_or(usize::MAX));
    taken.into_iter().filter_map(|id| rows.remove(&id)).collect()
}

async fn send(app: &AppState, lane: Lane, rows: &[OutboxRow]) -> Result<(), DispatchError> {
    let (fit, too_large): (Vec<_>, Vec<_>) =
        rows.iter().partition::<Vec<_>, _>(|row| row.body.len() <= MAX_BODY_BYTES);
    let groups: Vec<String> = fit.iter().map(|row| format!("{}/{}", row.institution, row.course)).collect();
    let messages: Vec<_> = fit
        .iter()
        .zip(&groups)
        .map(|(row, group)| Message {
            group: Some(group),
            trace: row.trace.as_deref(),
            ..Message::of(&row.body)
        })
        .collect();
    if !messages.is_empty() {
        app.queue.send_all(lane, &messages).await?;
        failpoints::reach("api:enqueue");
    }
    // No queue takes these, ever, and those behind them must not wait for that.
    for row in too_large {
        explain(app, &row.body).await?;
    }
    Ok(())
}

async fn explain(app: &AppState, body: &str) -> Result<(), StoreError> {
    tracing::error!(bytes = body.len(), "a job is larger than any queue takes and is given up");
    match serde_json::from_str(body) {
        Ok(message) => dead_letters::lay_to_rest(app, &message).await.map(drop),
        // Not written by this build; whoever waits for it is found by the watch over lost jobs.
        Err(_) => Ok(()),
    }
}
