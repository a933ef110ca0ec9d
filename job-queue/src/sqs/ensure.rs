//! The queues as they have to be: made where they are missing, compared where they are not.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use serde_json::Value;

use super::server_queue::{ServerQueue, seconds};
use super::trouble::{Trouble, unavailable};
use super::{Pair, SqsQueue};
use crate::{MAX_DELIVERIES, MAX_WAIT, QueueError, VISIBILITY};

/// How long a job that nobody takes is kept: longer than any outage lasts.
const KEPT_DAYS: u32 = 7;

/// … and one that is dead: SQS's bound. Its age counts from when it was first sent, so this is the longer one.
const KEPT_DEAD_DAYS: u32 = 14;

/// What came of looking at a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub queue: String,
    pub state: QueueState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueState {
    Fine,
    /// It was not there, and is now.
    Made,
    /// It is not there.
    Missing,
    /// As found and left.
    Differs(Vec<Difference>),
    /// It differed so, and no longer does.
    Mended(Vec<Difference>),
}

impl QueueState {
    /// Whether the queue is as it has to be by now.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Fine | Self::Made | Self::Mended(_))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub attribute: String,
    pub found: String,
    pub wanted: String,
}

/// What may be done about what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Nothing.
    Look,
    /// What is missing is made.
    Make,
    /// … and what differs is changed.
    MakeAndMend,
}

impl SqsQueue {
    /// Looks at every lane's two queues.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`] when the server does not answer, or forbids it.
    pub async fn ensure(&self, care: Care) -> Result<Vec<Finding>, QueueError> {
        let mut findings = Vec::new();
        for Pair { live, dead } in self.pairs() {
            // The dead-letter queue first: the other one's policy names it.
            findings.push(ensure(dead, &wanted(seconds_of(KEPT_DEAD_DAYS)), care).await?);
            let mut for_live = wanted(seconds_of(KEPT_DAYS));
            match arn(dead).await? {
                Some(arn) => for_live.push((Attribute::RedrivePolicy, policy(&arn))),
                None => debug_assert!(care == Care::Look, "it was made just now"),
            }
            findings.push(ensure(live, &for_live, care).await?);
        }
        Ok(findings)
    }
}

type Wanted = Vec<(Attribute, String)>;

fn wanted(kept_seconds: u32) -> Wanted {
    vec![
        (Attribute::VisibilityTimeout, seconds(VISIBILITY).to_string()),
        (Attribute::ReceiveMessageWaitTimeSeconds, seconds(MAX_WAIT).to_string()),
        (Attribute::MessageRetentionPeriod, kept_seconds.to_string()),
    ]
}

fn seconds_of(days: u32) -> u32 {
    days * 24 * 60 * 60
}

fn policy(dead_arn: &str) -> String {
    serde_json::json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": MAX_DELIVERIES }).to_string()
}

async fn ensure(queue: &ServerQueue, wanted: &Wanted, care: Care) -> Result<Finding, QueueError> {
    let state = match (queue.look_up().await?, care) {
        (None, Care::Look) => QueueState::Missing,
        (None, _) => {
            let mut made = queue.client.create_queue().queue_name(&queue.name);
            for (attribute, value) in wanted {
                made = made.attributes(attribute.clone(), value);
            }
            made.send().await.map_err(unavailable("making a queue"))?;
            QueueState::Made
        }
        (Some(url), care) => compare(queue, &url, wanted, care).await?,
    };
    Ok(Finding { queue: queue.name.clone(), state })
}

async fn compare(
    queue: &ServerQueue,
    url: &str,
    wanted: &Wanted,
    care: Care,
) -> Result<QueueState, QueueError> {
    let asked = queue.client.get_queue_attributes().queue_url(url).attribute_names(Attribute::All);
    let answer = asked.send().await.map_err(unavailable("looking at a queue"))?;
    let none = HashMap::new();
    let differences = differences(answer.attributes().unwrap_or(&none), wanted);
    if differences.is_empty() {
        return Ok(QueueState::Fine);
    }
    if care != Care::MakeAndMend {
        return Ok(QueueState::Differs(differences));
    }
    let mut change = queue.client.set_queue_attributes().queue_url(url);
    for (attribute, value) in wanted {
        change = change.attributes(attribute.clone(), value);
    }
    change.send().await.map_err(unavailable("changing a queue"))?;
    Ok(QueueState::Mended(differences))
}

fn differences(found: &HashMap<Attribute, String>, wanted: &Wanted) -> Vec<Difference> {
    let differs = |(attribute, wanted): &(Attribute, String)| {
        let found = found.get(attribute).map_or("nothing", String::as_str);
        let same = match attribute {
            Attribute::RedrivePolicy => plain(found) == plain(wanted),
            _ => found == wanted,
        };
        (!same).then(|| Difference {
            attribute: attribute.as_str().to_owned(),
            found: found.to_owned(),
            wanted: wanted.clone(),
        })
    };
    wanted.iter().filter_map(differs).collect()
}

/// A policy without what servers write as they like: order, spaces, and numbers as texts.
fn plain(policy: &str) -> Option<(String, String)> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    let text = |name: &str| policy.get(name).map(|value| value.to_string().replace('"', ""));
    Some((text("deadLetterTargetArn")?, text("maxReceiveCount")?))
}

/// How the server calls a queue to others of its; `None` when there is no such queue.
pub(super) async fn arn(queue: &ServerQueue) -> Result<Option<String>, QueueError> {
    const DOING: &str = "looking at a queue";
    let Some(url) = queue.look_up().await? else { return Ok(None) };
    let asked = queue.client.get_queue_attributes().queue_url(url).attribute_names(Attribute::QueueArn);
    let answer = asked.send().await.map_err(unavailable(DOING))?;
    let arn = answer.attributes().and_then(|all| all.get(&Attribute::QueueArn)).cloned();
    arn.map(Some)
        .ok_or_else(|| Trouble::new("the server does not say how it calls the queue").unavailable(DOING))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_the_same_however_it_is_written() {
        let rows = [
            (r#"{"deadLetterTargetArn":"arn:dead","maxReceiveCount":3}"#, true),
            (r#"{"maxReceiveCount": "3", "deadLetterTargetArn": "arn:dead"}"#, true),
            (r#"{"maxReceiveCount": 30, "deadLetterTargetArn": "arn:dead"}"#, false),
            (r#"{"maxReceiveCount": 3, "deadLetterTargetArn": "arn:other"}"#, false),
            ("nothing", false),
        ];
        for (found, same) in rows {
            let found = HashMap::from([(Attribute::RedrivePolicy, found.to_owned())]);
            let wanted = vec![(Attribute::RedrivePolicy, policy("arn:dead"))];
            assert_eq!(differences(&found, &wanted).is_empty(), same, "{found:?}");
        }
    }

    #[test]
    fn what_differs_is_named() {
        let found = HashMap::from([
            (Attribute::VisibilityTimeout, "30".to_owned()),
            (Attribute::MessageRetentionPeriod, "604800".to_owned()),
        ]);
        let named: Vec<_> = differences(&found, &wanted(604_800))
            .into_iter()
            .map(|Difference { attribute, found, wanted }| format!("{attribute}: {found}, not {wanted}"))
            .collect();
        assert_eq!(
            named,
            ["VisibilityTimeout: 30, not 60", "ReceiveMessageWaitTimeSeconds: nothing, not 20"]
        );
    }
}
