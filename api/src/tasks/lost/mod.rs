//! Finds jobs that nobody will ever work on – a message lost, an agent that never ends, leases that a clock stretched –
//! and sends them out anew, a few times; then gives them up in words. What was lost is harmless should it turn up: its
//! token is void.

pub mod watch;

use std::time::{Duration, Instant};

use ide_protocol::job::JobKind;
use ide_protocol::rest::SessionState;
use ide_protocol::session::EndReason;

use crate::clock;
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::{Actor, NewJob, Stage, StoreError, Unfinished};
use crate::tasks::dispatcher::outbox_name;

use watch::{LOOK_EVERY, Lane, MAX_FINDS, Patience, Seen, Watch};

/// Unfinished jobs of a lane that are looked at, the first in the order sent; whoever is behind them comes up as they go.
const WATCHED: u32 = 2_000;

/// What a learner reads.
const NOT_GRADED: &str =
    "We could not grade this: it was lost on our side, several times. It does not count; hand in again.";
const NO_SESSION: &str = "no host took this session; start it again";

#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the queue was not to be counted")]
    Queue(#[from] job_queue::QueueError),
}

pub(super) async fn run(app: AppState, lane: job_queue::Lane) {
    let kind = kind_of(lane);
    let patience = Patience {
        visibility: app.config.patience.visibility,
        around_attempt: app.config.patience.around_attempt,
    };
    let mut watch = Watch::new(patience);
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.shutdown.cancelled() => return,
        }
        if let Err(why) = look(&app, lane, &mut watch).await {
            app.config.metrics.failed("lost jobs");
            tracing::warn!(error = %Chain(&why), ?kind, "lost jobs could not be looked for");
        }
    }
}

fn kind_of(lane: job_queue::Lane) -> JobKind {
    match lane {
        job_queue::Lane::Sessions => JobKind::Session,
        job_queue::Lane::Grading | job_queue::Lane::Regrading => JobKind::Grading,
    }
}

async fn look(app: &AppState, lane: job_queue::Lane, watch: &mut Watch) -> Result<(), LookError> {
    let kind = kind_of(lane);
    let unfinished = match kind {
        JobKind::Grading => app.store.unfinished_gradings(outbox_name(lane), WATCHED).await?,
        JobKind::Session => app.store.waiting_sessions(WATCHED).await?,
    };
    let seen_lane = seen_of(app, lane).await?;
    let mut seen = Vec::with_capacity(unfinished.len());
    for job in &unfinished {
        let Unfinished { subject, stage, message, sent, .. } = *job;
        seen.push(Seen { subject, stage, message, sent, runs: runs(app, job).await });
    }
    for subject in watch.look(Instant::now(), seen_lane, &seen) {
        let Some(job) = unfinished.iter().find(|job| job.subject == subject) else { continue };
        tracing::error!(%subject, ?kind, stage = ?job.stage, times = job.lost + 1, "a job is lost: no agent will work on it");
        app.config.metrics.lost(lane.name());
        mend(app, kind, job).await?;
    }
    Ok(())
}

async fn seen_of(app: &AppState, lane: job_queue::Lane) -> Result<Lane, LookError> {
    let newest_started = app.store.newest_started(outbox_name(lane)).await?;
    let depth = app.queue.depth(lane).await?;
    // A dead message may wait for what another copy of it comes to, and must not keep that from being found lost.
    Ok(Lane { is_empty: depth.waiting == 0, newest_started })
}

/// What the lesson allows an attempt: its tests run twice where some are hidden.
async fn runs(app: &AppState, job: &Unfinished) -> Duration {
    if !matches!(job.stage, Stage::Running { .. }) {
        return Duration::ZERO;
    }
    let wall = match app.lessons.get(&app.store, &job.lesson_digest).await {
        Ok(content) => content.lesson.manifest.limits.wall_seconds.into(),
        Err(_) => *lesson::bounds::WALL_SECONDS.end() as u64,
    };
    Duration::from_secs(2 * wall)
}

async fn mend(app: &AppState, kind: JobKind, job: &Unfinished) -> Result<(), StoreError> {
    let content = app.lessons.get(&app.store, &job.lesson_digest).await;
    let Some(content) = content.ok().filter(|_| job.lost < MAX_FINDS) else {
        return give_up(app, kind, job).await;
    };
    let new = NewJob::new(kind, &content.lesson.manifest, &app.config.public_url);
    match kind {
        JobKind::Grading => {
            if let Some(submission) = app.store.send_grading_again(job, new, clock::now()).await? {
                app.submission_changed(&submission).await;
                app.queue_moved.notify_one();
            }
        }
        JobKind::Session => drop(app.store.send_waiting_session_again(job, new, clock::now()).await?),
    }
    app.outbox.notify_one();
    Ok(())
}

async fn give_up(app: &AppState, kind: JobKind, job: &Unfinished) -> Result<(), StoreError> {
    let now = clock::now();
    match kind {
        JobKind::Grading => {
            if let Some(submission) = app.store.give_up_grading(job.subject, NOT_GRADED, now).await? {
                app.submission_changed(&submission).await;
                app.queue_moved.notify_one();
            }
        }
        JobKind::Session => {
            let reason = EndReason::HostFault { detail: NO_SESSION.to_owned() };
            let ended = app.store.end_session(job.subject, &reason, &Actor::System, now).await?;
            if let Some(row) = ended.filter(|row| matches!(row.state, SessionState::Ended { .. })) {
                app.hub.state_changed(row.id, row.state);
            }
        }
    }
    Ok(())
}
