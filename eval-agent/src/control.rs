//! How somebody on this host asks a running agent to empty it, and watches: a socket in the agent's run folder, which only the
//! agent's own user may enter. One line of JSON in, lines of progress out until nothing is left. No port, no signal that
//! could be meant otherwise.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};

/// In the run folder.
const SOCKET: &str = "control.sock";
/// For the order to come once somebody has connected.
const ORDER_DEADLINE: Duration = Duration::from_secs(5);
/// Bytes of an order.
const MAX_ORDER_BYTES: u64 = 1_024;
/// Orders not yet heard by the driver; who gives one more waits.
const ORDERS: usize = 4;

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub(crate) enum Order {
    /// Take nothing new and end when all has ended; sessions are handed over after this long.
    Drain { within_seconds: Option<u64> },
}

/// What is left on a host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub sessions: usize,
    pub gradings: usize,
    /// Nothing, not even a warm container.
    pub is_empty: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("no agent answers in {}: is it running, and is this its --agent-name, --data or --run-dir?", path.display())]
    Nobody {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the agent went before it said that the host is empty; `docker ps` shows what it left")]
    Gone,
    #[error("the agent said what cannot be read")]
    Unreadable(#[from] serde_json::Error),
    #[error("talking to the agent")]
    Broken(#[from] io::Error),
}

/// The agent's end. Dropped, who listens hears no more.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) orders: mpsc::Receiver<Order>,
    left: watch::Sender<Left>,
    path: PathBuf,
}

impl Control {
    /// Listens in the run folder, which is locked: what lies there is of an earlier run.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub(crate) fn listen(run_dir: &Path) -> io::Result<Self> {
        let path = run_dir.join(SOCKET);
        match std::fs::remove_file(&path) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        let (sender, orders) = mpsc::channel(ORDERS);
        let left = watch::Sender::new(Left::default());
        tokio::spawn(serve(listener, sender, left.subscribe()));
        Ok(Self { orders, left, path })
    }

    pub(crate) fn tell(&self, left: Left) {
        self.left.send_if_modified(|told| std::mem::replace(told, left) != left);
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Until the agent has gone. Whoever connects is a user of this host's own; each has a task.
async fn serve(listener: UnixListener, orders: mpsc::Sender<Order>, left: watch::Receiver<Left>) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = orders.closed() => return,
        };
        let Ok((stream, _)) = stream else { continue };
        let (orders, left) = (orders.clone(), left.clone());
        tokio::spawn(async move {
            if let Err(why) = hear(stream, orders, left).await {
                tracing::debug!(error = %why, "whoever watched over the drain is gone");
            }
        });
    }
}

async fn hear(
    stream: UnixStream,
    orders: mpsc::Sender<Order>,
    mut left: watch::Receiver<Left>,
) -> Result<(), ControlError> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut bounded = BufReader::new(read.take(MAX_ORDER_BYTES));
    tokio::time::timeout(ORDER_DEADLINE, bounded.read_line(&mut line))
        .await
        .map_err(|_| ControlError::Gone)??;
    let _ = orders.send(serde_json::from_str(&line)?).await;
    loop {
        let told = *left.borrow_and_update();
        write.write_all(format!("{}\n", serde_json::to_string(&told)?).as_bytes()).await?;
        if told.is_empty || left.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// Asks the agent of this run folder to empty its host, and returns when it is; `told` hears what is left whenever it changes.
///
/// # Errors
/// [`ControlError`]
pub async fn drain(
    run_dir: &Path,
    within: Option<Duration>,
    mut told: impl FnMut(Left),
) -> Result<(), ControlError> {
    let path = run_dir.to_owned();
    let stream = UnixStream::connect(run_dir.join(SOCKET)).await;
    let stream = stream.map_err(|source| ControlError::Nobody { path, source })?;
    let (read, mut write) = stream.into_split();
    let order = Order::Drain { within_seconds: within.map(|within| within.as_secs()) };
    write.write_all(format!("{}\n", serde_json::to_string(&order)?).as_bytes()).await?;
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        let left: Left = serde_json::from_str(&line)?;
        told(left);
        if left.is_empty {
            return Ok(());
        }
    }
    Err(ControlError::Gone)
}
