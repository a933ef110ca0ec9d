//! The socket to the API's relay: dialled, kept alive, dialled again with growing pauses when it breaks. Knows frames
//! and close codes; not what a session is.

use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use ide_protocol::close;
use ide_protocol::frame::Frame;
use ide_protocol::job::JobMessage;
use ide_protocol::limits::MAX_MESSAGE_BYTES;
use ide_protocol::trace::{self, Hop};
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::{CancellationToken, DropGuard};

/// For the whole handshake, name look-up to answer.
const DIAL_DEADLINE: Duration = Duration::from_secs(10);
/// Pause after the first failure to connect; doubles up to [`LONGEST_PAUSE`]. The API may just be restarting.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often the relay is pinged while nothing else is said; keeps proxies from closing the connection.
const PING_EVERY: Duration = Duration::from_secs(15);
/// Without a sign of life for this long, the connection counts as broken.
const SILENCE_LIMIT: Duration = Duration::from_secs(40);
/// For one frame to leave; a relay that takes longer is as good as gone.
const WRITE_DEADLINE: Duration = Duration::from_secs(20);
/// For the relay to confirm that the connection is closed.
const CLOSE_DEADLINE: Duration = Duration::from_secs(3);
/// Unsent bytes the socket may hold: one message of the largest kind beside one being written.
const WRITE_BUFFER_BYTES: usize = 2 * MAX_MESSAGE_BYTES;
/// Read at once: key strokes mostly. Every socket holds a buffer of this size and zeroes all of it before each read.
const READ_BYTES: usize = 8 * 1024;
/// Frames on their way out. When full, the session's driver queues, and stops listening to the guest.
const OUTBOX_FRAMES: usize = 32;
/// Frames and events on their way in. When full, the socket is not read, and the relay holds its viewers back.
const INBOX_EVENTS: usize = 32;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What the relay's side tells the session's driver.
#[derive(Debug)]
pub(super) enum RelayEvent {
    /// Connected; frames sent into `outbox` go to this connection and to no other. Dropping it drops the connection.
    Up {
        outbox: mpsc::Sender<Outgoing>,
    },
    Frame(Frame),
    /// Broken; another try follows.
    Down,
    /// The API wants no connection for this job any more; none follows.
    Over {
        replaced: bool,
    },
    /// The relay confirmed a [`Outgoing::Close`].
    Closed,
}

/// What goes to the relay.
#[derive(Debug)]
pub(super) enum Outgoing {
    Frame(Frame),
    /// The last one.
    Close {
        code: u16,
    },
}

/// Dropping it hangs up.
#[derive(Debug)]
pub(super) struct Relay {
    events: mpsc::Receiver<RelayEvent>,
    _hang_up: DropGuard,
}

impl Relay {
    /// `begun`: which beginning of the session speaks, so that an older one is told.
    pub(super) fn dial(job: &JobMessage, begun: Option<u32>) -> Self {
        let (sender, events) = mpsc::channel(INBOX_EVENTS);
        let stop = CancellationToken::new();
        let line = Line { url: url(job, begun), token: job.token.clone(), events: sender };
        tokio::spawn(stop.clone().run_until_cancelled_owned(line.keep()));
        Self { events, _hang_up: stop.drop_guard() }
    }

    /// What comes next. Safe to drop and call again.
    pub(super) async fn next(&mut self) -> RelayEvent {
        match self.events.recv().await {
            Some(event) => event,
            // After Over or Closed nothing comes.
            None => std::future::pending().await,
        }
    }
}

/// How a connection ended.
enum Parting {
    Broken,
    /// By us, without a word.
    HungUp,
    Over {
        replaced: bool,
    },
    Closed,
    /// Nobody listens any more.
    Unheard,
}

struct Line {
    url: String,
    token: String,
    events: mpsc::Sender<RelayEvent>,
}

impl Line {
    async fn keep(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let parting = match self.connect().await {
                Ok(socket) => {
                    let parting = self.carry(socket).await;
                    // A line dropped for what came on it may bring the same again.
                    if !matches!(parting, Parting::HungUp) {
                        pause = FIRST_PAUSE;
                    }
                    parting
                }
                Err(parting) => parting,
            };
            let event = match parting {
                Parting::Broken | Parting::HungUp => RelayEvent::Down,
                Parting::Over { replaced } => RelayEvent::Over { replaced },
                Parting::Closed => RelayEvent::Closed,
                Parting::Unheard => return,
            };
            let last = !matches!(event, RelayEvent::Down);
            if self.events.send(event).await.is_err() || last {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> Result<Socket, Parting> {
        let mut request = self.url.as_str().into_client_request().map_err(|why| {
            tracing::error!(error = %why, "the job names no usable address");
            Parting::Over { replaced: false }
        })?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", self.token));
        request.headers_mut().insert(AUTHORIZATION, bearer.map_err(|_| Parting::Over { replaced: false })?);
        let dialled = tokio_tungstenite::connect_async_with_config(request, Some(config()), true);
        match tokio::time::timeout(DIAL_DEADLINE, dialled).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(tungstenite::Error::Http(response))) if response.status() == StatusCode::CONFLICT => {
                Err(Parting::Over { replaced: true })
            }
            Ok(Err(tungstenite::Error::Http(response))) if is_final(response.status()) => {
                Err(Parting::Over { replaced: false })
            }
            Ok(Err(why)) => {
                tracing::debug!(error = %why, "could not reach the relay");
                Err(Parting::Broken)
            }
            Err(_) => Err(Parting::Broken),
        }
    }

