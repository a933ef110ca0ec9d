//! What a page may do to its socket and to the server's door beyond single messages (HOSTILE.md, H).

use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::session::{SessionMessage, ViewerMessage};
use ide_protocol::terminal::TerminalSize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::super::{Acted, Scene};
use crate::ground::{Heard, LiveSession, exchange};

/// A newcomer is answered within this, whoever else is at the door.
const NEWCOMER_MS: u128 = 500;

/// Half-open connections at once (H04), and how long each may stay: HOSTILE.md's ten seconds, which are the server's own deadline
/// to the millisecond, and what it takes to notice.
const HALF_OPEN: usize = 500;
const HALF_OPEN_GONE: Duration = Duration::from_millis(11_500);

/// The most that a page may send of one message; its fragments count together.
const MAX_FRAGMENTS: usize = 1_000_000;

/// A page that reads nothing is gone after this (H05), and has cost the server no more than that.
const NOT_READING_GONE: Duration = Duration::from_secs(30);
const NOT_READING_KIB: u64 = 4 * 1024;

/// Connections that read nothing of their answers (H14), and when they have to be gone; as many descriptors may be others'.
const UNREAD: usize = 10;
const UNREAD_TAKEN: Duration = Duration::from_secs(10);
const UNREAD_GONE: Duration = Duration::from_secs(60);
const SPARE_DESCRIPTORS: u64 = 4;

/// How the socket was closed, passing over what is said before.
async fn closed(page: &mut LiveSession, within: Duration) -> Option<u16> {
    let began = Instant::now();
    loop {
        match page.hear(within.saturating_sub(began.elapsed())).await {
            Some(Heard::Closed(code)) => return Some(code.unwrap_or_default()),
            Some(_) => {}
            None => return None,
        }
    }
}

/// H02: one message in a million pieces of one byte. It is over at the limit of a message, not at its end.
pub(super) async fn a_message_in_tiny_pieces(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let session = learner.ask_for_session(workspace).await?.id;
    let mut page = learner.connect(session).await?;
    page.hello().await?;
    let began = Instant::now();
    let mut sent = 0;
    let first = Frame::message("\"", OpCode::Data(Data::Text), false);
    let mut next = page.send(Message::Frame(first)).await;
    while next.is_ok() && sent < MAX_FRAGMENTS {
        sent += 1;
        next = page.send(Message::Frame(Frame::message("x", OpCode::Data(Data::Continue), false))).await;
    }
    let code = closed(&mut page, scene.bound().saturating_sub(began.elapsed())).await;
    let mut wrong = Vec::new();
    if !matches!(code, Some(0 | 1009)) {
        wrong.push(format!("after {sent} pieces: closed with {code:?}"));
    }
    let acted = Acted::held(began, wrong, format!("{sent} pieces until it was closed"));
    learner.end_session(session).await?;
    Ok(acted)
}

/// H03: ten thousand pings as fast as the socket takes them; they count as messages do.
pub(super) async fn a_flood_of_pings(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let session = learner.ask_for_session(workspace).await?.id;
    let mut page = learner.connect(session).await?;
    page.hello().await?;
    let began = Instant::now();
    for _ in 0..10_000 {
        if page.send(Message::Ping("hello".into())).await.is_err() {
            break;
        }
    }
    let code = closed(&mut page, scene.bound().saturating_sub(began.elapsed())).await;
    let wrong = match code {
        Some(0 | 4429) => Vec::new(),
        other => vec![format!("closed with {other:?} instead of 4429")],
    };
    let acted = Acted::held(began, wrong, String::new());
    learner.end_session(session).await?;
    Ok(acted)
}

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

