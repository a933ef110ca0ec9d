//! The HTTP surface: which path is answered where. Router and OpenAPI description come from one place.

mod agent;
mod docs;
mod docs_page;
mod files;
mod health;
mod ide;
mod lessons;
mod login;
mod previews;
mod sessions;
mod settings;
mod study;
mod submissions;
mod timeline;
mod tokens;
mod watching;
mod workspaces;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::edge;
use crate::identity::origin;
use crate::limits::MAX_BODY_BYTES;
use crate::problem::ApiError;
use crate::state::AppState;

/// Everything this server answers.
pub(crate) fn router(app: &AppState) -> Router {
    let (public, api) = public().split_for_parts();
    let public = public.layer(from_fn_with_state(app.clone(), origin::check));
    let mut router = Router::new()
        .merge(public)
        .merge(internal().split_for_parts().0)
        .merge(docs::router(docs::finish(api)))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found);
    if let Some(dir) = &app.config.ide_dir {
        router = ide::with_ide(router, dir, &app.config);
    }
    router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(app.clone(), edge::edge))
        .with_state(app.clone())
}

/// The description of the public API.
pub(crate) fn openapi() -> OpenApi {
    docs::finish(public().split_for_parts().1)
}

/// Every route there is, as method and path.
pub(crate) fn list() -> Vec<(&'static str, String)> {
    let described =
        [docs::finish(public().split_for_parts().1), docs::finish(internal().split_for_parts().1)];
    let mut list: Vec<_> = docs::ROUTES.iter().map(|path| ("GET", (*path).to_owned())).collect();
    for (path, item) in described.iter().flat_map(|api| &api.paths.paths) {
        list.extend(docs::operations(item).map(|(method, _)| (method, path.clone())));
    }
    list
}

/// What browsers and programs have no business with.
fn internal() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(agent::router()).merge(health::router())
}

fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login::log_in))
        .routes(routes!(login::log_out))
        .routes(routes!(login::me))
        .routes(routes!(settings::get, settings::change))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(lessons::list))
        .routes(routes!(lessons::detail))
        .routes(routes!(study::hints))
        .routes(routes!(study::show_hint))
        .routes(routes!(study::solution))
        .routes(routes!(workspaces::open))
        .routes(routes!(workspaces::get))
        .routes(routes!(workspaces::rename))
        .routes(routes!(files::get, files::remove))
        .routes(routes!(sessions::create))
        .routes(routes!(sessions::get, sessions::end))
        .routes(routes!(sessions::extend))
        .routes(routes!(watching::list))
        .routes(routes!(watching::ask, watching::watchers))
        .routes(routes!(watching::answer, watching::end))
        .routes(routes!(sessions::ticket))
        .routes(routes!(sessions::socket))
        .routes(routes!(previews::open))
        .routes(routes!(submissions::create, submissions::list))
        .routes(routes!(submissions::get))
        .routes(routes!(submissions::record))
        .routes(routes!(timeline::list))
        .routes(routes!(timeline::files))
        .routes(routes!(timeline::file))
        .routes(routes!(timeline::handed_in))
        .routes(routes!(timeline::handed_in_file))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(files::save))
                .routes(routes!(timeline::restore))
                .layer(DefaultBodyLimit::max(crate::limits::MAX_SAVE_BODY_BYTES)),
        )
}

async fn not_found() -> ApiError {
    ApiError::not_found()
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(
        crate::problem::Kind::MethodNotAllowed,
        "This address does not take that method; see /api/docs.",
    )
}
