//! A browser on a preview's host: keeps its cookie and follows no redirect by itself.

use std::net::SocketAddr;

use reqwest::header::{ACCEPT, COOKIE, HOST, LOCATION, SET_COOKIE};
use reqwest::{Client, Url, redirect};
use serde_json::json;
use uuid::Uuid;

use super::{Answer, LearnerClient, World};

pub struct PreviewBrowser {
    http: Client,
    /// The socket, whatever the host is called.
    at: String,
    pub host: String,
    pub cookie: String,
}

impl LearnerClient {
    pub async fn try_open_preview(&self, session: Uuid, port: u16, path: &str) -> Answer {
        let body = json!({ "port": port, "path": path });
        self.http.post(&format!("/api/v1/sessions/{session}/previews"), Some(body)).await
    }

    /// The one-time address.
    pub async fn open_preview(&self, session: Uuid, port: u16, path: &str) -> Url {
        let answer = self.try_open_preview(session, port, path).await;
        answer.expect(201).json()["url"].as_str().unwrap().parse().unwrap()
    }
}

impl PreviewBrowser {
    /// On the host of `url`, not let in yet.
    pub fn new(world: &World, url: &Url) -> Self {
        Self::at(world.previews, url)
    }

    /// The same at a socket of one's choice.
    pub fn at(previews: SocketAddr, url: &Url) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        Self { http, at: format!("http://{previews}"), host, cookie: String::new() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.at)).header(HOST, &self.host);
        let request = request.header(COOKIE, &self.cookie).header(ACCEPT, "text/html");
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    /// Trades the ticket for a cookie, and answers where it leads to.
    pub async fn enter(&mut self, url: &Url) -> String {
        let answer = self.get(url.path()).await;
        answer.expect(303);
        if let Some(set) = answer.headers.get(SET_COOKIE) {
            self.cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        answer.headers[LOCATION].to_str().unwrap().to_owned()
    }
}
