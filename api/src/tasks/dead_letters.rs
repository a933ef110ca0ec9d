//! Jobs that nobody could finish: the learner is told, and the job is laid to rest. But for a session that only
//! outlived its agents – restarts count as deliveries, and three of them are no reason to lose a machine. And but for a
//! hand-in that another copy of the message is being graded for: the outbox may send one twice. And but for what cannot
//! be read: it is left to an operator (`gradus dlq`), who is told of each once.

use std::collections::HashSet;
use std::time::Duration;

use ide_protocol::job::{JobKind, JobMessage};
use ide_protocol::rest::SessionState;
use ide_protocol::session::EndReason;
use job_queue::{Lane, Lease, MAX_DELIVERIES, VISIBILITY};

use crate::clock;
use crate::secrets;
use crate::state::AppState;
use crate::store::{Actor, Died, NewJob, StoreError};

/// How long one call waits for the next.
const WAIT: Duration = Duration::from_secs(20);

/// Pause after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Pause after all that is dead was looked at and something was left there: it would be delivered again at once, for ever.
const REST: Duration = Duration::from_secs(30);

/// Unreadable jobs set aside in one round; beyond them nothing is looked at until the next one.
const MAX_ASIDE: usize = 1_000;

/// Unreadable jobs that are remembered as told.
const MAX_TOLD: usize = 10_000;

/// What a learner reads.
const NOT_GRADED: &str =
    "We could not grade this: every try failed on our side. It does not count; hand in again.";
const NO_SESSION: &str = "no host could keep a container for this session";

pub(super) async fn run(app: AppState, lane: Lane) {
    let mut told = HashSet::new();
    while !app.shutdown.is_cancelled() {
        let mut aside = Vec::new();
        let pause = match round(&app, lane, &mut aside, &mut told).await {
            Ok(()) => (!aside.is_empty()).then_some(REST),
            Err(why) => {
                tracing::warn!(error = format!("{why:#}"), ?lane, "dead jobs wait");
                Some(RETRY_AFTER)
            }
        };
        // Whoever looks on our heels finds them, and should this fail, a visibility time later.
        for lease in aside {
            let _ = lease.release(Duration::ZERO).await;
        }
        if let Some(pause) = pause {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = app.shutdown.cancelled() => {}
            }
        }
    }
}

/// Looks at all that is dead. What cannot be read is set aside meanwhile, so that it hides nothing behind it.
async fn round(
    app: &AppState,
    lane: Lane,
    aside: &mut Vec<Lease>,
    told: &mut HashSet<String>,
) -> anyhow::Result<()> {
    while aside.len() < MAX_ASIDE {
        // Nobody is kept waiting for what was set aside.
        let wait = if aside.is_empty() { WAIT } else { Duration::ZERO };
        let leased = tokio::select! {
            leased = app.queue.lease_dead(lane, VISIBILITY, wait) => leased?,
            () = app.shutdown.cancelled() => return Ok(()),
        };
        let Some(lease) = leased else { return Ok(()) };
        match serde_json::from_str::<JobMessage>(lease.body()) {
            Ok(message) => handle(app, lease, &message).await?,
            Err(why) => {
                if told.len() < MAX_TOLD && told.insert(secrets::hash(lease.body())) {
                    let bytes = lease.body().len();
                    tracing::error!(why = ?why.classify(), bytes, ?lane, "a dead job cannot be read and is left to an operator: gradus dlq ls");
                }
                aside.push(lease);
            }
        }
    }
    Ok(())
}

fn new_job(message: &JobMessage) -> NewJob<'_> {
    NewJob { image: &message.image, needs: message.needs, api_url: &message.api_url, trace: None }
}

async fn handle(app: &AppState, lease: Lease, message: &JobMessage) -> anyhow::Result<()> {
    let (job, kind) = (message.job, message.kind);
    tracing::error!(%job, ?kind, deliveries = lease.delivery(), "job {job} was given up by every agent");
    // Else it comes back in a while. If what is under way never ends, the watch over lost jobs voids this one.
    if lay_to_rest(app, message).await? {
        lease.complete().await?;
    }
    Ok(())
}

/// Whether nothing is left to do about it.
pub(super) async fn lay_to_rest(app: &AppState, message: &JobMessage) -> Result<bool, StoreError> {
    let Some(job) = app.store.job_by_token(message.job, &secrets::hash(&message.token)).await? else {
        return Ok(true);
    };
    let now = clock::now();
    match job.kind {
        JobKind::Grading => match app.store.message_died(job.subject, MAX_DELIVERIES, NOT_GRADED, now).await?
        {
            Died::GivenUp(submission) => {
                app.submission_changed(&submission).await;
                app.queue_moved.notify_one();
            }
            Died::UnderWay => return Ok(false),
            Died::Over => {}
        },
        JobKind::Session if app.store.send_session_again(job.subject, new_job(message), now).await? => {
            tracing::info!(session = %job.subject, "session {} outlived its agents and goes out again", job.subject);
            app.hub.state_changed(job.subject, SessionState::Queued);
            app.outbox.notify_one();
        }
        JobKind::Session => {
            let reason = EndReason::HostFault { detail: NO_SESSION.to_owned() };
            if let Some(row) = app.store.end_session(job.subject, &reason, &Actor::System, now).await? {
                app.hub.state_changed(row.id, row.state);
            }
        }
    }
    Ok(true)
}