/// H05: a page asks for endless output and reads nothing. It is sent away; the learner's other page works all the while.
pub(super) async fn a_page_that_never_reads(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let (session, mut live) = learner.settle(workspace).await?;
    let terminal = live.terminal().context("a terminal is open")?;
    let memory = || scene.ground.api.figures().map(|figures| figures.rss_kib).context("the API is gone");
    let before = memory()?;
    let mut deaf = learner.connect(session).await?;
    deaf.hello().await?;
    deaf.say(&ViewerMessage::AttachTerminal { terminal, from_offset: 0 }).await?;
    let began = Instant::now();
    let mut wrong = Vec::new();
    let flood = "timeout 3 yes 0123456789abcdef; echo";
    if live.run(flood, Duration::from_secs(15)).await?.is_none() {
        wrong.push("the learner's own page waits for one that does not read".to_owned());
    }
    let grown = memory()?.saturating_sub(before);
    if grown > NOT_READING_KIB {
        wrong.push(format!("the API holds {grown} KiB more"));
    }
    // The reading page stays awake, the deaf one does not even answer pings.
    while began.elapsed() < NOT_READING_GONE {
        if live.run("true", Duration::from_secs(5)).await?.is_none() {
            wrong.push("the learner's own page has no prompt".to_owned());
            break;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let code = closed(&mut deaf, Duration::from_secs(5)).await;
    if code.is_none() {
        wrong.push(format!("it is still there after {:?}", began.elapsed()));
    }
    let seen = format!("closed with {code:?}; the API grew by {grown} KiB meanwhile");
    let acted = Acted::held(began, wrong, seen);
    learner.end_session(session).await?;
    Ok(acted)
}

/// H06: no size, every size, and a thousand sizes in a second.
pub(super) async fn sizes_without_sense(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let (session, mut live) = learner.settle(workspace).await?;
    let terminal = live.terminal().context("a terminal is open")?;
    let began = Instant::now();
    let mut wrong = Vec::new();
    let resize = async |live: &mut LiveSession, columns, rows| {
        live.say(&ViewerMessage::ResizeTerminal { terminal, size: TerminalSize { columns, rows } }).await
    };
    for (columns, rows, told) in [(0, 0, "1 2"), (u16::MAX, u16::MAX, "300 500"), (80, 24, "24 80")] {
        resize(&mut live, columns, rows).await?;
        let answer = live.run("stty size", Duration::from_secs(5)).await?.unwrap_or_default();
        // At two columns the shell breaks every line: only digits count.
        let digits: String = answer.chars().filter(char::is_ascii_digit).collect();
        let wanted: String = told.chars().filter(char::is_ascii_digit).collect();
        if !digits.contains(&wanted) {
            wrong.push(format!("{columns}×{rows}: {answer:?} instead of {told:?}"));
        }
    }
    for number in 0..1_000u16 {
        resize(&mut live, 80 + number % 40, 24).await?;
    }
    resize(&mut live, 100, 40).await?;
    match live.run("stty size", Duration::from_secs(5)).await? {
        Some(answer) if answer.contains("40 100") => {}
        other => wrong.push(format!("after a thousand sizes: {other:?}")),
    }
    let acted = Acted::held(began, wrong, String::new());
    learner.end_session(session).await?;
    Ok(acted)
}

/// H09: bytes again, bytes from the future, acknowledgements of what was never sent. Nothing is typed twice, nothing is
/// jumped, and the stream goes on.
pub(super) async fn numbers_that_do_not_join_on(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let (session, mut live) = learner.settle(workspace).await?;
    let terminal = live.terminal().context("a terminal is open")?;
    let began = Instant::now();
    let typed = |stream, offset, text: &str| {
        let frame = StreamFrame { stream, flow: Flow::Input, viewer: 0, offset, payload: text.as_bytes() };
        Message::binary(frame.encode())
    };
    let mut wrong = Vec::new();
    let own = Stream::Terminal(terminal);
    for (stream, offset) in [
        (own, 0),
        (own, 1 << 40),
        (own, u64::MAX),
        (Stream::Terminal(terminal + 1), 0),
        (Stream::Terminal(u32::MAX), u64::MAX),
        (Stream::Channel(1), 0),
        (Stream::Channel(u32::MAX), u64::MAX),
    ] {
        live.send(typed(stream, offset, "touch typed-by-a-stranger\r")).await?;
    }
    for offset in [0, 1 << 40, u64::MAX] {
        for terminal in [terminal, terminal + 1, u32::MAX] {
            live.say(&ViewerMessage::AcknowledgeOutput { terminal, offset }).await?;
        }
    }
    live.say(&ViewerMessage::AttachTerminal { terminal: terminal + 7, from_offset: 0 }).await?;
    live.say(&ViewerMessage::StopRun { run: u32::MAX }).await?;
    let refused = live
        .until_message(Duration::from_secs(5), |message| {
            matches!(message, SessionMessage::RequestRefused { .. }).then_some(())
        })
        .await;
    if refused.is_err() {
        wrong.push("a terminal that is not there is not refused".to_owned());
    }
    match live.run("ls", Duration::from_secs(5)).await? {
        Some(answer) if !answer.contains("typed-by-a-stranger") => {}
        other => wrong.push(format!("what does not join on was typed: {other:?}")),
    }
    // And the stream is whole: more than a window of output comes as it should.
    match live.run("seq 100000", Duration::from_secs(10)).await? {
        Some(answer) if answer.contains("100000") => {}
        other => wrong.push(format!("the stream does not go on: {other:?}")),
    }
    let acted = Acted::held(began, wrong, String::new());
    learner.end_session(session).await?;
    Ok(acted)
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
