//! Who looks on in a session: asked for by a mentor, allowed by its learner, ended by either, over with the session.
//!
//! ```text
//! asked ──allow──▶ allowed ──end──▶ ended ──ask──▶ asked
//!   └──refuse──▶ refused ──ask, after a while──▶ asked
//! ```

use ide_protocol::rest::{SessionState, UnixMicros, WatchState};
use serde_json::json;
use uuid::Uuid;

use super::db::{Tx, args};
use super::events::{self, Actor};
use super::{Store, StoreError, natural};

/// Somebody who asked to look on in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatcherRow {
    pub mentor: Uuid,
    pub name: String,
    pub state: WatchState,
}

/// Everybody who ever asked. A list of a higher version is the newer one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatcherList {
    pub version: u64,
    pub watchers: Vec<WatcherRow>,
}

/// What became of a wish to look on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchAsked {
    Now(WatchState),
    /// The learner said no a moment ago.
    TooSoon,
    TooMany,
    /// The session is over.
    Over,
}

/// Bounds of asking.
#[derive(Debug, Clone, Copy)]
pub struct AskLimits {
    pub watchers: u32,
    pub again_after: UnixMicros,
}

/// A live session as those see it who might look on.
#[derive(Debug)]
pub struct LiveRow {
    pub session: super::SessionRow,
    pub learner: String,
    pub lesson: String,
    pub title: String,
    pub created_at: UnixMicros,
    pub watching: Option<WatchState>,
}

/// Which live sessions are listed; empty texts are no condition.
#[derive(Debug, Clone, Copy)]
pub struct LiveFilter<'a> {
    pub lesson: &'a str,
    /// Part of the learner's name.
    pub learner: &'a str,
    pub state: &'a str,
}

#[derive(sqlx::FromRow)]
struct Raw {
    #[sqlx(try_from = "String")]
    mentor: Uuid,
    name: String,
    state: String,
    version: i64,
}

#[derive(sqlx::FromRow)]
struct RawLive {
    #[sqlx(try_from = "String")]
    id: Uuid,
    learner: String,
    lesson: String,
    title: String,
    created_at: i64,
    watching: Option<String>,
}

fn state_from(text: &str) -> Result<WatchState, StoreError> {
    match text {
        "asked" => Ok(WatchState::Asked),
        "allowed" => Ok(WatchState::Allowed),
        "refused" => Ok(WatchState::Refused),
        "ended" => Ok(WatchState::Ended),
        other => Err(StoreError::corrupt("a watcher's state")(other.to_owned())),
    }
}

