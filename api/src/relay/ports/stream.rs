//! A connection to a port in a container, to be read and written as any other.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use ide_protocol::channel::{ChannelId, ChannelMessage, ChannelTarget};
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::session::RelayToAgent;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{OpenPortError, Ports, Shared};
use crate::relay::core::Link;
use crate::relay::hub::Room;
use crate::relay::packet::Packet;

/// For the container to answer: its guest gives a server three seconds, and the way there takes its time.
const OPEN_TIMEOUT: Duration = Duration::from_secs(8);

/// Reads end when the server finishes; shutting down tells the server that we have. Dropping it breaks the connection off.
/// Never holds more than a window of bytes in either direction; writing waits when the server does not read.
pub(crate) struct PortStream {
    room: Arc<Room>,
    /// The agent's connection that it was opened over; it ends with it.
    link: Link,
    channel: ChannelId,
    shared: Shared,
}

impl PortStream {
    /// # Errors
    /// [`OpenPortError`]
    pub(in crate::relay) async fn open(room: Arc<Room>, port: u16) -> Result<Self, OpenPortError> {
        let (link, (channel, shared)) = room.begin_port(Ports::open)?;
        let stream = Self { room, link, channel, shared };
        stream.say(ChannelMessage::Open { channel, target: ChannelTarget::Port { port } });
        let opened = poll_fn(|context| stream.shared.lock().poll_open(context));
        match tokio::time::timeout(OPEN_TIMEOUT, opened).await {
            Ok(opened) => opened.map(|()| stream),
            Err(_) => Err(OpenPortError::NoAnswer),
        }
    }

    fn say(&self, message: ChannelMessage) {
        self.room.answer_agent(self.link, Packet::json(&RelayToAgent::Channel { message }));
    }
}

impl AsyncRead for PortStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.shared.lock().poll_read(context, buffer.initialize_unfilled());
        let (count, grant) = ready!(read)?;
        buffer.advance(count);
        if let Some(up_to) = grant {
            self.say(ChannelMessage::Granted { channel: self.channel, up_to });
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PortStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.shared.lock().poll_write(context, bytes.len());
        let (offset, count) = ready!(written)?;
        let payload = bytes.get(..count).unwrap_or_default();
        if !payload.is_empty() {
            let stream = Stream::Channel(self.channel);
            let frame = StreamFrame { stream, flow: Flow::Input, viewer: 0, offset, payload };
            self.room.answer_agent(self.link, Packet::Binary(Bytes::from(frame.encode())));
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let first = self.shared.lock().finish();
        if first {
            self.say(ChannelMessage::Finished { channel: self.channel });
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for PortStream {
    fn drop(&mut self) {
        let closed = self.shared.lock().is_closed();
        if !closed {
            self.room.forget_port(self.channel);
            self.say(ChannelMessage::Closed { channel: self.channel, reason: None });
        }
    }
}
