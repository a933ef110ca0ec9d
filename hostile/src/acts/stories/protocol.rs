//! What a page may do to its socket beyond single messages (HOSTILE.md, H).

use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::session::{SessionMessage, ViewerMessage};
use ide_protocol::terminal::TerminalSize;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::super::{Acted, Scene};
use crate::ground::{Heard, LiveSession};

/// The most that a page may send of one message; its fragments count together.
const MAX_FRAGMENTS: usize = 1_000_000;

/// A page that reads nothing is gone after this (H05), and has cost the server no more than that.
const NOT_READING_GONE: Duration = Duration::from_secs(30);
const NOT_READING_KIB: u64 = 4 * 1024;

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
