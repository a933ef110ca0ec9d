//! This process as one of many API instances on one store; nothing here runs where it is the only one.
//!
//! The sockets of a session meet at one instance, its *home* ([`home`]), claimed in the store by whoever is joined first.
//! A socket that lands elsewhere is passed on to the home byte for byte ([`forward`]), over a listener that only
//! instances reach ([`listener`]) and requests that only they can make ([`line`]). Who is alive is counted in the store
//! ([`heart`], judged by [`known`]). What a request changed elsewhere than at the home is told to it ([`ring`], [`news`]);
//! should that fail, the home finds it in the log ([`log`]).

mod forward;
mod heart;
mod home;
mod known;
mod line;
mod listener;
mod log;
mod news;
mod ring;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use forward::{Guest, Seat};
pub(crate) use heart::run as beat;
pub(crate) use home::Port;
use known::Known;
pub(crate) use listener::router;
pub(crate) use log::run as read_log;

use crate::secrets;
use crate::store::{InstanceRow, Store, StoreError};

/// This instance among the others.
pub(crate) struct Peering {
    id: Uuid,
    /// Where the others reach it.
    url: String,
    /// What instances show each other.
    secret: String,
    store: Arc<Store>,
    known: Mutex<Known>,
    /// It has given up its homes and takes none.
    leaving: CancellationToken,
}

impl Peering {
    /// Announces this instance.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn join(store: Arc<Store>, url: String) -> Result<Self, StoreError> {
        let secret = store.peer_secret(&secrets::random()).await?;
        let id = Uuid::now_v7();
        store.announce(id, &url).await?;
        tracing::info!(instance = %id, url, "this is one of many instances, reached by the others at {url}");
        let known = Mutex::new(Known::new(id));
        Ok(Self { id, url, secret, store, known, leaving: CancellationToken::new() })
    }

    /// Gives up every home and takes none any more, so that sockets closed after this are at home elsewhere at once.
    pub(crate) async fn leave(&self) {
        self.leaving.cancel();
        if let Err(why) = self.store.leave(self.id).await {
            tracing::warn!(error = %crate::problem::Chain(&why), "this instance's homes were not given up; others take them within seconds");
        }
    }

    /// Whether the others reach this instance where it said.
    pub(crate) async fn is_reached(&self) -> bool {
        let me = InstanceRow { id: self.id, url: self.url.clone(), beat: 0 };
        self.greet(&me).await.is_ok()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
