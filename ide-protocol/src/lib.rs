//! Every message that crosses a wire between browser, API, agent and guest.
//!
//! This crate knows shapes, limits and byte layouts. It does no I/O and knows no transport:
//! the same [`Frame`](frame::Frame) travels as a WebSocket message and, length-prefixed, over the guest's
//! Unix socket.
//!
//! | wire | text messages | binary messages |
//! |---|---|---|
//! | browser ⇄ API over HTTP | [`rest`], [`timeline`], [`record`] | – |
//! | browser ⇄ relay | [`session::ViewerMessage`] / [`session::SessionMessage`] | [`frame::StreamFrame`] |
//! | relay ⇄ agent | [`session::RelayToAgent`] / [`session::AgentToRelay`] | [`frame::StreamFrame`] |
//! | agent ⇄ guest | [`guest::ToGuest`] / [`guest::FromGuest`] | [`frame::StreamFrame`] |
//! | queue → agent | [`job::JobMessage`] | – |
//! | agent ⇄ API over HTTP | [`job`] | – |

pub mod channel;
pub mod close;
pub mod credit;
pub mod files;
pub mod frame;
pub mod guest;
pub mod job;
pub mod limits;
pub mod record;
pub mod rest;
pub mod results;
pub mod session;
pub mod settings;
pub mod terminal;
pub mod timeline;
pub mod trace;
pub mod traceparent;

/// Version of every message in this crate. Raised when an old peer could misread a new one; a peer that speaks
/// another version is told so with [`close::VERSION_MISMATCH`]. Adding an optional field does not raise it.
pub const PROTOCOL_VERSION: u16 = 1;
