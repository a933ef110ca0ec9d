//! An installation for a test: `gradus api` and `gradus agent` as processes of their own on one data folder, and a
//! learner who talks to it over HTTP as the browser does. Real Docker, real images, the real guest.

#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses its part of this")]
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may give up")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use api::store::Store;
use ide_protocol::files::{FileContent, WorkspaceFile};
use ide_protocol::record::Record;
use ide_protocol::rest::{LessonSummary, SaveFile, Submission, SubmissionState, Workspace};
use lesson::Lesson;
use reqwest::header::{COOKIE, IF_MATCH, ORIGIN, SET_COOKIE};
use serde_json::json;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace root")
}

/// A child process that does not outlive its test.
pub struct Process {
    child: Child,
}

impl Process {
    fn start(
        arguments: &[&str],
        environment: &[(&str, &str)],
        data: &Path,
    ) -> (Self, BufReader<std::process::ChildStdout>) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(data.join(format!("{}.log", arguments[0])))
            .expect("a log file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_gradus"))
            .args(arguments)
            .envs(environment.iter().copied())
            .arg("--data")
            .arg(data)
            .current_dir(root())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("gradus starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        (Self { child }, lines)
    }

    /// Waits until it has died by itself, of SIGKILL.
    pub fn dies(mut self) {
        use std::os::unix::process::ExitStatusExt as _;
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it lives on");
            std::thread::sleep(Duration::from_millis(50));
        };
        assert_eq!(status.signal(), Some(9), "{status}");
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// As a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Installation {
    pub data: tempfile::TempDir,
    pub address: String,
    agent_name: String,
    learner_password: String,
    /// Of every process that is started.
    pub environment: Vec<(&'static str, String)>,
    server: Option<Process>,
}

impl Installation {
    pub fn learner_password(&self) -> &str {
        &self.learner_password
    }

    /// An API without agents.
    pub fn api() -> Self {
        Self::new("api")
    }

    /// Everything in one process.
    pub fn up() -> Self {
        Self::new("up")
    }

    fn new(part: &str) -> Self {
        Self::with(part, Vec::new())
    }

    /// With this in the environment of every process.
    pub fn with(part: &str, environment: Vec<(&'static str, String)>) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let agent_name =
            data.path().file_name().expect("a name").to_string_lossy().trim_start_matches('.').to_owned();
        let (address, learner_password) = (String::new(), String::new());
        let mut installation =
            Self { data, address, agent_name, learner_password, environment, server: None };
        installation.start(part);
        installation
    }

    /// Starts `api` or `up` on the data there is, on a new port.
    pub fn start(&mut self, part: &str) {
        self.start_at(part, "127.0.0.1:0");
    }

    /// The same on that address.
    pub fn start_at(&mut self, part: &str, listen: &str) {
        let mut arguments = vec![part, "--listen", listen];
        if part == "up" {
            arguments.extend(["--agent-name", &self.agent_name]);
        }
        let environment: Vec<_> =
            self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (server, lines) = Process::start(&arguments, &environment, self.data.path());
        self.address.clear();
        for line in lines.lines() {
            let line = line.expect("text");
            if let Some(found) = line.strip_prefix("Gradus is running at ") {
                self.address = found.to_owned();
            }
            if let Some(found) = line.trim().strip_prefix("learner ") {
                self.learner_password = found.trim().to_owned();
            }
            if line.starts_with("Press Ctrl-C") {
                break;
            }
        }
        assert!(self.address.starts_with("http://"), "no address; log:\n{}", self.log(part));
        self.server = Some(server);
    }

    /// Memory of the server that is resident now, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let pid = self.server.as_ref().expect("it runs").child.id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a figure");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// SIGTERM, and the exit status once it has ended.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        let mut server = self.server.take().expect("it runs");
        let killed = Command::new("kill").arg(server.child.id().to_string()).status().expect("kill runs");
        assert!(killed.success());
        server.child.wait().expect("reaped")
    }

    /// Waits until the server has died by itself, of SIGKILL.
    pub fn server_dies(&mut self) {
        self.server.take().expect("it runs").dies();
    }

    pub fn start_agent(&self) -> Process {
        self.start_agent_with(&[])
    }

    /// With more in its environment.
    pub fn start_agent_with(&self, more: &[(&str, &str)]) -> Process {
        let own = self.environment.iter().map(|(name, value)| (*name, value.as_str()));
        let environment: Vec<_> = own.chain(more.iter().copied()).collect();
        Process::start(&["agent", "--agent-name", &self.agent_name], &environment, self.data.path()).0
    }

    /// Another host's, as far as one machine can be two.
    pub fn start_another_agent(&self) -> Process {
        let name = self.other_agent_name();
        let run_dir = format!("/run/gradus/{name}");
        let arguments = ["agent", "--agent-name", &name, "--run-dir", &run_dir, "--uid-base", "150000"];
        let environment: Vec<_> =
            self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Process::start(&arguments, &environment, self.data.path()).0
    }

    fn other_agent_name(&self) -> String {
        format!("{}-other", self.agent_name)
    }

    /// Names of this installation's containers, running or not.
    pub fn containers(&self) -> Vec<String> {
        self.list(&["--all"])
    }

    /// Names of those that run.
    pub fn running(&self) -> Vec<String> {
        self.list(&[])
    }

    fn list(&self, which: &[&str]) -> Vec<String> {
        let of = |agent: &str| {
            let filter = format!("label=org.gradus.agent={agent}");
            let output = Command::new("docker")
                .args(["ps", "--filter", &filter, "--format", "{{.Names}}"])
                .args(which)
                .output()
                .expect("docker runs");
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>()
        };
        [of(&self.agent_name), of(&self.other_agent_name())].concat()
    }

