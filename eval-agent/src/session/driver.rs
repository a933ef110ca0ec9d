//! Brings a session's container up, joins guest and relay through the core, and ends both. All deciding is the core's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::close;
use ide_protocol::files::WorkspaceFile;
use ide_protocol::frame::Frame;
use ide_protocol::guest::FromGuest;
use ide_protocol::session::{AgentToRelay, EndReason};
use lesson::Lesson;
use serde::Serialize;
use tokio::sync::mpsc;

use super::logic::{Command, Event, Limits, Session, SessionEnd};
use super::relay::{Outgoing, Relay, RelayEvent};
use crate::agent::{House, Orders};
use crate::container::{Container, SESSION_LIMIT, Shape};
use crate::grading::causes;
use crate::guest_link::{GuestFrame, GuestLink};
use crate::supervisor::{JobEnd, Lane, StopReason};

/// How often limits are looked at.
const TICK: Duration = Duration::from_secs(1);
/// For everything between the job and a container with its files in it.
const PREPARE_DEADLINE: Duration = Duration::from_secs(60);
/// How long a session that is over tries to tell the relay so.
const FAREWELL_DEADLINE: Duration = Duration::from_secs(10);
/// Frames queued for a side that is slow. Above this the other side is not listened to until the queue is shorter; one
/// event adds few frames, so memory stays near this many messages.
const QUEUE_FRAMES: usize = 32;

/// What the API says about a session.
#[derive(Debug)]
pub struct Live {
    pub lesson_digest: String,
    pub files: Vec<WorkspaceFile>,
    pub idle: Duration,
    pub limit: Duration,
}

/// A container with the learner's files in it, watched.
struct Prepared {
    container: Container,
    link: GuestLink,
    session: Session,
}

/// Carries a session from its container's claim to its end.
pub async fn carry_out(house: &House, orders: &Orders, live: Live) -> JobEnd {
    // Dialled at once: by the time the container is up, the line is, too.
    let relay = Relay::dial(&orders.message);
    let prepared = tokio::select! {
        prepared = tokio::time::timeout(PREPARE_DEADLINE, prepare(house, orders, live)) => prepared,
        _ = orders.stopped() => return JobEnd::Again { delay: Duration::ZERO },
    };
    let why = match prepared {
        Ok(Ok(prepared)) => {
            let (join, end) = Join::new(relay, prepared).run(orders).await;
            tracing::info!(job = %orders.message.job, ?end, "a session ends");
            return farewell(join, end, orders).await;
        }
        Ok(Err(why)) => why,
        Err(_) => "the container took too long to prepare".to_owned(),
    };
    tracing::error!(job = %orders.message.job, delivery = orders.delivery, why, "could not prepare a session");
    if !orders.is_last_delivery() {
        return orders.again();
    }
    let end = EndReason::HostFault { detail: why };
    if say_goodbye(relay, None, Some(end), close::NORMAL).await { JobEnd::Done } else { orders.again() }
}

async fn prepare(house: &House, orders: &Orders, live: Live) -> Result<Prepared, String> {
    let digest = &live.lesson_digest;
    let lesson: Arc<Lesson> = house.lessons.get(&orders.message, digest).await.map_err(|why| causes(&why))?;
    let shape = Shape::of(&lesson.manifest);
    let mut container = house.pool.claim(&shape, Lane::Sessions).await.map_err(|why| causes(&why))?;
    let mut guest = container.take_guest().ok_or("the container has no guest")?;
    let files = lesson.session_files(&live.files);
    guest.lay(&files).await.map_err(|why| causes(&why))?;
    guest.watch().await.map_err(|why| causes(&why))?;
    let (link, first_request) = guest.into_link();
    let limits = Limits { idle: live.idle, total: live.limit.min(SESSION_LIMIT) };
    let session = Session::new(Instant::now(), limits, lesson, &files, first_request);
    Ok(Prepared { container, link, session })
}

/// Guest and relay, joined.
struct Join {
    relay: Relay,
    /// Set while the relay is connected.
    to_relay: Option<mpsc::Sender<Outgoing>>,
    for_relay: VecDeque<Frame>,
    link: GuestLink,
    to_guest: mpsc::Sender<Frame>,
    for_guest: VecDeque<Frame>,
    session: Session,
    container: Container,
}

