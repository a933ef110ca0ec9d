//! Published lessons: versions by digest, one of them current per slug.

use ide_protocol::rest::{Progress, UnixMicros};
use serde_json::json;
use uuid::Uuid;

use super::db::args;
use super::events::{self, Actor};
use super::{Store, StoreError, small};

/// What the list shows of a lesson, for one account.
#[derive(Debug, Clone)]
pub struct LessonRow {
    pub slug: String,
    pub digest: String,
    pub title: String,
    pub summary: String,
    pub course: String,
    pub position: u32,
    pub language: String,
    pub minutes: u32,
    pub progress: Progress,
}

/// A lesson version to publish.
pub struct Published<'a> {
    pub digest: &'a str,
    pub bundle: &'a [u8],
    pub slug: &'a str,
    pub title: &'a str,
    pub summary: &'a str,
    pub course: &'a str,
    pub position: u32,
    pub language: &'a str,
    pub minutes: u32,
}

#[derive(sqlx::FromRow)]
struct Raw {
    slug: String,
    digest: String,
    title: String,
    summary: String,
    course: String,
    position: i64,
    language: String,
    minutes: i64,
    workspaces: i64,
    passes: i64,
}

impl From<Raw> for LessonRow {
    fn from(raw: Raw) -> Self {
        let Raw { slug, digest, title, summary, course, position, language, minutes, workspaces, passes } =
            raw;
        let progress = match (workspaces, passes) {
            (0, _) => Progress::NotStarted,
            (_, 0) => Progress::Started,
            _ => Progress::Passed,
        };
        let (position, minutes) = (small(position), small(minutes));
        Self { slug, digest, title, summary, course, position, language, minutes, progress }
    }
}

impl Store {
    /// Makes this version of the lesson the current one. Publishing it again changes nothing; answers whether
    /// anything changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn publish_lesson(
        &self,
        lesson: Published<'_>,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.run(
            "INSERT INTO lesson_versions (digest, slug, bundle, published_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (digest) DO NOTHING",
            args![lesson.digest, lesson.slug, lesson.bundle, now],
        )
        .await?;
        let changed = tx
            .run(
                "INSERT INTO lessons (slug, digest, title, summary, course, position, language, minutes)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (slug) DO UPDATE SET digest = excluded.digest, title = excluded.title,
                   summary = excluded.summary, course = excluded.course, position = excluded.position,
                   language = excluded.language, minutes = excluded.minutes
                 WHERE lessons.digest <> excluded.digest",
                args![
                    lesson.slug,
                    lesson.digest,
                    lesson.title,
                    lesson.summary,
                    lesson.course,
                    i64::from(lesson.position),
                    lesson.language,
                    i64::from(lesson.minutes)
                ],
            )
            .await?;
        if changed == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        let data = json!({ "digest": lesson.digest });
        events::append(&mut tx, &format!("lesson:{}", lesson.slug), "lesson_published", data, actor, now)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Every current lesson in course order, with how far `account` has got.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lessons(&self, account: Uuid) -> Result<Vec<LessonRow>, StoreError> {
        let sql = "SELECT l.slug, l.digest, l.title, l.summary, l.course, l.position, l.language, l.minutes,
                     (SELECT COUNT(*) FROM workspaces w WHERE w.account = $1 AND w.lesson = l.slug) AS workspaces,
                     (SELECT COUNT(*) FROM submissions s JOIN workspaces w ON w.id = s.workspace
                      WHERE w.account = $1 AND w.lesson = l.slug AND s.passed = 1) AS passes
                   FROM lessons l ORDER BY l.course, l.position, l.slug";
        Ok(self.db.all::<Raw>(sql, args![account]).await?.into_iter().map(LessonRow::from).collect())
    }

    /// The digest of a lesson's current version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn current_digest(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT digest FROM lessons WHERE slug = $1";
        Ok(self.db.one::<(String,)>(sql, args![slug]).await?.map(|(digest,)| digest))
    }

    /// The bundle of a lesson version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bundle(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bundle FROM lesson_versions WHERE digest = $1";
        Ok(self.db.one::<(Vec<u8>,)>(sql, args![digest]).await?.map(|(bundle,)| bundle))
    }
}