    /// What a command of `gradus` prints that works on this installation.
    pub fn command(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
            .args(arguments)
            .envs(self.environment.clone())
            .arg("--data")
            .arg(self.data.path())
            .current_dir(root())
            .output()
            .expect("gradus starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    pub fn log(&self, part: &str) -> String {
        std::fs::read_to_string(self.data.path().join(format!("{part}.log"))).unwrap_or_default()
    }

    async fn store(&self) -> Store {
        let url = format!("sqlite://{}", self.data.path().join("gradus.db").display());
        Store::open(&url).await.expect("the store opens beside the API")
    }

    /// What the event log says of one thing.
    pub async fn events(&self, stream: &str) -> Vec<String> {
        let events = self.store().await.events_of(stream, 100).await.expect("the log");
        events.into_iter().map(|event| event.kind).collect()
    }

    /// Publishes a version of a shipped lesson that wants another image.
    pub async fn publish_with_image(&self, slug: &str, image: &str) {
        let folder = root().join("lesson-images/lessons").join(slug);
        let mut lesson = Lesson::from_dir(&folder).expect("a shipped lesson");
        lesson.manifest.image = image.to_owned();
        api::setup::publish(&self.store().await, &lesson).await.expect("published");
    }

    pub async fn learner(&self) -> LearnerClient {
        // reqwest wants one even for plain HTTP; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        let answer = http
            .post(format!("{}/api/v1/login", self.address))
            .header(ORIGIN, &self.address)
            .json(&json!({"name": "learner", "password": self.learner_password}))
            .send()
            .await
            .expect("the API answers");
        assert!(answer.status().is_success(), "log-in: {}", answer.status());
        let cookie = answer.headers()[SET_COOKIE]
            .to_str()
            .expect("text")
            .split(';')
            .next()
            .expect("a cookie")
            .to_owned();
        LearnerClient { http, address: self.address.clone(), cookie }
    }
}

/// A learner's browser, without the screen.
pub struct LearnerClient {
    http: reqwest::Client,
    address: String,
    cookie: String,
}

impl LearnerClient {
    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.address))
            .header(ORIGIN, &self.address)
            .header(COOKIE, &self.cookie)
    }

    async fn answer<T: serde::de::DeserializeOwned>(request: reqwest::RequestBuilder) -> T {
        let answer = request.send().await.expect("the API answers");
        let status = answer.status();
        let body = answer.text().await.expect("a body");
        assert!(status.is_success(), "{status}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|why| panic!("{why}: {body}"))
    }

    pub async fn lessons(&self) -> Vec<LessonSummary> {
        Self::answer(self.request(reqwest::Method::GET, "/lessons")).await
    }

    pub async fn workspace(&self, slug: &str) -> Workspace {
        Self::answer(self.request(reqwest::Method::POST, &format!("/lessons/{slug}/workspace"))).await
    }

    /// Saves `files` over what the workspace holds.
    pub async fn save(&self, workspace: &Workspace, files: &[WorkspaceFile]) {
        let workspace: Workspace =
            Self::answer(self.request(reqwest::Method::GET, &format!("/workspaces/{}", workspace.id))).await;
        for file in files {
            let revision = workspace
                .files
                .iter()
                .find(|entry| entry.path == file.path)
                .map_or(0, |entry| entry.revision);
            let body = SaveFile { content: file.content.clone(), executable: file.executable };
            let path = format!("/workspaces/{}/files/{}", workspace.id, file.path);
            let request = self.request(reqwest::Method::PUT, &path);
            let _: serde_json::Value =
                Self::answer(request.header(IF_MATCH, format!("\"{revision}\"")).json(&body)).await;
        }
    }

    pub async fn save_text(&self, workspace: &Workspace, path: &str, text: &str) {
        let path = path.parse().expect("a workspace path");
        let content = FileContent::Text(text.to_owned());
        self.save(workspace, &[WorkspaceFile { path, revision: 0, content, executable: false }]).await;
    }

    pub async fn hand_in(&self, workspace: &Workspace, key: &str) -> Submission {
        let path = format!("/workspaces/{}/submissions", workspace.id);
        Self::answer(self.request(reqwest::Method::POST, &path).header("Idempotency-Key", key)).await
    }

    /// Hands in at a server that may die of it.
    pub async fn try_hand_in(&self, workspace: &Workspace, key: &str) -> Option<Submission> {
        let path = format!("/workspaces/{}/submissions", workspace.id);
        let request = self.request(reqwest::Method::POST, &path).header("Idempotency-Key", key);
        request.send().await.ok()?.json().await.ok()
    }

    pub async fn submission(&self, submission: &Submission) -> Submission {
        Self::answer(self.request(reqwest::Method::GET, &format!("/submissions/{}", submission.id))).await
    }

    pub async fn record(&self, submission: &Submission) -> Record {
        let path = format!("/submissions/{}/record", submission.id);
        Self::answer(self.request(reqwest::Method::GET, &path)).await
    }

    /// Asks until `enough` says so.
    pub async fn submission_when(
        &self,
        submission: &Submission,
        enough: impl Fn(&SubmissionState) -> bool,
    ) -> Submission {
        self.submission_when_within(submission, PATIENCE, enough).await
    }

    pub async fn submission_when_within(
        &self,
        submission: &Submission,
        patience: Duration,
        enough: impl Fn(&SubmissionState) -> bool,
    ) -> Submission {
        let began = Instant::now();
        loop {
            let now = self.submission(submission).await;
            if enough(&now.state) {
                return now;
            }
            assert!(began.elapsed() < patience, "still {:?}", now.state);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub fn is_final(state: &SubmissionState) -> bool {
    !matches!(state, SubmissionState::Queued { .. } | SubmissionState::Running { .. })
}
