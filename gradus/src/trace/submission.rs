//! A hand-in, hop by hop: the client's clock around what the record keeps of it.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use ide_protocol::record::Record;
use ide_protocol::rest::SubmissionState;
use ide_protocol::session::SessionMessage;
use ide_protocol::trace;
use learner_client::{Heard, Learner, Page};
use tokio::time::timeout;
use uuid::Uuid;

use super::table::Table;
use super::{MAX_COUNT, Who};

/// Between an instant and the next.
const HOPS: [&str; 10] = [
    "browser → api",
    "stored, outbox, queue → agent",
    "agent asks what it is",
    "lesson at hand",
    "container claimed",
    "files laid, services up",
    "tests run",
    "record made",
    "verdict → api",
    "stored → browser told",
];

/// The answer to the hand-in: stored for good by then.
const ANSWERED: &str = "hand-in acknowledged";

/// The longest that is waited for one verdict: a queue, a cold container, a long lesson.
const VERDICT_WITHIN: Duration = Duration::from_secs(300);

#[derive(Args)]
pub struct HandIn {
    #[command(flatten)]
    pub who: Who,
    /// Handed in as the workspace stands, so with the learner's own work or as it starts.
    #[arg(long, default_value = "py-till")]
    lesson: String,
    /// Hand-ins, one after the other.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=MAX_COUNT))]
    count: u64,
}

impl HandIn {
    /// # Errors
    /// When a hand-in is refused, or its verdict does not come.
    pub async fn trace(&self) -> anyhow::Result<Table> {
        let learner = self.who.log_in().await?;
        let workspace = learner.open(&self.lesson).await?.id;
        // As in the browser, the verdict is told over the session's socket.
        let session = learner.session(workspace).await?.id;
        let mut page = learner.page(session).await?;
        page.open_terminal().await?;
        let mut table = Table::new("hand-in", &HOPS, &[ANSWERED]);
        for _ in 0..self.count {
            let graded = timeout(VERDICT_WITHIN, hand_in(&learner, &mut page, workspace));
            let Graded { sent, answered, told, record } = graded.await.context("no verdict came")??;
            table.add(&instants(sent, &record, told)?, &[answered - sent], 1);
        }
        learner.end_session(session).await?;
        Ok(table)
    }
}

/// Instants in microseconds.
struct Graded {
    sent: i64,
    answered: i64,
    told: i64,
    record: Record,
}

async fn hand_in(learner: &Learner, page: &mut Page, workspace: Uuid) -> anyhow::Result<Graded> {
    let sent = micros();
    let handed_in = learner.hand_in(workspace, &Uuid::new_v4().to_string()).await?;
    let answered = micros();
    loop {
        let Heard::Said(said) = page.hear().await? else { continue };
        let SessionMessage::SubmissionChanged { submission, state } = *said else { continue };
        if submission != handed_in.id {
            continue;
        }
        match state {
            SubmissionState::Queued { .. } | SubmissionState::Running { .. } => {}
            SubmissionState::NotGraded { reason } => anyhow::bail!("it could not be graded: {reason}"),
            SubmissionState::Graded { .. } | SubmissionState::LessonFault { .. } => {
                let told = micros();
                return Ok(Graded { sent, answered, told, record: learner.record(submission).await? });
            }
        }
    }
}

fn micros() -> i64 {
    i64::try_from(trace::now() / 1_000).unwrap_or(i64::MAX)
}

/// Of the attempt that ended it.
fn instants(sent: i64, record: &Record, told: i64) -> anyhow::Result<Vec<i64>> {
    let attempt = record.attempts.first().context("the record has no attempt")?;
    let milestones = attempt.timings.as_ref().and_then(|timings| timings.milestones);
    let milestones = milestones.context("the agent keeps no milestones: it is of an older version")?;
    let at = [
        Some(sent),
        Some(record.submitted_at),
        milestones.leased_at,
        milestones.assigned_at,
        milestones.fetched_at,
        milestones.claimed_at,
        milestones.laid_at,
        milestones.ended_at,
        milestones.posted_at,
        attempt.finished_at,
        Some(told),
    ];
    at.into_iter().collect::<Option<_>>().context("the attempt did not get to its end")
}
