//! Who is asking, and what they may do.

pub(crate) mod caller;
pub(crate) mod cookie;
pub(crate) mod origin;
pub(crate) mod password;
pub(crate) mod permission;
pub(crate) mod rate;
