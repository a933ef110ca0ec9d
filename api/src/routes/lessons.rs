//! Lessons as learners see them. Hidden files and test texts never pass here.

use axum::Json;
use axum::extract::{Path, State};
use ide_protocol::files::FileRole;
use ide_protocol::rest::{Hint, LessonDetail, LessonFile, LessonSummary, LessonTests, PreviewPort, Problem};
use lesson::Preview;

use crate::content::LessonContent;
use crate::identity::caller::SignedIn;
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::LessonRow;

/// Lists the lessons, in course order
#[utoipa::path(get, path = "/api/v1/lessons", tag = "lessons", responses((status = 200, body = Vec<LessonSummary>)))]
pub(super) async fn list(
    State(app): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Vec<LessonSummary>>, ApiError> {
    let rows = app.store.lessons(signed_in.caller.id).await?;
    Ok(Json(rows.into_iter().map(summary).collect()))
}

/// Shows a lesson
#[utoipa::path(get, path = "/api/v1/lessons/{slug}", tag = "lessons", params(("slug" = String, Path)), responses(
    (status = 200, body = LessonDetail), (status = 404, body = Problem)))]
pub(super) async fn detail(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Json<LessonDetail>, ApiError> {
    let rows = app.store.lessons(signed_in.caller.id).await?;
    let place = rows.iter().position(|row| row.slug == slug).ok_or_else(ApiError::not_found)?;
    let row = rows.get(place).ok_or_else(ApiError::not_found)?;
    let next = rows.get(place + 1).filter(|next| next.course == row.course).map(|next| next.slug.clone());
    let content = app.lessons.get(&app.store, &row.digest).await?;
    Ok(Json(describe(&content, summary(row.clone()), next)))
}

/// Shows a hint, counted from 1
#[utoipa::path(get, path = "/api/v1/lessons/{slug}/hints/{number}", tag = "lessons",
    params(("slug" = String, Path), ("number" = u32, Path)), responses(
    (status = 200, body = Hint), (status = 404, body = Problem)))]
pub(super) async fn hint(
    State(app): State<AppState>,
    _: SignedIn,
    Path((slug, number)): Path<(String, u32)>,
) -> Result<Json<Hint>, ApiError> {
    let content = app.lessons.current(&app.store, &slug).await?;
    let place = number.checked_sub(1).ok_or_else(ApiError::not_found)? as usize;
    let html = content.hints_html.get(place).ok_or_else(ApiError::not_found)?.clone();
    Ok(Json(Hint { number, html }))
}

fn summary(row: LessonRow) -> LessonSummary {
    let LessonRow { slug, digest: _, title, summary, course, position, language, minutes, progress } = row;
    LessonSummary { slug, title, summary, course, position, language, time_budget_minutes: minutes, progress }
}

fn describe(content: &LessonContent, summary: LessonSummary, next: Option<String>) -> LessonDetail {
    let manifest = &content.lesson.manifest;
    let shown = manifest.files.iter().filter(|file| file.role != FileRole::Hidden);
    let count = |list: &[String]| u32::try_from(list.len()).unwrap_or(u32::MAX);
    LessonDetail {
        summary,
        digest: content.digest.clone(),
        instructions_html: content.instructions_html.clone(),
        hints: u32::try_from(content.hints_html.len()).unwrap_or(u32::MAX),
        files: shown.map(|file| LessonFile { path: file.path.clone(), role: file.role }).collect(),
        tests: LessonTests {
            visible: count(&manifest.tests.expected.visible),
            hidden: count(&manifest.tests.expected.hidden),
            wall_seconds: manifest.limits.wall_seconds,
            memory_mib: manifest.limits.memory_mib,
        },
        previews: manifest.preview.iter().filter_map(preview).collect(),
        next,
    }
}

fn preview(Preview { port, title, path }: &Preview) -> Option<PreviewPort> {
    // Validation has kept it within bounds.
    let port = u16::try_from(*port).ok()?;
    Some(PreviewPort { port, title: title.clone(), path: path.clone() })
}
