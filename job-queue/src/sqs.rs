//! The queue on Amazon SQS, or on any server that speaks it.
//!
//! A lane is two standard queues, `PREFIX-lane` and `PREFIX-lane-dead`; the server moves a job from the first to the
//! second when somebody looks for it after its last try. The receipt of a delivery is the server's own. What other
//! implementations promise of *order* holds here only mostly: a standard queue makes no promise about it.
//!
//! Every call has a deadline ([`limits`]); a server that is away, throttles or stalls is [`QueueError::Unavailable`] in
//! the end. Sends, extensions and deletions are tried three times, with pauses at random (the SDK's standard mode, whose
//! budget of retries also keeps a long outage from being asked thrice about everything); a look for a job is tried once,
//! and its failure is told later with each one in a row.

mod brake;
mod deletes;
mod ensure;
mod held;
mod http;
mod limits;
mod redrive;
mod send;
mod server_queue;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;

use crate::{Depth, JobQueue, Lane, Lease, MAX_BODY_BYTES, Message, QueueError, Redriven};
pub use ensure::{Care, Difference, Finding, QueueState};
use server_queue::ServerQueue;
use trouble::Trouble;

/// Letters of a prefix: with a lane's name and `-dead` behind it, it has to stay below SQS's 80.
const PREFIX_CHARS: usize = 60;

/// Servers that are not Amazon's do not care, and requests are signed for some region.
const ELSEWHERE: &str = "us-east-1";

/// See the module. Cheap to clone: clones share connections.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    sessions: Pair,
    grading: Pair,
    regrading: Pair,
}

#[derive(Debug, Clone)]
struct Pair {
    live: Arc<ServerQueue>,
    dead: Arc<ServerQueue>,
}

impl SqsQueue {
    /// The queues whose names begin with `prefix`, at `endpoint` or, without one, at Amazon's of the region that the usual
    /// environment names. Credentials come from there, too: variables, profile, web identity, the roles of a container or
    /// a machine. Asks the server nothing yet.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`] when the prefix cannot be in a queue's name, or no region is to be found.
    pub async fn connect(prefix: &str, endpoint: Option<&str>) -> Result<Self, QueueError> {
        const DOING: &str = "connecting to SQS";
        if !is_prefix(prefix) {
            let words = format!("`{prefix}` is no prefix: up to {PREFIX_CHARS} letters, digits, - and _");
            return Err(Trouble::new(words).unavailable(DOING));
        }
        let http = http::Http::new().map_err(|why| Trouble::new(why.to_string()).unavailable(DOING))?;
        let client = client(http, endpoint).await;
        if client.config().region().is_none() {
            return Err(Trouble::new("no region is named: set AWS_REGION").unavailable(DOING));
        }
        let pair = |lane: Lane| Pair {
            live: Arc::new(ServerQueue::new(format!("{prefix}-{lane}"), client.clone())),
            dead: Arc::new(ServerQueue::new(format!("{prefix}-{lane}-dead"), client.clone())),
        };
        Ok(Self {
            sessions: pair(Lane::Sessions),
            grading: pair(Lane::Grading),
            regrading: pair(Lane::Regrading),
        })
    }

    fn pair(&self, lane: Lane) -> &Pair {
        match lane {
            Lane::Sessions => &self.sessions,
            Lane::Grading => &self.grading,
            Lane::Regrading => &self.regrading,
        }
    }

    fn pairs(&self) -> [&Pair; 3] {
        Lane::ALL.map(|lane| self.pair(lane))
    }
}

/// Whether queues can be named so.
#[must_use]
pub fn is_prefix(prefix: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=PREFIX_CHARS).contains(&prefix.len()) && prefix.chars().all(fits)
}

async fn client(http: http::Http, endpoint: Option<&str>) -> Client {
    let retries = RetryConfig::standard()
        .with_max_attempts(limits::TRIES)
        .with_initial_backoff(limits::FIRST_PAUSE)
        .with_max_backoff(limits::LONGEST_PAUSE);
    let times = TimeoutConfig::builder()
        .operation_attempt_timeout(limits::TRY)
        .operation_timeout(limits::CALL)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .retry_config(retries)
        .timeout_config(times);
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(endpoint);
        if std::env::var_os("AWS_REGION").is_none() && std::env::var_os("AWS_DEFAULT_REGION").is_none() {
            loader = loader.region(Region::from_static(ELSEWHERE));
        }
    }
    Client::new(&loader.load().await)
}

#[async_trait]
impl JobQueue for SqsQueue {
    async fn send_all(&self, lane: Lane, messages: &[Message<'_>]) -> Result<(), QueueError> {
        if let Some(large) = messages.iter().find(|message| message.body.len() > MAX_BODY_BYTES) {
            return Err(QueueError::TooLarge { bytes: large.body.len() });
        }
        send::send_all(&self.pair(lane).live, messages).await
    }

    async fn lease(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        let live = &self.pair(lane).live;
        live.receive(live, visibility, wait).await
    }

    async fn lease_dead(
        &self,
        lane: Lane,
        visibility: Duration,
        wait: Duration,
    ) -> Result<Option<Lease>, QueueError> {
        let Pair { live, dead } = self.pair(lane);
        dead.receive(live, visibility, wait).await
    }

    async fn depth(&self, lane: Lane) -> Result<Depth, QueueError> {
        let Pair { live, dead } = self.pair(lane);
        let (live, dead) = tokio::try_join!(live.count(), dead.count())?;
        // How old the oldest is, SQS tells only its monitoring.
        Ok(Depth {
            waiting: live.visible,
            in_flight: live.hidden + dead.hidden,
            dead: dead.visible,
            oldest: None,
        })
    }

    async fn redrive(&self, lane: Lane) -> Result<Redriven, QueueError> {
        redrive::all(self, lane).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_fits_into_a_name() {
        let long = "x".repeat(PREFIX_CHARS + 1);
        for (prefix, fits) in [
            ("gradus", true),
            ("uni-1_test", true),
            ("", false),
            ("a.b", false),
            ("ü", false),
            (&long, false),
        ] {
            assert_eq!(is_prefix(prefix), fits, "{prefix}");
        }
    }
}
