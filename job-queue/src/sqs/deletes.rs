//! Deletes what is completed, in company: completions that arrive within a few milliseconds go in one call. Each is
//! acknowledged once the server has said so, and not before.

use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::limits::{BATCH, COMPLETE, DELETIONS, DELETIONS_WAITING, GATHER};
use super::trouble::{Trouble, is_gone, words};
use crate::QueueError;

const DOING: &str = "completing a job";

/// The handle; its deletions end when the last one is dropped.
#[derive(Debug, Clone)]
pub(super) struct Deletes {
    // Bounded: whoever finds no room waits for it, up to the call's deadline, and is told that the queue is away.
    inbox: mpsc::Sender<Deletion>,
}

/// One receipt, and who waits to hear of it.
#[derive(Debug)]
struct Deletion {
    url: String,
    receipt: String,
    answer: oneshot::Sender<Result<(), QueueError>>,
}

impl Deletes {
    pub(super) fn start(client: Client) -> Self {
        let (inbox, deletions) = mpsc::channel(DELETIONS_WAITING);
        tokio::spawn(run(client, deletions));
        Self { inbox }
    }

    pub(super) async fn delete(&self, url: String, receipt: String) -> Result<(), QueueError> {
        let (answer, told) = oneshot::channel();
        let asked = async {
            let _ = self.inbox.send(Deletion { url, receipt, answer }).await;
            told.await
                .unwrap_or_else(|_| Err(Trouble::new("the queue's client has ended").unavailable(DOING)))
        };
        let late = || Err(Trouble::new("no answer in time").unavailable(DOING));
        tokio::time::timeout(COMPLETE, asked).await.unwrap_or_else(|_| late())
    }
}

/// What goes together: whatever comes within [`GATHER`] of the first, up to a call's worth.
#[derive(Debug)]
struct Gathering<T> {
    items: Vec<T>,
    due: Option<Instant>,
}

impl<T> Gathering<T> {
    fn new() -> Self {
        Self { items: Vec::with_capacity(BATCH), due: None }
    }

    /// Takes one more; a full batch is handed out at once.
    fn push(&mut self, now: Instant, item: T) -> Option<Vec<T>> {
        self.due.get_or_insert(now + GATHER);
        self.items.push(item);
        if self.items.len() >= BATCH { self.take() } else { None }
    }

    fn wait(&self, now: Instant) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(now))
    }

    fn take(&mut self) -> Option<Vec<T>> {
        self.due = None;
        let items = std::mem::take(&mut self.items);
        if items.is_empty() { None } else { Some(items) }
    }
}

async fn run(client: Client, mut inbox: mpsc::Receiver<Deletion>) {
    let mut gathering = Gathering::new();
    let mut calls = JoinSet::new();
    loop {
        let wait = gathering.wait(Instant::now());
        let batch = tokio::select! {
            deletion = inbox.recv() => match deletion {
                Some(deletion) => gathering.push(Instant::now(), deletion),
                None => break,
            },
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => gathering.take(),
            Some(_) = calls.join_next() => None,
        };
        if let Some(batch) = batch {
            if calls.len() >= DELETIONS {
                calls.join_next().await;
            }
            calls.spawn(delete(client.clone(), batch));
        }
    }
    if let Some(batch) = gathering.take() {
        calls.spawn(delete(client, batch));
    }
    while calls.join_next().await.is_some() {}
}

async fn delete(client: Client, batch: Vec<Deletion>) {
    let Some(url) = batch.first().map(|first| first.url.clone()) else { return };
    let mut call = client.delete_message_batch().queue_url(url);
    for (number, deletion) in batch.iter().enumerate() {
        let entry = DeleteMessageBatchRequestEntry::builder()
            .id(number.to_string())
            .receipt_handle(&deletion.receipt)
            .build();
        // Cannot fail: both fields are there. Should it, the deletion is not among those the server did.
        if let Ok(entry) = entry {
            call = call.entries(entry);
        }
    }
    let answer = call.send().await;
    for (number, deletion) in batch.into_iter().enumerate() {
        let id = number.to_string();
        let result = match &answer {
            Ok(done) if done.successful().iter().any(|entry| entry.id() == id) => Ok(()),
            Ok(done) => match done.failed().iter().find(|entry| entry.id() == id) {
                Some(refused) if is_gone(Some(refused.code()), refused.message()) => Err(QueueError::Lost),
                Some(refused) => {
                    Err(Trouble::new(format!("the server says {}", refused.code())).unavailable(DOING))
                }
                None => Err(Trouble::new("the server says nothing of this job").unavailable(DOING)),
            },
            Err(why) => Err(Trouble::new(words(why)).unavailable(DOING)),
        };
        // Nobody waits any longer: they were late, and take it as unknown.
        let _ = deletion.answer.send(result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_come_together_go_together() {
        let start = Instant::now();
        let mut gathering = Gathering::new();
        assert_eq!(gathering.wait(start), None, "nothing to wait for");
        assert_eq!(gathering.push(start, 0), None);
        assert_eq!(gathering.wait(start), Some(GATHER));
        assert_eq!(gathering.push(start + GATHER / 2, 1), None);
        assert_eq!(gathering.wait(start + GATHER), Some(Duration::ZERO), "the first one's time counts");
        assert_eq!(gathering.take(), Some(vec![0, 1]));
        assert_eq!((gathering.take(), gathering.wait(start)), (None, None));
    }

    #[test]
    fn a_full_batch_waits_for_nobody() {
        let start = Instant::now();
        let mut gathering = Gathering::new();
        let batches: Vec<_> = (0..BATCH * 2 + 1).filter_map(|item| gathering.push(start, item)).collect();
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [BATCH, BATCH]);
        assert_eq!(gathering.take(), Some(vec![BATCH * 2]));
    }
}
