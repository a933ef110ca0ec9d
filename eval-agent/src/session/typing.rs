//! What was typed into one terminal, by whom: a client that reconnects sends again what it is not sure of, and nothing
//! is typed twice.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Clients remembered per terminal. The one that typed longest ago is forgotten first; tabs are few.
const MAX_CLIENTS: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Typing {
    /// Bytes received per client, and when (in `count`s) it last typed.
    clients: BTreeMap<Uuid, (u64, u64)>,
    /// Bytes passed on to the guest, from everybody.
    passed: u64,
}

impl Typing {
    /// How far this client's typing has arrived.
    pub(super) fn received(&self, client: Uuid) -> u64 {
        self.clients.get(&client).map_or(0, |(received, _)| *received)
    }

    /// Takes a piece that starts at `offset` of the client's typing. Gives how far that has arrived now, and the part of
    /// the piece that is new. A piece after a hole is not taken: the client learns where to start again.
    pub(super) fn receive<'a>(&mut self, client: Uuid, offset: u64, piece: &'a [u8]) -> (u64, &'a [u8]) {
        let received = self.received(client);
        let known = received.checked_sub(offset).and_then(|known| usize::try_from(known).ok());
        let fresh = known.and_then(|known| piece.get(known..)).unwrap_or_default();
        if fresh.is_empty() {
            return (received, fresh);
        }
        let received = received + fresh.len() as u64;
        self.make_room(client);
        self.clients.insert(client, (received, self.passed));
        (received, fresh)
    }

    /// The offset at which the next `length` bytes go to the guest.
    pub(super) fn pass(&mut self, length: usize) -> u64 {
        let offset = self.passed;
        self.passed += length as u64;
        offset
    }

    fn make_room(&mut self, newcomer: Uuid) {
        if self.clients.len() < MAX_CLIENTS || self.clients.contains_key(&newcomer) {
            return;
        }
        let oldest = self.clients.iter().min_by_key(|(_, (_, last))| *last).map(|(client, _)| *client);
        if let Some(oldest) = oldest {
            self.clients.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_again_is_typed_once_and_a_hole_is_not_jumped() {
        let (me, mut typing) = (Uuid::from_u128(1), Typing::default());
        let rows: [(u64, &[u8], u64, &[u8]); 8] = [
            (0, b"ab", 2, b"ab"),
            (0, b"ab", 2, b""),
            (1, b"bcd", 4, b"cd"),
            (9, b"x", 4, b""),
            (4, b"", 4, b""),
            (4, b"e", 5, b"e"),
            (0, b"abcdefg", 7, b"fg"),
            (u64::MAX, b"z", 7, b""),
        ];
        for (offset, piece, received, fresh) in rows {
            assert_eq!(typing.receive(me, offset, piece), (received, fresh), "{offset} {piece:?}");
        }
        assert_eq!(typing.received(Uuid::from_u128(2)), 0, "others are counted apart");
    }

    #[test]
    fn clients_are_remembered_within_bounds() {
        let mut typing = Typing::default();
        for client in 0..1_000 {
            typing.receive(Uuid::from_u128(client), 0, b"x");
            typing.pass(1);
        }
        assert_eq!(typing.clients.len(), MAX_CLIENTS);
        assert_eq!(typing.received(Uuid::from_u128(999)), 1);
    }
}
