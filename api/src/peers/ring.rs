//! What a request changed here, told to the sockets it concerns wherever they meet: to those here at once; elsewhere
//! their home is rung, and has told them when it answers. So a save is with the container before it is acknowledged. A
//! ring that fails costs nothing but time: the home reads the log by itself.

use std::time::Duration;

use futures_util::future::join_all;
use ide_protocol::rest::Submission;
use uuid::Uuid;

use super::Peering;
use super::known::Found;
use super::news::News;
use crate::clock;
use crate::problem::Chain;
use crate::relay::{self, StoredChange};
use crate::state::App;
use crate::store::{InstanceRow, SessionRow, StoreError};

/// Whose home is rung.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Session(Uuid),
    Workspace(Uuid),
}

impl App {
    /// The stored state of a session is this now.
    pub(crate) async fn session_changed(&self, row: &SessionRow) {
        self.hub.state_changed(row.id, row.state.clone());
        self.ring(Whose::Session(row.id), &[News::Session { session: row.id }]).await;
    }

    /// The end of a session was moved.
    pub(crate) async fn session_extended(&self, row: &SessionRow) {
        self.hub.limit_changed(row.id, row.seconds_left(clock::now()));
        self.session_changed(row).await;
    }

    /// Who may look on in a session has changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn watchers_changed(&self, session: Uuid) -> Result<(), StoreError> {
        relay::tell_watchers(self, session).await?;
        self.ring(Whose::Session(session), &[News::Watchers { session }]).await;
        Ok(())
    }

    /// Files of a workspace were stored.
    pub(crate) async fn files_changed(&self, workspace: Uuid, changes: &[StoredChange]) {
        changes.iter().for_each(|change| self.hub.file_changed(workspace, change));
        let news = |change: &StoredChange| News::File {
            workspace,
            path: change.path.clone(),
            revision: Some(change.revision),
            origin: change.origin,
        };
        if self.peering.is_some() && !changes.is_empty() {
            self.ring(Whose::Workspace(workspace), &changes.iter().map(news).collect::<Vec<_>>()).await;
        }
    }

    /// A hand-in got somewhere.
    pub(crate) async fn submission_changed(&self, submission: &Submission) {
        let took = u64::try_from(clock::now() - submission.submitted_at).unwrap_or(0);
        self.config.metrics.ended(&submission.state, Duration::from_micros(took));
        self.hub.submission_changed(submission);
        let news = News::Submission { submission: submission.id };
        self.ring(Whose::Workspace(submission.workspace), &[news]).await;
    }

    /// Cuts what a login or token has open, at every instance.
    pub(crate) async fn revoke(&self, credential: &str) {
        self.revoke_here(credential);
        if let Some(peering) = &self.peering {
            let news = [News::Revoked { credential: credential.to_owned() }];
            let others = peering.others().await;
            join_all(others.iter().map(|peer| peering.ring(peer, &news))).await;
        }
    }

    async fn ring(&self, whose: Whose, news: &[News]) {
        let Some(peering) = &self.peering else { return };
        let is_here = match whose {
            Whose::Session(session) => self.hub.has_room(session),
            Whose::Workspace(workspace) => self.hub.has_room_of(workspace),
        };
        if is_here {
            return;
        }
        match peering.home_of(whose).await {
            Ok(Found::At(peer)) => peering.ring(&peer, news).await,
            // Nobody is connected, or will be told when they connect anew.
            Ok(Found::Here | Found::Nowhere | Found::Dead(_)) => {}
            Err(why) => tracing::warn!(error = %Chain(&why), "the home of a session was not to be found"),
        }
    }
}

impl Peering {
    async fn home_of(&self, whose: Whose) -> Result<Found, StoreError> {
        match whose {
            Whose::Session(session) => self.find(session).await,
            Whose::Workspace(workspace) => {
                let home = self.store.home_of_workspace(workspace).await?;
                Ok(self.known().judge(home))
            }
        }
    }

    /// Everybody else who is alive, as announced by now.
    async fn others(&self) -> Vec<InstanceRow> {
        let rows = self.store.instances().await.unwrap_or_else(|why| {
            tracing::warn!(error = %Chain(&why), "the other instances were not to be listed");
            Vec::new()
        });
        let known = self.known();
        rows.into_iter().filter(|row| row.id != self.id && !known.is_dead(row)).collect()
    }

    /// Returns when `peer` has told it to all who are connected there, or does not answer.
    async fn ring(&self, peer: &InstanceRow, news: &[News]) {
        if self.known().is_doubted(peer.id) {
            return;
        }
        let body = serde_json::to_vec(news).unwrap_or_default();
        if let Err(why) = self.tell(peer, body).await {
            tracing::warn!(peer = peer.url, error = %why, "an instance was not rung; it reads the log by itself");
            self.known().doubt(peer.id);
        }
    }
}