impl Store {
    /// Live sessions, newest first, as `mentor` stands to them; at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn live_sessions_for(
        &self,
        mentor: Uuid,
        filter: LiveFilter<'_>,
        limit: u32,
    ) -> Result<Vec<LiveRow>, StoreError> {
        let sql = "SELECT s.id, a.name AS learner, w.lesson, l.title, s.created_at, v.state AS watching
                   FROM sessions s
                   JOIN accounts a ON a.id = s.account
                   JOIN workspaces w ON w.id = s.workspace
                   JOIN lessons l ON l.slug = w.lesson
                   LEFT JOIN session_watchers v ON v.session = s.id AND v.mentor = $1
                   WHERE s.state <> 'ended' AND s.account <> $1
                     AND ($2 = '' OR w.lesson = $2) AND ($3 = '' OR s.state = $3)
                     AND ($4 = '' OR LOWER(a.name) LIKE $4 ESCAPE '!')
                   ORDER BY s.created_at DESC, s.id DESC LIMIT $5";
        let learner = contains(filter.learner);
        let args = args![mentor, filter.lesson, filter.state, &learner, i64::from(limit)];
        let mut found = Vec::new();
        for raw in self.db.all::<RawLive>(sql, args).await? {
            // Ended in between: it is no live session any more.
            let Some(session) = self.session(raw.id).await? else { continue };
            if matches!(session.state, SessionState::Ended { .. }) {
                continue;
            }
            let watching = raw.watching.as_deref().map(state_from).transpose()?;
            let RawLive { learner, lesson, title, created_at, .. } = raw;
            found.push(LiveRow { session, learner, lesson, title, created_at, watching });
        }
        Ok(found)
    }

    /// Everybody who asked to look on in a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn watchers_of(&self, session: Uuid) -> Result<WatcherList, StoreError> {
        // One statement, so that list and version belong together.
        let sql = "SELECT v.mentor, a.name, v.state,
                     (SELECT COALESCE(MAX(version), 0) FROM events WHERE stream = $2) AS version
                   FROM session_watchers v JOIN accounts a ON a.id = v.mentor
                   WHERE v.session = $1 ORDER BY v.asked_at, v.mentor";
        let rows = self.db.all::<Raw>(sql, args![session, &stream(session)]).await?;
        let version = rows.first().map_or(0, |row| natural(row.version));
        let named =
            |Raw { mentor, name, state, .. }| Ok(WatcherRow { mentor, name, state: state_from(&state)? });
        let watchers = rows.into_iter().map(named).collect::<Result<_, StoreError>>()?;
        Ok(WatcherList { version, watchers })
    }

    /// Whether the learner of a live session of `workspace` lets `mentor` look on at this moment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn may_watch_workspace(&self, workspace: Uuid, mentor: Uuid) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM session_watchers v JOIN sessions s ON s.id = v.session
                   WHERE s.workspace = $1 AND s.state <> 'ended' AND v.mentor = $2 AND v.state = 'allowed'";
        Ok(self.db.one::<(i64,)>(sql, args![workspace, mentor]).await?.is_some_and(|(count,)| count > 0))
    }

    /// The name of `mentor`, if the learner of a session lets them look on at this moment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn allowed_mentor(&self, session: Uuid, mentor: Uuid) -> Result<Option<String>, StoreError> {
        let sql = "SELECT a.name FROM session_watchers v
                   JOIN sessions s ON s.id = v.session JOIN accounts a ON a.id = v.mentor
                   WHERE s.id = $1 AND s.state <> 'ended' AND v.mentor = $2 AND v.state = 'allowed'";
        Ok(self.db.one::<(String,)>(sql, args![session, mentor]).await?.map(|(name,)| name))
    }

    /// A mentor asks to look on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ask_to_watch(
        &self,
        session: Uuid,
        mentor: Uuid,
        limits: AskLimits,
        now: UnixMicros,
    ) -> Result<WatchAsked, StoreError> {
        let mut tx = self.db.begin().await?;
        if !lock_live(&mut tx, session).await? {
            tx.commit().await?;
            return Ok(WatchAsked::Over);
        }
        let sql = "SELECT state, changed_at FROM session_watchers WHERE session = $1 AND mentor = $2";
        let known = tx.one::<(String, i64)>(sql, args![session, mentor]).await?;
        match known.as_ref().map(|(state, changed_at)| (state.as_str(), *changed_at)) {
            Some((state @ ("asked" | "allowed"), _)) => {
                tx.commit().await?;
                return Ok(WatchAsked::Now(state_from(state)?));
            }
            Some(("refused", changed_at)) if now < changed_at + limits.again_after => {
                tx.commit().await?;
                return Ok(WatchAsked::TooSoon);
            }
            Some(_) => {}
            None => {
                let sql = "SELECT COUNT(*) FROM session_watchers WHERE session = $1";
                let count = tx.one::<(i64,)>(sql, args![session]).await?.map_or(0, |(count,)| count);
                if count >= i64::from(limits.watchers) {
                    tx.commit().await?;
                    return Ok(WatchAsked::TooMany);
                }
            }
        }
        let sql = "INSERT INTO session_watchers (session, mentor, state, asked_at, changed_at)
                   VALUES ($1, $2, 'asked', $3, $3)
                   ON CONFLICT (session, mentor) DO UPDATE SET state = 'asked', asked_at = $3, changed_at = $3";
        tx.run(sql, args![session, mentor, now]).await?;
        note(&mut tx, session, mentor, "watch_asked", &Actor::Account(mentor), now).await?;
        tx.commit().await?;
        Ok(WatchAsked::Now(WatchState::Asked))
    }

    /// The learner answers. False when nothing is asked (any more), or the session is over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answer_watch(
        &self,
        session: Uuid,
        mentor: Uuid,
        allowed: bool,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE session_watchers SET state = $3, changed_at = $4
                   WHERE session = $1 AND mentor = $2 AND state = 'asked' RETURNING mentor";
        let (state, event) =
            if allowed { ("allowed", "watch_allowed") } else { ("refused", "watch_refused") };
        let mut tx = self.db.begin().await?;
        if !lock_live(&mut tx, session).await?
            || tx.one::<(String,)>(sql, args![session, mentor, state, now]).await?.is_none()
        {
            tx.commit().await?;
            return Ok(false);
        }
        note(&mut tx, session, mentor, event, actor, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Either side ends it, or takes the wish back; tickets that were made meanwhile are void. False when there is
    /// nothing to end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_watch(
        &self,
        session: Uuid,
        mentor: Uuid,
        actor: &Actor,
        now: UnixMicros,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE session_watchers SET state = 'ended', changed_at = $3
                   WHERE session = $1 AND mentor = $2 AND state IN ('asked', 'allowed') RETURNING mentor";
        let mut tx = self.db.begin().await?;
        if !lock_live(&mut tx, session).await?
            || tx.one::<(String,)>(sql, args![session, mentor, now]).await?.is_none()
        {
            tx.commit().await?;
            return Ok(false);
        }
        tx.run("DELETE FROM tickets WHERE session = $1 AND account = $2", args![session, mentor]).await?;
        note(&mut tx, session, mentor, "watch_ended", actor, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Keeps two changes of one session apart; false when it is over.
async fn lock_live(tx: &mut Tx, session: Uuid) -> Result<bool, StoreError> {
    let sql =
        "UPDATE sessions SET extensions = extensions WHERE id = $1 AND state <> 'ended' RETURNING account";
    Ok(tx.one::<(String,)>(sql, args![session]).await?.is_some())
}

async fn note(
    tx: &mut Tx,
    session: Uuid,
    mentor: Uuid,
    event: &str,
    actor: &Actor,
    now: UnixMicros,
) -> Result<(), StoreError> {
    events::append(tx, &stream(session), event, json!({ "mentor": mentor }), actor, now).await
}

fn stream(session: Uuid) -> String {
    format!("session:{session}")
}

/// A pattern for `LIKE … ESCAPE '!'`.
fn contains(part: &str) -> String {
    if part.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for letter in part.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
