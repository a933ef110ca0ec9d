//! The relay: joins the browsers of a session with the agent that runs it.
//!
//! [`core`] decides and knows no transport; [`hub`] holds one core per session and carries out what it decides;
//! [`viewer`] and [`agent`] drive the sockets; [`ports`] gives the rest of the API connections into the container. It never
//! looks into the bytes it passes on. Here a session's sockets meet in one process; with
//! several, [`crate::peers`] brings them to the same one.

mod agent;
mod changes;
mod conflict;
mod core;
mod hub;
mod packet;
mod peer;
mod ports;
mod seats;
mod socket;
mod viewer;
mod viewer_channels;
mod watching;

pub(crate) use core::StoredChange;
pub(crate) use hub::{Hub, Presence};
pub(crate) use ports::{OpenPortError, PortStream};
pub(crate) use seats::{Handshake, seat_agent, seat_viewer, turn_away};
pub(crate) use viewer::{Visitor, tell_watchers};
pub(crate) use watching::Mentor;
