//! A page on a live session: its WebSocket, and one terminal. Reads when asked, acknowledges what it has read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::session::{SessionMessage, ViewerMessage};
use ide_protocol::terminal::{TerminalId, TerminalSize};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use uuid::Uuid;

use crate::watch::Watch;

/// A container has started and its shell has prompted by then, or it never will.
const START_PATIENCE: Duration = Duration::from_secs(40);

/// Bytes of output kept; more than any case looks back at.
const SCREEN_BYTES: usize = 1024 * 1024;

/// Bytes looked at again with what follows, so that nothing hides across two frames: longer than any marker.
const OVERLAP_BYTES: usize = 256;

/// Output without the control sequences that only a screen needs.
const PLAIN_PROMPT: &str = "bind 'set enable-bracketed-paste off'; PS1='$ '";

const SIZE: TerminalSize = TerminalSize { columns: 200, rows: 50 };

/// What the page was told.
#[derive(Debug)]
pub enum Heard {
    Message(Box<SessionMessage>),
    Output(Vec<u8>),
    /// Text or bytes that are none of the protocol's.
    Unreadable(String),
    Closed(Option<u16>),
}

pub struct LiveSession {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    watch: Arc<Watch>,
    terminal: Option<TerminalId>,
    typed: u64,
    received: u64,
    acknowledged: u64,
    /// The end of what the terminal has put out.
    pub screen: Vec<u8>,
    /// Commands run at the prompt so far; makes each end mark its own.
    commands: u32,
}

impl LiveSession {
    pub(super) async fn connect(base: &str, url: &str, watch: Arc<Watch>) -> anyhow::Result<Self> {
        let mut request = format!("{}{url}", base.replacen("http", "ws", 1)).into_client_request()?;
        request.headers_mut().insert("origin", base.parse()?);
        // Key strokes go at once, as browsers send them.
        let disable_nagle = true;
        let (socket, _) = connect_async_with_config(request, None, disable_nagle).await?;
        let (terminal, screen) = (None, Vec::new());
        Ok(Self { socket, watch, terminal, typed: 0, received: 0, acknowledged: 0, screen, commands: 0 })
    }

    /// # Errors
    /// Like all that send: when the socket is closed.
    pub async fn hello(&mut self) -> anyhow::Result<()> {
        self.say(&ViewerMessage::Hello { version: PROTOCOL_VERSION, client: Uuid::new_v4() }).await
    }

    pub async fn say(&mut self, message: &ViewerMessage) -> anyhow::Result<()> {
        self.send(Message::text(serde_json::to_string(message)?)).await
    }

    pub async fn send(&mut self, message: Message) -> anyhow::Result<()> {
        Ok(self.socket.send(message).await?)
    }

