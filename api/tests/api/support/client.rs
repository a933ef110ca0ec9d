//! People and programs that speak HTTP.

use ide_protocol::rest::{Account, Session, StoredFile, Submission, Ticket, Workspace};
use ide_protocol::timeline::{Restored, Timeline};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Socket;
use super::world::PASSWORD;

/// What a request carries.
pub type Body = Option<Value>;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub fn is<T: serde::de::DeserializeOwned>(&self, status: u16) -> T {
        self.expect(status);
        serde_json::from_slice(&self.bytes).unwrap()
    }

    #[track_caller]
    pub fn expect(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// The kind of problem it is.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        self.expect(status);
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        self.json()["type"].as_str().unwrap().trim_start_matches("/problems/").to_owned()
    }
}

/// Nobody in particular; what everybody else is made of.
#[derive(Clone)]
pub struct AnonymousClient {
    http: Client,
    pub base: String,
    headers: HeaderMap,
}

impl AnonymousClient {
    pub fn new(base: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, base.parse().unwrap());
        Self { http: Client::new(), base: base.to_owned(), headers }
    }

    /// The same client with another header, or (empty) without it.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        let name = HeaderName::from_static(name);
        if value.is_empty() {
            other.headers.remove(name);
        } else {
            other.headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        other
    }

    pub async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    pub async fn raw(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        let response = request.header(CONTENT_TYPE, content_type).body(body).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Body) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn try_log_in(&self, name: &str, password: &str) -> Answer {
        self.post("/api/v1/login", Some(json!({ "name": name, "password": password }))).await
    }
}

/// Somebody who is logged in with a browser; all roles can do what a learner can.
#[derive(Clone)]
pub struct LearnerClient {
    pub http: AnonymousClient,
    pub account: Account,
    pub cookie: String,
}

impl LearnerClient {
    pub async fn log_in(base: &str, name: &str) -> Self {
        let anonymous = AnonymousClient::new(base);
        let answer = anonymous.try_log_in(name, PASSWORD).await;
        let account = answer.is(200);
        let cookie = answer.headers[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { http: anonymous.with("cookie", &cookie), account, cookie }
    }

    pub async fn open(&self, lesson: &str) -> Workspace {
        self.http.post(&format!("/api/v1/lessons/{lesson}/workspace"), None).await.is(200)
    }

    pub async fn workspace(&self, id: Uuid) -> Workspace {
        self.http.get(&format!("/api/v1/workspaces/{id}")).await.is(200)
    }

    pub async fn try_save(&self, workspace: Uuid, path: &str, base: u64, text: &str) -> Answer {
        let body = json!({ "content": { "encoding": "text", "data": text } });
        let http = self.http.with("if-match", &format!("\"{base}\""));
        http.send(Method::PUT, &format!("/api/v1/workspaces/{workspace}/files/{path}"), Some(body)).await
    }

    /// Saves on revision `base`; answers the new one.
    pub async fn save(&self, workspace: Uuid, path: &str, base: u64, text: &str) -> u64 {
        self.try_save(workspace, path, base, text).await.is::<StoredFile>(200).revision
    }

    pub async fn try_read(&self, workspace: Uuid, path: &str) -> Answer {
        self.http.get(&format!("/api/v1/workspaces/{workspace}/files/{path}")).await
    }

    pub async fn read(&self, workspace: Uuid, path: &str) -> String {
        let file: StoredFile = self.try_read(workspace, path).await.is(200);
        String::from_utf8(file.content.into_bytes()).unwrap()
    }

    pub async fn remove(&self, workspace: Uuid, path: &str, base: u64) -> Answer {
        let http = self.http.with("if-match", &format!("\"{base}\""));
        http.delete(&format!("/api/v1/workspaces/{workspace}/files/{path}")).await
    }

    pub async fn timeline(&self, workspace: Uuid) -> Timeline {
        self.http.get(&format!("/api/v1/workspaces/{workspace}/timeline")).await.is(200)
    }

    pub async fn try_restore(&self, workspace: Uuid, restore: &Value) -> Answer {
        self.http.post(&format!("/api/v1/workspaces/{workspace}/restores"), Some(restore.clone())).await
    }

    pub async fn restore(&self, workspace: Uuid, restore: Value) -> Restored {
        self.try_restore(workspace, &restore).await.is(200)
    }

    pub async fn try_hand_in(&self, workspace: Uuid, key: &str) -> Answer {
        let http = self.http.with("idempotency-key", key);
        http.post(&format!("/api/v1/workspaces/{workspace}/submissions"), None).await
    }

    pub async fn hand_in(&self, workspace: Uuid) -> Submission {
        self.try_hand_in(workspace, &Uuid::now_v7().to_string()).await.is(201)
    }

    pub async fn submission(&self, id: Uuid) -> Submission {
        self.http.get(&format!("/api/v1/submissions/{id}")).await.is(200)
    }

    pub async fn try_ask_for_session(&self, workspace: Uuid) -> Answer {
        self.http.post("/api/v1/sessions", Some(json!({ "workspace": workspace }))).await
    }

    pub async fn ask_for_session(&self, workspace: Uuid) -> Session {
        self.try_ask_for_session(workspace).await.is(201)
    }

    pub async fn session(&self, id: Uuid) -> Session {
        self.http.get(&format!("/api/v1/sessions/{id}")).await.is(200)
    }

    pub async fn ticket(&self, session: Uuid) -> String {
        self.http.post(&format!("/api/v1/sessions/{session}/tickets"), None).await.is::<Ticket>(201).url
    }

    /// A tab on the session: socket open, hello said, welcome heard.
    pub async fn join(&self, session: Uuid, tab: Uuid) -> Socket {
        let url = self.ticket(session).await;
        let mut socket = Socket::open(&self.http.base, &url, Some(&self.http.base), None).await.unwrap();
        socket.say(json!({ "type": "hello", "version": 1, "client": tab })).await;
        let welcome = socket.hears("welcome").await;
        assert_eq!(welcome["version"], 1);
        socket
    }
}