impl Join {
    fn new(relay: Relay, prepared: Prepared) -> Self {
        let Prepared { container, link, session } = prepared;
        let to_guest = link.outbox();
        let (for_relay, for_guest) = (VecDeque::new(), VecDeque::new());
        Self { relay, to_relay: None, for_relay, link, to_guest, for_guest, session, container }
    }

    /// Until the core says that it is over. What waits for one side never keeps the other's from being sent.
    async fn run(mut self, orders: &Orders) -> (Self, SessionEnd) {
        let mut tick = tokio::time::interval(TICK);
        let mut stop = orders.stop.clone();
        loop {
            let event = tokio::select! {
                frame = self.link.next(), if self.for_relay.len() < QUEUE_FRAMES => self.from_guest(frame),
                event = self.relay.next(), if self.for_guest.len() < QUEUE_FRAMES => self.from_relay(event),
                () = flush(&self.to_guest, &mut self.for_guest), if !self.for_guest.is_empty() => None,
                () = flush_relay(self.to_relay.as_ref(), &mut self.for_relay), if !self.for_relay.is_empty() => None,
                reason = stopped(&mut stop) => Some(Event::Stop(reason)),
                _ = tick.tick() => Some(Event::Tick),
            };
            if let Some(event) = event
                && let Some(end) = self.handle(event)
            {
                return (self, end);
            }
        }
    }

    fn handle(&mut self, event: Event) -> Option<SessionEnd> {
        for command in self.session.handle(Instant::now(), event) {
            match command {
                Command::Say(message) => self.for_relay.extend(text(&message)),
                Command::Show(bytes) => self.for_relay.push_back(Frame::Binary(bytes)),
                Command::Ask(message) => self.for_guest.extend(text(&message)),
                Command::Type(bytes) => self.for_guest.push_back(Frame::Binary(bytes)),
                Command::End(end) => return Some(end),
            }
        }
        None
    }

    fn from_guest(&mut self, frame: GuestFrame) -> Option<Event> {
        match frame {
            GuestFrame::Terminal(bytes) => Some(Event::GuestFrame(bytes)),
            GuestFrame::Lost(why) => Some(Event::GuestLost { detail: self.how_it_died(&causes(&why)) }),
            GuestFrame::Said(message) => {
                if matches!(message, FromGuest::RunStarted { .. } | FromGuest::RunFinished { .. })
                    && let Some(kills) = self.memory_kills()
                {
                    let _ = self.handle(Event::MemoryKills(kills));
                }
                Some(Event::Guest(message))
            }
        }
    }

    fn from_relay(&mut self, event: RelayEvent) -> Option<Event> {
        match event {
            RelayEvent::Up { outbox } => {
                self.to_relay = Some(outbox);
                Some(Event::RelayUp)
            }
            RelayEvent::Down => {
                self.to_relay = None;
                self.for_relay.clear();
                Some(Event::RelayDown)
            }
            RelayEvent::Over { replaced: true } => Some(Event::Stop(StopReason::LeaseLost)),
            // The API knows the session as ended.
            RelayEvent::Over { replaced: false } | RelayEvent::Closed => {
                self.to_relay = None;
                Some(Event::Relay(ide_protocol::session::RelayToAgent::EndSession {
                    reason: EndReason::Asked,
                }))
            }
            RelayEvent::Frame(Frame::Binary(bytes)) => Some(Event::RelayFrame(bytes)),
            RelayEvent::Frame(Frame::Text(text)) => match serde_json::from_str(&text) {
                Ok(message) => Some(Event::Relay(message)),
                Err(why) => {
                    tracing::warn!(error = %why, "the relay sent a message that cannot be read");
                    None
                }
            },
        }
    }

    fn memory_kills(&self) -> Option<u64> {
        self.container.oom()?.kills()
    }

    fn how_it_died(&self, why: &str) -> String {
        match self.memory_kills() {
            Some(kills) if kills > 0 => "its memory ran out".to_owned(),
            _ => why.to_owned(),
        }
    }
}

