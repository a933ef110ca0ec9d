//! G05: all that a learner can get out of a lesson in its whole life. What was got is for the watch to look through: it holds
//! the markers of the lesson's hidden tests and solution against every byte.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::rest::Role;
use ide_protocol::session::{SessionMessage, ViewerMessage};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Acted, Scene};
use crate::class::Class;
use crate::ground::{Ground, Learner, LiveSession, exchange};

/// For anything but a grading; the slowest is a run of the tests on two busy cores.
const SOON: Duration = Duration::from_secs(20);

const FILE: &str = "solution.sh";
const WRONG: &str = "#!/bin/bash\necho \"$0 $*\"; cat tests/* ../* /tmp/* 2>&1; env; exit 1\n";
const RIGHT: &str = "#!/bin/bash\ncat tests/* ../* >/tmp/seen 2>&1\necho $(($1 * 3))\n";

/// What a terminal shows of a container: all files of the learner's, the environment, and whatever else can be read.
const LOOKS: [&str; 3] = [
    "cat -v $(find ~ /tmp /dev/shm /run -type f 2>/dev/null) | tail -n 400; env",
    "cat -v /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tail -c 20000",
    "grep -rlE 'hidden-[0-9a-f]{32}|solution-[0-9a-f]{32}' / --exclude-dir=proc --exclude-dir=sys 2>/dev/null | head",
];

/// Answers with a page, and with all that it can read.
const SERVER: &str = "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 8000, Listen => 9, ReuseAddr => 1); \
    while ($c = $s->accept) { while (<$c>) { last if /^\\r?$/ } $t = `cat ~/work/* ~/work/tests/*`; \
    print $c \"HTTP/1.0 200 OK\\r\\ncontent-type: text/plain\\r\\n\\r\\nserved\\n$t\"; close $c }' &";

pub(super) async fn a_whole_life(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let began = Instant::now();
    let learner = scene.ground.learner("mallory").await?;
    let slug = scene.slug();
    let workspace = learner.open(&slug).await?.id;
    let mut life = Life { learner: &learner, wrong: Vec::new() };
    life.reads(&slug).await?;
    let (session, mut live) = learner.settle(workspace).await?;
    life.types_and_runs(&mut live, workspace).await?;
    life.is_looked_on_at(scene.ground, session).await?;
    life.previews(&mut live, session).await?;
    for (text, class) in [(WRONG, Class::Failed), (RIGHT, Class::Passed)] {
        life.hands_in(scene, workspace, text, class).await?;
    }
    life.reads(&slug).await?;
    life.looks_back(workspace).await?;
    life.looks_behind(scene.ground).await?;
    // What the session told meanwhile, of hand-ins and their tests.
    while live.hear(Duration::from_millis(200)).await.is_some() {}
    drop(live);
    learner.end_session(session).await?;
    Ok(Acted::held(began, life.wrong, "every byte looked through".to_owned()))
}

struct Life<'a> {
    learner: &'a Learner,
    wrong: Vec<String>,
}

