//! The learner's HTTP, as the IDE speaks it.

use std::net::IpAddr;
use std::time::Duration;

use ide_protocol::files::Revision;
use ide_protocol::record::Record;
use ide_protocol::rest::{SaveFile, Session, StoredFile, Submission, Ticket, Workspace};
use reqwest::header::{COOKIE, IF_MATCH, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use crate::ClientError;
use crate::page::Page;

/// For one request, answer included; a password takes a tenth of a second to check on a busy machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Somebody logged in.
#[derive(Debug, Clone)]
pub struct Learner {
    http: reqwest::Client,
    base: String,
    cookie: String,
}

impl Learner {
    /// # Errors
    /// Like all of these: [`ClientError`] when the API says no, or nothing.
    pub async fn log_in(base: &str, name: &str, password: &str) -> Result<Self, ClientError> {
        Self::log_in_from(None, base, name, password).await
    }

    /// The same from an address of this machine's: servers count logins and connections by it.
    pub async fn log_in_from(
        from: Option<IpAddr>,
        base: &str,
        name: &str,
        password: &str,
    ) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/');
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(ClientError::Address(base.to_owned()));
        }
        // reqwest wants one even where the address is plain HTTP; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let path = "/api/v1/login".to_owned();
        let failed = |source| ClientError::Http { path: path.clone(), source };
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).local_address(from);
        let http = http.build().map_err(failed)?;
        let body = json!({ "name": name, "password": password });
        let request = http.post(format!("{base}{path}")).header(ORIGIN, base).json(&body);
        let answer = request.send().await.map_err(failed)?;
        let cookie = answer.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let status = answer.status().as_u16();
        match cookie {
            Some(cookie) if answer.status().is_success() => Ok(Self { http, base: base.to_owned(), cookie }),
            _ => Err(ClientError::Refused { path, status, text: answer.text().await.unwrap_or_default() }),
        }
    }

    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.header(ORIGIN, &self.base).header(COOKIE, &self.cookie)
    }

    async fn text(&self, path: &str, request: RequestBuilder) -> Result<String, ClientError> {
        let failed = |source| ClientError::Http { path: path.to_owned(), source };
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(failed)?;
        if !status.is_success() {
            return Err(ClientError::Refused { path: path.to_owned(), status: status.as_u16(), text });
        }
        Ok(text)
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        path: &str,
        request: RequestBuilder,
    ) -> Result<T, ClientError> {
        let text = self.text(path, request).await?;
        serde_json::from_str(&text).map_err(|source| ClientError::Answer { path: path.to_owned(), source })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.answer(path, self.request(Method::GET, path)).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.answer(path, self.request(Method::POST, path)).await
    }

    /// The learner's workspace of a lesson, made when there is none.
    pub async fn open(&self, lesson: &str) -> Result<Workspace, ClientError> {
        self.post(&format!("/api/v1/lessons/{lesson}/workspace")).await
    }

    pub async fn file(&self, workspace: Uuid, path: &str) -> Result<StoredFile, ClientError> {
        self.get(&format!("/api/v1/workspaces/{workspace}/files/{path}")).await
    }

    /// Stores a file that was last known as `revision`; 412 when somebody else has stored one since.
    pub async fn save(
        &self,
        workspace: Uuid,
        path: &str,
        revision: Revision,
        file: &SaveFile,
    ) -> Result<StoredFile, ClientError> {
        let path = format!("/api/v1/workspaces/{workspace}/files/{path}");
        let request = self.request(Method::PUT, &path).header(IF_MATCH, format!("\"{revision}\""));
        self.answer(&path, request.json(file)).await
    }

    /// `key` makes the hand-in one, however often it is sent.
    pub async fn hand_in(&self, workspace: Uuid, key: &str) -> Result<Submission, ClientError> {
        let path = format!("/api/v1/workspaces/{workspace}/submissions");
        self.answer(&path, self.request(Method::POST, &path).header("Idempotency-Key", key)).await
    }

    pub async fn submission(&self, id: Uuid) -> Result<Submission, ClientError> {
        self.get(&format!("/api/v1/submissions/{id}")).await
    }

    /// How it was graded.
    pub async fn record(&self, submission: Uuid) -> Result<Record, ClientError> {
        self.get(&format!("/api/v1/submissions/{submission}/record")).await
    }

    pub async fn session(&self, workspace: Uuid) -> Result<Session, ClientError> {
        let path = "/api/v1/sessions";
        self.answer(path, self.request(Method::POST, path).json(&json!({ "workspace": workspace }))).await
    }

    pub async fn session_now(&self, id: Uuid) -> Result<Session, ClientError> {
        self.get(&format!("/api/v1/sessions/{id}")).await
    }

    pub async fn end_session(&self, id: Uuid) -> Result<(), ClientError> {
        let path = format!("/api/v1/sessions/{id}");
        self.text(&path, self.request(Method::DELETE, &path)).await.map(drop)
    }

    /// A page on the session: its socket, with hello said.
    pub async fn page(&self, session: Uuid) -> Result<Page, ClientError> {
        self.page_as(session, Uuid::new_v4()).await
    }

    /// The same as a page that was here before.
    pub async fn page_as(&self, session: Uuid, client: Uuid) -> Result<Page, ClientError> {
        let ticket: Ticket = self.post(&format!("/api/v1/sessions/{session}/tickets")).await?;
        Page::connect_as(&self.base, &ticket.url, client).await
    }
}