/// Sends the first frame that waits, once there is room. Loses nothing when dropped in between.
async fn flush(outbox: &mpsc::Sender<Frame>, waiting: &mut VecDeque<Frame>) {
    match outbox.reserve().await {
        Ok(permit) => {
            if let Some(frame) = waiting.pop_front() {
                permit.send(frame);
            }
        }
        // The guest is gone; its reader says so.
        Err(_) => waiting.clear(),
    }
}

async fn flush_relay(outbox: Option<&mpsc::Sender<Outgoing>>, waiting: &mut VecDeque<Frame>) {
    let Some(outbox) = outbox else { return waiting.clear() };
    match outbox.reserve().await {
        Ok(permit) => {
            if let Some(frame) = waiting.pop_front() {
                permit.send(Outgoing::Frame(frame));
            }
        }
        Err(_) => waiting.clear(),
    }
}

async fn stopped(stop: &mut tokio::sync::watch::Receiver<Option<StopReason>>) -> StopReason {
    match stop.wait_for(Option::is_some).await.map(|reason| *reason) {
        Ok(Some(reason)) => reason,
        // The driver above is gone, which is as good as being told to go.
        _ => StopReason::GoingAway,
    }
}

/// Removes the container, then tells the relay how it ended.
async fn farewell(join: Join, end: SessionEnd, orders: &Orders) -> JobEnd {
    let Join { relay, to_relay, link, container, .. } = join;
    drop(link);
    drop(container);
    match end {
        SessionEnd::Lost => JobEnd::Again { delay: Duration::ZERO },
        SessionEnd::LetGo => {
            // Whether it is heard or not: the job comes again.
            let _ = say_goodbye(relay, to_relay, None, close::GOING_AWAY).await;
            JobEnd::Again { delay: Duration::ZERO }
        }
        SessionEnd::Over(reason) => {
            let heard = say_goodbye(relay, to_relay, Some(reason), close::NORMAL).await;
            if heard { JobEnd::Done } else { orders.again() }
        }
    }
}

/// Says the last message and closes; true when the relay confirmed, or knows already. Waits for a connection if there
/// is none.
async fn say_goodbye(
    mut relay: Relay,
    mut outbox: Option<mpsc::Sender<Outgoing>>,
    reason: Option<EndReason>,
    code: u16,
) -> bool {
    let said = async {
        loop {
            if let Some(outbox) = outbox.take() {
                if let Some(reason) = reason.clone() {
                    if let Some(frame) = text(&AgentToRelay::SessionEnded { reason }) {
                        let _ = outbox.send(Outgoing::Frame(frame)).await;
                    }
                }
                let _ = outbox.send(Outgoing::Close { code }).await;
                // Kept open until the relay has answered.
                if let Some(heard) = confirmed(&mut relay).await {
                    return heard;
                }
            }
            match relay.next().await {
                RelayEvent::Up { outbox: line } => {
                    if let Some(frame) =
                        text(&AgentToRelay::Hello { version: ide_protocol::PROTOCOL_VERSION })
                    {
                        let _ = line.send(Outgoing::Frame(frame)).await;
                    }
                    outbox = Some(line);
                }
                RelayEvent::Over { replaced } => return !replaced,
                RelayEvent::Closed => return true,
                RelayEvent::Down | RelayEvent::Frame(_) => {}
            }
        }
    };
    tokio::time::timeout(FAREWELL_DEADLINE, said).await.unwrap_or(false)
}

/// `None` when the connection broke before the relay confirmed.
async fn confirmed(relay: &mut Relay) -> Option<bool> {
    loop {
        match relay.next().await {
            RelayEvent::Closed => return Some(true),
            RelayEvent::Over { replaced } => return Some(!replaced),
            RelayEvent::Down => return None,
            RelayEvent::Up { .. } | RelayEvent::Frame(_) => {}
        }
    }
}

/// Our own messages always serialise; should one not, it is left out and said.
fn text(message: &impl Serialize) -> Option<Frame> {
    match serde_json::to_string(message) {
        Ok(text) => Some(Frame::Text(text)),
        Err(why) => {
            tracing::error!(error = %why, "a message could not be written");
            None
        }
    }
}
