//! The relay: joins the browsers of a session with the agent that runs it.
//!
//! [`core`] decides and knows no transport; [`hub`] holds one core per session and carries out what it decides;
//! [`viewer`] and [`agent`] drive the sockets; [`ports`] gives the rest of the API connections into the container. It never
//! looks into the bytes it passes on. Sessions meet in one process: their
//! browsers and their agent have to reach the same API, which `public_url` names.

mod agent;
mod changes;
mod conflict;
mod core;
mod hub;
mod packet;
mod peer;
mod ports;
mod socket;
mod viewer;
mod viewer_channels;
mod watching;

pub(crate) use agent::run as serve_agent;
pub(crate) use core::StoredChange;
pub(crate) use hub::Hub;
pub(crate) use ports::{OpenPortError, PortStream};
pub(crate) use socket::refuse;
pub(crate) use viewer::{Visitor, run as serve_viewer, tell_watchers};
pub(crate) use watching::Mentor;
