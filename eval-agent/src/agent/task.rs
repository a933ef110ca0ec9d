//! One job from start to end: asks the API what it is, hands it to grading or session, and says how it ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::job::{Assignment, JobKind, JobMessage, StartJob};
use ide_protocol::rest::UnixMicros;
use job_queue::MAX_DELIVERIES;
use tokio::sync::watch;

use super::House;
use crate::api::ApiError;
use crate::clock;
use crate::grading::{self, Grading};
use crate::retry::{Retry, START_LIMIT};
use crate::session::{self, Live};
use crate::supervisor::room::TooBig;
use crate::supervisor::{JobEnd, StopReason};

/// Pause before a job that met a fault of ours is delivered again, times its deliveries so far.
const AGAIN_DELAY: Duration = Duration::from_secs(2);

/// What a task is given.
#[derive(Debug)]
pub struct Orders {
    pub message: JobMessage,
    pub delivery: u32,
    /// When the message was in hand.
    pub leased_at: UnixMicros,
    /// Set when the job is to stop before its time.
    pub stop: watch::Receiver<Option<StopReason>>,
}

impl Orders {
    /// Whether a fault now is told to the learner, because the queue delivers no more.
    #[must_use]
    pub fn is_last_delivery(&self) -> bool {
        self.delivery >= MAX_DELIVERIES
    }

    /// To be tried again: the longer it fails, the later.
    #[must_use]
    pub fn again(&self) -> JobEnd {
        JobEnd::Again { delay: AGAIN_DELAY * self.delivery }
    }

    /// Resolves once the job is to stop.
    pub async fn stopped(&self) -> StopReason {
        let mut stop = self.stop.clone();
        match stop.wait_for(Option::is_some).await {
            Ok(reason) => reason.unwrap_or(StopReason::GoingAway),
            Err(_) => StopReason::GoingAway,
        }
    }
}

/// Carries a job out. Whatever container it used is gone or on its way out when this returns.
pub async fn carry_out(house: Arc<House>, orders: Orders) -> JobEnd {
    let job = orders.message.job;
    let begin = StartJob { agent: house.name.clone(), delivery: orders.delivery };
    let assignment = tokio::select! {
        assignment = start(&house, &orders, &begin) => assignment,
        _ = orders.stopped() => return JobEnd::Again { delay: Duration::ZERO },
    };
    match assignment {
        Ok(Assignment::Grading { submission, attempt, lesson_digest, files }) => {
            tracing::info!(%job, %submission, attempt, "grading");
            failpoints::reach("agent:lease");
            let assigned_at = clock::now();
            grading::carry_out(&house, &orders, Grading { attempt, lesson_digest, files, assigned_at }).await
        }
        Ok(Assignment::Session { session, lesson_digest, files, idle_seconds, limit_seconds, begun }) => {
            tracing::info!(%job, %session, "a session begins");
            let idle = Duration::from_secs(idle_seconds.into());
            let limit = Duration::from_secs(limit_seconds.into());
            session::carry_out(&house, &orders, Live { lesson_digest, files, idle, limit, begun }).await
        }
        Err(ApiError::Superseded) if orders.message.kind == JobKind::Session => {
            tracing::info!(%job, "a session is served elsewhere; its job is kept");
            JobEnd::Elsewhere
        }
        Err(ApiError::Gone | ApiError::Superseded) => JobEnd::Done,
        Err(why) => {
            tracing::warn!(%job, error = %why, "could not start a job");
            orders.again()
        }
    }
}

/// Sees that somebody else gets a job that never fits here. When nobody has taken it in the end, whoever waits is told.
pub async fn turn_away(house: &House, orders: &Orders, why: TooBig) -> JobEnd {
    let job = orders.message.job;
    tracing::warn!(%job, delivery = orders.delivery, "a job does not fit on this host: {why}");
    if !orders.is_last_delivery() {
        return orders.again();
    }
    let told = async {
        match orders.message.kind {
            JobKind::Session => session::refuse(orders, why.to_string()).await,
            JobKind::Grading => {
                let begin = StartJob { agent: house.name.clone(), delivery: orders.delivery };
                match start(house, orders, &begin).await {
                    Ok(Assignment::Grading { attempt, .. }) => {
                        grading::refuse(house, orders, attempt, why.to_string()).await
                    }
                    Ok(Assignment::Session { .. }) => orders.again(),
                    Err(ApiError::Gone | ApiError::Superseded) => JobEnd::Done,
                    Err(_) => orders.again(),
                }
            }
        }
    };
    tokio::select! {
        end = told => end,
        _ = orders.stopped() => JobEnd::Again { delay: Duration::ZERO },
    }
}

/// Asks what the job is, for a while. While the API is away the job stays in our hands: given back at once it would use
/// up its deliveries within seconds, and the next one after it.
async fn start(house: &House, orders: &Orders, begin: &StartJob) -> Result<Assignment, ApiError> {
    let mut retry = Retry::new(Instant::now(), START_LIMIT);
    loop {
        match house.api.start(&orders.message, begin).await {
            Err(why) if why.may_pass() => match retry.pause(Instant::now()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(why),
            },
            result => return result,
        }
    }
}
