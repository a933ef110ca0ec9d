//! Saving a file as the IDE does: on the revision last known, and when nobody answers, again until it is known what became of it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::files::{FileContent, Revision};
use ide_protocol::rest::SaveFile;
use learner_client::ClientError;
use tokio_util::sync::CancellationToken;

use super::{Ledger, Seat, insist};

/// Between two saves of one typist.
const SAVE_EVERY: Duration = Duration::from_secs(3);
const NOTES: &str = "notes.txt";

/// A file that only we write.
pub(super) struct Paper {
    path: &'static str,
    executable: bool,
    revision: Revision,
    /// What was acknowledged last.
    text: Option<String>,
}

impl Paper {
    pub(super) fn new(seat: &Seat, path: &'static str, executable: bool) -> Self {
        let entry = seat.workspace.files.iter().find(|entry| entry.path.as_str() == path);
        Self { path, executable, revision: entry.map_or(0, |entry| entry.revision), text: None }
    }

    /// Puts `text` there; `None` when it is over before that is certain.
    pub(super) async fn put(
        &mut self,
        seat: &Seat,
        ledger: &Ledger,
        over: &CancellationToken,
        text: &str,
    ) -> anyhow::Result<Option<()>> {
        let file = SaveFile { content: FileContent::Text(text.to_owned()), executable: self.executable };
        let revision = AtomicU64::new(self.revision);
        let (learner, workspace) = (&seat.learner, seat.workspace.id);
        let stored = insist(ledger, over, "saving", || async {
            match learner.save(workspace, self.path, revision.load(Relaxed), &file).await {
                Err(ClientError::Refused { status: 412, .. }) => {}
                other => return other,
            }
            // Stored by a try whose answer was lost, or by nobody that we know.
            let there = learner.file(workspace, self.path).await?;
            if there.content == file.content {
                return Ok(there);
            }
            revision.store(there.revision, Relaxed);
            if let Some(text) = &self.text
                && there.content != FileContent::Text(text.clone())
            {
                ledger.wrong(format!(
                    "{}: an acknowledged save is gone: {text:?} became {:?}",
                    self.path, there.content
                ));
            }
            learner.save(workspace, self.path, revision.load(Relaxed), &file).await
        });
        let Some(stored) = stored.await? else { return Ok(None) };
        self.revision = stored.revision;
        self.text = Some(text.to_owned());
        Ok(Some(()))
    }
}

#[derive(Debug, Default)]
struct Book {
    acknowledged: u64,
    tried: u64,
    seat: Option<(learner_client::Learner, uuid::Uuid)>,
    took: Vec<(Instant, Duration)>,
}

/// What one typist saved.
#[derive(Debug, Default)]
pub struct Saves(Mutex<Book>);

impl Saves {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.book().acknowledged
    }

    /// Compares with what the API has; what does not fit.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn audit(&self) -> anyhow::Result<Option<String>> {
        // What is acknowledged before we look has to be there.
        let (acknowledged, seat) = (self.acknowledged(), self.book().seat.clone());
        let Some((learner, workspace)) = seat else { return Ok(None) };
        let stored = learner.file(workspace, NOTES).await.context("reading a note")?;
        let tried = self.book().tried;
        let FileContent::Text(text) = &stored.content else {
            return Ok(Some("a note is not text".to_owned()));
        };
        let number: u64 = text.trim().trim_start_matches("note ").parse().unwrap_or_default();
        let fits = (acknowledged..=tried).contains(&number);
        Ok((!fits)
            .then(|| format!("note {acknowledged} was acknowledged, {tried} tried, and {text:?} is stored")))
    }
}

/// Saves every few seconds until it is over.
pub(super) async fn save_on(seat: &Seat, ledger: &Ledger, saves: &Saves, over: &CancellationToken) {
    saves.book().seat = Some((seat.learner.clone(), seat.workspace.id));
    let mut notes = Paper::new(seat, NOTES, false);
    for number in 1.. {
        saves.book().tried = number;
        let began = Instant::now();
        match notes.put(seat, ledger, over, &format!("note {number}\n")).await {
            Ok(Some(())) => {
                let mut book = saves.book();
                book.acknowledged = number;
                book.took.push((began, began.elapsed()));
            }
            Ok(None) => return,
            Err(why) => return ledger.wrong(format!("{why:#}")),
        }
        if over.run_until_cancelled(tokio::time::sleep(SAVE_EVERY)).await.is_none() {
            return;
        }
    }
}
