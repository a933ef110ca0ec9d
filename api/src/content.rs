//! Lessons ready to be used: unpacked and rendered once per version, kept in memory up to a bound.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ide_protocol::files::{FileRole, WorkspacePath};
use ide_protocol::rest::TheoryPage;
use lesson::{Lesson, TestSource, test_sources};

use crate::limits::CACHED_LESSONS;
use crate::markdown;
use crate::problem::{ApiError, Chain};
use crate::store::{Store, is_below};

/// One version of a lesson.
pub(crate) struct LessonContent {
    pub(crate) digest: String,
    pub(crate) lesson: Lesson,
    pub(crate) instructions_html: String,
    pub(crate) theory: Vec<TheoryPage>,
    pub(crate) hints_html: Vec<String>,
    pub(crate) visible_tests: Vec<TestSource>,
}

impl LessonContent {
    /// Whether the lesson's own read-only files leave no room for a file of the learner's at `path`: one stands there,
    /// above it or below it.
    pub(crate) fn is_fixed(&self, path: &WorkspacePath) -> bool {
        let fixed = self.lesson.files.iter().filter(|(_, file)| file.role == FileRole::ReadOnly);
        fixed.into_iter().any(|(file, _)| file == path || is_below(file, path) || is_below(path, file))
    }
}

/// Versions in use. When full, the one that was not asked for the longest goes.
#[derive(Default)]
pub(crate) struct LessonCache {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_digest: HashMap<String, (u64, Arc<LessonContent>)>,
    asked: u64,
}

impl LessonCache {
    /// A version by digest, from memory or from the store.
    pub(crate) async fn get(&self, store: &Store, digest: &str) -> Result<Arc<LessonContent>, ApiError> {
        if let Some(found) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Ok(found);
        }
        let bytes = store.bundle(digest).await?.ok_or_else(ApiError::not_found)?;
        let name = digest.to_owned();
        // Unpacking and rendering take milliseconds of a core; two requests may do it at once, once.
        let content = tokio::task::spawn_blocking(move || prepare(name, &bytes)).await;
        let content = content.map_err(|_| ApiError::internal())?.map_err(|why| {
            tracing::error!(error = %Chain(&why), lesson_digest = digest, "a stored lesson cannot be unpacked");
            ApiError::internal()
        })?;
        let content = Arc::new(content);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(&content);
        Ok(content)
    }

    /// The current version of a lesson.
    pub(crate) async fn current(&self, store: &Store, slug: &str) -> Result<Arc<LessonContent>, ApiError> {
        let digest = store.current_digest(slug).await?.ok_or_else(ApiError::not_found)?;
        self.get(store, &digest).await
    }
}

impl Kept {
    fn get(&mut self, digest: &str) -> Option<Arc<LessonContent>> {
        self.asked += 1;
        let (last, content) = self.by_digest.get_mut(digest)?;
        *last = self.asked;
        Some(Arc::clone(content))
    }

    fn put(&mut self, content: &Arc<LessonContent>) {
        self.asked += 1;
        self.by_digest.insert(content.digest.clone(), (self.asked, Arc::clone(content)));
        if self.by_digest.len() > CACHED_LESSONS {
            let oldest =
                self.by_digest.iter().min_by_key(|(_, (last, _))| *last).map(|(digest, _)| digest.clone());
            oldest.and_then(|digest| self.by_digest.remove(&digest));
        }
    }
}

fn prepare(digest: String, bytes: &[u8]) -> Result<LessonContent, lesson::BundleError> {
    let lesson = lesson::unpack(bytes, &digest)?;
    let instructions_html = markdown::to_html(&lesson.instructions);
    let hints_html = lesson.manifest.hints.iter().map(|hint| markdown::to_html(hint)).collect();
    let theory = lesson.theory_pages();
    let theory =
        theory.map(|(title, text)| TheoryPage { title: title.to_owned(), html: markdown::to_html(text) });
    let theory = theory.collect();
    let visible_tests = test_sources(&lesson);
    Ok(LessonContent { digest, lesson, instructions_html, theory, hints_html, visible_tests })
}
