//! Who asks what. Every learner hands in and saves only as often as the API allows one person to, so a rate is the rate of a
//! crowd: limits per account stay as they are.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Context as _;
use futures_util::future::try_join_all;
use serde_json::Value;
use uuid::Uuid;

use super::http::{Ask, Line};

/// The API lets so many hand-ins of one account wait.
const HAND_INS_PER_LEARNER: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Snapshot, submission, job, event, kept answer: one transaction.
    HandIn,
    /// One more revision of a file, and its event: the smallest thing that is appended.
    Save,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::HandIn => "hand_in",
            Self::Save => "save",
        }
    }
}

/// How many learners it takes: the same number on each connection, which asks its share of every round.
pub fn learners_for(requests: usize, rounds: usize, connections: usize) -> usize {
    (requests.div_ceil(connections) * rounds).div_ceil(HAND_INS_PER_LEARNER) * connections
}

struct Learner {
    cookie: String,
    workspace: String,
    path: String,
    revision: u64,
    handed_in: usize,
}

/// Learners in shares, each with a connection of its own.
pub struct Desk {
    shares: Vec<Share>,
}

struct Share {
    line: Line,
    learners: Vec<Learner>,
    /// Whose turn it is, for hand-ins and for saves.
    next: [usize; 2],
}

pub struct Round {
    pub seconds: f64,
    pub micros: Vec<u64>,
}

impl Desk {
    pub async fn open(
        address: SocketAddr,
        lesson: &str,
        cookies: Vec<String>,
        connections: usize,
    ) -> anyhow::Result<Self> {
        let per_share = cookies.len().div_ceil(connections.max(1));
        let shares = cookies.chunks(per_share).map(|cookies| Share::open(address, lesson, cookies));
        Ok(Self { shares: try_join_all(shares).await? })
    }

    /// `count` requests of one kind, spread over the connections.
    pub async fn round(&mut self, kind: Kind, count: usize) -> anyhow::Result<Round> {
        let each = count.div_ceil(self.shares.len().max(1));
        let clock = Instant::now();
        let taken = try_join_all(self.shares.iter_mut().map(|share| share.ask(kind, each))).await?;
        Ok(Round { seconds: clock.elapsed().as_secs_f64(), micros: taken.into_iter().flatten().collect() })
    }
}

impl Share {
    async fn open(address: SocketAddr, lesson: &str, cookies: &[String]) -> anyhow::Result<Self> {
        let mut line = Line::open(address).await?;
        let mut learners = Vec::with_capacity(cookies.len());
        for cookie in cookies {
            learners.push(Learner::begin(&mut line, lesson, cookie).await?);
        }
        Ok(Self { line, learners, next: [0; 2] })
    }

    async fn ask(&mut self, kind: Kind, count: usize) -> anyhow::Result<Vec<u64>> {
        let mut taken = Vec::with_capacity(count);
        for _ in 0..count {
            let [hand_ins, saves] = &mut self.next;
            let next = if kind == Kind::HandIn { hand_ins } else { saves };
            let number = *next % self.learners.len().max(1);
            *next += 1;
            let learner = self.learners.get_mut(number).context("a share without learners")?;
            let clock = Instant::now();
            match kind {
                Kind::HandIn => learner.hand_in(&mut self.line).await?,
                Kind::Save => learner.save(&mut self.line).await?,
            }
            taken.push(u64::try_from(clock.elapsed().as_micros())?);
        }
        Ok(taken)
    }
}

impl Learner {
    async fn begin(line: &mut Line, lesson: &str, cookie: &str) -> anyhow::Result<Self> {
        let path = format!("/api/v1/lessons/{lesson}/workspace");
        let made = line.ask(&Ask { method: "POST", path: &path, cookie, headers: "", body: "" }).await?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let workspace = text(made.get("id")).context("a workspace without an id")?;
        let mut files = made.get("files").and_then(Value::as_array).into_iter().flatten();
        let file = files.find(|file| file.get("role").and_then(Value::as_str) == Some("editable"));
        let file = file.context("a workspace without a file to edit")?;
        let path = text(file.get("path")).context("a file without a path")?;
        let revision = file.get("revision").and_then(Value::as_u64).context("a file without a revision")?;
        Ok(Self { cookie: cookie.to_owned(), workspace, path, revision, handed_in: 0 })
    }

    async fn hand_in(&mut self, line: &mut Line) -> anyhow::Result<()> {
        anyhow::ensure!(self.handed_in < HAND_INS_PER_LEARNER, "more hand-ins than learners for them");
        self.handed_in += 1;
        let path = format!("/api/v1/workspaces/{}/submissions", self.workspace);
        let headers = format!("Idempotency-Key: {}\r\n", Uuid::new_v4());
        line.ask(&Ask { method: "POST", path: &path, cookie: &self.cookie, headers: &headers, body: "" })
            .await?;
        Ok(())
    }

    async fn save(&mut self, line: &mut Line) -> anyhow::Result<()> {
        let path = format!("/api/v1/workspaces/{}/files/{}", self.workspace, self.path);
        let headers = format!("If-Match: \"{}\"\r\n", self.revision);
        let body = format!("{{\"content\":{{\"encoding\":\"text\",\"data\":\"# {}\\n\"}}}}", self.revision);
        let saved = line
            .ask(&Ask { method: "PUT", path: &path, cookie: &self.cookie, headers: &headers, body: &body })
            .await?;
        self.revision = saved.get("revision").and_then(Value::as_u64).context("a save without a revision")?;
        Ok(())
    }
}
