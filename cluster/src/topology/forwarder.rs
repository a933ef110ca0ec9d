//! A line between two parts that can be cut: a TCP forwarder of our own. Cut *silently* it passes nothing on and closes nothing, on
//! connections there are and on new ones alike, as a network does that has come apart; *gone* means that nobody listens.
//!
//! In passing it counts calls of the queue's API, which are what Amazon's costs.
//!
//! Packet filters would do the same, but would stay behind when the runner is killed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Read at once, per direction of a connection.
const BUFFER_BYTES: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Whole,
    Silent,
    Gone,
}

/// How a request of the queue's API names what it asks for.
const CALL: &[u8] = b"AmazonSQS.";

type Calls = Arc<Mutex<BTreeMap<String, u64>>>;

pub struct Forwarder {
    pub address: SocketAddr,
    calls: Calls,
    line: Arc<watch::Sender<Line>>,
    task: JoinHandle<()>,
}

impl Forwarder {
    /// Passes on what comes to `address`.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(address: SocketAddr, to: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
        let (line, _) = watch::channel(Line::Whole);
        let line = Arc::new(line);
        let calls = Calls::default();
        let task = tokio::spawn(serve(listener, address, to, line.subscribe(), Arc::clone(&calls)));
        Ok(Self { address, calls, line, task })
    }

    /// Calls of the queue's API that have passed, by name.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on nothing passes, and nobody is told.
    pub fn cut(&self) {
        self.line.send_replace(Line::Silent);
    }

    /// From now on nobody is there: connections are closed, new ones refused.
    pub fn leave(&self) {
        self.line.send_replace(Line::Gone);
    }

    pub fn mend(&self) {
        self.line.send_replace(Line::Whole);
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.line.send_replace(Line::Gone);
        self.task.abort();
    }
}

async fn serve(
    mut listener: TcpListener,
    address: SocketAddr,
    to: SocketAddr,
    mut line: watch::Receiver<Line>,
    calls: Calls,
) {
    let mut gone = line.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((near, _)) = accepted {
                    tokio::spawn(connection(near, to, line.clone(), Arc::clone(&calls)));
                }
                continue;
            }
            left = gone.wait_for(|line| *line == Line::Gone) => {
                if left.is_err() {
                    return;
                }
            }
        }
        drop(listener);
        if line.wait_for(|line| *line != Line::Gone).await.is_err() {
            return;
        }
        let Ok(again) = TcpListener::bind(address).await else { return };
        listener = again;
    }
}

async fn connection(near: TcpStream, to: SocketAddr, mut line: watch::Receiver<Line>, calls: Calls) {
    if line.wait_for(|line| *line != Line::Silent).await.is_err() {
        return;
    }
    let Ok(far) = TcpStream::connect(to).await else { return };
    // What is passed on is as prompt as what came.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let both = async {
        let there = pass(near_in, far_out, line.clone(), |bytes| count(bytes, &calls));
        tokio::join!(there, pass(far_in, near_out, line.clone(), |_| {}));
    };
    let mut over = line.clone();
    tokio::select! {
        () = both => {}
        _ = over.wait_for(|line| *line == Line::Gone) => {}
    }
}

/// A request's head comes in one piece; where it does not, a call goes uncounted.
fn count(bytes: &[u8], calls: &Calls) {
    for (at, _) in bytes.windows(CALL.len()).enumerate().filter(|(_, window)| *window == CALL) {
        let name = bytes.get(at + CALL.len()..).unwrap_or_default();
        let name = name.iter().take_while(|byte| byte.is_ascii_alphabetic());
        let name = name.map(|byte| char::from(*byte)).collect();
        *calls.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += 1;
    }
}

/// One direction, until its end.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
    see: impl Fn(&[u8]),
) {
    let mut buffer = vec![0; BUFFER_BYTES];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if line.wait_for(|line| *line != Line::Silent).await.is_err() {
            break;
        }
        let bytes = buffer.get(..count).unwrap_or_default();
        see(bytes);
        if to.write_all(bytes).await.is_err() {
            break;
        }
    }
    // An end is news too: it does not pass a line that is cut.
    let _ = line.wait_for(|line| *line != Line::Silent).await;
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::topology::ports;

    const SOON: Duration = Duration::from_millis(300);

    async fn echo(listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let (mut from, mut to) = stream.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from, &mut to).await });
        }
    }

    #[tokio::test]
    async fn a_silent_cut_holds_everything_back_and_loses_nothing() -> anyhow::Result<()> {
        let behind = TcpListener::bind("127.0.0.1:0").await?;
        let to = behind.local_addr()?;
        tokio::spawn(echo(behind));
        let address = *ports::free(1)?.first().context("a port")?;
        let forwarder = Forwarder::start(address, to).await?;
        let mut there = TcpStream::connect(address).await?;
        let mut answer = [0; 3];
        there.write_all(b"one").await?;
        there.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"one");

        forwarder.cut();
        there.write_all(b"two").await?;
        let mut newcomer = TcpStream::connect(address).await?;
        newcomer.write_all(b"new").await?;
        assert!(tokio::time::timeout(SOON, there.read_exact(&mut answer)).await.is_err(), "it passed");
        let mut heard = [0; 3];
        assert!(tokio::time::timeout(SOON, newcomer.read_exact(&mut heard)).await.is_err(), "it passed");
        forwarder.mend();
        there.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"two");
        newcomer.read_exact(&mut heard).await?;
        assert_eq!(&heard, b"new");

        forwarder.leave();
        assert_eq!(there.read(&mut answer).await.unwrap_or_default(), 0, "it is closed");
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        forwarder.mend();
        while TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}
