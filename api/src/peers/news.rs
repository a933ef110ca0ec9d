//! What one instance tells another to look at, and what looking at it means. Only names travel, never contents: what is
//! so is read from the store, and told to the sockets that meet here. Telling twice does no harm.

use ide_protocol::files::{Revision, WorkspacePath};
use ide_protocol::session::ChangeOrigin;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock;
use crate::relay::{self, StoredChange};
use crate::state::App;
use crate::store::StoreError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum News {
    Session {
        session: Uuid,
    },
    Watchers {
        session: Uuid,
    },
    File {
        workspace: Uuid,
        path: WorkspacePath,
        /// Where it is known: what was told already is not read again.
        revision: Option<Revision>,
        origin: ChangeOrigin,
    },
    Submission {
        submission: Uuid,
    },
    /// A login or token is over.
    Revoked {
        credential: String,
    },
}

/// Looks at it, and tells whoever is connected here.
pub(super) async fn look(app: &App, news: News) -> Result<(), StoreError> {
    match news {
        News::Session { session } => session_changed(app, session).await,
        News::Watchers { session } if app.hub.has_room(session) => relay::tell_watchers(app, session).await,
        News::Watchers { .. } => Ok(()),
        News::File { workspace, path, revision, origin } => {
            file_changed(app, workspace, path, revision, origin).await
        }
        News::Submission { submission } => submission_changed(app, submission).await,
        News::Revoked { credential } => {
            app.revoke_here(&credential);
            Ok(())
        }
    }
}

async fn session_changed(app: &App, session: Uuid) -> Result<(), StoreError> {
    if app.hub.has_room(session)
        && let Some(row) = app.store.session(session).await?
    {
        let left = row.seconds_left(clock::now());
        app.hub.state_changed(session, row.state);
        app.hub.limit_changed(session, left);
    }
    Ok(())
}

async fn file_changed(
    app: &App,
    workspace: Uuid,
    path: WorkspacePath,
    revision: Option<Revision>,
    origin: ChangeOrigin,
) -> Result<(), StoreError> {
    if !app.hub.is_news(workspace, &path, revision) {
        return Ok(());
    }
    let stored = match app.store.file(workspace, &path).await? {
        Some(file) => Some((file.revision, Some((file.content, file.executable)))),
        None => app.store.removed_at(workspace, &path).await?.map(|revision| (revision, None)),
    };
    // Removed so long ago that it is forgotten, or back in between: told by that.
    let Some((stored, content)) = stored else { return Ok(()) };
    // Changed again meanwhile, by whoever: the container is told, which it may know already.
    let origin = if revision == Some(stored) { origin } else { ChangeOrigin::Client { client: None } };
    app.hub.file_changed(workspace, &StoredChange { path, revision: stored, content, origin });
    Ok(())
}

async fn submission_changed(app: &App, submission: Uuid) -> Result<(), StoreError> {
    if app.hub.is_empty() {
        return Ok(());
    }
    if let Some(row) = app.store.submission(submission).await? {
        app.hub.submission_changed(&row.submission);
    }
    app.queue_moved.notify_one();
    Ok(())
}
