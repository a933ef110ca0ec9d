//! The web preview: what a learner's own HTTP server answers, shown in a browser.
//!
//! Listens on a socket of its own and shares nothing with the app's router: no route, no layer, no cookie. A request is
//! let in by [`gate`], goes through a channel to the container's port, and is passed on by [`forward`]. What comes back
//! is hostile; it gets an origin of its own and no rights in ours.

pub(crate) mod address;
mod cookies;
mod dial;
mod forward;
pub(crate) mod gate;
mod headers;
mod live;
mod pulse;
mod trouble;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use self::address::PreviewUrl;
use self::forward::NoAnswer;
use self::headers::Way;
use self::live::Live;
use self::trouble::Trouble;
use crate::identity::origin::Origins;
use crate::limits::MAX_PREVIEW_HEAD_BYTES;
use crate::state::{App, AppState};
use crate::store::PreviewGrant;

/// Paths of a preview's host that are ours and not the learner's server's.
const OWN: &str = "/.gradus/";

/// What the preview's socket and the routes of the API share.
pub(crate) struct Previews {
    /// `None` when this installation shows none.
    pub(crate) url: Option<PreviewUrl>,
    pub(crate) live: Arc<Live>,
    /// Who may frame a preview: the IDE alone.
    framed_by: HeaderValue,
}

impl Previews {
    pub(crate) fn new(url: Option<PreviewUrl>, origins: &Origins) -> Self {
        let policy = format!("frame-ancestors {}", origins.list().join(" "));
        let framed_by =
            HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("frame-ancestors 'none'"));
        Self { url, live: Arc::default(), framed_by }
    }
}

/// Everything the preview's socket answers.
pub(crate) fn router(app: &AppState) -> Router {
    Router::new().fallback(serve).with_state(app.clone())
}

async fn serve(State(app): State<AppState>, request: Request) -> Response {
    // Answers of ours are in the language, and of the kind, that the request asks for.
    let headers = request.headers().clone();
    match show(&app, request).await {
        Ok(response) => response,
        Err(trouble) => {
            tracing::debug!(?trouble, "a preview could not be shown");
            trouble::answer(trouble, &headers, &app.previews.framed_by)
        }
    }
}

async fn show(app: &App, request: Request) -> Result<Response, Trouble> {
    let url = app.previews.url.as_ref().ok_or(Trouble::NothingHere)?;
    let headers = request.headers();
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return Err(Trouble::NotAllowed);
    }
    if head_bytes(&request) > MAX_PREVIEW_HEAD_BYTES {
        return Err(Trouble::HeadTooLarge);
    }
    let named = host(&request).and_then(|host| url.named_by(host)).ok_or(Trouble::NothingHere)?;
    // Where sessions share an origin, a worker that one of them installs would answer for all of them.
    if !url.is_per_session() && headers.contains_key("service-worker") {
        return Err(Trouble::NotAllowed);
    }
    match request.uri().path_and_query().and_then(|path| path.as_str().strip_prefix(OWN)) {
        Some("page.css") => Ok(file("text/css; charset=utf-8", trouble::STYLE)),
        Some("page.js") => Ok(file("text/javascript; charset=utf-8", trouble::SCRIPT)),
        Some("listening") => listening(app, gate::admitted(app, url, named, headers).await?).await,
        Some(rest) => {
            let rest = rest.strip_prefix("enter/").ok_or(Trouble::NothingHere)?.to_owned();
            gate::enter(app, url, named, headers, &rest).await
        }
        None => {
            let grant = gate::admitted(app, url, named, headers).await?;
            pass(app, url, grant, request).await
        }
    }
}

/// The request's host in its canonical place: that of an absolute address, else the header.
fn host(request: &Request) -> Option<&str> {
    let named = request.uri().authority().map(|authority| authority.as_str());
    named.or_else(|| request.headers().get(HOST)?.to_str().ok())
}

fn head_bytes(request: &Request) -> usize {
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    lines.sum::<usize>() + request.uri().path_and_query().map_or(0, |path| path.as_str().len())
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")];
    (headers, Body::from(text)).into_response()
}

/// Whether the learner's server takes connections: says so without asking it for anything.
async fn listening(app: &App, grant: PreviewGrant) -> Result<Response, Trouble> {
    let label = grant.label();
    let live = &app.previews.live;
    let _place = live.enter(label.session, grant.credential, &app.shutdown).ok_or(Trouble::TooMany)?;
    dial::dial(app, label).await?;
    Ok(([(CACHE_CONTROL, "no-store")], StatusCode::NO_CONTENT).into_response())
}

async fn pass(
    app: &App,
    url: &PreviewUrl,
    grant: PreviewGrant,
    request: Request,
) -> Result<Response, Trouble> {
    let label = grant.label();
    let live = &app.previews.live;
    let place = live.enter(label.session, grant.credential, &app.shutdown).ok_or(Trouble::TooMany)?;
    let stream = dial::dial(app, label).await?;
    let way = Way { url, label, framed_by: &app.previews.framed_by };
    let answer = forward::forward(stream, request, &way, place, &app.sockets).await;
    answer.map_err(|why| match why {
        NoAnswer::NotHttp => Trouble::NotHttp { port: label.port },
        NoAnswer::Silent => Trouble::Silent { port: label.port },
    })
}
