//! A page on a live session: its socket, and one terminal in it. Reads when asked, acknowledges what it has read.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::limits::VIEWER_WINDOW_BYTES;
use ide_protocol::session::{SessionMessage, ViewerMessage};
use ide_protocol::terminal::{TerminalId, TerminalSize};
use ide_protocol::trace::{self, STAMP_BYTES, Stamps};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header::ORIGIN};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use uuid::Uuid;

use crate::ClientError;

/// A container has started by then, or it never will.
const START_SECONDS: u64 = 60;

/// Drawn before it is acknowledged, as browsers do: a quarter of what may be under way.
const ACKNOWLEDGE_EVERY_BYTES: u64 = VIEWER_WINDOW_BYTES / 4;

const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };

/// What a page was told.
#[derive(Debug)]
pub enum Heard {
    Said(Box<SessionMessage>),
    /// An encoded [`StreamFrame`]: output of the terminal, mostly.
    Frame(Bytes),
}

pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    terminal: TerminalId,
    typed: u64,
    received: u64,
    acknowledged: u64,
}

impl Page {
    /// # Errors
    /// Like all of these: [`ClientError`] when the socket does not open, closes, or says what nobody can read.
    pub async fn connect(base: &str, url: &str) -> Result<Self, ClientError> {
        Self::connect_as(base, url, Uuid::new_v4()).await
    }

    /// The same as `client`: a page that was here before, so that what it typed is neither lost nor typed twice.
    pub async fn connect_as(base: &str, url: &str, client: Uuid) -> Result<Self, ClientError> {
        let mut request = format!("{}{url}", base.replacen("http", "ws", 1)).into_client_request()?;
        let origin = HeaderValue::from_str(base).map_err(|_| ClientError::Address(base.to_owned()))?;
        request.headers_mut().insert(ORIGIN, origin);
        // Keys go at once, as browsers send them.
        let disable_nagle = true;
        let (socket, _) = connect_async_with_config(request, None, disable_nagle).await?;
        let mut page = Self { socket, terminal: 0, typed: 0, received: 0, acknowledged: 0 };
        page.say(&ViewerMessage::Hello { version: PROTOCOL_VERSION, client }).await?;
        Ok(page)
    }

    pub async fn say(&mut self, message: &ViewerMessage) -> Result<(), ClientError> {
        Ok(self.socket.send(Message::text(serde_json::to_string(message)?)).await?)
    }

    /// What comes next.
    pub async fn hear(&mut self) -> Result<Heard, ClientError> {
        loop {
            match self.socket.next().await.ok_or(ClientError::Closed(None))?? {
                Message::Text(text) => return Ok(Heard::Said(serde_json::from_str(&text)?)),
                Message::Binary(bytes) => return Ok(Heard::Frame(bytes)),
                Message::Close(frame) => {
                    return Err(ClientError::Closed(frame.map(|frame| frame.code.into())));
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Waits until there is a container, and opens a terminal in it.
    pub async fn open_terminal(&mut self) -> Result<(), ClientError> {
        self.until("container", |said| matches!(said, SessionMessage::TerminalsListed { .. }).then_some(()))
            .await?;
        self.say(&ViewerMessage::OpenTerminal { size: SIZE }).await?;
        let opened = self.until("terminal", |said| match said {
            SessionMessage::TerminalOpened { terminal, .. } => Some(*terminal),
            _ => None,
        });
        self.terminal = opened.await?;
        Ok(())
    }

    /// The first message that fits; passes over all else.
    async fn until<T>(
        &mut self,
        what: &'static str,
        fits: impl Fn(&SessionMessage) -> Option<T>,
    ) -> Result<T, ClientError> {
        let found = async {
            loop {
                if let Heard::Said(said) = self.hear().await?
                    && let Some(found) = fits(&said)
                {
                    return Ok(found);
                }
            }
        };
        let within = Duration::from_secs(START_SECONDS);
        tokio::time::timeout(within, found).await.map_err(|_| ClientError::Late(what, START_SECONDS))?
    }

    /// Sends keys to the terminal.
    pub async fn type_in(&mut self, keys: &[u8]) -> Result<(), ClientError> {
        self.send_input(Stream::Terminal(self.terminal), keys, keys.len()).await
    }

    /// Keys of a terminal whose input the caller counts itself: `offset` is what it typed there before.
    pub async fn type_at(
        &mut self,
        terminal: TerminalId,
        offset: u64,
        keys: &[u8],
    ) -> Result<(), ClientError> {
        let (stream, flow) = (Stream::Terminal(terminal), Flow::Input);
        let frame = StreamFrame { stream, flow, viewer: 0, offset, payload: keys };
        Ok(self.socket.send(Message::binary(frame.encode())).await?)
    }

    /// The same for a key that every hop stamps; the stamps come behind the echo, as [`Page::stamps`] reads them.
    pub async fn type_traced(&mut self, keys: &[u8]) -> Result<(), ClientError> {
        let payload = [&[0; STAMP_BYTES][..], keys].concat();
        self.send_input(Stream::Trace(self.terminal), &payload, keys.len()).await
    }

    /// The stamps of a traced key, if that is what the frame holds.
    #[must_use]
    pub fn stamps(frame: &Bytes) -> Option<Stamps> {
        let frame = StreamFrame::decode(frame).ok()?;
        let (stamps, _) = trace::split(frame.payload)?;
        matches!(frame.stream, Stream::Trace(_)).then(|| trace::read(stamps))
    }

    async fn send_input(&mut self, stream: Stream, payload: &[u8], keys: usize) -> Result<(), ClientError> {
        let frame = StreamFrame { stream, flow: Flow::Input, viewer: 0, offset: self.typed, payload };
        self.typed += keys as u64;
        Ok(self.socket.send(Message::binary(frame.encode())).await?)
    }

    /// Takes note of output of the terminal, and acknowledges it now and then. `None` for any other frame.
    pub async fn output<'a>(&mut self, frame: &'a Bytes) -> Result<Option<&'a [u8]>, ClientError> {
        let Ok(frame) = StreamFrame::decode(frame) else { return Ok(None) };
        if frame.stream != Stream::Terminal(self.terminal) {
            return Ok(None);
        }
        self.received = frame.offset + frame.payload.len() as u64;
        if self.received - self.acknowledged >= ACKNOWLEDGE_EVERY_BYTES {
            self.acknowledged = self.received;
            let (terminal, offset) = (self.terminal, self.received);
            self.say(&ViewerMessage::AcknowledgeOutput { terminal, offset }).await?;
        }
        Ok(Some(frame.payload))
    }

    /// The next output of the terminal.
    pub async fn read(&mut self) -> Result<Bytes, ClientError> {
        loop {
            if let Heard::Frame(frame) = self.hear().await?
                && let Some(payload) = self.output(&frame).await?
            {
                return Ok(frame.slice_ref(payload));
            }
        }
    }
}
