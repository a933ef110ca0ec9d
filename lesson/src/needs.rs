//! What a lesson cannot do without, and gets on a host only where its operator allows it by name (`[needs]`).

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// `[needs]`
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Needs {
    /// The learner's programs are root inside: of their own files, accounts and processes, and of nothing else.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub root: bool,
    /// Names of hosts. Each has an address of its own on the container's loopback, where services of the lesson and of
    /// the learner listen and find each other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<String>,
}

impl Needs {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What an operator writes behind `--allow LESSON=`; nothing when the lesson needs no leave.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let rows = [(self.root, "root"), (!self.network.is_empty(), "network")];
        rows.into_iter().filter_map(|(needed, name)| needed.then_some(name)).collect()
    }
}

/// The address of a lesson's `index`th host. All of 127.0.0.0/8 is a container's own loopback; 127.0.0.1 is itself.
#[must_use]
pub fn address(index: usize) -> Ipv4Addr {
    let last = u8::try_from(index.saturating_add(2)).unwrap_or(u8::MAX);
    Ipv4Addr::new(127, 0, 0, last)
}
