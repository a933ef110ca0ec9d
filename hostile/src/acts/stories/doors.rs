//! What anybody may do at the server's door, without a page or a name (HOSTILE.md, H).

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::{Acted, Scene};
use crate::ground::exchange;

/// A newcomer is answered within this, whoever else is at the door.
const NEWCOMER_MS: u128 = 500;

/// Half-open connections at once (H04), and how long each may stay: HOSTILE.md's ten seconds, which are the server's own deadline
/// to the millisecond, and what it takes to notice.
const HALF_OPEN: usize = 500;
const HALF_OPEN_GONE: Duration = Duration::from_millis(11_500);

/// Connections that read nothing of their answers (H14), and when they have to be gone; as many descriptors may be others'.
const UNREAD: usize = 10;
const UNREAD_TAKEN: Duration = Duration::from_secs(10);
const UNREAD_GONE: Duration = Duration::from_secs(60);
const SPARE_DESCRIPTORS: u64 = 4;

/// H04: connections that say nothing, or half a request and then a byte now and then. Newcomers are served meanwhile, and
/// in the end nobody of them is left.
pub(super) async fn half_open_connections(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let base = scene.ground.base.clone();
    let address = base.trim_start_matches("http://").to_owned();
    let began = Instant::now();
    let mut open = Vec::new();
    for number in 0..HALF_OPEN {
        let mut stream = TcpStream::connect(&address).await.context("connecting")?;
        let start: &[u8] = match number % 3 {
            0 => b"",
            1 => b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            _ => b"GET /api/v1/sessions/0/socket HTTP/1.1\r\nUpgrade: websocket\r\n",
        };
        stream.write_all(start).await?;
        open.push((number, stream));
    }
    // The last of them has been there for no time yet.
    let opened = Instant::now();
    let mut wrong = Vec::new();
    let mut slowest = 0;
    let mut left = open.len();
    while left > 0 && opened.elapsed() < HALF_OPEN_GONE {
        let request = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let reply = exchange(&base, request, Duration::from_secs(5)).await?;
        slowest = slowest.max(reply.took.as_millis());
        if reply.status != Some(204) {
            wrong.push(format!("a newcomer was answered {:?}", reply.status));
        }
        let mut still = Vec::new();
        for (number, mut stream) in open {
            // Another byte of a head that never ends; the silent ones stay silent.
            let dribbles = number % 3 == 1;
            let dead = dribbles && stream.write_all(b"x").await.is_err() || hung_up(&mut stream).await;
            if !dead {
                still.push((number, stream));
            }
        }
        open = still;
        left = open.len();
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    if left > 0 {
        wrong.push(format!(
            "{left} of {HALF_OPEN} half-open connections are still there after {HALF_OPEN_GONE:?}"
        ));
    }
    if slowest > NEWCOMER_MS {
        wrong.push(format!("a newcomer waited {slowest} ms"));
    }
    let seen = format!(
        "all gone after {:.1} s; newcomers waited {slowest} ms at most",
        began.elapsed().as_secs_f64()
    );
    Ok(Acted::held(began, wrong, seen))
}

/// Whether the server has closed; what it answers before is read and forgotten.
async fn hung_up(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 1024];
    loop {
        match tokio::time::timeout(Duration::from_millis(1), stream.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return true,
            Ok(Ok(_)) => {}
            Err(_) => return false,
        }
    }
}

/// H14: connections that ask for a great deal and read nothing of it. Each keeps a place only until it is plain that
/// nobody reads.
pub(super) async fn answers_that_nobody_reads(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let base = scene.ground.base.clone();
    let address = base.trim_start_matches("http://").to_owned();
    let descriptors =
        || scene.ground.api.figures().map(|figures| figures.descriptors).context("the API is gone");
    let before = descriptors()?;
    let began = Instant::now();
    let request = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(400);
    let mut open = Vec::new();
    for _ in 0..UNREAD {
        let mut stream = TcpStream::connect(&address).await.context("connecting")?;
        // More than the server reads ahead: it has stopped reading by then, too.
        let _ = tokio::time::timeout(Duration::from_millis(200), stream.write_all(&request)).await;
        open.push(stream);
    }
    // They are in the kernel's queue until the server has taken them.
    while descriptors()? < before + UNREAD as u64 && began.elapsed() < UNREAD_TAKEN {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let held = descriptors()?.saturating_sub(before);
    let mut wrong = Vec::new();
    if held < UNREAD as u64 / 2 {
        wrong.push(format!("only {held} connections were ever open"));
    }
    while descriptors()? > before + SPARE_DESCRIPTORS && began.elapsed() < UNREAD_GONE {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let left = descriptors()?.saturating_sub(before);
    if left > SPARE_DESCRIPTORS {
        wrong.push(format!("{left} of {UNREAD} connections are still open after {UNREAD_GONE:?}"));
    }
    drop(open);
    Ok(Acted::held(began, wrong, format!("{held} were open, {left} are after {:?}", began.elapsed())))
}
