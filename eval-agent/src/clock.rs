//! This host's clock, as records tell time.

use std::time::{SystemTime, UNIX_EPOCH};

use ide_protocol::rest::UnixMicros;

pub(crate) fn now() -> UnixMicros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMicros::try_from(since.as_micros()).unwrap_or(UnixMicros::MAX)
}