    /// Moves frames both ways until the connection ends. Writing never waits for reading and the other way round, so
    /// two full directions cannot lock each other.
    async fn carry(&self, socket: Socket) -> Parting {
        let (outbox, outgoing) = mpsc::channel(OUTBOX_FRAMES);
        if self.events.send(RelayEvent::Up { outbox }).await.is_err() {
            return Parting::Unheard;
        }
        let (sink, stream) = socket.split();
        let writing = write(sink, outgoing);
        let reading = self.read(stream);
        tokio::pin!(reading);
        tokio::select! {
            last = &mut reading => last.parting(),
            written = writing => match written {
                Written::Broken => Parting::Broken,
                Written::Dropped => Parting::HungUp,
                // Its answer repeats our code, so the code says nothing here.
                Written::Closed => match tokio::time::timeout(CLOSE_DEADLINE, reading).await {
                    Ok(Last::Closed(_)) => Parting::Closed,
                    _ => Parting::Broken,
                },
            },
        }
    }

    async fn read(&self, mut stream: SplitStream<Socket>) -> Last {
        loop {
            let message = match tokio::time::timeout(SILENCE_LIMIT, stream.next()).await {
                Ok(Some(Ok(message))) => message,
                _ => return Last::Broken,
            };
            let frame = match message {
                Message::Text(text) => Frame::Text(text.as_str().to_owned()),
                Message::Binary(bytes) => {
                    let mut bytes = Vec::from(bytes);
                    trace::stamp(&mut bytes, Hop::AgentIn);
                    Frame::Binary(bytes)
                }
                Message::Close(frame) => return Last::Closed(frame.map(|frame| u16::from(frame.code))),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            if self.events.send(RelayEvent::Frame(frame)).await.is_err() {
                return Last::Unheard;
            }
        }
    }
}

/// The last that was read.
enum Last {
    Closed(Option<u16>),
    Broken,
    /// Nobody listens any more.
    Unheard,
}

impl Last {
    /// What it means when we had not closed the connection ourselves.
    fn parting(self) -> Parting {
        match self {
            Self::Closed(Some(close::REPLACED)) => Parting::Over { replaced: true },
            Self::Closed(Some(
                close::SESSION_ENDED | close::UNAUTHORIZED | close::FORBIDDEN | close::NORMAL,
            )) => Parting::Over { replaced: false },
            Self::Closed(_) | Self::Broken => Parting::Broken,
            Self::Unheard => Parting::Unheard,
        }
    }
}

enum Written {
    Broken,
    /// A close was asked for and sent.
    Closed,
    /// The outbox was dropped.
    Dropped,
}

async fn write(mut sink: SplitSink<Socket, Message>, mut outgoing: mpsc::Receiver<Outgoing>) -> Written {
    let mut ping_at = Instant::now() + PING_EVERY;
    loop {
        let (message, closing) = match tokio::time::timeout_at(ping_at, outgoing.recv()).await {
            Ok(Some(Outgoing::Frame(Frame::Text(text)))) => (Message::text(text), false),
            Ok(Some(Outgoing::Frame(Frame::Binary(bytes)))) => (Message::binary(bytes), false),
            Ok(Some(Outgoing::Close { code })) => {
                let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
                (Message::Close(Some(frame)), true)
            }
            Ok(None) => return Written::Dropped,
            Err(_) => {
                ping_at = Instant::now() + PING_EVERY;
                (Message::Ping(Vec::new().into()), false)
            }
        };
        // Sends what else is ready before flushing once.
        let sent = async {
            sink.feed(message).await?;
            if closing || outgoing.is_empty() {
                sink.flush().await?;
            }
            Ok::<_, tungstenite::Error>(())
        };
        match tokio::time::timeout(WRITE_DEADLINE, sent).await {
            Ok(Ok(())) if closing => return Written::Closed,
            Ok(Ok(())) => {}
            _ => return Written::Broken,
        }
    }
}

fn url(job: &JobMessage, begun: Option<u32>) -> String {
    // http → ws, https → wss.
    let base =
        job.api_url.strip_prefix("http").map_or_else(|| job.api_url.clone(), |rest| format!("ws{rest}"));
    let which = begun.map_or_else(String::new, |begun| format!("?begun={begun}"));
    format!("{base}/agent/v1/jobs/{}/relay{which}", job.job)
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES)
}

/// Answers to a handshake after which trying again is pointless: the job is over, or never was.
fn is_final(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE
    )
}

/// Our own messages always serialise; should one not, it is left out and said.
pub(super) fn text(message: &impl Serialize) -> Option<Frame> {
    match serde_json::to_string(message) {
        Ok(text) => Some(Frame::Text(text)),
        Err(why) => {
            tracing::error!(error = %why, "a message could not be written");
            None
        }
    }
}
