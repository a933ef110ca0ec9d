//! Brings a session's container up, joins guest and relay through the core, and ends both. All deciding is the core's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ide_protocol::close;
use ide_protocol::files::WorkspaceFile;
use ide_protocol::frame::Frame;
use ide_protocol::guest::FromGuest;
use ide_protocol::session::EndReason;
use lesson::Lesson;
use tokio::sync::mpsc;

use super::farewell::{farewell, say_goodbye};
use super::logic::{Command, Event, Session, SessionEnd};
use super::relay::{Outgoing, Relay, RelayEvent, text};
use super::time::Limits;
use crate::agent::{House, Orders};
use crate::cgroup::Cgroup;
use crate::container::{Container, Shape};
use crate::grading::causes;
use crate::guest_link::{GuestFrame, GuestLink};
use crate::supervisor::{JobEnd, Lane, StopReason};

/// How often limits are looked at.
const TICK: Duration = Duration::from_secs(1);
/// For everything between the job and a container with its files in it.
const PREPARE_DEADLINE: Duration = Duration::from_secs(60);
/// Frames queued for a side that is slow. Above this the other side is not listened to until the queue is shorter; one
/// event adds few frames, so memory stays near this many messages.
const QUEUE_FRAMES: usize = 32;

/// Frames queued for the relay above which even the relay is not listened to. Answers to viewers are small; a viewer that
/// attaches gets a window's worth at once, so this many frames of 32 KiB are the most that one session holds.
const ANSWER_FRAMES: usize = 256;

/// What the API says about a session.
#[derive(Debug)]
pub struct Live {
    pub lesson_digest: String,
    pub files: Vec<WorkspaceFile>,
    pub idle: Duration,
    pub limit: Duration,
    /// Which beginning of it this is.
    pub begun: u32,
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
    let relay = Relay::dial(&orders.message, Some(live.begun));
    let prepared = tokio::select! {
        prepared = tokio::time::timeout(PREPARE_DEADLINE, prepare(house, orders, live)) => prepared,
        _ = orders.stopped() => return JobEnd::Again { delay: Duration::ZERO },
    };
    let why = match prepared {
        Ok(Ok(prepared)) => {
            let (Join { relay, to_relay, link, container, .. }, end) =
                Join::new(relay, prepared).run(orders).await;
            tracing::info!(job = %orders.message.job, ?end, "a session ends");
            drop(link);
            drop(container);
            return farewell(relay, to_relay, end, orders).await;
        }
        Ok(Err(why)) => why,
        Err(_) => "the container took too long to prepare".to_owned(),
    };
    tracing::error!(job = %orders.message.job, delivery = orders.delivery, why, "could not prepare a session");
    if !orders.is_last_delivery() {
        return orders.again();
    }
    give_up(relay, orders, why).await
}

/// Tells whoever waits for a session that no host has room for it.
pub async fn refuse(orders: &Orders, why: String) -> JobEnd {
    give_up(Relay::dial(&orders.message, None), orders, why).await
}

async fn give_up(relay: Relay, orders: &Orders, detail: String) -> JobEnd {
    let end = EndReason::HostFault { detail };
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
    let limits = Limits { idle: live.idle, total: live.limit };
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
                frame = self.link.next(), if self.for_relay.len() < QUEUE_FRAMES => self.guest_event(frame),
                event = self.relay.next(), if self.has_room_for_viewers() => self.relay_event(event),
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
            self.send_what_fits();
        }
    }

    fn has_room_for_viewers(&self) -> bool {
        self.for_guest.len() < QUEUE_FRAMES && self.for_relay.len() < ANSWER_FRAMES
    }

    /// What there is room for leaves without another turn of the loop; the rest waits for room.
    fn send_what_fits(&mut self) {
        send_what_fits(&self.to_guest, &mut self.for_guest, |frame| frame);
        if let Some(to_relay) = &self.to_relay {
            send_what_fits(to_relay, &mut self.for_relay, Outgoing::Frame);
        }
    }

    fn handle(&mut self, event: Event) -> Option<SessionEnd> {
        for command in self.session.handle(Instant::now(), event) {
            match command {
                Command::Say(message) => self.for_relay.extend(text(&message)),
                Command::Show(bytes) => self.for_relay.push_back(Frame::Binary(bytes)),
                Command::Ask(message) => self.for_guest.extend(text(&message)),
                Command::Type(bytes) => self.for_guest.push_back(Frame::Binary(bytes)),
                Command::Measure => {
                    if let Some(sample) = self.container.cgroup().and_then(Cgroup::sample) {
                        let _ = self.handle(Event::Measured(sample));
                    }
                }
                Command::End(end) => return Some(end),
            }
        }
        None
    }

    fn guest_event(&mut self, frame: GuestFrame) -> Option<Event> {
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

    fn relay_event(&mut self, event: RelayEvent) -> Option<Event> {
        match event {
            RelayEvent::Up { outbox } => {
                self.to_relay = Some(outbox);
                Some(Event::RelayUp)
            }
            RelayEvent::Down => Some(self.hang_up()),
            RelayEvent::Over { replaced: true } => Some(Event::Stop(StopReason::LeaseLost)),
            RelayEvent::Over { replaced: false } | RelayEvent::Closed => {
                self.to_relay = None;
                Some(Event::RelayOver)
            }
            // Of a line that we dropped: the next one begins with all that counts.
            RelayEvent::Frame(_) if self.to_relay.is_none() => None,
            RelayEvent::Frame(Frame::Binary(bytes)) => Some(Event::RelayFrame(bytes)),
            RelayEvent::Frame(Frame::Text(text)) => match serde_json::from_str(&text) {
                Ok(message) => Some(Event::Relay(message)),
                Err(why) => {
                    tracing::warn!(error = %why, "the relay sent a message that cannot be read; dialling anew");
                    Some(self.hang_up())
                }
            },
        }
    }

    /// Drops the line, if it is still there; another one is dialled, on which the relay repeats what we missed.
    fn hang_up(&mut self) -> Event {
        self.to_relay = None;
        self.for_relay.clear();
        Event::RelayDown
    }

    fn memory_kills(&self) -> Option<u64> {
        self.container.memory_kills().counted
    }

    fn how_it_died(&self, why: &str) -> String {
        let kills = self.container.memory_kills();
        match kills.counted.unwrap_or(kills.told) {
            1.. => "its memory ran out".to_owned(),
            0 => why.to_owned(),
        }
    }
}

fn send_what_fits<T>(outbox: &mpsc::Sender<T>, waiting: &mut VecDeque<Frame>, wrap: impl Fn(Frame) -> T) {
    while !waiting.is_empty()
        && let Ok(permit) = outbox.try_reserve()
        && let Some(frame) = waiting.pop_front()
    {
        permit.send(wrap(frame));
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
