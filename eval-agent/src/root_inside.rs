//! Root inside, as far as the host is concerned: which ids are set aside for a container whose programs are root of a user
//! namespace, and whether this host makes such namespaces at all. What root may do there is the guest's (`eval-guest`).

use std::path::Path;

use ide_protocol::limits::ROOT_INSIDE_IDS;

use crate::uids::UidPair;

/// Above all that systemd and its kind hand out to people, services and containers (they leave 1,879,048,192 and up
/// free), with room for every guest uid below two million.
const FIRST: u32 = 1_890_000_000;
/// The highest id that programs with signed ids bear.
const LAST: u32 = i32::MAX.cast_unsigned();

/// Where a kernel says how many user namespaces it makes, and – Debian's, Ubuntu's – whether for anybody.
const SWITCHES: [&str; 2] =
    ["/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone"];

#[derive(Debug, thiserror::Error)]
pub enum NoRootInside {
    #[error("root inside takes user namespaces, and {switch} is 0 on this host: set it to 1 or more")]
    SwitchedOff { switch: &'static str },
    #[error(
        "root inside takes ids of its own, and there are none for guest {guest}: choose a lower --uid-base"
    )]
    NoIds { guest: u32 },
}

/// The first of the container's [`ROOT_INSIDE_IDS`]: apart for every guest, and so for every agent on the host.
///
/// # Errors
/// [`NoRootInside`] where a container would not start.
pub fn ids_of(uids: &UidPair) -> Result<u32, NoRootInside> {
    if let Some(switch) = SWITCHES.into_iter().find(|switch| is_off(Path::new(switch))) {
        return Err(NoRootInside::SwitchedOff { switch });
    }
    ids(uids.guest()).ok_or(NoRootInside::NoIds { guest: uids.guest() })
}

fn is_off(switch: &Path) -> bool {
    std::fs::read_to_string(switch).is_ok_and(|value| value.trim() == "0")
}

fn ids(guest: u32) -> Option<u32> {
    let first = guest.checked_mul(ROOT_INSIDE_IDS)?.checked_add(FIRST)?;
    let last = first.checked_add(ROOT_INSIDE_IDS - 1)?;
    (last <= LAST).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guest_has_ids_that_no_other_has_and_nobody_else_uses() {
        assert_eq!(ids(100_001).unwrap() - ids(100_000).unwrap(), ROOT_INSIDE_IDS);
        assert!(ids(1_000).unwrap() > 1_879_048_192);
        assert!(ids(2_000_000).unwrap() < LAST);
        assert_eq!(ids(2_100_000), None);
        assert_eq!(ids(u32::MAX), None);
    }
}
