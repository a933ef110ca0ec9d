//! The relay's end of one agent's connection, with viewers played by the test.

use std::future::Future;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{SinkExt as _, StreamExt as _};
use ide_protocol::frame::{Flow, Stream, StreamFrame, ViewerId};
use ide_protocol::session::{AgentToRelay, RelayToAgent, SessionMessage, ViewerMessage};
use ide_protocol::terminal::{TerminalId, TerminalSize};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::PATIENCE;

const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };

/// What an agent said.
#[derive(Debug)]
pub enum Said {
    Message(AgentToRelay),
    Output { viewer: ViewerId, stream: Stream, offset: u64, bytes: Vec<u8> },
    Closed(Option<u16>),
}

/// Dropping it cuts the connection.
pub struct Line {
    to_agent: mpsc::Sender<Message>,
    from_agent: mpsc::Receiver<Said>,
}

/// The line, and what moves its bytes until one side is gone.
pub fn over(socket: WebSocket) -> (Line, impl Future<Output = ()>) {
    let (to_agent, mut outgoing) = mpsc::channel(64);
    let (said, from_agent) = mpsc::channel(64);
    let carry = async move {
        let (mut sink, mut stream) = socket.split();
        loop {
            tokio::select! {
                message = outgoing.recv() => match message {
                    Some(message) => if sink.send(message).await.is_err() { return },
                    None => return,
                },
                message = stream.next() => {
                    let heard = match message {
                        Some(Ok(Message::Text(text))) => {
                            Said::Message(serde_json::from_str(&text).expect("an AgentToRelay"))
                        }
                        Some(Ok(Message::Binary(bytes))) => {
                            let frame = StreamFrame::decode(&bytes).expect("a stream frame");
                            assert_eq!(frame.flow, Flow::Output);
                            let StreamFrame { viewer, stream, offset, payload, .. } = frame;
                            Said::Output { viewer, stream, offset, bytes: payload.to_vec() }
                        }
                        Some(Ok(Message::Close(frame))) => {
                            // axum answers the close while the stream is read on.
                            let code = frame.map(|frame: CloseFrame| frame.code);
                            let _ = sink.flush().await;
                            Said::Closed(code)
                        }
                        Some(Ok(_)) => continue,
                        _ => return,
                    };
                    if said.send(heard).await.is_err() { return }
                }
            }
        }
    };
    (Line { to_agent, from_agent }, carry)
}

impl Line {
    pub async fn tell(&self, message: RelayToAgent) {
        self.to_agent.send(Message::text(serde_json::to_string(&message).unwrap())).await.unwrap();
    }

    /// Says what no agent can read.
    pub async fn mumble(&self) {
        self.to_agent.send(Message::text(r#"{"type":"mumble"}"#)).await.unwrap();
    }

    pub async fn join(&self, viewer: ViewerId, client: Uuid) {
        self.tell(RelayToAgent::ViewerJoined { viewer, client, read_only: false }).await;
    }

    pub async fn say(&self, viewer: ViewerId, message: ViewerMessage) {
        self.tell(RelayToAgent::ViewerSaid { viewer, message }).await;
    }

    pub async fn keys(&self, viewer: ViewerId, terminal: TerminalId, offset: u64, text: &str) {
        let payload = text.as_bytes();
        let (stream, flow) = (Stream::Terminal(terminal), Flow::Input);
        self.send_frame(&StreamFrame { stream, flow, viewer, offset, payload }).await;
    }

    pub async fn send_frame(&self, frame: &StreamFrame<'_>) {
        self.to_agent.send(Message::binary(frame.encode())).await.unwrap();
    }

    pub async fn next(&mut self) -> Said {
        let said = tokio::time::timeout(PATIENCE * 2, self.from_agent.recv()).await;
        said.expect("the agent said nothing").expect("the agent hung up")
    }

    /// Waits for a message that fits, passing over others.
    pub async fn until<T>(&mut self, what: &str, fits: impl Fn(&AgentToRelay) -> Option<T>) -> T {
        let clock = Instant::now();
        while clock.elapsed() < PATIENCE {
            if let Said::Message(message) = self.next().await
                && let Some(found) = fits(&message)
            {
                return found;
            }
        }
        panic!("never heard of {what}");
    }

    /// As [`until`](Self::until), for what viewers are told.
    pub async fn until_told<T>(&mut self, what: &str, fits: impl Fn(&SessionMessage) -> Option<T>) -> T {
        self.until(what, |message| match message {
            AgentToRelay::ToViewer { message, .. } | AgentToRelay::ToAllViewers { message } => fits(message),
            _ => None,
        })
        .await
    }

    pub async fn until_ready(&mut self) {
        self.until("the session's readiness", |message| {
            matches!(message, AgentToRelay::SessionReady).then_some(())
        })
        .await;
    }

    /// The close code, after whatever else is said.
    pub async fn until_closed(&mut self) -> Option<u16> {
        loop {
            if let Said::Closed(code) = self.next().await {
                return code;
            }
        }
    }

    /// A viewer opens a terminal and sees its prompt.
    pub async fn open_terminal(&mut self, viewer: ViewerId) -> Screen {
        self.say(viewer, ViewerMessage::OpenTerminal { size: SIZE }).await;
        let terminal = self
            .until_told("an open terminal", |message| match message {
                SessionMessage::TerminalOpened { terminal, .. } => Some(*terminal),
                _ => None,
            })
            .await;
        let mut screen = Screen { viewer, terminal, text: Vec::new(), from: 0, typed: 0 };
        screen.until(self, "$ ").await;
        screen
    }
}

/// What one viewer sees of one terminal. Output has to join on without gap or repeat.
pub struct Screen {
    pub viewer: ViewerId,
    pub terminal: TerminalId,
    pub text: Vec<u8>,
    /// Offset of the first byte of `text`.
    pub from: u64,
    pub typed: u64,
}

impl Screen {
    pub fn end(&self) -> u64 {
        self.from + self.text.len() as u64
    }

    /// Types, as the viewer.
    pub async fn type_text(&mut self, line: &Line, text: &str) {
        line.keys(self.viewer, self.terminal, self.typed, text).await;
        self.typed += text.len() as u64;
    }

    /// Reads, acknowledging, until `needle` is on the screen behind what was there before; gives how long that took.
    pub async fn until(&mut self, line: &mut Line, needle: &str) -> Duration {
        let (clock, seen) = (Instant::now(), self.text.len());
        while !contains(&self.text[seen..], needle.as_bytes()) {
            assert!(clock.elapsed() < PATIENCE, "no {needle:?} in {:?}", String::from_utf8_lossy(&self.text));
            let said = tokio::time::timeout(PATIENCE, line.next()).await;
            let said =
                said.unwrap_or_else(|_| panic!("no {needle:?} in {:?}", String::from_utf8_lossy(&self.text)));
            let Said::Output { viewer, stream, offset, bytes } = said else { continue };
            let terminal = self.terminal;
            if (viewer, stream) == (self.viewer, Stream::Terminal(terminal)) {
                assert_eq!(offset, self.end(), "a gap or a repeat");
                self.text.extend(bytes);
                let acknowledge = ViewerMessage::AcknowledgeOutput { terminal, offset: self.end() };
                line.say(viewer, acknowledge).await;
            }
        }
        clock.elapsed()
    }
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window == needle)
}
