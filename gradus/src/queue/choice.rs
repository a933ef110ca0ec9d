//! Which queue, as an operator says it; asked the same way of every command that needs one.

use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use job_queue::sqs::{Care, QueueState, is_prefix};
use job_queue::{EmbeddedQueue, JobQueue, SqsQueue};

use crate::settings::Data;

#[derive(Args)]
pub struct QueueArgs {
    /// Where jobs wait: `embedded` is a file in the data folder, `sqs:PREFIX` the queues PREFIX-sessions, PREFIX-grading and
    /// PREFIX-regrading of Amazon SQS, each with a PREFIX-…-dead. Region and credentials come from the usual AWS environment.
    #[arg(long = "queue", env = "GRADUS_QUEUE", default_value = "embedded", value_name = "QUEUE")]
    choice: Choice,
    /// Another server that speaks SQS than Amazon's (http://127.0.0.1:4566).
    #[arg(long = "queue-endpoint", env = "GRADUS_QUEUE_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    Embedded,
    Sqs { prefix: String },
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "embedded" => Ok(Self::Embedded),
            Some(("sqs", prefix)) if is_prefix(prefix) => Ok(Self::Sqs { prefix: prefix.to_owned() }),
            Some(("sqs", _)) => Err("a prefix is letters, digits, - and _, up to 60 of them".to_owned()),
            _ => Err("write embedded or sqs:PREFIX".to_owned()),
        }
    }
}

/// A queue that was opened.
pub enum Opened {
    Embedded(EmbeddedQueue),
    Sqs(SqsQueue),
}

impl Opened {
    pub fn shared(self) -> Arc<dyn JobQueue> {
        match self {
            Self::Embedded(queue) => Arc::new(queue),
            Self::Sqs(queue) => Arc::new(queue),
        }
    }
}

impl QueueArgs {
    /// # Errors
    /// When the file cannot be opened, or no region is named.
    pub async fn open(&self, data: &Data) -> anyhow::Result<Opened> {
        match &self.choice {
            Choice::Embedded => EmbeddedQueue::open(&data.queue()).await.map(Opened::Embedded),
            Choice::Sqs { prefix } => {
                SqsQueue::connect(prefix, self.endpoint.as_deref()).await.map(Opened::Sqs)
            }
        }
        .context("opening the queue")
    }

    /// For whoever is going to work with it: as [`open`](Self::open), and a queue that was never made is told now, not to
    /// the first learner. A server that is away comes back, and is no reason not to start.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when the server says that there is no such queue.
    pub async fn open_for_work(&self, data: &Data) -> anyhow::Result<Opened> {
        let opened = self.open(data).await?;
        if let Opened::Sqs(queue) = &opened {
            match queue.ensure(Care::Look).await {
                Ok(findings) => {
                    let missing = findings.iter().find(|finding| finding.state == QueueState::Missing);
                    if let Some(missing) = missing {
                        anyhow::bail!("there is no queue {} → gradus queue ensure", missing.queue);
                    }
                    if findings.iter().any(|finding| !finding.state.is_fine()) {
                        tracing::warn!("the queues are not set up as they should be → gradus queue ensure");
                    }
                }
                Err(why) => {
                    let why = anyhow::Error::from(why);
                    tracing::warn!(error = format!("{why:#}"), "the queue does not answer yet");
                }
            }
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_chosen_in_a_word() {
        let sqs = |prefix: &str| Some(Choice::Sqs { prefix: prefix.to_owned() });
        let rows = [
            ("embedded", Some(Choice::Embedded)),
            ("sqs:gradus-1", sqs("gradus-1")),
            ("sqs:", None),
            ("sqs:a.b", None),
            ("sqs", None),
            ("embedded:x", None),
            ("", None),
        ];
        for (text, choice) in rows {
            assert_eq!(text.parse::<Choice>().ok(), choice, "{text}");
        }
    }
}
