//! Connecting to a port of the container's own network, without waiting for it.
//!
//! The network has nothing but the loopback device. A socket belongs to whom our file-system ids name, so what the
//! learner's server sees in `/proc/net/tcp` is a connection of its own user's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use ide_protocol::channel::ChannelProblem;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};

use crate::channel::broken;

/// For a server to take a connection. On loopback that is at once, unless more wait than it has room for.
const CONNECT_LIMIT_MS: u32 = 3_000;

/// Where servers listen that listen on one address only; tried in this order.
const ADDRESSES: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// A connection in the making.
pub struct Dial {
    port: u16,
    /// How many addresses were tried.
    tried: usize,
    deadline: Instant,
}

pub enum Dialled {
    Waiting,
    /// The address refused; this is a socket that tries another.
    Another(OwnedFd),
    Connected,
}

impl Dial {
    pub fn start(port: u16, now: Instant) -> Result<(Self, OwnedFd), ChannelProblem> {
        let deadline = now + Duration::from_millis(CONNECT_LIMIT_MS.into());
        let mut dial = Self { port, tried: 0, deadline };
        let socket = dial.next()?;
        Ok((dial, socket))
    }

    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Looks at what became of it, if there is something to see.
    pub fn go_on(&mut self, socket: impl AsFd, ready: bool, now: Instant) -> Result<Dialled, ChannelProblem> {
        if !ready && self.deadline <= now {
            return Err(ChannelProblem::NoAnswer { port: self.port, limit_ms: CONNECT_LIMIT_MS });
        }
        if !ready {
            return Ok(Dialled::Waiting);
        }
        match sockopt::socket_error(&socket) {
            Ok(Ok(())) => Ok(Dialled::Connected),
            Ok(Err(Errno::CONNREFUSED)) => self.next().map(Dialled::Another),
            Ok(Err(why)) | Err(why) => Err(broken(why)),
        }
    }

    /// A socket that is connecting to the next address that may have a listener.
    fn next(&mut self) -> Result<OwnedFd, ChannelProblem> {
        while let Some(&address) = ADDRESSES.get(self.tried) {
            self.tried += 1;
            match begin(SocketAddr::new(address, self.port)) {
                Ok(socket) => return Ok(socket),
                // Refused at once, or a kernel that knows no IPv6: nobody listens there.
                Err(Errno::CONNREFUSED | Errno::ADDRNOTAVAIL | Errno::AFNOSUPPORT | Errno::NETUNREACH) => {}
                Err(why) => return Err(broken(why)),
            }
        }
        Err(ChannelProblem::NothingListens { port: self.port })
    }
}

fn begin(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    // Frames are bytes that somebody wants now.
    sockopt::set_tcp_nodelay(&socket, true)?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(socket),
        Err(why) => Err(why),
    }
}
