//! The end of a session, told to the relay: the last message, the close, and whether it was heard – which decides
//! whether the job is done.

use std::time::Duration;

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::close;
use ide_protocol::session::{AgentToRelay, EndReason};
use tokio::sync::mpsc;

use super::logic::SessionEnd;
use super::relay::{Outgoing, Relay, RelayEvent, text};
use crate::agent::Orders;
use crate::supervisor::JobEnd;

/// How long a session that is over tries to tell the relay so.
const FAREWELL_DEADLINE: Duration = Duration::from_secs(10);

/// How long one that goes on at another host waits for its close to be answered.
const LET_GO_DEADLINE: Duration = Duration::from_secs(1);

/// Tells the relay how a session ended whose container is on its way out; says what becomes of the job.
pub(super) async fn farewell(
    mut relay: Relay,
    outbox: Option<mpsc::Sender<Outgoing>>,
    end: SessionEnd,
    orders: &Orders,
) -> JobEnd {
    match end {
        SessionEnd::Lost => JobEnd::Again { delay: Duration::ZERO },
        // The relay never speaks again; a farewell would only wait for it.
        SessionEnd::Known => JobEnd::Done,
        SessionEnd::LetGo => {
            // Whether it is heard or not, the job comes again; so nobody is called up for it, and nobody is called twice: its
            // learner waits for the next host.
            if let Some(outbox) = outbox {
                let _ = outbox.send(Outgoing::Close { code: close::GOING_AWAY }).await;
                let _ = tokio::time::timeout(LET_GO_DEADLINE, confirmed(&mut relay)).await;
            }
            JobEnd::HandedOn
        }
        SessionEnd::Over(reason) => {
            let heard = say_goodbye(relay, outbox, Some(reason), close::NORMAL).await;
            if heard { JobEnd::Done } else { orders.again() }
        }
    }
}

/// Says the last message and closes; true when the relay confirmed, or knows already. Waits for a connection if there
/// is none.
pub(super) async fn say_goodbye(
    mut relay: Relay,
    mut outbox: Option<mpsc::Sender<Outgoing>>,
    reason: Option<EndReason>,
    code: u16,
) -> bool {
    let said = async {
        loop {
            if let Some(outbox) = outbox.take() {
                say(&outbox, reason.clone().map(|reason| AgentToRelay::SessionEnded { reason })).await;
                let _ = outbox.send(Outgoing::Close { code }).await;
                // Kept open until the relay has answered.
                if let Some(heard) = confirmed(&mut relay).await {
                    return heard;
                }
            }
            match relay.next().await {
                RelayEvent::Up { outbox: line } => {
                    if let Some(frame) = text(&AgentToRelay::Hello { version: PROTOCOL_VERSION }) {
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

/// What cannot be sent is not confirmed either, and that is what counts.
async fn say(outbox: &mpsc::Sender<Outgoing>, message: Option<AgentToRelay>) {
    if let Some(frame) = message.and_then(|message| text(&message)) {
        let _ = outbox.send(Outgoing::Frame(frame)).await;
    }
}
