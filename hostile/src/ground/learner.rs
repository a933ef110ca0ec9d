//! A learner's browser without the screen: HTTP as it speaks it. Shows everything it gets to the watch.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::files::{FileContent, WorkspaceFile, WorkspacePath};
use ide_protocol::record::Record;
use ide_protocol::rest::{
    SaveFile, Session, SessionState, StoredFile, Submission, SubmissionState, Ticket, Workspace,
};
use reqwest::header::{COOKIE, IF_MATCH, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::session::LiveSession;
use crate::watch::Watch;

/// Between looks at what is not final yet.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Between tries to log in, when too many have done so.
const LOG_IN_AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct Learner {
    http: reqwest::Client,
    pub base: String,
    pub cookie: String,
    pub name: String,
    pub watch: Arc<Watch>,
}

impl Learner {
    pub(super) async fn log_in(
        base: &str,
        name: &str,
        password: &str,
        watch: Arc<Watch>,
    ) -> anyhow::Result<Self> {
        let http = reqwest::Client::new();
        let body = json!({ "name": name, "password": password });
        let request = || http.post(format!("{base}/api/v1/login")).header(ORIGIN, base).json(&body);
        let mut answer = request().send().await?;
        // All of the corpus comes from one address, and each row brings new people.
        while answer.status() == StatusCode::TOO_MANY_REQUESTS {
            tokio::time::sleep(LOG_IN_AGAIN).await;
            answer = request().send().await?;
        }
        let answer = answer.error_for_status().context("logging in")?;
        let cookie = answer.headers().get(SET_COOKIE).context("no cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { http, base: base.to_owned(), cookie, name: name.to_owned(), watch })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.base))
            .header(ORIGIN, &self.base)
            .header(COOKIE, &self.cookie)
    }

    /// Sends, reads, shows it to the watch.
    async fn bytes(&self, request: RequestBuilder) -> anyhow::Result<(StatusCode, Vec<u8>)> {
        let answer = request.send().await?;
        let (status, place) = (answer.status(), format!("an answer to {}", answer.url().path()));
        let bytes = answer.bytes().await?.to_vec();
        self.watch.look(&place, &bytes);
        Ok((status, bytes))
    }

    /// Asks below `/api/v1`, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<(u16, Value)> {
        let request = self.request(method, path);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let (status, bytes) = self.bytes(request).await?;
        Ok((status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> anyhow::Result<T> {
        let (status, bytes) = self.bytes(request).await?;
        let text = String::from_utf8_lossy(&bytes);
        anyhow::ensure!(status.is_success(), "{status}: {text}");
        serde_json::from_slice(&bytes).with_context(|| format!("reading {text}"))
    }

    /// # Errors
    /// Like all of these: when the API says no, or nothing.
    pub async fn open(&self, slug: &str) -> anyhow::Result<Workspace> {
        self.answer(self.request(Method::POST, &format!("/lessons/{slug}/workspace"))).await
    }

    pub async fn workspace(&self, id: Uuid) -> anyhow::Result<Workspace> {
        self.answer(self.request(Method::GET, &format!("/workspaces/{id}"))).await
    }

    pub async fn read(&self, workspace: Uuid, path: &WorkspacePath) -> anyhow::Result<StoredFile> {
        self.answer(self.request(Method::GET, &format!("/workspaces/{workspace}/files/{path}"))).await
    }

    /// Saves `files` over what the workspace holds.
    pub async fn save(&self, workspace: Uuid, files: &[WorkspaceFile]) -> anyhow::Result<()> {
        let held = self.workspace(workspace).await?;
        for file in files {
            let entry = held.files.iter().find(|entry| entry.path == file.path);
            let revision = entry.map_or(0, |entry| entry.revision);
            let body = SaveFile { content: file.content.clone(), executable: file.executable };
            let request = self.request(Method::PUT, &format!("/workspaces/{workspace}/files/{}", file.path));
            let request = request.header(IF_MATCH, format!("\"{revision}\"")).json(&body);
            let _: StoredFile =
                self.answer(request).await.with_context(|| format!("saving {}", file.path))?;
        }
        Ok(())
    }

    pub async fn save_text(&self, workspace: Uuid, path: &str, text: &str) -> anyhow::Result<()> {
        let content = FileContent::Text(text.to_owned());
        let file = WorkspaceFile { path: path.parse()?, revision: 0, content, executable: true };
        self.save(workspace, &[file]).await
    }

    pub async fn hand_in(&self, workspace: Uuid, key: &str) -> anyhow::Result<Submission> {
        let request = self.request(Method::POST, &format!("/workspaces/{workspace}/submissions"));
        self.answer(request.header("Idempotency-Key", key)).await
    }

    pub async fn submission(&self, id: Uuid) -> anyhow::Result<Submission> {
        self.answer(self.request(Method::GET, &format!("/submissions/{id}"))).await
    }

    /// The submission once it is final, or as it is when `patience` is over.
    pub async fn result(&self, id: Uuid, patience: Duration) -> anyhow::Result<Submission> {
        let began = Instant::now();
        loop {
            let now = self.submission(id).await?;
            let under_way =
                matches!(now.state, SubmissionState::Queued { .. } | SubmissionState::Running { .. });
            if !under_way || began.elapsed() > patience {
                return Ok(now);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// How it was graded.
    pub async fn record(&self, id: Uuid) -> anyhow::Result<Record> {
        self.answer(self.request(Method::GET, &format!("/submissions/{id}/record"))).await
    }

    pub async fn ask_for_session(&self, workspace: Uuid) -> anyhow::Result<Session> {
        self.answer(self.request(Method::POST, "/sessions").json(&json!({ "workspace": workspace }))).await
    }

    pub async fn session(&self, id: Uuid) -> anyhow::Result<SessionState> {
        let session: Session = self.answer(self.request(Method::GET, &format!("/sessions/{id}"))).await?;
        Ok(session.state)
    }

    pub async fn end_session(&self, id: Uuid) -> anyhow::Result<()> {
        self.bytes(self.request(Method::DELETE, &format!("/sessions/{id}"))).await.map(drop)
    }

    /// A page on the session: socket open, nothing said yet.
    pub async fn connect(&self, session: Uuid) -> anyhow::Result<LiveSession> {
        let ticket: Ticket =
            self.answer(self.request(Method::POST, &format!("/sessions/{session}/tickets"))).await?;
        LiveSession::connect(&self.base, &ticket.url, Arc::clone(&self.watch)).await
    }

    /// A session of the workspace with a prompt on the screen.
    pub async fn settle(&self, workspace: Uuid) -> anyhow::Result<(Uuid, LiveSession)> {
        let session = self.ask_for_session(workspace).await?.id;
        let mut live = self.connect(session).await?;
        live.hello().await?;
        live.open_terminal().await?;
        Ok((session, live))
    }
}
