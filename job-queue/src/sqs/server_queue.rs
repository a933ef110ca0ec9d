//! One queue of the server's: its name, where it is, and a look for a job in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::{MessageSystemAttributeName as System, QueueAttributeName as Attribute};
use tokio::sync::OnceCell;

use super::brake::Brake;
use super::deletes::Deletes;
use super::held::Held;
use super::limits::LOOK_GRACE;
use super::send::TRACE;
use super::trouble::{Trouble, is_missing, unavailable};
use crate::{Lease, MAX_VISIBILITY, MAX_WAIT, QueueError};

#[derive(Debug)]
pub(super) struct ServerQueue {
    pub(super) name: String,
    pub(super) client: Client,
    pub(super) deletes: Deletes,
    /// Asked for once. Only a name to the server: calls go to the address that the operator gave, whatever host is in it.
    url: OnceCell<String>,
    brake: Brake,
}

/// How many jobs a queue says that it has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) visible: u64,
    /// Held by someone, or delayed.
    pub(super) hidden: u64,
}

impl ServerQueue {
    pub(super) fn new(name: String, client: Client) -> Self {
        let deletes = Deletes::start(client.clone());
        Self { name, client, deletes, url: OnceCell::new(), brake: Brake::default() }
    }

    pub(super) async fn url(&self) -> Result<String, QueueError> {
        self.url.get_or_try_init(|| self.find()).await.cloned()
    }

    async fn find(&self) -> Result<String, QueueError> {
        const DOING: &str = "finding a queue";
        self.look_up().await?.ok_or_else(|| {
            Trouble::new(format!("there is no queue {}: make it with `gradus queue ensure`", self.name))
                .unavailable(DOING)
        })
    }

    /// `None` when the server has no such queue.
    pub(super) async fn look_up(&self) -> Result<Option<String>, QueueError> {
        const DOING: &str = "finding a queue";
        match self.client.get_queue_url().queue_name(&self.name).send().await {
            Ok(found) => Ok(found.queue_url().map(ToOwned::to_owned)),
            Err(why) if is_missing(&why) => Ok(None),
            Err(why) => Err(unavailable(DOING)(why)),
        }
    }

    /// A look that fails tells so only after a while, longer each time: nobody can ask a server in trouble in a tight
    /// loop.
    pub(super) async fn receive(
        self: &Arc<Self>,
        back: &Arc<Self>,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        match self.look(back, visibility, wait).await {
            Ok(found) => {
                self.brake.worked();
                Ok(found)
            }
            Err(why) => {
                tokio::time::sleep(self.brake.failed()).await;
                Err(why)
            }
        }
    }

    async fn look(
        self: &Arc<Self>,
        back: &Arc<Self>,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        let url = self.url().await?;
        let wait = wait.min(MAX_WAIT);
        let limit = wait + LOOK_GRACE;
        // Both: what is left out here is taken from the client, whose tries are shorter than a look may wait.
        let limit =
            TimeoutConfig::builder().operation_timeout(limit).operation_attempt_timeout(limit).build();
        let asked = self
            .client
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(1)
            .wait_time_seconds(seconds(wait))
            .visibility_timeout(seconds(visibility.min(MAX_VISIBILITY)))
            .message_system_attribute_names(System::ApproximateReceiveCount)
            .message_system_attribute_names(System::MessageGroupId)
            .message_attribute_names(TRACE)
            .customize()
            .config_override(Builder::new().retry_config(RetryConfig::disabled()).timeout_config(limit));
        let answer = asked.send().await.map_err(unavailable("looking for a job"))?;
        let Some(message) = answer.messages().first() else { return Ok(None) };
        // Without a receipt nothing can be done about it: it comes again.
        let Some(receipt) = message.receipt_handle() else { return Ok(None) };
        let system = |name| message.attributes().and_then(|all| all.get(&name)).cloned();
        let delivery =
            system(System::ApproximateReceiveCount).and_then(|count| count.parse().ok()).unwrap_or(1);
        let trace = message.message_attributes().and_then(|all| all.get(TRACE)?.string_value());
        let held = Held::new(
            Arc::clone(self),
            Arc::clone(back),
            url,
            receipt.to_owned(),
            system(System::MessageGroupId),
            Instant::now() + visibility,
        );
        let body = message.body().unwrap_or_default().to_owned();
        Ok(Some(Lease::new(body, trace.map(ToOwned::to_owned), delivery, Box::new(held))))
    }

    pub(super) async fn count(&self) -> Result<Count, QueueError> {
        let asked = self
            .client
            .get_queue_attributes()
            .queue_url(self.url().await?)
            .attribute_names(Attribute::ApproximateNumberOfMessages)
            .attribute_names(Attribute::ApproximateNumberOfMessagesNotVisible)
            .attribute_names(Attribute::ApproximateNumberOfMessagesDelayed);
        let answer = asked.send().await.map_err(unavailable("counting jobs"))?;
        let number = |name| {
            answer
                .attributes()
                .and_then(|all| all.get(&name))
                .and_then(|text| text.parse().ok())
                .unwrap_or(0_u64)
        };
        Ok(Count {
            visible: number(Attribute::ApproximateNumberOfMessages),
            hidden: number(Attribute::ApproximateNumberOfMessagesNotVisible)
                + number(Attribute::ApproximateNumberOfMessagesDelayed),
        })
    }
}

/// SQS counts whole seconds; nobody is given less than they asked for.
pub(super) fn seconds(time: Duration) -> i32 {
    let whole = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    i32::try_from(whole).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up() {
        for (millis, whole) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (60_000, 60)] {
            assert_eq!(seconds(Duration::from_millis(millis)), whole);
        }
    }
}
