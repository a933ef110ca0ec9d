//! A session's first moments by hand: a container, the lesson's files, a shell. For who measures how long a learner waits.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::frame::StreamFrame;
use ide_protocol::guest::ToGuest;
use ide_protocol::limits::VIEWER_WINDOW_BYTES;
use ide_protocol::terminal::TerminalSize;
use lesson::Lesson;

use super::Local;
use crate::container::Shape;
use crate::guest_link::{GuestFrame, GuestLink};
use crate::steps;
use crate::supervisor::Lane;

/// How every prompt of our images begins.
const PROMPT: &[u8] = b"learner@";
/// A shell starts within milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };
const TERMINAL: u32 = 1;

/// What was reached how long after it was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Opened {
    pub claimed: Duration,
    pub laid: Duration,
    pub prompt: Duration,
}

impl Local {
    /// Opens a session of `lesson` as far as its first prompt, as an agent does between its job and its relay, and ends it.
    ///
    /// # Errors
    /// When there is no container, or no prompt.
    pub async fn first_prompt(&self, lesson: &Lesson) -> anyhow::Result<Opened> {
        let clock = Instant::now();
        let mut container = self.pool.claim(&Shape::of(&lesson.manifest), Lane::Sessions).await?;
        let claimed = clock.elapsed();
        let mut guest = container.take_guest().context("the container has no guest")?;
        guest.lay(&lesson.session_files(&[])).await?;
        guest.watch().await?;
        let laid = clock.elapsed();
        let (mut link, request) = guest.into_link();
        let program = steps::shell(&lesson.manifest.slug);
        link.send(&ToGuest::OpenTerminal { request, terminal: TERMINAL, program, size: SIZE }).await?;
        link.send(&ToGuest::GrantOutput { terminal: TERMINAL, up_to: VIEWER_WINDOW_BYTES }).await?;
        tokio::time::timeout(PATIENCE, prompt(&mut link)).await.context("no prompt in time")??;
        Ok(Opened { claimed, laid, prompt: clock.elapsed() })
    }
}

async fn prompt(link: &mut GuestLink) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    while !seen.windows(PROMPT.len()).any(|window| window == PROMPT) {
        match link.next().await {
            GuestFrame::Terminal(bytes) => seen.extend_from_slice(StreamFrame::decode(&bytes)?.payload),
            GuestFrame::Said(_) => {}
            GuestFrame::Lost(why) => return Err(why.into()),
        }
    }
    Ok(())
}
