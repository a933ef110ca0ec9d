//! What a learner looks at beside the work: hints one after the other, and the author's solution when its rule allows.

use axum::Json;
use axum::extract::{Path, State};
use ide_protocol::files::FileContent;
use ide_protocol::rest::{Hint, Problem, Solution, SolutionAccess, SolutionFile};
use lesson::SolutionRule;

use crate::clock;
use crate::content::LessonContent;
use crate::identity::caller::SignedIn;
use crate::identity::permission::{Action, may};
use crate::problem::{ApiError, Kind};
use crate::state::AppState;
use crate::store::{HintAsked, Standing};

/// Lists the hints you have been shown
#[utoipa::path(get, path = "/api/v1/lessons/{slug}/hints", tag = "lessons", params(("slug" = String, Path)),
    responses((status = 200, body = Vec<Hint>), (status = 404, body = Problem)))]
pub(super) async fn hints(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Json<Vec<Hint>>, ApiError> {
    let content = app.lessons.current(&app.store, &slug).await?;
    let shown = app.store.standing(signed_in.caller.id, &slug).await?.hints_shown;
    Ok(Json((1..=shown).map_while(|number| hint(&content, number)).collect()))
}

/// Shows a hint, counted from 1
///
/// The one before must have been shown. Asking again answers the same.
#[utoipa::path(post, path = "/api/v1/lessons/{slug}/hints/{number}", tag = "lessons",
    params(("slug" = String, Path), ("number" = u32, Path)), responses((status = 200, body = Hint),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn show_hint(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path((slug, number)): Path<(String, u32)>,
) -> Result<Json<Hint>, ApiError> {
    let content = app.lessons.current(&app.store, &slug).await?;
    let hint = hint(&content, number).ok_or_else(ApiError::not_found)?;
    match app.store.show_hint(signed_in.caller.id, &slug, number, clock::now()).await? {
        HintAsked::Shown => Ok(Json(hint)),
        HintAsked::TooEarly(shown) => Err(ApiError::new(
            Kind::HintLocked,
            format!("Hints are shown one after the other. Ask for hint {} first.", shown + 1),
        )),
        HintAsked::NotOpened => {
            Err(ApiError::new(Kind::Invalid, "Open your workspace in this lesson first, then ask for hints."))
        }
    }
}

fn hint(content: &LessonContent, number: u32) -> Option<Hint> {
    let place = usize::try_from(number.checked_sub(1)?).ok()?;
    Some(Hint { number, html: content.hints_html.get(place)?.clone() })
}

/// Shows the author's solution
///
/// From when on is the lesson's rule; `solution` of the lesson tells it. That you have seen it is remembered.
#[utoipa::path(get, path = "/api/v1/lessons/{slug}/solution", tag = "lessons", params(("slug" = String, Path)),
    responses((status = 200, body = Solution), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn solution(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Json<Solution>, ApiError> {
    let content = app.lessons.current(&app.store, &slug).await?;
    let account = signed_in.caller.id;
    if !may(signed_in.caller.role, Action::ReadSolutions) {
        let standing = app.store.standing(account, &slug).await?;
        if let Some(why) = locked(access(content.lesson.manifest.solution, &standing)) {
            return Err(ApiError::new(Kind::SolutionLocked, why));
        }
    }
    app.store.solution_shown(account, &slug, &content.digest, clock::now()).await?;
    let files = content.lesson.solution.iter();
    let files = files.map(|(path, bytes)| SolutionFile {
        path: path.clone(),
        content: FileContent::from_bytes(bytes.clone()),
    });
    Ok(Json(Solution { lesson_digest: content.digest.clone(), files: files.collect() }))
}

/// Whether a learner who stands so may see the solution.
pub(super) fn access(rule: SolutionRule, standing: &Standing) -> SolutionAccess {
    match rule {
        SolutionRule::Never => SolutionAccess::Never,
        _ if standing.passed => SolutionAccess::Open,
        SolutionRule::AfterPassing => SolutionAccess::AfterPassing,
        SolutionRule::AfterHandIns { count } if standing.graded >= count => SolutionAccess::Open,
        SolutionRule::AfterHandIns { count } => {
            SolutionAccess::AfterHandIns { count, graded: standing.graded }
        }
    }
}

/// What stands in the way, and what to do about it.
fn locked(access: SolutionAccess) -> Option<String> {
    match access {
        SolutionAccess::Open => None,
        SolutionAccess::AfterPassing => {
            Some("The solution of this lesson is shown once you have passed it.".to_owned())
        }
        SolutionAccess::AfterHandIns { count, graded } => Some(format!(
            "The solution of this lesson is shown once you have passed it, or handed in {count} times. So far \
             {graded} of your hand-ins were graded."
        )),
        SolutionAccess::Never => Some("The author of this lesson does not show its solution.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_opens_by_its_rule_alone() {
        let after_three = SolutionRule::AfterHandIns { count: 3 };
        let waiting = |graded| SolutionAccess::AfterHandIns { count: 3, graded };
        let rows = [
            (SolutionRule::AfterPassing, false, 9, SolutionAccess::AfterPassing),
            (SolutionRule::AfterPassing, true, 1, SolutionAccess::Open),
            (after_three, false, 0, waiting(0)),
            (after_three, false, 2, waiting(2)),
            (after_three, false, 3, SolutionAccess::Open),
            (after_three, true, 1, SolutionAccess::Open),
            (SolutionRule::Never, true, 9, SolutionAccess::Never),
        ];
        for (rule, passed, graded, expected) in rows {
            let standing = Standing { hints_shown: 0, passed, graded };
            assert_eq!(access(rule, &standing), expected, "{rule:?}, passed {passed}, {graded} graded");
            assert_eq!(locked(expected).is_none(), expected == SolutionAccess::Open);
        }
    }
}
