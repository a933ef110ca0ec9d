//! At which instance the sockets of a session meet.

use std::collections::HashSet;

use tokio_util::either::Either;
use uuid::Uuid;

use super::Peering;
use super::known::Found;
use super::line::PortLine;
use crate::problem::{ApiError, Kind};
use crate::relay::{Hub, OpenPortError, PortStream, Presence};
use crate::store::{HomeRow, InstanceRow, StoreError};

/// Claims that may be lost to others before it is given up; each was won by somebody.
const ROUNDS: usize = 5;

/// A connection to a port in a container: from here, or through its session's home.
pub(crate) type Port = Either<PortStream, PortLine>;

/// Where to go with a socket.
#[derive(Debug)]
pub(super) enum Place {
    Here,
    At(InstanceRow),
}

impl Peering {
    /// Where a session is at home at this moment.
    pub(super) async fn find(&self, session: Uuid) -> Result<Found, StoreError> {
        let home = self.store.home_of(session).await?;
        Ok(self.known().judge(home))
    }

    /// Where it is at home from now on: here, if it was nowhere or at an instance that is dead.
    pub(super) async fn settle(&self, session: Uuid) -> Result<Place, ApiError> {
        for _ in 0..ROUNDS {
            if self.leaving.is_cancelled() {
                return Err(ApiError::new(Kind::Unavailable, "This instance is stopping; ask again."));
            }
            let won = match self.find(session).await? {
                Found::Here => return Ok(Place::Here),
                Found::At(peer) => return Ok(Place::At(peer)),
                Found::Nowhere => self.store.claim_home(session, self.id).await?,
                Found::Dead(home) => self.take_over(&home).await?,
            };
            if won {
                return Ok(Place::Here);
            }
        }
        Err(not_found_out())
    }

    /// Nobody listens where `peer` was: it is dead, whatever its last beat says. Should it live after all, it finds out
    /// at its next look and sends its sockets away.
    pub(super) async fn succeed(&self, session: Uuid, peer: &InstanceRow) -> Result<bool, ApiError> {
        let home = HomeRow { session, instance: peer.id, row: Some(peer.clone()) };
        Ok(self.take_over(&home).await?)
    }

    /// Sessions at home at other instances that are alive.
    pub(crate) async fn homed_elsewhere(&self) -> Result<HashSet<Uuid>, StoreError> {
        let homes = self.store.homes().await?;
        let known = self.known();
        let at_others = homes.into_iter().filter_map(|home| {
            let session = home.session;
            matches!(known.judge(Some(home)), Found::At(_)).then_some(session)
        });
        Ok(at_others.collect())
    }

    /// Who is connected to a session; `None` when its home does not answer.
    pub(crate) async fn presence(&self, session: Uuid, hub: &Hub) -> Option<Presence> {
        match self.find(session).await.ok()? {
            Found::Here => Some(hub.presence(session)),
            Found::Nowhere | Found::Dead(_) => Some(Presence::default()),
            Found::At(peer) => self.ask_presence(&peer, session).await.ok(),
        }
    }

    /// Connects to a port in a session's container.
    ///
    /// # Errors
    /// [`OpenPortError`]
    pub(crate) async fn open_port(&self, session: Uuid, port: u16, hub: &Hub) -> Result<Port, OpenPortError> {
        match self.find(session).await.map_err(|_| OpenPortError::NoContainer)? {
            Found::Here => hub.open_port(session, port).await.map(Either::Left),
            Found::Nowhere | Found::Dead(_) => Err(OpenPortError::NoContainer),
            Found::At(peer) => self.dial_port(&peer, session, port).await.map(Either::Right),
        }
    }

    async fn take_over(&self, home: &HomeRow) -> Result<bool, StoreError> {
        let taken = self.store.take_home(home, self.id).await?;
        if taken {
            tracing::info!(session = %home.session, from = %home.instance, "session {} is at home here now", home.session);
        }
        Ok(taken)
    }
}

pub(super) fn not_found_out() -> ApiError {
    ApiError::new(Kind::Unavailable, "The part of Gradus that has this session does not answer. Try again.")
}
