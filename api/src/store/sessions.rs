//! Sessions: the life of a live container with a workspace.
//!
//! ```text
//! queued ──start──▶ starting ──ready──▶ ready          any but ended ──end──▶ ended
//!    ▲                 │                  │
//!    └──────lost───────┴──────────────────┘   (its job is delivered again; or its agent comes back: ready)
//! ```
//! Every arrow is one compare-and-set; whoever comes late changes nothing.

use ide_protocol::job::JobKind;
use ide_protocol::rest::{Session, SessionState, UnixMicros};
use ide_protocol::session::EndReason;
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::jobs::{self, NewJob};
use super::{Store, StoreError, natural, small};
use crate::limits::{EXTENSION, MAX_EXTENSIONS};

#[derive(Debug, Clone)]
pub struct SessionRow {
    pub id: Uuid,
    pub workspace: Uuid,
    pub account: Uuid,
    pub state: SessionState,
    /// Since when it is in this state.
    pub state_since: UnixMicros,
    /// When its time limit ends it; from the first time it was ready.
    pub until: Option<UnixMicros>,
    /// How long it is kept while no page of its learner is connected.
    pub idle_seconds: u32,
    /// How often its end was moved.
    pub extensions: u32,
    /// The workspace's `saves` when an agent was last given its files.
    pub files_seen: u64,
}

impl SessionRow {
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.state, SessionState::Ended { .. })
    }

    /// What is left of its time, once that has begun.
    #[must_use]
    pub fn seconds_left(&self, now: UnixMicros) -> Option<u32> {
        self.until.map(|until| u32::try_from((until - now) / 1_000_000).unwrap_or(0))
    }

    #[must_use]
    pub fn to_rest(&self) -> Session {
        Session { id: self.id, workspace: self.workspace, state: self.state.clone() }
    }
}

/// What became of a wish for a session.
#[derive(Debug)]
pub enum SessionAsked {
    /// There was one already.
    Live(SessionRow),
    Made(SessionRow),
    /// The account has too many live ones.
    TooMany,
}

/// What a [`Raw`] is read from.
macro_rules! columns {
    () => {
        "id, workspace, account, state, state_since, ready_since, ready_until, idle_seconds, extensions, \
         files_seen, end_reason"
    };
}

/// A wish for more time.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// The end that is to be moved.
    pub until: UnixMicros,
    pub by: UnixMicros,
    pub most: u32,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    id: Uuid,
    #[sqlx(try_from = "String")]
    workspace: Uuid,
    #[sqlx(try_from = "String")]
    account: Uuid,
    state: String,
    state_since: i64,
    ready_since: Option<i64>,
    ready_until: Option<i64>,
    idle_seconds: i64,
    extensions: i64,
    files_seen: i64,
    end_reason: Option<String>,
}

impl TryFrom<Raw> for SessionRow {
    type Error = StoreError;
    fn try_from(raw: Raw) -> Result<Self, StoreError> {
        let state = match raw.state.as_str() {
            "queued" => SessionState::Queued,
            "starting" => SessionState::Starting,
            "ready" => SessionState::Ready {
                since: raw.ready_since.unwrap_or(raw.state_since),
                until: raw.ready_until.unwrap_or(raw.state_since),
                idle_seconds: small(raw.idle_seconds),
                extensions_left: MAX_EXTENSIONS.saturating_sub(small(raw.extensions)),
                extension_seconds: u32::try_from(EXTENSION.as_secs()).unwrap_or(u32::MAX),
            },
            "ended" => SessionState::Ended { reason: reason_from(raw.end_reason.as_deref())? },
            other => return Err(StoreError::corrupt("a session's state")(other.to_owned())),
        };
        Ok(Self {
            id: raw.id,
            workspace: raw.workspace,
            account: raw.account,
            state,
            state_since: raw.state_since,
            until: raw.ready_until,
            idle_seconds: small(raw.idle_seconds),
            extensions: small(raw.extensions),
            files_seen: natural(raw.files_seen),
        })
    }
}

fn reason_from(text: Option<&str>) -> Result<EndReason, StoreError> {
    let corrupt = StoreError::corrupt("the end of a session");
    serde_json::from_str(text.unwrap_or_default()).map_err(|why| corrupt(why.to_string()))
}

