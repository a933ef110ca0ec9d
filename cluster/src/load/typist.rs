//! One learner at one terminal: types, is cut off, comes back, types on. Keeps the books of what came of each key.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ide_protocol::frame::{Flow, Stream, StreamFrame};
use ide_protocol::rest::{Session, SessionState};
use ide_protocol::session::{SessionMessage, ViewerMessage};
use ide_protocol::terminal::{TerminalId, TerminalInfo, TerminalSize};
use learner_client::{ClientError, Heard, Page};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::insist::told;
use super::keys::{Keys, Piece, Wrong};
use super::{Ledger, Seat, insist};

/// Four keys a second: somebody who types without haste.
const KEY_EVERY: Duration = Duration::from_millis(250);
/// As the IDE: nothing acknowledged for so long, and the line is dead although nobody said so.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// As the IDE: first and longest pause before another try.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };

/// A key and when its echo was seen.
#[derive(Debug, Clone, Copy)]
struct Echo {
    pressed: Instant,
    seen: Instant,
}

#[derive(Debug, Default)]
struct Books {
    keys: Keys,
    terminal: Option<TerminalId>,
    /// When keys that have not been echoed were pressed, oldest first.
    waiting: std::collections::VecDeque<Instant>,
    echoes: Vec<Echo>,
    /// When a new container was found in place of the one before.
    replaced: Vec<Instant>,
    /// Sessions that came to an end by themselves.
    ended: Vec<(Instant, String)>,
    /// Keys of containers that are gone: pressed, acknowledged, echoed.
    gone: (u64, u64, u64),
    doing: String,
}

#[derive(Debug)]
pub struct Typing {
    number: usize,
    books: Mutex<Books>,
}

/// Why a page stopped talking.
enum Parted {
    Over,
    Cut(String),
    Ended,
}

