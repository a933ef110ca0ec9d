//! Loads that are counted, not lived in: hand-ins and session openings one after the other, as fast as they go, and bursts of
//! hand-ins all at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::try_join_all;
use hostile::class::Class;
use learner_client::ClientError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Ledger, Seat, insist};

/// Between looks at a hand-in.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Hand-ins of one learner that may wait: the API takes no more.
pub const WAITING_AT_MOST: usize = 3;

/// A hand-in that was accepted, and when it came to what.
#[derive(Debug, Clone, Copy)]
pub struct Graded {
    pub submission: Uuid,
    pub waited: Duration,
    pub class: Class,
}

/// Everybody hands in what is in their workspace, again and again, for `span`; how many came to a verdict in it.
///
/// # Errors
/// When somebody is refused for good.
pub async fn hand_ins(seats: &[Seat], ledger: &Ledger, span: Duration) -> anyhow::Result<usize> {
    let (over, end) = (CancellationToken::new(), Instant::now() + span);
    let all = seats.iter().map(|seat| {
        let over = &over;
        async move {
            let mut count = 0;
            while Instant::now() < end {
                let graded = one(seat, ledger, over).await?;
                count += usize::from(graded.is_some() && Instant::now() < end);
            }
            anyhow::Ok(count)
        }
    });
    Ok(try_join_all(all).await?.into_iter().sum())
}

/// Everybody hands in `each` at once.
///
/// # Errors
/// When somebody is refused for good.
pub async fn burst(seats: &[Seat], ledger: &Ledger, each: usize) -> anyhow::Result<Vec<Graded>> {
    let over = CancellationToken::new();
    let all = seats.iter().flat_map(|seat| (0..each).map(|_| one(seat, ledger, &over)).collect::<Vec<_>>());
    Ok(try_join_all(all).await?.into_iter().flatten().collect())
}

async fn one(seat: &Seat, ledger: &Ledger, over: &CancellationToken) -> anyhow::Result<Option<Graded>> {
    let (key, began) = (Uuid::new_v4().to_string(), Instant::now());
    let accepted =
        insist(ledger, over, "handing in", || seat.learner.hand_in(seat.workspace.id, &key)).await?;
    let Some(accepted) = accepted else { return Ok(None) };
    loop {
        let seen =
            insist(ledger, over, "looking for a verdict", || seat.learner.submission(accepted.id)).await?;
        let class = seen.map_or(Class::Unknown, |seen| Class::of(&seen.state));
        if class != Class::Unknown {
            return Ok(Some(Graded { submission: accepted.id, waited: began.elapsed(), class }));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Everybody opens a session, waits for the first byte of its shell, and ends it, again and again; how many were opened, and
/// how long each took.
///
/// # Errors
/// When a session does not open.
pub async fn openings(seats: &[Seat], span: Duration) -> anyhow::Result<Vec<Duration>> {
    let (ledger, end) = (Arc::new(Ledger::new()), Instant::now() + span);
    let all = seats.iter().map(|seat| {
        let ledger = Arc::clone(&ledger);
        async move {
            let mut took = Vec::new();
            while Instant::now() < end {
                let began = Instant::now();
                open(seat, &ledger).await.context("opening a session")?;
                if Instant::now() < end {
                    took.push(began.elapsed());
                }
            }
            anyhow::Ok(took)
        }
    });
    Ok(try_join_all(all).await?.into_iter().flatten().collect())
}

async fn open(seat: &Seat, ledger: &Ledger) -> anyhow::Result<()> {
    let over = CancellationToken::new();
    let session = insist(ledger, &over, "asking for a session", || seat.learner.session(seat.workspace.id));
    let session = session.await?.context("a session")?;
    let opened = async {
        let mut page = seat.learner.page(session.id).await?;
        page.open_terminal().await?;
        page.read().await.map(drop)
    };
    let opened: Result<(), ClientError> = opened.await;
    insist(ledger, &over, "ending a session", || seat.learner.end_session(session.id)).await?;
    Ok(opened?)
}
