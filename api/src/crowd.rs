//! How many connections each address holds, so that one of them cannot take every place there is. Knows addresses and
//! counts; not what is said on a connection.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName};

use crate::config::Peers;
use crate::identity::rate::address;
use crate::limits::MAX_CONNECTIONS;

/// Connections by address. At most as many entries as connections.
#[derive(Debug)]
pub(crate) struct Crowd {
    peers: Peers,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection of an address, until dropped.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Arc<Crowd>,
    address: IpAddr,
}

impl Crowd {
    pub(crate) fn new(peers: Peers) -> Arc<Self> {
        Arc::new(Self { peers, held: Mutex::default() })
    }

    /// Few addresses, each with many sockets: there is no limit of theirs below that of all.
    pub(crate) fn of_instances() -> Arc<Self> {
        Self::new(Peers { connections: MAX_CONNECTIONS, address_header: None })
    }

    /// Behind a proxy whoever connects is the proxy, and only a request says for whom.
    pub(crate) fn is_behind_proxy(&self) -> bool {
        self.peers.address_header.is_some()
    }

    /// How many connections an address may hold.
    pub(crate) fn most(&self) -> usize {
        self.peers.connections
    }

    /// `None` when this address holds as many as it may.
    pub(crate) fn enter(self: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let address = address(ip);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= self.peers.connections {
            return None;
        }
        *count += 1;
        Some(Place { crowd: Arc::clone(self), address })
    }

    /// Whose request this is: who connected, or whom the proxy names.
    pub(crate) fn peer(&self, connected: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        let named = self.peers.address_header.as_ref().and_then(|name| named(headers, name));
        named.map_or(connected, |ip| SocketAddr::new(ip, 0))
    }
}

/// The last address of the last such header: proxies add whom they saw behind what was claimed before.
fn named(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let text = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let last = text.rsplit(',').next()?.trim();
    last.parse().ok().or_else(|| last.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.crowd.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(connections: usize, header: Option<&'static str>) -> Arc<Crowd> {
        Crowd::new(Peers { connections, address_header: header.map(HeaderName::from_static) })
    }

    #[test]
    fn an_address_holds_so_many_and_others_do_not_notice() {
        let crowd = crowd(2, None);
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let held = [crowd.enter(one), crowd.enter("::ffff:192.0.2.1".parse().unwrap())];
        assert!(held.iter().all(Option::is_some));
        assert!(crowd.enter(one).is_none(), "also by its other name");
        // Of IPv6 a household is one address.
        let home = |last: &str| crowd.enter(format!("2001:db8::{last}").parse().unwrap());
        let other = [home("1"), home("2")];
        assert!(other.iter().all(Option::is_some) && home("3").is_none());
        drop(held);
        assert!(crowd.enter(one).is_some());
        drop(other);
        assert!(crowd.held.lock().unwrap().is_empty(), "nothing is kept of those who have gone");
    }

    #[test]
    fn a_proxy_is_believed_about_whom_it_saw_itself_and_only_where_it_was_named() {
        let proxy: SocketAddr = "10.0.0.1:9".parse().unwrap();
        let rows = [
            (Some("x-forwarded-for"), vec!["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (Some("x-forwarded-for"), vec!["203.0.113.9", "198.51.100.7:81"], "198.51.100.7"),
            (Some("x-forwarded-for"), vec!["[2001:db8::1]:81"], "2001:db8::1"),
            (Some("x-forwarded-for"), vec!["unknown"], "10.0.0.1"),
            (Some("x-forwarded-for"), vec![], "10.0.0.1"),
            (None, vec!["203.0.113.9"], "10.0.0.1"),
        ];
        for (name, said, whose) in rows {
            let mut headers = HeaderMap::new();
            for text in &said {
                headers.append("x-forwarded-for", text.parse().unwrap());
            }
            assert_eq!(crowd(1, name).peer(proxy, &headers).ip().to_string(), whose, "{name:?} {said:?}");
        }
    }
}
