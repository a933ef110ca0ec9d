//! Reads the log of everything that happened, a few times a second, and tells it to the sockets that meet here: whatever
//! no ring told – because it was lost, or because what changed it rings nobody – is told by this. Acts on what is
//! committed at once, though its place in the order may not be settled yet; hearing of it twice does no harm.

use std::time::Duration;

use ide_protocol::files::WorkspacePath;
use ide_protocol::session::ChangeOrigin;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::news::{self, News};
use crate::problem::Chain;
use crate::state::AppState;
use crate::store::{Event, LogPosition, StoreError};

/// How often it is looked.
const READ_EVERY: Duration = Duration::from_millis(250);

/// Events read at once.
const AT_ONCE: u32 = 500;

/// Reads until the shutdown; nothing where this is the only instance.
pub(crate) async fn run(app: AppState) {
    if app.peering.is_none() {
        return;
    }
    let mut position = None;
    loop {
        let more = match read(&app, &mut position).await {
            Ok(more) => more,
            Err(why) => {
                tracing::warn!(error = %Chain(&why), "the log could not be read");
                false
            }
        };
        if more {
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(READ_EVERY) => {}
            () = app.shutdown.cancelled() => return,
        }
    }
}

/// Whether there may be more at once.
async fn read(app: &AppState, position: &mut Option<LogPosition>) -> Result<bool, StoreError> {
    let from = match *position {
        Some(from) => from,
        None => app.store.log_end().await?,
    };
    *position = Some(from);
    // Nobody is connected here: whoever comes reads what is stored.
    if app.hub.is_empty() && app.previews.live.is_empty() {
        *position = Some(app.store.log_end().await?.max(from));
        return Ok(false);
    }
    let events = app.store.events_glimpsed_after(from, AT_ONCE).await?;
    let full = events.len() >= AT_ONCE as usize;
    let mut settled = false;
    for (place, event) in events {
        for one in news_of(&event) {
            news::look(app, one).await?;
        }
        if place.is_some() {
            *position = place;
            settled = true;
        }
    }
    Ok(full && settled)
}

/// What an event means to whoever is connected; most mean nothing.
fn news_of(event: &Event) -> Vec<News> {
    let Some((what, name)) = event.stream.split_once(':') else { return Vec::new() };
    let id = name.parse::<Uuid>();
    match (what, id) {
        ("session", Ok(session)) if event.kind.starts_with("watch_") => vec![News::Watchers { session }],
        ("session", Ok(session)) => vec![News::Session { session }],
        ("submission", Ok(submission)) => vec![News::Submission { submission }],
        ("workspace", Ok(workspace)) => files(workspace, event),
        ("account", _) => revoked(event),
        _ => Vec::new(),
    }
}

/// What the log says of files that changed.
#[derive(Deserialize)]
#[serde(untagged)]
enum Changed {
    One { path: WorkspacePath, revision: u64, origin: String },
    Moved { moved: Vec<(WorkspacePath, WorkspacePath)> },
    Many { paths: Vec<WorkspacePath> },
}

fn files(workspace: Uuid, event: &Event) -> Vec<News> {
    if !event.kind.starts_with("file") {
        return Vec::new();
    }
    let by_somebody = ChangeOrigin::Client { client: None };
    let file = |path| News::File { workspace, path, revision: None, origin: by_somebody };
    match serde_json::from_str(&event.data) {
        Ok(Changed::One { path, revision, origin }) => {
            let origin = if origin == "container" { ChangeOrigin::Container } else { by_somebody };
            vec![News::File { workspace, path, revision: Some(revision), origin }]
        }
        Ok(Changed::Moved { moved }) => {
            moved.into_iter().flat_map(|(from, to)| [to, from]).map(file).collect()
        }
        Ok(Changed::Many { paths }) => paths.into_iter().map(file).collect(),
        Err(why) => {
            tracing::error!(stream = event.stream, kind = event.kind, error = %why, "an event of files was not understood");
            Vec::new()
        }
    }
}

fn revoked(event: &Event) -> Vec<News> {
    if !matches!(event.kind.as_str(), "logged_out" | "token_revoked") {
        return Vec::new();
    }
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let credential = data.get("credential").and_then(Value::as_str);
    credential.map(|credential| News::Revoked { credential: credential.to_owned() }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: Uuid = Uuid::from_u128(7);

    fn event(stream: &str, kind: &str, data: Value) -> Event {
        Event {
            stream: stream.to_owned(),
            version: 1,
            kind: kind.to_owned(),
            data: data.to_string(),
            actor: "system".to_owned(),
            at: 0,
        }
    }

    #[test]
    fn what_events_mean_to_who_is_connected() {
        let path = |text: &str| WorkspacePath::new(text).unwrap();
        let by_somebody = ChangeOrigin::Client { client: None };
        let file =
            |name: &str, revision, origin| News::File { workspace: ID, path: path(name), revision, origin };
        let stream = |what: &str| format!("{what}:{ID}");
        let saved = |origin: &str| json!({ "path": "a.py", "revision": 3, "origin": origin });
        let credential = || News::Revoked { credential: "h".to_owned() };
        let rows = [
            ("session", "session_ready", json!({}), vec![News::Session { session: ID }]),
            ("session", "session_extended", json!({}), vec![News::Session { session: ID }]),
            ("session", "watch_ended", json!({ "mentor": ID }), vec![News::Watchers { session: ID }]),
            ("submission", "attempt_started", json!({}), vec![News::Submission { submission: ID }]),
            ("workspace", "file_saved", saved("learner"), vec![file("a.py", Some(3), by_somebody)]),
            (
                "workspace",
                "file_removed",
                saved("container"),
                vec![file("a.py", Some(3), ChangeOrigin::Container)],
            ),
            (
                "workspace",
                "files_renamed",
                json!({ "moved": [["a.py", "b.py"]] }),
                vec![file("b.py", None, by_somebody), file("a.py", None, by_somebody)],
            ),
            (
                "workspace",
                "files_restored",
                json!({ "from": { "type": "save", "save": 1 }, "before": 2, "paths": ["a.py"] }),
                vec![file("a.py", None, by_somebody)],
            ),
            ("workspace", "hint_shown", json!({ "hint": 1 }), vec![]),
            ("account", "logged_out", json!({ "credential": "h" }), vec![credential()]),
            ("account", "token_revoked", json!({ "token": ID, "credential": "h" }), vec![credential()]),
            ("account", "token_revoked", json!({ "token": ID }), vec![]),
            ("account", "logged_in", json!({}), vec![]),
            ("lesson", "lesson_published", json!({}), vec![]),
        ];
        for (what, kind, data, expected) in rows {
            assert_eq!(news_of(&event(&stream(what), kind, data)), expected, "{kind}");
        }
    }
}
