//! HTTP byte by byte: what is sent is what is written, however wrong. A library would mend it first.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Bytes read of an answer; no honest one of these is longer.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// An answer as far as a case looks at it.
#[derive(Debug)]
pub struct Reply {
    /// `None` when the connection was closed without one.
    pub status: Option<u16>,
    pub bytes: Vec<u8>,
    pub took: Duration,
}

/// Sends `request` to the server at `base` and reads until it hangs up or `within` is over.
///
/// # Errors
/// When nobody listens.
pub async fn exchange(base: &str, request: &[u8], within: Duration) -> anyhow::Result<Reply> {
    let address = base.trim_start_matches("http://");
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).await.context("connecting")?;
    // A server that has heard enough closes before all is sent; what it answered can still be read.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    while bytes.len() < MAX_ANSWER_BYTES {
        let left = within.saturating_sub(began.elapsed());
        match tokio::time::timeout(left, stream.read(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => bytes.extend(buffer.iter().take(count)),
            _ => break,
        }
    }
    Ok(Reply { status: status(&bytes), bytes, took: began.elapsed() })
}

fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    let text = std::str::from_utf8(line).ok()?.strip_prefix("HTTP/1.1 ")?;
    text.split(' ').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_the_second_word_of_the_first_line() {
        assert_eq!(status(b"HTTP/1.1 404 Not Found\r\n\r\n"), Some(404));
        assert_eq!(status(b"HTTP/1.1 204\r\n"), Some(204));
        assert_eq!(status(b""), None);
        assert_eq!(status(b"garbage"), None);
    }
}
