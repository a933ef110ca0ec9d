//! One connection that asks and is answered, over and over: HTTP/1.1 with nothing in it but what the load needs, so that the
//! client takes as little as it can of the processors it shares with the server.

use std::net::SocketAddr;

use anyhow::Context as _;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer longer than this is none that the load asks for.
const MAX_ANSWER_BYTES: usize = 1 << 20;
const READ_BYTES: usize = 16 * 1024;

pub struct Line {
    stream: TcpStream,
    address: SocketAddr,
    heard: Vec<u8>,
}

pub struct Ask<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub cookie: &'a str,
    /// Whole lines, each with its end.
    pub headers: &'a str,
    pub body: &'a str,
}

impl Line {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address, heard: Vec::new() })
    }

    /// The answer's body; an error when it is not a success.
    pub async fn ask(&mut self, ask: &Ask<'_>) -> anyhow::Result<Value> {
        let Ask { method, path, cookie, headers, body } = ask;
        let address = self.address;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: gradus={cookie}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let (head, length) = self.head().await?;
        while self.heard.len() < length {
            self.hear().await?;
        }
        let rest = self.heard.split_off(length);
        let body = std::mem::replace(&mut self.heard, rest);
        anyhow::ensure!(
            head.starts_with("HTTP/1.1 2"),
            "{method} {path}: {head}{}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// The head of the next answer, taken off what was heard, and the length of the body behind it.
    async fn head(&mut self) -> anyhow::Result<(String, usize)> {
        let end = loop {
            match self.heard.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.hear().await?,
            }
        };
        let rest = self.heard.split_off(end);
        let head = String::from_utf8(std::mem::replace(&mut self.heard, rest))?;
        let mut fields = head.lines().filter_map(|line| line.split_once(':'));
        let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length =
            length.map_or(Ok(0), |(_, value)| value.trim().parse()).context("a length that is no number")?;
        Ok((head, length))
    }

    async fn hear(&mut self) -> anyhow::Result<()> {
        self.heard.reserve(READ_BYTES);
        let count = self.stream.read_buf(&mut self.heard).await?;
        anyhow::ensure!(count > 0, "the server hung up");
        anyhow::ensure!(self.heard.len() < MAX_ANSWER_BYTES, "an answer without end");
        Ok(())
    }
}
