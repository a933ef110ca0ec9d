//! Jobs that nobody could finish: the learner is told, and the job is laid to rest. But for a session that only
//! outlived its agents – restarts count as deliveries, and three of them are no reason to lose a machine. And but for a
//! hand-in that another copy of the message is being graded for: the outbox may send one twice.

use std::time::Duration;

use ide_protocol::job::{JobKind, JobMessage};
use ide_protocol::rest::SessionState;
use ide_protocol::session::EndReason;
use job_queue::{Lane, Lease, MAX_DELIVERIES, VISIBILITY};

use crate::clock;
use crate::problem::Chain;
use crate::secrets;
use crate::state::AppState;
use crate::store::{Actor, Died, NewJob, StoreError};

/// How long one call waits for the next.
const WAIT: Duration = Duration::from_secs(20);

/// Pause after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What a learner reads.
const NOT_GRADED: &str =
    "We could not grade this: every try failed on our side. It does not count; hand in again.";
const NO_SESSION: &str = "no host could keep a container for this session";

pub(super) async fn run(app: AppState, lane: Lane) {
    while !app.shutdown.is_cancelled() {
        let leased = tokio::select! {
            leased = app.queue.lease_dead(lane, VISIBILITY, WAIT) => leased,
            () = app.shutdown.cancelled() => return,
        };
        let handled = match leased {
            Ok(None) => continue,
            Ok(Some(lease)) => handle(&app, lease).await,
            Err(why) => Err(why.into()),
        };
        if let Err(why) = handled {
            tracing::warn!(error = format!("{why:#}"), ?lane, "dead jobs wait");
            tokio::select! {
                () = tokio::time::sleep(RETRY_AFTER) => {}
                () = app.shutdown.cancelled() => {}
            }
        }
    }
}

fn new_job(message: &JobMessage) -> NewJob<'_> {
    NewJob { image: &message.image, needs: message.needs, api_url: &message.api_url }
}

async fn handle(app: &AppState, lease: Lease) -> anyhow::Result<()> {
    match serde_json::from_str::<JobMessage>(lease.body()) {
        Ok(message) => {
            let (job, kind) = (message.job, message.kind);
            tracing::error!(%job, ?kind, deliveries = lease.delivery(), "job {job} was given up by every agent");
            if !lay_to_rest(app, &message).await? {
                // It comes back in a while. If what is under way never ends, the watch over lost jobs voids this one.
                return Ok(());
            }
        }
        Err(why) => tracing::error!(error = %Chain(&why), "a dead job is not ours and is dropped"),
    }
    lease.complete().await?;
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
                app.hub.submission_changed(&submission);
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
