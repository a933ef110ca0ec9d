//! Calls of a lesson's tests: whoever runs in this container and connects to one socket is given a channel to the agent,
//! opened from here. Where it leads, the agent knows; the bytes are not looked at.

use std::io;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use ide_protocol::channel::ChannelId;
use ide_protocol::guest::GuestError;
use ide_protocol::limits::{FIRST_CALL, MAX_CALLS};

use crate::channels::Channels;
use crate::connection::Connection;
use crate::poller::{Poller, Source, Watched};

/// Abstract: no file that could be replaced, and this container's alone. `eval-call` knows it by the same name.
const SOCKET: &str = "gradus-calls";

pub struct Calls {
    listener: Watched<UnixListener>,
    next: ChannelId,
}

impl Calls {
    /// From now on calls are taken.
    pub fn listen(poller: &Poller) -> Result<Self, GuestError> {
        let failed = |why: io::Error| GuestError::Other { detail: format!("cannot take calls: {why}") };
        let name = SocketAddr::from_abstract_name(SOCKET).map_err(failed)?;
        let listener = UnixListener::bind_addr(&name).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Self { listener: poller.watch(Source::Calls, listener), next: FIRST_CALL })
    }

    /// Takes who waits, as long as there is room; the others wait on, as in any queue.
    pub fn attend(&mut self, channels: &mut Channels, poller: &Poller, connection: &mut Connection) {
        let mut has_room = self.has_room(channels, connection);
        while has_room {
            let Ok((caller, _)) = self.listener.get().accept() else { break };
            if caller.set_nonblocking(true).is_ok() {
                channels.take_call(self.next, OwnedFd::from(caller), poller, connection);
                self.next = self.next.checked_add(1).unwrap_or(FIRST_CALL);
            }
            has_room = self.has_room(channels, connection);
        }
        self.listener.want(has_room, false);
    }

    fn has_room(&self, channels: &Channels, connection: &Connection) -> bool {
        channels.calls() < MAX_CALLS && connection.has_room()
    }
}
