//! The wire to one guest: a socket it dials once, a greeting, then frames both ways through bounded channels.
//!
//! Knows bytes and frames, not what they mean to a session or a grading.

mod bridge;
mod calling;
mod calls;

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::frame::{Decoder, Frame, FrameError, encode_into};
use ide_protocol::guest::{FromGuest, ToGuest};
use ide_protocol::trace::{self, Hop};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use calling::run_with_calls;
pub use calls::{CallError, Guest, Heard};

/// Frames from the guest that nobody has taken yet. When full, we stop reading the socket; the guest then holds
/// output back, and programs wait on their terminals, as they would for a slow screen.
const INBOX_FRAMES: usize = 16;
/// Frames for the guest not yet written. When full, whoever sends waits; sessions queue and stop reading their relay.
const OUTBOX_FRAMES: usize = 64;
/// One read of the socket; a terminal frame and its headers.
const READ_BYTES: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("opening the guest's socket {path}")]
    Listen {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the guest did not greet within {} s", .0.as_secs())]
    NoGreeting(Duration),
    #[error("the guest speaks protocol version {0}, this agent {PROTOCOL_VERSION}")]
    Version(u16),
    #[error("the guest's connection broke")]
    Broken(#[from] io::Error),
    #[error("the guest sent what is no frame")]
    Frame(#[from] FrameError),
    #[error("the guest sent a message that cannot be read")]
    Message(#[from] serde_json::Error),
    #[error("the guest broke a rule of the protocol")]
    Rule,
    #[error("the guest closed the connection")]
    Closed,
}

/// What came from the guest.
#[derive(Debug)]
pub enum GuestFrame {
    Said(FromGuest),
    /// An encoded [`StreamFrame`](ide_protocol::frame::StreamFrame).
    Terminal(Vec<u8>),
    /// The last one: why there is no more.
    Lost(LinkError),
}

/// A socket on which a guest that is about to start will call.
#[derive(Debug)]
pub struct GuestListener {
    listener: UnixListener,
    path: PathBuf,
}

impl GuestListener {
    /// # Errors
    /// [`LinkError::Listen`]
    pub fn bind(path: &Path) -> Result<Self, LinkError> {
        let failed = |source| LinkError::Listen { path: path.to_owned(), source };
        let listener = bind_without_path(path).map_err(failed)?;
        // The folder above is closed to other users of the host; within the container only the guest exists yet.
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o666))
            .map_err(failed)?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// Takes the first connection and stops listening, so that nothing a learner starts can ever call.
    ///
    /// # Errors
    /// [`LinkError`] when no guest of our version greets within `deadline`.
    pub async fn accept(self, deadline: Duration) -> Result<GuestLink, LinkError> {
        let greeted = async {
            let (stream, _) = self.listener.accept().await?;
            drop(self.listener);
            // Gone already when the folder was removed under us; then there is nothing to close either.
            let _ = std::fs::remove_file(&self.path);
            greet(stream).await
        };
        tokio::time::timeout(deadline, greeted).await.map_err(|_| LinkError::NoGreeting(deadline))?
    }
}

/// Binds by way of the folder's descriptor: the kernel shows whoever is connected the path as it was bound
/// (`/proc/net/unix`), and where things lie on the host is not for a container to read.
fn bind_without_path(path: &Path) -> io::Result<UnixListener> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let folder = File::open(folder)?;
    UnixListener::bind(Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name))
}

async fn greet(stream: UnixStream) -> Result<GuestLink, LinkError> {
    let (read, write) = stream.into_split();
    let mut reader = Reader { socket: read, decoder: Decoder::default(), buffer: vec![0; READ_BYTES] };
    match reader.next().await? {
        GuestFrame::Said(FromGuest::Hello { version }) if version == PROTOCOL_VERSION => {
            Ok(GuestLink::spawn(reader, write))
        }
        GuestFrame::Said(FromGuest::Hello { version }) => Err(LinkError::Version(version)),
        GuestFrame::Lost(why) => Err(why),
        _ => Err(LinkError::Frame(FrameError::Truncated)),
    }
}

/// The live connection. Dropping it closes the socket, on which the guest ends and the container with it.
#[derive(Debug)]
pub struct GuestLink {
    outbox: mpsc::Sender<Frame>,
    inbox: mpsc::Receiver<GuestFrame>,
    _closer: DropGuard,
}

impl GuestLink {
    fn spawn(reader: Reader, write: OwnedWriteHalf) -> Self {
        let (outbox, to_write) = mpsc::channel(OUTBOX_FRAMES);
        let (read, inbox) = mpsc::channel(INBOX_FRAMES);
        let closed = CancellationToken::new();
        tokio::spawn(closed.clone().run_until_cancelled_owned(reader.run(read)));
        tokio::spawn(closed.clone().run_until_cancelled_owned(write_frames(write, to_write)));
        Self { outbox, inbox, _closer: closed.drop_guard() }
    }

    /// What comes next; after [`GuestFrame::Lost`] nothing does.
    pub async fn next(&mut self) -> GuestFrame {
        self.inbox.recv().await.unwrap_or(GuestFrame::Lost(LinkError::Closed))
    }

    /// Sends a message, waiting for room.
    ///
    /// # Errors
    /// [`LinkError::Closed`]
    pub async fn send(&self, message: &ToGuest) -> Result<(), LinkError> {
        let text = serde_json::to_string(message)?;
        self.outbox.send(Frame::Text(text)).await.map_err(|_| LinkError::Closed)
    }

    /// False once the guest is gone, even before that was read.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        !self.inbox.is_closed()
    }

    /// The way out, for a driver that has to wait for room and for other things at once.
    #[must_use]
    pub fn outbox(&self) -> mpsc::Sender<Frame> {
        self.outbox.clone()
    }
}

struct Reader {
    socket: OwnedReadHalf,
    decoder: Decoder,
    buffer: Vec<u8>,
}

impl Reader {
    async fn run(mut self, inbox: mpsc::Sender<GuestFrame>) {
        loop {
            let frame = self.next().await.unwrap_or_else(GuestFrame::Lost);
            let last = matches!(frame, GuestFrame::Lost(_));
            if inbox.send(frame).await.is_err() || last {
                return;
            }
        }
    }

    async fn next(&mut self) -> Result<GuestFrame, LinkError> {
        loop {
            match self.decoder.next_frame()? {
                Some(Frame::Text(text)) => return Ok(GuestFrame::Said(serde_json::from_str(&text)?)),
                Some(Frame::Binary(mut bytes)) => {
                    trace::stamp(&mut bytes, Hop::AgentOut);
                    return Ok(GuestFrame::Terminal(bytes));
                }
                None => {}
            }
            let count = self.socket.read(&mut self.buffer).await?;
            if count == 0 {
                return Err(LinkError::Closed);
            }
            self.decoder.push(self.buffer.get(..count).unwrap_or_default());
        }
    }
}

/// Writes until the link is dropped or the guest is gone; the reader tells why.
async fn write_frames(mut socket: OwnedWriteHalf, mut frames: mpsc::Receiver<Frame>) {
    let mut bytes = Vec::new();
    while let Some(frame) = frames.recv().await {
        bytes.clear();
        encode_into(&frame, &mut bytes);
        // Whatever else waits goes into the same system call, up to a read's worth.
        while bytes.len() < READ_BYTES {
            let Ok(frame) = frames.try_recv() else { break };
            encode_into(&frame, &mut bytes);
        }
        if socket.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
