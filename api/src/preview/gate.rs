//! Who may see a preview. The IDE asks for a ticket with the learner's login; the browser trades it, on the preview's
//! own host, for a cookie; every request brings that cookie and is looked up.
//!
//! Stored are hashes. A grant holds as long as the login or token behind it and the session do: a logout or the end of
//! the session needs nobody to tell us.

use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::OWN;
use super::address::{Label, Named, PreviewUrl};
use super::cookies;
use super::trouble::Trouble;
use crate::clock;
use crate::limits::{MAX_PREVIEW_PATH_BYTES, PREVIEW_GRANT_LIFETIME, TICKET_LIFETIME};
use crate::secrets;
use crate::state::App;
use crate::store::{PreviewGrant, StoreError, TicketRow};

/// A one-time address that lets a browser in and leads to `path` of the learner's server.
pub(crate) async fn ticket(
    app: &App,
    url: &PreviewUrl,
    label: Label,
    holder: &TicketRow,
    path: &str,
) -> Result<String, StoreError> {
    let secret = secrets::random();
    let until = clock::now() + clock::micros(TICKET_LIFETIME);
    app.store.create_ticket(&ticket_hash(label, &secret), label.session, holder, until).await?;
    Ok(format!("{}{OWN}enter/{label}/{secret}{path}", url.origin(label)))
}

/// A ticket is good for what it was asked for: one of a session's socket opens no preview, nor the other way round.
fn ticket_hash(label: Label, secret: &str) -> String {
    secrets::hash(&format!("preview {label} {secret}"))
}

/// Whether a browser that goes to this path stays where it is, and on the same server.
pub(crate) fn is_path(path: &str) -> bool {
    let visible = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#'));
    visible && path.starts_with('/') && !path.starts_with("//") && path.len() <= MAX_PREVIEW_PATH_BYTES
}

/// The grant that a request's cookie stands for.
pub(super) async fn admitted(
    app: &App,
    url: &PreviewUrl,
    named: Named,
    headers: &HeaderMap,
) -> Result<PreviewGrant, Trouble> {
    for secret in cookies::secrets(headers, url).take(MAX_SECRETS) {
        let found = app.store.preview_grant(&secrets::hash(secret), clock::now()).await;
        match found.map_err(ours)? {
            Some(grant) if named.allows(grant.label()) => return Ok(grant),
            _ => {}
        }
    }
    Err(Trouble::NotLetIn)
}

/// Cookies of our name that are looked up: the right one, and what a page of a sibling host may have put beside it.
const MAX_SECRETS: usize = 4;

impl Named {
    fn allows(self, label: Label) -> bool {
        match self {
            Self::This(this) => this == label,
            Self::WhatTheCookieSays => true,
        }
    }
}

impl PreviewGrant {
    pub(super) fn label(&self) -> Label {
        Label { session: self.session, port: self.port }
    }
}

/// `enter/<label>/<ticket>/<path…>`: takes the ticket, gives the cookie, and goes on to the path.
pub(super) async fn enter(
    app: &App,
    url: &PreviewUrl,
    named: Named,
    headers: &HeaderMap,
    rest: &str,
) -> Result<Response, Trouble> {
    let (label, rest) = rest.split_once('/').ok_or(Trouble::NothingHere)?;
    let label: Label = label.parse().map_err(|()| Trouble::NothingHere)?;
    let (secret, path) = rest.split_at(rest.find('/').ok_or(Trouble::NothingHere)?);
    if !named.allows(label) || !is_path(path) {
        return Err(Trouble::NothingHere);
    }
    let taken = app.store.take_ticket(&ticket_hash(label, secret), label.session, clock::now()).await;
    let held = admitted(app, url, named, headers).await.ok().filter(|held| held.label() == label);
    let mut response = StatusCode::SEE_OTHER.into_response();
    let answered = response.headers_mut();
    answered.insert(LOCATION, HeaderValue::from_str(path).map_err(|_| Trouble::NothingHere)?);
    answered.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answered.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let Some(TicketRow { account, credential }) = taken.map_err(ours)? else {
        // Used up by this very browser: the frame was drawn anew, or the page gone back to.
        return if held.is_some() { Ok(response) } else { Err(Trouble::NotLetIn) };
    };
    // Let in already by the same login: one cookie is enough, however often the page is opened.
    if held.is_none_or(|held| held.credential != credential) {
        let secret = secrets::random();
        let grant = PreviewGrant { session: label.session, port: label.port, account, credential };
        let until = clock::now() + clock::micros(PREVIEW_GRANT_LIFETIME);
        app.store.grant_preview(&secrets::hash(&secret), &grant, until).await.map_err(ours)?;
        answered.insert(SET_COOKIE, cookies::admit(&secret, url).ok_or(Trouble::Ours)?);
    }
    Ok(response)
}

pub(super) fn ours(why: StoreError) -> Trouble {
    tracing::error!(error = %crate::problem::Chain(&why), "the store did not say who may see a preview");
    Trouble::Ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_else() {
        for path in ["/", "/notes", "/notes?all=1&x=%20", "/a/../b"] {
            assert!(is_path(path), "{path}");
        }
        let long = format!("/{}", "x".repeat(MAX_PREVIEW_PATH_BYTES));
        for path in [
            "",
            "notes",
            "//evil.example",
            "/\\evil.example",
            "/a b",
            "/a\r\nset-cookie: x=1",
            "/é",
            "/a#b",
            &long,
        ] {
            assert!(!is_path(path), "{path}");
        }
    }
}
