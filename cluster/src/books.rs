//! The audit: what learners were told against what the store and the terminals have.

use std::time::Instant;

use anyhow::Context as _;
use hostile::class::Class;
use serde::Serialize;

use crate::load::Crowd;
use crate::topology::Topology;

/// Events of one hand-in, with room for every try.
const EVENTS: u32 = 200;

/// What ends a hand-in, in the words of the event log.
const ENDS: [&str; 3] = ["submission_graded", "lesson_fault_found", "grading_given_up"];

/// What was found.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Books {
    /// Hand-ins accepted, and of these with exactly one verdict, the right one.
    pub accepted: usize,
    pub right: usize,
    /// Graded in more than one attempt, because one was cut off.
    pub graded_again: usize,
    pub keys: u64,
    pub keys_acknowledged: u64,
    pub keys_echoed: u64,
    /// Acknowledged in a container that died, with its host's agent, before their echo was seen.
    pub keys_of_dead_containers: u64,
    pub saves: u64,
    pub containers_replaced: usize,
    /// What must not be; empty when all is well.
    pub wrong: Vec<String>,
}

/// Looks through everything since then. The crowd hands in nothing meanwhile.
///
/// # Errors
/// When store or API do not answer.
pub async fn audit(topology: &Topology, crowd: &Crowd, since: Instant) -> anyhow::Result<Books> {
    let mut books = Books { wrong: crowd.ledger.take_wrong(), ..Books::default() };
    hand_ins(topology, crowd, since, &mut books).await?;
    for typing in &crowd.typists {
        let [keys, acknowledged, echoed, dead] = typing.counts();
        books.keys += keys;
        books.keys_acknowledged += acknowledged;
        books.keys_echoed += echoed;
        books.keys_of_dead_containers += dead;
        books.containers_replaced += typing.replaced_since(since);
        let ended = typing.ended_since(since).into_iter();
        books.wrong.extend(ended.map(|why| format!("{}: its session ended: {why}", typing.state())));
    }
    for saves in &crowd.savers {
        books.saves += saves.acknowledged();
        books.wrong.extend(saves.audit().await?);
    }
    Ok(books)
}

async fn hand_ins(
    topology: &Topology,
    crowd: &Crowd,
    since: Instant,
    books: &mut Books,
) -> anyhow::Result<()> {
    let entries = crowd.classmates.iter().flat_map(|one| one.entries());
    for entry in entries.filter(|entry| entry.pressed >= since) {
        let Some(submission) = entry.submission else {
            books.wrong.push("a hand-in was never accepted".to_owned());
            continue;
        };
        books.accepted += 1;
        let events = topology.store.events_of(&format!("submission:{submission}"), EVENTS).await;
        let events = events.context("reading the event log")?;
        let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        let ends: usize = ENDS.iter().map(|kind| count(kind)).sum();
        books.graded_again += usize::from(count("attempt_started") > 1);
        let class = entry.end.map_or(Class::Unknown, |(_, class)| class);
        if ends == 1 && class == entry.expected() {
            books.right += 1;
        } else {
            let (class, expected) = (class.word(), entry.expected().word());
            books.wrong.push(format!(
                "hand-in {submission} came to {class} instead of {expected}, with {ends} ends"
            ));
        }
    }
    Ok(())
}