impl Typing {
    pub(super) fn new(number: usize) -> Self {
        Self { number, books: Mutex::default() }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For people: where it stands.
    #[must_use]
    pub fn state(&self) -> String {
        let books = self.books();
        format!(
            "session {} {} ({:?} keys typed, acknowledged, echoed)",
            self.number + 1,
            books.doing,
            books.keys.counts()
        )
    }

    #[must_use]
    pub fn echoed_key_pressed_after(&self, since: Instant) -> bool {
        self.books().echoes.last().is_some_and(|echo| echo.pressed > since)
    }

    /// The longest time in which nothing was echoed, of those that touch the span.
    #[must_use]
    pub fn longest_silence(&self, from: Instant, to: Instant) -> Duration {
        let books = self.books();
        let seen: Vec<_> = books.echoes.iter().map(|echo| echo.seen).filter(|seen| *seen <= to).collect();
        let pairs = seen.iter().zip(seen.iter().skip(1)).filter(|(_, after)| **after >= from);
        pairs.map(|(before, after)| *after - *before).max().unwrap_or(to - from)
    }

    /// From key to echo, of keys pressed in that span.
    #[must_use]
    pub fn echoes(&self, from: Instant, to: Instant) -> Vec<Duration> {
        let books = self.books();
        let inside = books.echoes.iter().filter(|echo| echo.pressed >= from && echo.pressed < to);
        inside.map(|echo| echo.seen - echo.pressed).collect()
    }

    /// New containers since then.
    #[must_use]
    pub fn replaced_since(&self, since: Instant) -> usize {
        self.books().replaced.iter().filter(|at| **at >= since).count()
    }

    /// Sessions that ended since then although nobody asked.
    #[must_use]
    pub fn ended_since(&self, since: Instant) -> Vec<String> {
        let books = self.books();
        books.ended.iter().filter(|(at, _)| *at >= since).map(|(_, why)| why.clone()).collect()
    }

    /// Keys pressed, acknowledged, and echoed, and those acknowledged in a container that died before it had echoed them.
    #[must_use]
    pub fn counts(&self) -> [u64; 4] {
        let books = self.books();
        let (now, gone) = (books.keys.counts(), books.gone);
        [gone.0 + now.0, gone.1 + now.1, gone.2 + now.2, gone.1.saturating_sub(gone.2)]
    }

    /// Acknowledged but not echoed in the container that lives; nothing after a moment.
    #[must_use]
    pub fn owed(&self) -> u64 {
        let (_, acknowledged, echoed) = self.books().keys.counts();
        acknowledged.saturating_sub(echoed)
    }

    fn container_gone(&self) {
        let mut books = self.books();
        if books.terminal.take().is_none() {
            return;
        }
        let (pressed, acknowledged, echoed) = std::mem::take(&mut books.keys).counts();
        books.gone = (books.gone.0 + pressed, books.gone.1 + acknowledged, books.gone.2 + echoed);
        books.waiting.clear();
        books.replaced.push(Instant::now());
    }

    fn doing(&self, what: &str) {
        what.clone_into(&mut self.books().doing);
    }
}

/// Types until it is over, then ends the session.
pub(super) async fn type_on(seat: &Seat, ledger: &Ledger, typing: &Typing, over: &CancellationToken) {
    if let Err(why) = try_type_on(seat, ledger, typing, over).await {
        ledger.wrong(format!("session {}: {why:#}", typing.number + 1));
    }
}

async fn try_type_on(
    seat: &Seat,
    ledger: &Ledger,
    typing: &Typing,
    over: &CancellationToken,
) -> anyhow::Result<()> {
    let client = Uuid::new_v4();
    let mut failures = 0;
    let Some(mut session) = ask(seat, ledger, over).await? else { return Ok(()) };
    while !over.is_cancelled() {
        typing.doing("connects");
        ledger.asked();
        let parted = match seat.learner.page_as(session.id, client).await {
            Ok(page) => {
                Desk { page, ledger, typing, viewer: 0, attached: false, opening: false, unanswered: None }
                    .work(over, &mut failures)
                    .await
            }
            Err(ClientError::Refused { status: 404 | 409 | 410, .. }) => Parted::Ended,
            Err(why) => {
                ledger.failed("opening a page", told(&why));
                Parted::Cut(told(&why))
            }
        };
        match parted {
            Parted::Over => break,
            Parted::Ended => {
                note_end(seat, ledger, typing, over, &session).await?;
                let Some(next) = ask(seat, ledger, over).await? else { return Ok(()) };
                session = next;
            }
            Parted::Cut(why) => {
                typing.doing(&format!("waits to connect again ({why})"));
                failures += 1;
                let _ = over.run_until_cancelled(tokio::time::sleep(pause(failures))).await;
            }
        }
    }
    // Whether it is ended by us or by the API in ten minutes is all the same to the books.
    let _ = seat.learner.end_session(session.id).await;
    Ok(())
}

async fn ask(seat: &Seat, ledger: &Ledger, over: &CancellationToken) -> anyhow::Result<Option<Session>> {
    insist(ledger, over, "asking for a session", || seat.learner.session(seat.workspace.id)).await
}

async fn note_end(
    seat: &Seat,
    ledger: &Ledger,
    typing: &Typing,
    over: &CancellationToken,
    session: &Session,
) -> anyhow::Result<()> {
    typing.container_gone();
    let now =
        insist(ledger, over, "looking at a session", || async { seat.learner.session_now(session.id).await });
    let Some(now) = now.await? else { return Ok(()) };
    let why = match now.state {
        SessionState::Ended { reason } => format!("{reason:?}"),
        other => format!("its page is refused, but it is {other:?}"),
    };
    typing.books().ended.push((Instant::now(), why));
    Ok(())
}

/// Doubling, with up to a quarter taken off, as the IDE does.
fn pause(failures: u32) -> Duration {
    let full = FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(5)).min(LONGEST_PAUSE);
    let random = f64::from(Uuid::new_v4().as_bytes().first().copied().unwrap_or_default()) / 256.0;
    full.mul_f64(1.0 - random / 4.0)
}

/// One connection.
struct Desk<'a> {
    page: Page,
    ledger: &'a Ledger,
    typing: &'a Typing,
    viewer: u32,
    attached: bool,
    opening: bool,
    /// Since when something typed has waited for its acknowledgement.
    unanswered: Option<Instant>,
}

