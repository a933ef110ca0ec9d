//! Lessons by digest: fetched once, checked against the digest, unpacked, kept for the next job. Bounded; the one
//! unused for longest goes first.

use std::sync::{Arc, Mutex, PoisonError};

use ide_protocol::job::JobMessage;
use lesson::{BundleError, Lesson};

use crate::api::{Api, ApiError};
use crate::permits::{NotPermitted, Permits};

/// Unpacked lessons kept. Most are some ten KiB; the largest a bundle allows is some MiB.
const MAX_LESSONS: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    #[error(transparent)]
    Api(#[from] ApiError),
    /// What came is not what the digest names, or breaks the bundle's rules.
    #[error("the lesson's bundle cannot be used")]
    Bundle(#[from] BundleError),
    /// For its author or the host's operator to mend.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    #[error("unpacking the lesson failed")]
    Unpack(#[source] tokio::task::JoinError),
}

/// The lessons this agent knows.
#[derive(Debug)]
pub struct Lessons {
    api: Api,
    permits: Permits,
    /// Used last, last.
    known: Mutex<Vec<(String, Arc<Lesson>)>>,
}

impl Lessons {
    #[must_use]
    pub fn new(api: Api, permits: Permits) -> Self {
        Self { api, permits, known: Mutex::default() }
    }

    /// The lesson of this digest, if it may run here.
    ///
    /// # Errors
    /// [`LessonError`]
    pub async fn get(&self, job: &JobMessage, digest: &str) -> Result<Arc<Lesson>, LessonError> {
        let lesson = self.find(job, digest).await?;
        self.permits.check(&lesson.manifest)?;
        Ok(lesson)
    }

    /// From memory or through the job.
    async fn find(&self, job: &JobMessage, digest: &str) -> Result<Arc<Lesson>, LessonError> {
        if let Some(lesson) = self.recall(digest) {
            return Ok(lesson);
        }
        let bytes = self.api.bundle(job).await?;
        let wanted = digest.to_owned();
        let unpacked = tokio::task::spawn_blocking(move || lesson::unpack(&bytes, &wanted));
        let lesson = Arc::new(unpacked.await.map_err(LessonError::Unpack)??);
        self.keep(digest, &lesson);
        Ok(lesson)
    }

    fn recall(&self, digest: &str) -> Option<Arc<Lesson>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known.iter().position(|(name, _)| name == digest)?;
        let entry = known.remove(place);
        let lesson = entry.1.clone();
        known.push(entry);
        Some(lesson)
    }

    fn keep(&self, digest: &str, lesson: &Arc<Lesson>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(name, _)| name != digest);
        known.push((digest.to_owned(), lesson.clone()));
        let surplus = known.len().saturating_sub(MAX_LESSONS);
        known.drain(..surplus);
    }
}
