//! Ports of the loopback that are nobody's.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// So many addresses, all held at once while they are picked, so that they differ.
///
/// # Errors
/// When the machine has none left.
pub fn free(count: usize) -> std::io::Result<Vec<SocketAddr>> {
    let listeners = (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listeners = listeners.collect::<Result<Vec<_>, _>>()?;
    listeners.iter().map(TcpListener::local_addr).collect()
}
