//! Messages on their way out: packed into calls, and what a call did not take is sent once more.

use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use rand::RngExt as _;

use super::limits::{BATCH, BATCH_BYTES, FIRST_PAUSE, TRIES};
use super::server_queue::ServerQueue;
use super::trouble::{Trouble, unavailable};
use crate::{Message, QueueError};

const DOING: &str = "sending a job";

/// The attribute that carries a trace, named as the header it is of.
pub(super) const TRACE: &str = "traceparent";

/// Bytes of an attribute that count beside its value: its name and its type.
const TRACE_OVERHEAD: usize = TRACE.len() + "String".len();

/// Characters of a `MessageGroupId`, SQS's bound.
const GROUP_CHARS: usize = 128;

pub(super) async fn send_all(queue: &ServerQueue, messages: &[Message<'_>]) -> Result<(), QueueError> {
    for batch in pack(messages) {
        send(queue, batch).await?;
    }
    Ok(())
}

/// One call's worth. A call may take some and refuse others, for a moment or for good.
async fn send(queue: &ServerQueue, batch: &[Message<'_>]) -> Result<(), QueueError> {
    let url = queue.url().await?;
    let mut left: Vec<usize> = (0..batch.len()).collect();
    for attempt in 1.. {
        let mut call = queue.client.send_message_batch().queue_url(&url);
        for &number in &left {
            if let Some(message) = batch.get(number) {
                call = call.entries(entry(number, message)?);
            }
        }
        let answer = call.send().await.map_err(unavailable(DOING))?;
        left.retain(|number| !answer.successful().iter().any(|taken| taken.id() == number.to_string()));
        if left.is_empty() {
            return Ok(());
        }
        let refused = answer.failed();
        if attempt >= TRIES || refused.iter().any(|entry| entry.sender_fault()) {
            let why = refused.first().map_or("no reason given", |entry| entry.code());
            return Err(Trouble::new(format!("{} of {} were not taken: {why}", left.len(), batch.len()))
                .unavailable(DOING));
        }
        let chance = rand::rng().random_range(0.5..1.0);
        tokio::time::sleep(FIRST_PAUSE.mul_f64(f64::from(attempt) * chance)).await;
    }
    Ok(())
}

fn entry(number: usize, message: &Message<'_>) -> Result<SendMessageBatchRequestEntry, QueueError> {
    let unfit = |why: aws_smithy_types::error::operation::BuildError| {
        Trouble::new(why.to_string()).unavailable(DOING)
    };
    let mut entry = SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(message.body);
    if let Some(group) = message.group.and_then(group_id) {
        entry = entry.message_group_id(group);
    }
    if let Some(trace) = message.trace {
        let value = MessageAttributeValue::builder().data_type("String").string_value(trace).build();
        entry = entry.message_attributes(TRACE, value.map_err(unfit)?);
    }
    entry.build().map_err(unfit)
}

/// A group as SQS takes it: letters, digits and punctuation of ASCII. What else there is becomes `_`; two groups that
/// then look the same share their turn, no more.
fn group_id(group: &str) -> Option<String> {
    let fits = |c: char| if c.is_ascii_graphic() { c } else { '_' };
    let id: String = group.chars().map(fits).take(GROUP_CHARS).collect();
    if id.is_empty() { None } else { Some(id) }
}

/// Cuts messages into calls, in order.
fn pack<'m, 'b>(messages: &'m [Message<'b>]) -> Vec<&'m [Message<'b>]> {
    let mut batches = Vec::new();
    let mut rest = messages;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |message: &&Message<'_>| {
            bytes += size(message);
            bytes <= BATCH_BYTES
        };
        // One alone is sent as it is, however large: the server has the last word.
        let count = rest.iter().take(BATCH).take_while(fits).count().max(1);
        let (batch, later) = rest.split_at(count.min(rest.len()));
        batches.push(batch);
        rest = later;
    }
    batches
}

fn size(message: &Message<'_>) -> usize {
    message.body.len() + message.trace.map_or(0, |trace| trace.len() + TRACE_OVERHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_hold_ten_messages_or_a_quarter_of_a_mebibyte() {
        let half = "x".repeat(BATCH_BYTES / 2);
        let whole = "x".repeat(BATCH_BYTES);
        let rows: [(Vec<&str>, &[usize]); 7] = [
            (vec![], &[]),
            (vec!["a"], &[1]),
            (vec!["a"; 10], &[10]),
            (vec!["a"; 11], &[10, 1]),
            (vec![&half; 3], &[2, 1]),
            (vec!["a", &whole, "b", "c"], &[1, 1, 2]),
            (vec![&half, &half, "a"], &[2, 1]),
        ];
        for (bodies, sizes) in rows {
            let messages: Vec<_> = bodies.iter().map(|body| Message::of(body)).collect();
            let packed = pack(&messages);
            assert_eq!(packed.iter().map(|batch| batch.len()).collect::<Vec<_>>(), sizes);
            assert_eq!(packed.concat(), messages, "all of them, in order");
        }
        let traced = Message { body: &half, group: None, trace: Some("00-ab-cd-01") };
        assert_eq!(pack(&[traced, traced]).len(), 2, "attributes count");
    }

    #[test]
    fn any_group_becomes_one_that_sqs_takes() {
        let long = "x".repeat(GROUP_CHARS + 1);
        let rows = [
            ("uni/rust-1", Some("uni/rust-1")),
            ("Hochschule Köln/c", Some("Hochschule_K_ln/c")),
            ("", None),
            (&long, Some(&long[1..])),
        ];
        for (group, id) in rows {
            assert_eq!(group_id(group).as_deref(), id);
        }
    }
}
