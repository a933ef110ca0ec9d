//! The way out to one socket: a bounded queue that never makes its sender wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ide_protocol::close;
use tokio::sync::{mpsc, watch};

use super::packet::{Close, Packet};

/// Messages that may wait for one socket; beyond the bound on bytes, so that tiny messages cost no more memory.
const MAX_PACKETS: usize = 8_192;

/// The sending side; kept by the hub.
#[derive(Debug)]
pub(super) struct Peer {
    packets: mpsc::Sender<Packet>,
    waiting_bytes: Arc<AtomicUsize>,
    max_bytes: usize,
    close: watch::Sender<Option<Close>>,
}

/// The socket's side.
pub(super) struct Outgoing {
    packets: mpsc::Receiver<Packet>,
    waiting_bytes: Arc<AtomicUsize>,
    close: watch::Receiver<Option<Close>>,
}

/// What a socket has to do next.
pub(super) enum Next {
    Send(Packet),
    Close(Close),
}

/// A queue for one socket, of `max_bytes` in all. One message always fits into an empty queue.
pub(super) fn queue(max_bytes: usize) -> (Peer, Outgoing) {
    // Bounded, and `try_send` only: whoever does not read is sent away (TOO_SLOW) and nobody waits for it.
    let (sender, packets) = mpsc::channel(MAX_PACKETS);
    let (close, closing) = watch::channel(None);
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    let peer = Peer { packets: sender, waiting_bytes: Arc::clone(&waiting_bytes), max_bytes, close };
    (peer, Outgoing { packets, waiting_bytes, close: closing })
}

impl Peer {
    pub(super) fn send(&self, packet: Packet) {
        let bytes = packet.len();
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::AcqRel);
        let full = waiting > 0 && waiting + bytes > self.max_bytes;
        if full || self.packets.try_send(packet).is_err() {
            self.waiting_bytes.fetch_sub(bytes, Ordering::AcqRel);
            self.close(Close::new(close::TOO_SLOW, "messages were not read for too long"));
        }
    }

    /// Closes the socket; what waits is sent before, unless it is too much already. The first reason counts.
    pub(super) fn close(&self, close: Close) {
        self.close.send_if_modified(|slot| {
            let first = slot.is_none();
            slot.get_or_insert(close);
            first
        });
    }
}

impl Outgoing {
    /// Waits for something to do. Cancelling it loses nothing.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            let closing = *self.close.borrow_and_update();
            if let Some(close) = closing {
                return match self.packets.try_recv() {
                    Ok(packet) if !is_at_once(close) => self.taken(packet),
                    _ => Next::Close(close),
                };
            }
            tokio::select! {
                packet = self.packets.recv() => match packet {
                    Some(packet) => return self.taken(packet),
                    None => return Next::Close(self.close.borrow().unwrap_or(GONE)),
                },
                _ = self.close.changed() => {}
            }
        }
    }

    /// Ends when the socket is to be closed at once, so that a write it does not take can be given up.
    pub(super) fn cut_short(&self) -> impl Future<Output = Close> + use<> {
        let mut close = self.close.clone();
        async move {
            let found = close.wait_for(|close| close.is_some_and(is_at_once)).await.map(|close| *close);
            match found {
                Ok(close) => close.unwrap_or(GONE),
                Err(_) => std::future::pending().await,
            }
        }
    }

    fn taken(&self, packet: Packet) -> Next {
        self.waiting_bytes.fetch_sub(packet.len(), Ordering::AcqRel);
        Next::Send(packet)
    }
}

/// Whether what still waits is not sent any more: it is too much, or it is not for this peer's eyes any longer.
fn is_at_once(close: Close) -> bool {
    matches!(close.code, close::TOO_SLOW | close::FORBIDDEN)
}

const GONE: Close = Close::new(close::NORMAL, "");

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(bytes: usize) -> Packet {
        Packet::Binary(vec![0; bytes].into())
    }

    async fn drain(outgoing: &mut Outgoing) -> (usize, u16) {
        let mut sent = 0;
        loop {
            match outgoing.next().await {
                Next::Send(_) => sent += 1,
                Next::Close(close) => return (sent, close.code),
            }
        }
    }

    #[tokio::test]
    async fn what_waits_is_sent_before_the_close() {
        let (peer, mut outgoing) = queue(100);
        peer.send(packet(10));
        peer.close(Close::new(close::SESSION_ENDED, ""));
        peer.close(Close::new(close::NORMAL, ""));
        assert_eq!(drain(&mut outgoing).await, (1, close::SESSION_ENDED));
    }

    #[tokio::test]
    async fn who_may_not_see_it_any_more_is_sent_nothing_that_waits() {
        let (peer, mut outgoing) = queue(100);
        peer.send(packet(10));
        peer.close(Close::new(close::FORBIDDEN, ""));
        assert_eq!(outgoing.cut_short().await.code, close::FORBIDDEN);
        assert_eq!(drain(&mut outgoing).await, (0, close::FORBIDDEN));
    }

    #[tokio::test]
    async fn who_does_not_read_is_closed_at_once() {
        let (peer, mut outgoing) = queue(100);
        for _ in 0..11 {
            peer.send(packet(10));
        }
        assert_eq!(drain(&mut outgoing).await, (0, close::TOO_SLOW));
    }

    #[tokio::test]
    async fn one_large_message_fits_an_empty_queue_and_reading_makes_room() {
        let (peer, mut outgoing) = queue(100);
        peer.send(packet(5_000));
        assert!(matches!(outgoing.next().await, Next::Send(_)));
        for _ in 0..10 {
            peer.send(packet(10));
        }
        peer.close(GONE);
        assert_eq!(drain(&mut outgoing).await, (10, close::NORMAL));
    }

    #[tokio::test]
    async fn many_tiny_messages_are_bounded_too() {
        let (peer, mut outgoing) = queue(usize::MAX);
        for _ in 0..=MAX_PACKETS {
            peer.send(packet(1));
        }
        assert_eq!(drain(&mut outgoing).await, (0, close::TOO_SLOW));
    }
}
