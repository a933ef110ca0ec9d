//! That a container's network is nobody else's: looked at from outside, for every container, before anything of a learner's
//! is laid into it. Whatever an engine, a runtime or a setting got wrong, such a container is never handed out.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, thiserror::Error)]
pub enum NotApart {
    #[error(
        "it shares its network with {with}: it was thrown away; look at what gradus doctor --sandbox says"
    )]
    Shared { with: &'static str },
    #[error(
        "its network cannot be looked at, so it was thrown away: the agent has to see /proc of the host, as root"
    )]
    Unseen(#[source] io::Error),
}

/// Networks of this agent's live containers, by the kernel's number.
#[derive(Debug, Clone, Default)]
pub struct Networks {
    held: Arc<Mutex<BTreeSet<u64>>>,
}

/// Notes whose a network is until this is dropped.
#[derive(Debug)]
pub struct OwnNetwork {
    number: u64,
    networks: Networks,
    /// The kernel gives a number out again once its namespace is gone, which is before the engine is done with the
    /// container: held open, it cannot go, and the number stays this one's.
    _network: File,
}

impl Networks {
    /// Sees that the process has a network apart from the agent's – which is the host's – and every other container's.
    ///
    /// # Errors
    /// [`NotApart`], also when it cannot be told.
    pub fn enter(&self, pid: u32) -> Result<OwnNetwork, NotApart> {
        let network = open(&pid.to_string())?;
        let number = number(&network)?;
        if self::number(&open("self")?)? == number {
            return Err(NotApart::Shared { with: "the agent, and so with the host" });
        }
        match self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(number) {
            true => Ok(OwnNetwork { number, networks: self.clone(), _network: network }),
            false => Err(NotApart::Shared { with: "another container" }),
        }
    }
}

impl Drop for OwnNetwork {
    fn drop(&mut self) {
        self.networks.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

fn open(process: &str) -> Result<File, NotApart> {
    File::open(format!("/proc/{process}/ns/net")).map_err(NotApart::Unseen)
}

fn number(network: &File) -> Result<u64, NotApart> {
    network.metadata().map(|found| found.ino()).map_err(NotApart::Unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_in_the_hosts_network_and_one_that_is_not_there_are_not_apart() {
        let networks = Networks::default();
        let shared = networks.enter(std::process::id());
        assert!(matches!(shared, Err(NotApart::Shared { .. })), "{shared:?}");
        let unseen = networks.enter(u32::MAX);
        assert!(matches!(unseen, Err(NotApart::Unseen(_))), "{unseen:?}");
    }

    /// A process in a network of its own; it ends with its input.
    fn alone() -> std::process::Child {
        use std::io::{Read as _, Write as _};
        let mut alone = std::process::Command::new("unshare")
            .args(["--net", "cat"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // It answers once it is where it should be.
        alone.stdin.as_mut().unwrap().write_all(b".").unwrap();
        alone.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        alone
    }

    fn end(mut process: std::process::Child) {
        drop(process.stdin.take());
        process.wait().unwrap();
    }

    #[test]
    fn a_network_belongs_to_one_container_at_a_time() {
        let networks = Networks::default();
        let alone = alone();
        let first = networks.enter(alone.id()).unwrap();
        let second = networks.enter(alone.id());
        assert!(matches!(second, Err(NotApart::Shared { with: "another container" })), "{second:?}");
        drop(first);
        networks.enter(alone.id()).unwrap();
        end(alone);
    }

    #[test]
    fn the_network_of_a_container_that_has_died_is_nobody_elses_while_it_is_kept() {
        let networks = Networks::default();
        let mut kept = Vec::new();
        for _ in 0..20 {
            let process = alone();
            kept.push(networks.enter(process.id()).unwrap());
            end(process);
        }
    }
}
