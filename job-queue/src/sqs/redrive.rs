//! All of a lane's dead jobs back to it: the server moves them by itself where it can, else we do, one by one.

use std::time::Duration;

use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::error::{ProvideErrorMetadata as _, SdkError};

use super::ensure::arn;
use super::trouble::{Trouble, unavailable};
use super::{Pair, SqsQueue};
use crate::{JobQueue as _, Lane, QueueError, Redriven, redrive_one_by_one};

const DOING: &str = "redriving dead jobs";

/// A look at a part of a distributed queue may miss what is in another; one that waits looks everywhere.
const LOOK: Duration = Duration::from_secs(1);

pub(super) async fn all(queue: &SqsQueue, lane: Lane) -> Result<Redriven, QueueError> {
    let dead_jobs = queue.depth(lane).await?.dead;
    let Pair { dead, .. } = queue.pair(lane);
    let arn = arn(dead).await?.ok_or_else(|| {
        Trouble::new(format!("there is no queue {}: make it with `gradus queue ensure`", dead.name))
            .unavailable(DOING)
    })?;
    // Tried once: servers that cannot do it say so with errors that look as if they passed.
    let asked = dead
        .client
        .start_message_move_task()
        .source_arn(arn)
        .customize()
        .config_override(Builder::new().retry_config(RetryConfig::disabled()));
    match asked.send().await {
        Ok(_) => Ok(Redriven::Moving(dead_jobs)),
        Err(SdkError::ServiceError(refusal)) if !is_ours_to_hear(refusal.err().code()) => {
            redrive_one_by_one(queue, lane, LOOK).await.map(Redriven::Moved)
        }
        // A server that answers in words of its own kind (moto: 500 and a page) does not have it either.
        Err(SdkError::ResponseError(_)) => redrive_one_by_one(queue, lane, LOOK).await.map(Redriven::Moved),
        Err(why) => Err(unavailable(DOING)(why)),
    }
}

/// Refusals that are not about what the server can do.
fn is_ours_to_hear(code: Option<&str>) -> bool {
    let code = code.unwrap_or_default();
    ["AccessDenied", "Throttl", "InvalidClientToken", "Signature", "ExpiredToken", "InvalidSecurity"]
        .iter()
        .any(|known| code.contains(known))
}
