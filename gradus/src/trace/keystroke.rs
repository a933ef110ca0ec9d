//! A key, hop by hop: typed as any other, in a frame that relay, agent and guest stamp on the way there and back.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use ide_protocol::trace::{self, Stamps};
use learner_client::{Heard, Page};
use tokio::time::timeout;

use super::table::Table;
use super::{MAX_COUNT, Who};

/// Between an instant and the next.
const HOPS: [&str; 7] = [
    "browser → relay",
    "relay → agent",
    "agent → guest",
    "terminal and program",
    "guest → agent",
    "agent → relay",
    "relay → browser",
];

/// From key to what the browser would draw; the stamps come right behind it.
const ECHO: &str = "echo seen";

/// Keys on one line of the shell; then it is taken back, so that it never wraps.
const KEYS_PER_LINE: u64 = 40;

/// A terminal that echoes nothing for so long is not going to.
const ECHO_WITHIN: Duration = Duration::from_secs(10);

/// Nothing but the echo may come behind a key: no colours, no title, no bracketed paste.
const PLAIN_PROMPT: &str = "PS1='ready> '; bind 'set enable-bracketed-paste off'; echo settled-$((40+2))\r";
const CTRL_U: &[u8] = b"\x15";

#[derive(Args)]
pub struct Keystroke {
    #[command(flatten)]
    pub who: Who,
    /// Whose session to type in; one with a shell.
    #[arg(long, default_value = "sh-pipes")]
    lesson: String,
    /// Keys to press.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=MAX_COUNT))]
    count: u64,
    /// Between an echo and the next key.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pause_ms: u64,
}

impl Keystroke {
    /// # Errors
    /// When there is no session, or it echoes nothing.
    pub async fn trace(&self) -> anyhow::Result<Table> {
        let learner = self.who.log_in().await?;
        let session = learner.session(learner.open(&self.lesson).await?.id).await?;
        let mut page = learner.page(session.id).await?;
        page.open_terminal().await?;
        page.type_in(PLAIN_PROMPT.as_bytes()).await?;
        until(&mut page, b"settled-42\r\nready> ").await?;
        let mut table = Table::new("key", &HOPS, &[ECHO]);
        for number in 0..self.count {
            if number % KEYS_PER_LINE == KEYS_PER_LINE - 1 {
                page.type_in(CTRL_U).await?;
                timeout(ECHO_WITHIN, page.read()).await.context("the shell does not answer")??;
            }
            tokio::time::sleep(Duration::from_millis(self.pause_ms)).await;
            let press = timeout(ECHO_WITHIN, press(&mut page));
            let Pressed { instants, echo } = press.await.context("the terminal echoes nothing")??;
            table.add(&instants, &[echo], NANOS_PER_MICRO);
        }
        learner.end_session(session.id).await?;
        Ok(table)
    }
}

const NANOS_PER_MICRO: i64 = 1_000;

struct Pressed {
    instants: Vec<i64>,
    echo: i64,
}

async fn press(page: &mut Page) -> anyhow::Result<Pressed> {
    let pressed = trace::now();
    page.type_traced(b"x").await?;
    let mut echoed = None;
    loop {
        let Heard::Frame(frame) = page.hear().await? else { continue };
        let now = trace::now();
        if let Some(stamps) = Page::stamps(&frame) {
            let echo = nanos(echoed.unwrap_or(now)) - nanos(pressed);
            return Ok(Pressed { instants: instants(pressed, stamps, now)?, echo });
        }
        if page.output(&frame).await?.is_some() {
            echoed.get_or_insert(now);
        }
    }
}

fn instants(pressed: u64, stamps: Stamps, back: u64) -> anyhow::Result<Vec<i64>> {
    anyhow::ensure!(!stamps.contains(&0), "a hop left no stamp: it is of an older version");
    Ok([pressed].into_iter().chain(stamps).chain([back]).map(nanos).collect())
}

fn nanos(stamp: u64) -> i64 {
    i64::try_from(stamp).unwrap_or(i64::MAX)
}

/// Reads until `word` has come.
async fn until(page: &mut Page, word: &[u8]) -> anyhow::Result<()> {
    let mut window = Vec::new();
    let found = async {
        loop {
            window.extend_from_slice(&page.read().await?);
            if window.windows(word.len()).any(|part| part == word) {
                return anyhow::Ok(());
            }
        }
    };
    timeout(ECHO_WITHIN, found).await.context("the shell does not answer")?
}
