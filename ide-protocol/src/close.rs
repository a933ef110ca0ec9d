//! WebSocket close codes. Below 4000 they are RFC 6455's own; from 4400 on they are ours, numbered after the
//! HTTP status that says the same.

/// The peer goes away on purpose (page closed, session over).
pub const NORMAL: u16 = 1000;
/// This server is stopping; reconnect.
pub const GOING_AWAY: u16 = 1001;
/// A message exceeded its limit.
pub const TOO_BIG: u16 = 1009;
/// A message could not be understood: not JSON, unknown type, wrong field, bad binary header.
pub const MALFORMED: u16 = 4400;
/// The ticket or token was wrong, used or too old.
pub const UNAUTHORIZED: u16 = 4401;
/// The peer may not do this (a read-only viewer typing).
pub const FORBIDDEN: u16 = 4403;
/// The peer did not read for too long.
pub const TOO_SLOW: u16 = 4408;
/// Another connection took this place (an agent that reconnected).
pub const REPLACED: u16 = 4409;
/// The session is over; a new one has to be asked for.
pub const SESSION_ENDED: u16 = 4410;
/// The peer speaks another protocol version.
pub const VERSION_MISMATCH: u16 = 4426;
/// Too many messages in too little time.
pub const TOO_MANY: u16 = 4429;