impl Desk<'_> {
    async fn work(&mut self, over: &CancellationToken, failures: &mut u32) -> Parted {
        self.typing.doing("waits for a terminal");
        let mut keys = tokio::time::interval(KEY_EVERY);
        keys.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let done = tokio::select! {
                () = over.cancelled() => return Parted::Over,
                heard = self.page.hear() => match heard {
                    Ok(Heard::Said(said)) => self.heard(*said, failures).await,
                    Ok(Heard::Frame(frame)) => { self.output(&frame); Ok(None) }
                    Err(why) => Err(why),
                },
                _ = keys.tick() => self.press().await.map(|()| None),
            };
            match done {
                Ok(None) => {}
                Ok(Some(parted)) => return parted,
                Err(ClientError::Closed(Some(ide_protocol::close::GOING_AWAY))) => {
                    *failures = 0;
                    return Parted::Cut("going away".to_owned());
                }
                Err(ClientError::Closed(Some(ide_protocol::close::SESSION_ENDED))) => return Parted::Ended,
                Err(why) => return Parted::Cut(told(&why)),
            }
            if self.unanswered.is_some_and(|since| since.elapsed() > ANSWER_WITHIN) {
                return Parted::Cut("nothing is acknowledged".to_owned());
            }
        }
    }

    async fn press(&mut self) -> Result<(), ClientError> {
        if !self.attached {
            return Ok(());
        }
        let piece = {
            let mut books = self.typing.books();
            let piece = books.keys.press();
            if books.keys.is_ready() && !piece.keys.is_empty() {
                books.waiting.push_back(Instant::now());
            }
            piece
        };
        self.send(piece).await
    }

    async fn send(&mut self, piece: Piece) -> Result<(), ClientError> {
        let terminal = self.typing.books().terminal;
        let Some(terminal) = terminal.filter(|_| !piece.keys.is_empty()) else { return Ok(()) };
        self.unanswered.get_or_insert_with(Instant::now);
        self.page.type_at(terminal, piece.offset, &piece.keys).await
    }

    async fn heard(
        &mut self,
        said: SessionMessage,
        failures: &mut u32,
    ) -> Result<Option<Parted>, ClientError> {
        match said {
            SessionMessage::Welcome { viewer, state, .. } => {
                self.viewer = viewer;
                *failures = 0;
                return Ok(self.state(&state));
            }
            SessionMessage::StateChanged { state } => return Ok(self.state(&state)),
            SessionMessage::TerminalsListed { terminals, .. } => self.listed(&terminals).await?,
            SessionMessage::TerminalOpened { terminal, viewer, .. } if viewer == self.viewer => {
                self.opening = false;
                self.attached = true;
                self.typing.books().terminal = Some(terminal);
                self.typing.doing("types");
                self.press().await?;
            }
            SessionMessage::TerminalAttached { terminal, input_offset, .. } if self.is_ours(terminal) => {
                self.attached = true;
                self.typing.doing("types");
                let again = self.typing.books().keys.attached(input_offset);
                match again {
                    Ok(piece) => self.send(piece).await?,
                    Err(wrong) => self.wrong(&wrong),
                }
            }
            SessionMessage::InputReceived { terminal, offset } if self.is_ours(terminal) => {
                let received = self.typing.books().keys.received(offset);
                received.unwrap_or_else(|wrong| self.wrong(&wrong));
                let awaits = self.typing.books().keys.awaits();
                self.unanswered = awaits.then(Instant::now);
            }
            SessionMessage::TerminalExited { terminal, status } if self.is_ours(terminal) => {
                self.ledger.wrong(format!("{}: its shell ended: {status:?}", self.typing.state()));
            }
            SessionMessage::RequestRefused { .. } => self.opening = false,
            _ => {}
        }
        Ok(None)
    }

    fn is_ours(&self, terminal: TerminalId) -> bool {
        self.typing.books().terminal == Some(terminal)
    }

    fn state(&mut self, state: &SessionState) -> Option<Parted> {
        if matches!(state, SessionState::Ready { .. }) {
            return None;
        }
        // A machine out of reach is told as one that is waited for; whether it is the same that comes back, its terminals say.
        self.typing.doing("waits for a container");
        (self.attached, self.opening, self.unanswered) = (false, false, None);
        matches!(state, SessionState::Ended { .. }).then_some(Parted::Ended)
    }

    async fn listed(&mut self, terminals: &[TerminalInfo]) -> Result<(), ClientError> {
        self.attached = false;
        let (ours, seen) = {
            let books = self.typing.books();
            (books.terminal, books.keys.seen())
        };
        let known = terminals.iter().find(|info| Some(info.terminal) == ours && info.output_offset >= seen);
        if let Some(info) = known {
            let attach = ViewerMessage::AttachTerminal { terminal: info.terminal, from_offset: seen };
            return self.page.say(&attach).await;
        }
        self.typing.container_gone();
        self.unanswered = None;
        if !self.opening {
            self.opening = true;
            self.page.say(&ViewerMessage::OpenTerminal { size: SIZE }).await?;
        }
        Ok(())
    }

    fn output(&self, frame: &[u8]) {
        let Ok(frame) = StreamFrame::decode(frame) else { return };
        let Stream::Terminal(terminal) = frame.stream else { return };
        // As the IDE: what was under way before the answer to an attachment comes again.
        if frame.flow != Flow::Output || !self.attached || !self.is_ours(terminal) {
            return;
        }
        let mut books = self.typing.books();
        match books.keys.saw(frame.offset, frame.payload) {
            Ok(echoed) => {
                let seen = Instant::now();
                for _ in 0..echoed {
                    let Some(pressed) = books.waiting.pop_front() else { break };
                    books.echoes.push(Echo { pressed, seen });
                }
            }
            Err(wrong) => {
                drop(books);
                self.wrong(&wrong);
            }
        }
    }

    fn wrong(&self, wrong: &Wrong) {
        self.ledger.wrong(format!("{}: {wrong:?}", self.typing.state()));
    }
}
