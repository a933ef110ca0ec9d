//! What both kinds of sockets have in common: first words, pings, deadlines, an orderly end.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use ide_protocol::close;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, interval_at, timeout};
use tokio_util::sync::CancellationToken;

use super::packet::{Close, Packet};
use super::peer::{Next, Outgoing};

/// Whether the other side is still there, asked this often.
const PING_EVERY: Duration = Duration::from_secs(10);

/// Silence after which it is not: two pings unanswered, and a little. Who reads nothing answers none (hostile case H05).
const SILENCE: Duration = Duration::from_secs(25);

/// How long the first message may take.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one message may take to be taken by the other side's network.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long to wait for a close to be answered.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) const MALFORMED: Close = Close::new(close::MALFORMED, "the message could not be understood");
const SILENT: Close = Close::new(close::TOO_SLOW, "nothing was heard for too long");

pub(super) type Sink = SplitSink<WebSocket, Message>;
pub(super) type Stream = SplitStream<WebSocket>;

/// Something the other side said.
pub(super) enum Heard {
    Text(String),
    Binary(axum::body::Bytes),
    /// A ping or a pong: it is there. Costs us as much as a message does, and counts as one.
    Alive,
}

/// The next message, `Err` when there will be none.
pub(super) async fn hear(stream: &mut Stream) -> Result<Heard, Close> {
    let message = timeout(SILENCE, stream.next()).await.map_err(|_| SILENT)?;
    match message {
        Some(Ok(Message::Text(text))) => Ok(Heard::Text(text.as_str().to_owned())),
        Some(Ok(Message::Binary(bytes))) => Ok(Heard::Binary(bytes)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Heard::Alive),
        Some(Ok(Message::Close(_))) | None => Err(Close::new(close::NORMAL, "")),
        Some(Err(why)) => Err(broken(&why)),
    }
}

/// The one error worth an own code is a message over the limit; the socket layer only says so in words.
fn broken(why: &axum::Error) -> Close {
    let text = crate::problem::Chain(why).to_string();
    if text.contains("too long") || text.contains("too big") {
        Close::new(close::TOO_BIG, "the message is over the limit")
    } else {
        MALFORMED
    }
}

/// The first message, as JSON.
pub(super) async fn hear_hello<T: DeserializeOwned>(stream: &mut Stream) -> Result<T, Close> {
    let hello = async {
        loop {
            match hear(stream).await {
                Ok(Heard::Alive) => {}
                heard => return heard,
            }
        }
    };
    match timeout(HELLO_TIMEOUT, hello).await {
        Ok(Ok(Heard::Text(text))) => serde_json::from_str(&text).map_err(|_| MALFORMED),
        Ok(Ok(Heard::Binary(_) | Heard::Alive)) => Err(MALFORMED),
        Ok(Err(close)) => Err(close),
        Err(_) => Err(Close::new(close::TOO_SLOW, "no hello came")),
    }
}

/// Sends `first`, then what comes through the queue, and pings, until the queue or the server says it is over.
pub(super) async fn write(
    sink: &mut Sink,
    first: Vec<Packet>,
    outgoing: &mut Outgoing,
    shutdown: &CancellationToken,
) -> Close {
    let cut_short = outgoing.cut_short();
    tokio::select! {
        close = cut_short => close,
        close = write_all(sink, first, outgoing, shutdown) => close,
    }
}

async fn write_all(
    sink: &mut Sink,
    first: Vec<Packet>,
    outgoing: &mut Outgoing,
    shutdown: &CancellationToken,
) -> Close {
    for packet in first {
        if let Err(close) = send(sink, packet.into()).await {
            return close;
        }
    }
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    loop {
        let message = tokio::select! {
            next = outgoing.next() => match next {
                Next::Send(packet) => packet.into(),
                Next::Close(close) => return close,
            },
            _ = pings.tick() => Message::Ping(axum::body::Bytes::new()),
            () = shutdown.cancelled() => return Close::new(close::GOING_AWAY, "the server is stopping; reconnect"),
        };
        if let Err(close) = send(sink, message).await {
            return close;
        }
    }
}

async fn send(sink: &mut Sink, message: Message) -> Result<(), Close> {
    match timeout(WRITE_TIMEOUT, sink.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Close::new(close::NORMAL, "")),
        Err(_) => Err(Close::new(close::TOO_SLOW, "messages were not taken for too long")),
    }
}

/// Says why and closes; a peer that does not answer is dropped.
pub(super) async fn end(mut sink: Sink, mut stream: Stream, close: Close) {
    if close == Close::ABORT {
        return;
    }
    let goodbye = async {
        if sink.send(close.into()).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    let _ = timeout(CLOSE_TIMEOUT, goodbye).await;
}

/// Closes a socket that should not have been opened. Browsers see codes of sockets, not of handshakes.
pub(super) async fn refuse(socket: WebSocket, code: u16, reason: &'static str) {
    let (sink, stream) = socket.split();
    end(sink, stream, Close::new(code, reason)).await;
}
