//! Lessons as learners see them. Hidden files and test texts never pass here.

use axum::Json;
use axum::extract::{Path, State};
use ide_protocol::files::FileRole;
use ide_protocol::rest::{
    LessonDetail, LessonFile, LessonSummary, LessonTests, PreviewPort, Problem, SolutionAccess, TestSource,
    VisibleTest,
};
use lesson::{Preview, TestPlace};

use super::study;
use crate::content::LessonContent;
use crate::identity::caller::SignedIn;
use crate::identity::permission::{Action, may};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::{LessonRow, Standing};

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
    let standing = app.store.standing(signed_in.caller.id, &slug).await?;
    let access = match may(signed_in.caller.role, Action::ReadSolutions) {
        true => SolutionAccess::Open,
        false => study::access(content.lesson.manifest.solution, &standing),
    };
    Ok(Json(describe(&content, summary(row.clone()), next, &standing, access)))
}

fn summary(row: LessonRow) -> LessonSummary {
    let LessonRow { slug, digest: _, title, summary, course, position, language, minutes, progress } = row;
    LessonSummary { slug, title, summary, course, position, language, time_budget_minutes: minutes, progress }
}

fn describe(
    content: &LessonContent,
    summary: LessonSummary,
    next: Option<String>,
    standing: &Standing,
    solution: SolutionAccess,
) -> LessonDetail {
    let manifest = &content.lesson.manifest;
    let shown = manifest.files.iter().filter(|file| file.role != FileRole::Hidden);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let hints = count(content.hints_html.len());
    LessonDetail {
        summary,
        digest: content.digest.clone(),
        instructions_html: content.instructions_html.clone(),
        theory: content.theory.clone(),
        hints,
        // A new version may have fewer.
        hints_shown: standing.hints_shown.min(hints),
        files: shown.map(|file| LessonFile { path: file.path.clone(), role: file.role }).collect(),
        tests: LessonTests {
            visible: content.visible_tests.iter().map(visible_test).collect(),
            hidden: count(manifest.tests.expected.hidden.len()),
            wall_seconds: manifest.limits.wall_seconds,
            memory_mib: manifest.limits.memory_mib,
        },
        previews: manifest.preview.iter().filter_map(preview).collect(),
        solution,
        next,
    }
}

fn preview(Preview { port, title, path }: &Preview) -> Option<PreviewPort> {
    // Validation has kept it within bounds.
    let port = u16::try_from(*port).ok()?;
    Some(PreviewPort { port, title: title.clone(), path: path.clone() })
}

fn visible_test(test: &lesson::TestSource) -> VisibleTest {
    let source = test.place.clone();
    let source = source.map(|TestPlace { path, line, text }| TestSource { path, line, text });
    VisibleTest { id: test.id.clone(), source }
}
