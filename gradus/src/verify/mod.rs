//! `gradus verify`: runs a hand-in again on this machine, from what the store holds of it, and holds what comes of it
//! against what was recorded. Reads the store and changes nothing in it.

mod compare;

use std::process::ExitCode;

use anyhow::Context as _;
use api::store::Store;
use clap::Args;
use eval_agent::local::Local;
use ide_protocol::record::{Attempt, AttemptEnd};
use ide_protocol::rest::SubmissionState;
use ide_protocol::results::{GradingOutcome, Verdict};
use lesson::Lesson;
use uuid::Uuid;

use crate::by_hand::ByHandArgs;
use crate::settings::DataArgs;
use compare::{Again, Kept, compare};

/// Exit status when another verdict came of it.
const DIFFERENT: u8 = 1;

#[derive(Args)]
pub struct Verify {
    /// The submission's id.
    submission: Uuid,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    host: ByHandArgs,
}

/// All that the store holds of a graded submission.
struct Stored {
    verdict: Verdict,
    attempt: Attempt,
    lesson: Lesson,
    lesson_digest: String,
    files: Vec<ide_protocol::files::WorkspaceFile>,
}

impl Verify {
    /// # Errors
    /// When the store does not hold what it takes, or this machine cannot grade.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let stored = self.read().await?;
        let local = Local::open(self.host.config()).await?;
        let (tried, circumstances) = local.grade(&stored.lesson, &stored.lesson_digest, &stored.files).await;
        let clean = local.close().await;
        let verdict = match tried.outcome {
            GradingOutcome::Verdict { verdict } => verdict,
            GradingOutcome::LessonFault { fault } => anyhow::bail!("this time it cannot be graded: {fault}"),
            GradingOutcome::HostFault { fault } => anyhow::bail!("this machine cannot grade it: {fault}"),
        };
        let kept = Kept { verdict: &stored.verdict, attempt: &stored.attempt };
        let again =
            Again { verdict: &verdict, image_digest: &tried.image_digest, circumstances: &circumstances };
        let comparison = compare(&kept, &again);
        print!("{comparison}");
        anyhow::ensure!(clean, "a container resists removal: `docker ps` shows it");
        Ok(if comparison.is_same() { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) })
    }

    async fn read(&self) -> anyhow::Result<Stored> {
        let store = Store::open_to_read(&self.data.existing_store()?).await.context("opening the store")?;
        let stored = read(&store, self.submission).await;
        store.close().await;
        stored
    }
}

async fn read(store: &Store, id: Uuid) -> anyhow::Result<Stored> {
    let row = store.submission(id).await?.with_context(|| format!("there is no submission {id}"))?;
    let SubmissionState::Graded { verdict, .. } = row.submission.state else {
        anyhow::bail!("submission {id} has no verdict that could be verified");
    };
    let record = store.record(id).await?.context("the submission is gone")?;
    let graded = |attempt: &Attempt| matches!(attempt.end, Some(AttemptEnd::Verdict { .. }));
    let attempt =
        record.attempts.into_iter().find(graded).context("no attempt of it ended with a verdict")?;
    let lesson_digest = record.lesson_digest;
    let bundle = store.bundle(&lesson_digest).await?.context("the lesson's bundle is not in the store")?;
    let lesson = lesson::unpack(&bundle, &lesson_digest).context("the lesson's bundle cannot be used")?;
    let files = store.submission_files(id).await?;
    Ok(Stored { verdict, attempt, lesson, lesson_digest, files })
}