impl Store {
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, id: Uuid) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1");
        self.db.one::<Raw>(sql, args![id]).await?.map(SessionRow::try_from).transpose()
    }

    /// The live session of a workspace.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn live_session_of(&self, workspace: Uuid) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM sessions WHERE workspace = $1 AND state <> 'ended'");
        self.db.one::<Raw>(sql, args![workspace]).await?.map(SessionRow::try_from).transpose()
    }

    /// An account's live sessions, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn live_sessions_of(&self, account: Uuid) -> Result<Vec<SessionRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM sessions WHERE account = $1 AND state <> 'ended' ORDER BY created_at, id"
        );
        self.db.all::<Raw>(sql, args![account]).await?.into_iter().map(SessionRow::try_from).collect()
    }

    /// Every session that is not over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn live_sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM sessions WHERE state <> 'ended'");
        self.db.all::<Raw>(sql, &[]).await?.into_iter().map(SessionRow::try_from).collect()
    }

    /// The live session of the workspace, or a new one with its job.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ask_for_session(
        &self,
        workspace: Uuid,
        account: Uuid,
        limit: u32,
        idle_seconds: u32,
        job: NewJob<'_>,
        now: UnixMicros,
    ) -> Result<SessionAsked, StoreError> {
        let mut tx = self.db.begin().await?;
        // Two clicks at once: the second waits here and then finds the first one's session.
        tx.run("UPDATE accounts SET role = role WHERE id = $1", args![account]).await?;
        let sql = concat!("SELECT ", columns!(), " FROM sessions WHERE account = $1 AND state <> 'ended'");
        let live = tx.all::<Raw>(sql, args![account]).await?;
        let count = live.len();
        if let Some(raw) = live.into_iter().find(|raw| raw.workspace == workspace) {
            tx.commit().await?;
            return Ok(SessionAsked::Live(raw.try_into()?));
        }
        if count >= limit as usize {
            tx.commit().await?;
            return Ok(SessionAsked::TooMany);
        }
        let id = Uuid::now_v7();
        tx.run(
            "INSERT INTO sessions (id, workspace, account, state, state_since, idle_seconds, files_seen, created_at)
             VALUES ($1, $2, $3, 'queued', $4, $5, 0, $4)",
            args![id, workspace, account, now, i64::from(idle_seconds)],
        )
        .await?;
        jobs::create(&mut tx, JobKind::Session, id, job, now).await?;
        let data = json!({ "workspace": workspace });
        append(&mut tx, id, "session_asked", data, &Actor::Account(account), now).await?;
        tx.commit().await?;
        let state = SessionState::Queued;
        Ok(SessionAsked::Made(SessionRow {
            id,
            workspace,
            account,
            state,
            state_since: now,
            until: None,
            idle_seconds,
            extensions: 0,
            files_seen: 0,
        }))
    }

    /// Who has begun a session last, and how often somebody did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_begun(&self, id: Uuid) -> Result<(Option<String>, u32), StoreError> {
        let sql = "SELECT agent, begun FROM sessions WHERE id = $1";
        let found = self.db.one::<(Option<String>, i64)>(sql, args![id]).await?;
        Ok(found.map_or((None, 0), |(agent, begun)| (agent, small(begun))))
    }

    /// An agent begins: any live state → `starting`. `None` when the session is over. Lines of whoever began it before are
    /// refused from now on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn start_session(
        &self,
        id: Uuid,
        agent: &str,
        now: UnixMicros,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET state = 'starting', state_since = $2, ready_since = NULL, \
                     begun = begun + 1, agent = $3, \
                     files_seen = (SELECT saves FROM workspaces w WHERE w.id = sessions.workspace) \
                     WHERE id = $1 AND state <> 'ended' \
                     RETURNING ",
            columns!()
        );
        let mut tx = self.db.begin().await?;
        let Some(raw) = tx.one::<Raw>(sql, args![id, now, agent]).await? else {
            tx.commit().await?;
            return Ok(None);
        };
        jobs::started(&mut tx, id).await?;
        append(&mut tx, id, "session_starting", json!({}), &Actor::Agent(agent.to_owned()), now).await?;
        tx.commit().await?;
        Ok(Some(raw.try_into()?))
    }

    /// The container is up: `starting`, or `queued` because its agent was away, → `ready`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_ready(
        &self,
        id: Uuid,
        until: UnixMicros,
        now: UnixMicros,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET state = 'ready', state_since = $2, ready_since = $2, \
                     ready_until = COALESCE(ready_until, $3) \
                     WHERE id = $1 AND state IN ('starting', 'queued') \
                     RETURNING ",
            columns!()
        );
        self.change(sql, args![id, now, until], id, "session_ready", &Actor::System, now).await
    }

    /// The agent of a session that had been ready is back: `queued` → `ready`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_found(&self, id: Uuid, now: UnixMicros) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET state = 'ready', state_since = $2 \
                     WHERE id = $1 AND state = 'queued' AND ready_since IS NOT NULL \
                     RETURNING ",
            columns!()
        );
        self.change(sql, args![id, now], id, "session_found", &Actor::System, now).await
    }

    /// The agent stays away: `starting` or `ready` → `queued`, for whoever the job is delivered to next.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_lost(&self, id: Uuid, now: UnixMicros) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET state = 'queued', state_since = $2 \
                     WHERE id = $1 AND state IN ('starting', 'ready') \
                     RETURNING ",
            columns!()
        );
        self.change(sql, args![id, now], id, "session_lost", &Actor::System, now).await
    }

    /// Agents came and went until the queue gave the job up, yet the last of them had the session ready: nothing is
    /// wrong with it, so its message goes out anew. False when it never became ready since it last went out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_session_again(
        &self,
        id: Uuid,
        job: NewJob<'_>,
        now: UnixMicros,
    ) -> Result<bool, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET state = 'queued', state_since = $2, ready_since = NULL \
                     WHERE id = $1 AND state <> 'ended' AND ready_since IS NOT NULL \
                     RETURNING ",
            columns!()
        );
        let mut tx = self.db.begin().await?;
        if tx.one::<Raw>(sql, args![id, now]).await?.is_none() {
            tx.commit().await?;
            return Ok(false);
        }
        jobs::send_again(&mut tx, JobKind::Session, id, job, now).await?;
        append(&mut tx, id, "session_sent_again", json!({}), &Actor::System, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Moves the end of a session that is not over from `until` by `by`, at most `most` times in all. `None` when
    /// something of that is not so (any more): its end was moved meanwhile, has passed, or may not be moved again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn extend_session(
        &self,
        id: Uuid,
        Extension { until, by, most }: Extension,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET ready_until = ready_until + $3, extensions = extensions + 1 \
             WHERE id = $1 AND state <> 'ended' AND ready_until = $2 AND ready_until > $4 AND extensions < $5 \
             RETURNING ",
            columns!()
        );
        let args = args![id, until, by, now, i64::from(most)];
        self.change(sql, args, id, "session_extended", actor, now).await
    }

    /// Ends a session whose time is up – unless it was extended a moment ago.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session_at_limit(
        &self,
        id: Uuid,
        now: UnixMicros,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET state = 'ended', state_since = $2, end_reason = $3 \
             WHERE id = $1 AND state <> 'ended' AND ready_until <= $2 RETURNING ",
            columns!()
        );
        self.end(sql, id, &EndReason::TimeLimit, &Actor::System, now).await
    }

    /// Ends a session and voids its job's token. `None` when it was over already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(
        &self,
        id: Uuid,
        reason: &EndReason,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "UPDATE sessions SET state = 'ended', state_since = $2, end_reason = $3 \
             WHERE id = $1 AND state <> 'ended' RETURNING ",
            columns!()
        );
        self.end(sql, id, reason, actor, now).await
    }

    async fn end(
        &self,
        sql: &'static str,
        id: Uuid,
        reason: &EndReason,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Option<SessionRow>, StoreError> {
        let text = json!(reason).to_string();
        let mut tx = self.db.begin().await?;
        let Some(raw) = tx.one::<Raw>(sql, args![id, now, &text]).await? else {
            tx.commit().await?;
            return Ok(None);
        };
        jobs::finish(&mut tx, id, now).await?;
        append(&mut tx, id, "session_ended", json!({ "reason": reason }), actor, now).await?;
        tx.commit().await?;
        Ok(Some(raw.try_into()?))
    }

    async fn change(
        &self,
        sql: &'static str,
        args: &[super::db::Arg<'_>],
        id: Uuid,
        event: &str,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<Option<SessionRow>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(raw) = tx.one::<Raw>(sql, args).await? else {
            tx.commit().await?;
            return Ok(None);
        };
        append(&mut tx, id, event, json!({}), actor, now).await?;
        tx.commit().await?;
        Ok(Some(raw.try_into()?))
    }
}

async fn append(
    tx: &mut Tx,
    id: Uuid,
    kind: &str,
    data: serde_json::Value,
    actor: &Actor,
    now: UnixMicros,
) -> Result<(), StoreError> {
    events::append(tx, &format!("session:{id}"), kind, data, actor, now).await
}