    /// The next thing heard; `None` when nothing is in time.
    pub async fn hear(&mut self, within: Duration) -> Option<Heard> {
        let deadline = Instant::now() + within;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = tokio::time::timeout(left, self.socket.next()).await.ok()?;
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.watch.look("a message of the session", text.as_bytes());
                    return Some(match serde_json::from_str(&text) {
                        Ok(message) => Heard::Message(Box::new(message)),
                        Err(_) => Heard::Unreadable(text.to_string()),
                    });
                }
                Some(Ok(Message::Binary(bytes))) => return Some(self.take_output(&bytes).await),
                Some(Ok(Message::Close(frame))) => {
                    return Some(Heard::Closed(frame.map(|frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Some(Heard::Closed(None)),
            }
        }
    }

    async fn take_output(&mut self, bytes: &[u8]) -> Heard {
        let Ok(frame) = StreamFrame::decode(bytes) else {
            return Heard::Unreadable(format!("{} bytes", bytes.len()));
        };
        if frame.flow != Flow::Output || self.terminal.map(Stream::Terminal) != Some(frame.stream) {
            return Heard::Unreadable(format!("bytes of {:?}", frame.stream));
        }
        let again = self.screen.len().saturating_sub(OVERLAP_BYTES);
        self.screen.extend_from_slice(frame.payload);
        self.watch.look("a terminal", self.screen.get(again..).unwrap_or_default());
        let spare = self.screen.len().saturating_sub(SCREEN_BYTES);
        self.screen.drain(..spare);
        self.received = frame.offset + frame.payload.len() as u64;
        self.acknowledge().await;
        Heard::Output(frame.payload.to_vec())
    }

    /// As browsers do: once a quarter of the window is drawn.
    async fn acknowledge(&mut self) {
        const EVERY_BYTES: u64 = ide_protocol::limits::VIEWER_WINDOW_BYTES / 4;
        let Some(terminal) = self.terminal else { return };
        if self.received - self.acknowledged >= EVERY_BYTES {
            self.acknowledged = self.received;
            // A socket that is closed is found out by the next to read.
            let _ = self.say(&ViewerMessage::AcknowledgeOutput { terminal, offset: self.received }).await;
        }
    }

    /// The terminal that is open, as the session calls it.
    #[must_use]
    pub fn terminal(&self) -> Option<TerminalId> {
        self.terminal
    }

    /// Waits until there is a machine, opens a terminal and waits for its prompt.
    pub async fn open_terminal(&mut self) -> anyhow::Result<()> {
        self.until_message(START_PATIENCE, |message| {
            matches!(message, SessionMessage::TerminalsListed { .. }).then_some(())
        })
        .await
        .context("waiting for the session's machine")?;
        self.say(&ViewerMessage::OpenTerminal { size: SIZE }).await?;
        let opened = self.until_message(START_PATIENCE, |message| match message {
            SessionMessage::TerminalOpened { terminal, .. } => Some(*terminal),
            _ => None,
        });
        self.terminal = Some(opened.await.context("opening a terminal")?);
        self.until("$ ", START_PATIENCE).await?.context("no prompt came")?;
        self.run(PLAIN_PROMPT, START_PATIENCE).await?.context("the shell does not answer")?;
        Ok(())
    }

    /// The next message that fits; passes over others.
    pub async fn until_message<T>(
        &mut self,
        within: Duration,
        fits: impl Fn(&SessionMessage) -> Option<T>,
    ) -> anyhow::Result<T> {
        let deadline = Instant::now() + within;
        loop {
            match self.hear(deadline.saturating_duration_since(Instant::now())).await {
                Some(Heard::Message(message)) => {
                    if let Some(found) = fits(&message) {
                        return Ok(found);
                    }
                }
                Some(Heard::Closed(code)) => anyhow::bail!("the socket was closed: {code:?}"),
                Some(_) => {}
                None => anyhow::bail!("nothing of the kind was heard within {within:?}"),
            }
        }
    }

    pub async fn type_text(&mut self, text: &str) -> anyhow::Result<()> {
        let terminal = self.terminal.context("no terminal is open")?;
        let (stream, flow) = (Stream::Terminal(terminal), Flow::Input);
        let payload = text.as_bytes();
        let frame = StreamFrame { stream, flow, viewer: 0, offset: self.typed, payload };
        self.typed += payload.len() as u64;
        self.send(Message::binary(frame.encode())).await
    }

    /// Reads until `needle` has come; how long that took, or `None` when it did not come in time.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn until(&mut self, needle: &str, within: Duration) -> anyhow::Result<Option<Duration>> {
        let began = Instant::now();
        let mut window = Vec::new();
        loop {
            match self.hear(within.saturating_sub(began.elapsed())).await {
                Some(Heard::Output(bytes)) => {
                    window.extend(bytes);
                    if contains(&window, needle.as_bytes()) {
                        return Ok(Some(began.elapsed()));
                    }
                    let spare = window.len().saturating_sub(needle.len());
                    window.drain(..spare);
                }
                Some(Heard::Closed(code)) => anyhow::bail!("the socket was closed: {code:?}"),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    /// Types a command and reads until it is done: what it put out, or `None` when it was not done in time.
    pub async fn run(&mut self, command: &str, within: Duration) -> anyhow::Result<Option<String>> {
        self.commands += 1;
        let number = self.commands;
        self.screen.clear();
        // What is typed differs from what it prints, so only the answer counts. `&` ends a command by itself.
        let joint = if command.ends_with('&') { "" } else { ";" };
        self.type_text(&format!("{command}{joint} echo end-$(({number}))\r")).await?;
        let mark = format!("end-{number}\r\n");
        if self.until(&mark, within).await?.is_none() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&self.screen).into_owned();
        let end = text.rfind(&mark).unwrap_or(text.len());
        Ok(Some(text.get(..end).unwrap_or_default().to_owned()))
    }
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}