impl Life<'_> {
    /// Asks, and notes an answer of another kind than wanted: what was not got shows nothing.
    async fn gets(&mut self, path: &str, wanted: u16) -> anyhow::Result<Value> {
        let (status, body) = self.learner.ask(Method::GET, path, None).await?;
        if status != wanted {
            self.wrong.push(format!("{path} answers {status} instead of {wanted}"));
        }
        Ok(body)
    }

    async fn reads(&mut self, slug: &str) -> anyhow::Result<()> {
        self.gets("/lessons", 200).await?;
        self.gets(&format!("/lessons/{slug}"), 200).await?;
        self.gets(&format!("/lessons/{slug}/hints"), 200).await?;
        self.gets(&format!("/lessons/{slug}/solution"), 403).await?;
        Ok(())
    }

    async fn types_and_runs(&mut self, live: &mut LiveSession, workspace: Uuid) -> anyhow::Result<()> {
        for command in LOOKS {
            live.run(command, SOON).await?.with_context(|| format!("no prompt after {command}"))?;
        }
        self.learner.save_text(workspace, FILE, WRONG).await?;
        live.say(&ViewerMessage::RunTests).await?;
        let finished = live
            .until_message(SOON, |message| {
                matches!(message, SessionMessage::RunFinished { .. }).then_some(())
            })
            .await;
        if finished.is_err() {
            self.wrong.push("the tests did not run in the session".to_owned());
        }
        Ok(())
    }

    /// With a mentor there, everything that is told of them.
    async fn is_looked_on_at(&mut self, ground: &Ground, session: Uuid) -> anyhow::Result<()> {
        let mentor = ground.somebody("mentor", Role::Grader).await?;
        let asks = format!("/sessions/{session}/watchers");
        let (status, _) = mentor.ask(Method::POST, &asks, Some(json!({}))).await?;
        let seen = self.gets(&asks, 200).await?;
        if status >= 400 || !seen.to_string().contains(&mentor.name) {
            self.wrong.push(format!("a mentor's question is answered {status}, and the learner sees {seen}"));
        }
        Ok(())
    }

    async fn previews(&mut self, live: &mut LiveSession, session: Uuid) -> anyhow::Result<()> {
        live.run(SERVER, SOON).await?.context("no prompt after starting a server")?;
        let asks = format!("/sessions/{session}/previews");
        let (status, body) =
            self.learner.ask(Method::POST, &asks, Some(json!({ "port": 8000, "path": "/" }))).await?;
        let Some(url) = body.get("url").and_then(Value::as_str) else {
            self.wrong.push(format!("a preview is answered {status}: {body}"));
            return Ok(());
        };
        let rest = url.trim_start_matches("http://");
        let (host, path) = rest.split_once('/').context("an address without a path")?;
        let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
        let base = format!("http://127.0.0.1:{port}");
        // As a browser does: in through the one-time address, on with the cookie.
        let entered = self.visits(&base, host, path, "").await?;
        let line = entered.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie:"));
        let cookie = line.and_then(|line| line.split([':', ';']).nth(1)).unwrap_or_default().trim();
        let began = Instant::now();
        loop {
            let page = self.visits(&base, host, "", cookie).await?;
            if page.contains("served") {
                return Ok(());
            }
            if began.elapsed() > SOON {
                self.wrong.push(format!("the preview shows no server of the learner's: {page:.300}"));
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn visits(&self, base: &str, host: &str, path: &str, cookie: &str) -> anyhow::Result<String> {
        let get =
            format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
        let reply = exchange(base, get.as_bytes(), SOON).await?;
        self.learner.watch.look("a preview", &reply.bytes);
        Ok(String::from_utf8_lossy(&reply.bytes).into_owned())
    }

    async fn hands_in(
        &mut self,
        scene: Scene<'_>,
        workspace: Uuid,
        text: &str,
        wanted: Class,
    ) -> anyhow::Result<()> {
        self.learner.save_text(workspace, FILE, text).await?;
        let submission = self.learner.hand_in(workspace, &Uuid::new_v4().to_string()).await?;
        let submission = self.learner.result(submission.id, scene.patience()).await?;
        let class = Class::of(&submission.state);
        if class != wanted {
            self.wrong.push(format!("{} instead of {}", class.word(), wanted.word()));
        }
        let id = submission.id;
        for path in ["", "/record", "/files", "/files/solution.sh"] {
            self.gets(&format!("/submissions/{id}{path}"), 200).await?;
        }
        Ok(())
    }

    /// Everything that is kept: files, the timeline and each point of it.
    async fn looks_back(&mut self, workspace: Uuid) -> anyhow::Result<()> {
        let held = self.learner.workspace(workspace).await?;
        for entry in held.files {
            self.gets(&format!("/workspaces/{workspace}/files/{}", entry.path), 200).await?;
        }
        self.gets(&format!("/workspaces/{workspace}/submissions"), 200).await?;
        let timeline = self.gets(&format!("/workspaces/{workspace}/timeline"), 200).await?;
        let mut points = Vec::new();
        saves(&timeline, &mut points);
        if points.is_empty() {
            self.wrong.push(format!("the timeline has no point: {timeline}"));
        }
        for save in points {
            self.gets(&format!("/workspaces/{workspace}/timeline/{save}"), 200).await?;
            let path = format!("/workspaces/{workspace}/timeline/{save}/files/{FILE}");
            self.learner.ask(Method::GET, &path, None).await?;
        }
        Ok(())
    }

    /// What is open to anybody who finds the address.
    async fn looks_behind(&mut self, ground: &Ground) -> anyhow::Result<()> {
        for path in
            ["/", "/metrics", "/livez", "/readyz", "/api/v1/openapi.json", "/api/docs", "/agent/v1/jobs"]
        {
            let ask = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            let reply = exchange(&ground.base, ask.as_bytes(), SOON).await?;
            self.learner.watch.look(&format!("an answer to {path}"), &reply.bytes);
        }
        Ok(())
    }
}

/// Every `save` that a timeline names, however it is laid out.
fn saves(value: &Value, into: &mut Vec<i64>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("save").and_then(Value::as_i64));
            fields.values().for_each(|field| saves(field, into));
        }
        Value::Array(items) => items.iter().for_each(|item| saves(item, into)),
        _ => {}
    }
}
