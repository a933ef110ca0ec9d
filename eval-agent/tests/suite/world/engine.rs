//! The real engine behind a socket that can be told to misbehave: requests of a kind are held, or refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

const ENGINE: &str = "/var/run/docker.sock";
const REFUSAL: &str = r#"{"message":"no space left, sorry"}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Everything works.
    None,
    /// Requests that begin so get no answer until the fault is gone.
    Hold(&'static str),
    /// The same for those whose first line has this in it.
    HoldPath(&'static str),
    /// Requests that begin so are refused with 500.
    Refuse(&'static str),
}

pub struct Engine {
    pub socket: PathBuf,
    fault: Arc<watch::Sender<Fault>>,
}

impl Engine {
    pub fn start(folder: &Path) -> Self {
        let socket = folder.join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let fault = Arc::new(watch::Sender::new(Fault::None));
        let faults = fault.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, faults.subscribe()));
            }
        });
        Self { socket, fault }
    }

    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

/// Requests are small, so that each begins a piece of what is read.
async fn carry(mut client: UnixStream, mut fault: watch::Receiver<Fault>) {
    let mut engine = UnixStream::connect(ENGINE).await.unwrap();
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            count = client.read(&mut asked) => {
                let Ok(count @ 1..) = count else { return };
                let now = *fault.borrow_and_update();
                match now {
                    Fault::Refuse(kind) if asked.starts_with(kind.as_bytes()) => {
                        let _ = client.write_all(refusal().as_bytes()).await;
                        return;
                    }
                    Fault::HoldPath(part) if first_line(&asked[..count]).contains(part) => {
                        let _ = fault.wait_for(|fault| *fault == Fault::None).await;
                    }
                    Fault::Hold(kind) if asked.starts_with(kind.as_bytes()) => {
                        let _ = fault.wait_for(|fault| *fault == Fault::None).await;
                    }
                    _ => {}
                }
                if engine.write_all(&asked[..count]).await.is_err() { return }
            }
            count = engine.read(&mut answered) => {
                let Ok(count @ 1..) = count else { return };
                if client.write_all(&answered[..count]).await.is_err() { return }
            }
        }
    }
}

fn first_line(asked: &[u8]) -> String {
    let line = asked.split(|byte| *byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

fn refusal() -> String {
    let length = REFUSAL.len();
    let head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close";
    format!("{head}\r\nContent-Length: {length}\r\n\r\n{REFUSAL}")
}
