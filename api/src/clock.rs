//! The time, as everything here counts it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ide_protocol::rest::UnixMicros;

/// Now, in microseconds since 1970.
pub(crate) fn now() -> UnixMicros {
    micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

pub(crate) fn micros(duration: Duration) -> UnixMicros {
    UnixMicros::try_from(duration.as_micros()).unwrap_or(UnixMicros::MAX)
}
