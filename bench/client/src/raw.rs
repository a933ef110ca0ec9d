//! Terminals without a server of their own in between: a pseudo-terminal of this process, the limit of what is possible;
//! and a container's, attached to over the engine's socket as `docker attach` does.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::Command;

use anyhow::Context as _;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

const ENGINE: &str = "/var/run/docker.sock";
/// One read; the kernel hands out at most 4 KiB of a terminal at once, an engine's socket more.
const READ_BYTES: usize = 64 * 1024;

pub enum Raw {
    /// Read and written blocking: nothing else is to be done meanwhile, and nothing is quicker.
    Pty(OwnedFd),
    Engine(UnixStream),
}

/// `program` on a new pseudo-terminal, led by `setsid` so that it is its controlling one.
pub fn pty(program: &str) -> anyhow::Result<Raw> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname(&master, Vec::new())?.into_string()?;
    let slave = File::options().read(true).write(true).open(name)?;
    // Ends with us: its terminal hangs up when the master is closed.
    Command::new("setsid")
        .args(["--ctty", program, "--norc"])
        .stdin(slave.try_clone()?)
        .stdout(slave.try_clone()?)
        .stderr(slave)
        .spawn()
        .context("starting a shell")?;
    Ok(Raw::Pty(master))
}

/// The terminal of a running container.
pub async fn attach(container: &str) -> anyhow::Result<Raw> {
    let mut stream = UnixStream::connect(ENGINE).await.context("the engine's socket")?;
    let request = format!(
        "POST /containers/{container}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: docker\r\n\
         Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.context("the engine closed the connection")?);
    }
    let head = String::from_utf8_lossy(&head);
    anyhow::ensure!(head.starts_with("HTTP/1.1 101"), "the engine said {head}");
    Ok(Raw::Engine(stream))
}

impl Raw {
    pub async fn type_in(&mut self, keys: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Engine(stream) => Ok(stream.write_all(keys).await?),
            Self::Pty(master) => {
                anyhow::ensure!(rustix::io::write(master, keys)? == keys.len(), "the terminal is full");
                Ok(())
            }
        }
    }

    pub async fn read(&mut self, into: &mut Vec<u8>) -> anyhow::Result<()> {
        let mut buffer = vec![0; READ_BYTES];
        let count = match self {
            Self::Engine(stream) => stream.read(&mut buffer).await?,
            Self::Pty(master) => rustix::io::read(master, buffer.as_mut_slice())?,
        };
        anyhow::ensure!(count > 0, "the terminal is closed");
        into.extend_from_slice(buffer.get(..count).unwrap_or_default());
        Ok(())
    }
}
