//! `gradus regrade`: hand-ins that ended without a verdict, through no fault of their learner's, are graded after all.

use std::process::ExitCode;

use anyhow::Context as _;
use api::store::{Actor, NewJob, Regrade, Store};
use clap::Args;
use ide_protocol::job::JobKind;
use ide_protocol::rest::SubmissionState;
use job_queue::{Clock as _, SystemClock};
use uuid::Uuid;

use crate::settings::DataArgs;

#[derive(Args)]
pub struct RegradeCommand {
    /// Ids of submissions that were not graded, or whose lesson was at fault.
    #[arg(required = true)]
    submissions: Vec<Uuid>,
    #[command(flatten)]
    data: DataArgs,
    /// How agents reach the API, unless they are told by their own --api-url: as given to `gradus api`.
    #[arg(long, env = "GRADUS_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
}

impl RegradeCommand {
    /// # Errors
    /// When the store does not answer, or does not hold a submission's lesson.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let store = Store::open(&self.data.existing_store()?).await.context("opening the store")?;
        let mut all_wait = true;
        for &id in &self.submissions {
            let (waits, words) = self.one(&store, id).await?;
            all_wait &= waits;
            println!("{id}  {words}");
        }
        store.close().await;
        Ok(if all_wait { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Whether it waits now, and what there is to say.
    async fn one(&self, store: &Store, id: Uuid) -> anyhow::Result<(bool, &'static str)> {
        let Some(row) = store.submission(id).await? else {
            return Ok((false, "is no submission of this store"));
        };
        let digest = &row.submission.lesson_digest;
        let bundle = store.bundle(digest).await?.context("the lesson's bundle is not in the store")?;
        let lesson = lesson::unpack(&bundle, digest).context("the lesson's bundle cannot be used")?;
        let job = NewJob::new(JobKind::Grading, &lesson.manifest, self.public_url.trim_end_matches('/'));
        Ok(match store.regrade(id, job, &Actor::System, SystemClock.now_micros()).await? {
            Regrade::Waits(_) => (true, "waits to be graded again, behind all hand-ins"),
            Regrade::Refused(state) => (false, refusal(&state)),
            Regrade::Unknown => (false, "is no submission of this store"),
        })
    }
}

fn refusal(state: &SubmissionState) -> &'static str {
    match state {
        SubmissionState::Queued { .. } => "waits already",
        SubmissionState::Running { .. } => "is being graded already",
        SubmissionState::Graded { .. } => {
            "has its verdict, and a verdict stands; `gradus verify` says whether it would come out the same"
        }
        // Ended between two looks, and may be asked for again.
        SubmissionState::LessonFault { .. } | SubmissionState::NotGraded { .. } => {
            "has just ended; ask again"
        }
    }
}
