//! Holds one lease and talks to the queue about it, one thing after another.

use std::time::{Duration, Instant};

use job_queue::{Lease, QueueError};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::driver::Report;
use crate::supervisor::{Event, JobEnd, LeaseNumber, LeaseTimes};

/// Orders not yet carried out: a heartbeat under way, one more, and the end. A heartbeat that finds no room is left out;
/// the one before it has not come back yet.
const ORDERS: usize = 3;

/// For one word with the queue; shorter than a heartbeat, so that the next one is not held up.
fn queue_deadline(times: LeaseTimes) -> Duration {
    times.heartbeat / 2
}

#[derive(Debug)]
enum Order {
    Extend { asked: Instant },
    Settle(JobEnd),
}

/// The handle; dropped, the lease runs out.
#[derive(Debug)]
pub(super) struct Keeper {
    orders: mpsc::Sender<Order>,
}

impl Keeper {
    pub(super) fn spawn(
        tasks: &TaskTracker,
        number: LeaseNumber,
        lease: Lease,
        times: LeaseTimes,
        reports: mpsc::Sender<Report>,
    ) -> Self {
        let (orders, inbox) = mpsc::channel(ORDERS);
        tasks.spawn(keep(number, lease, times, inbox, reports));
        Self { orders }
    }

    pub(super) fn extend(&self) {
        // One place is always kept for the end.
        if self.orders.capacity() > 1 {
            let _ = self.orders.try_send(Order::Extend { asked: Instant::now() });
        }
    }

    pub(super) fn settle(self, end: JobEnd) {
        if self.orders.try_send(Order::Settle(end)).is_err() {
            tracing::warn!("a lease could not be settled and will run out");
        }
    }
}

async fn keep(
    number: LeaseNumber,
    lease: Lease,
    times: LeaseTimes,
    mut orders: mpsc::Receiver<Order>,
    reports: mpsc::Sender<Report>,
) {
    while let Some(order) = orders.recv().await {
        match order {
            Order::Extend { asked } => {
                if let Some(event) = extend(number, &lease, times, asked).await {
                    let _ = reports.send(Report::Event(event)).await;
                }
            }
            Order::Settle(end) => {
                settle(lease, times, end).await;
                return;
            }
        }
    }
}

async fn extend(
    lease_number: LeaseNumber,
    lease: &Lease,
    times: LeaseTimes,
    asked: Instant,
) -> Option<Event> {
    match tokio::time::timeout(queue_deadline(times), lease.extend(times.visibility)).await {
        Ok(Ok(())) => Some(Event::Extended { lease: lease_number, asked }),
        Ok(Err(QueueError::Lost)) => Some(Event::LeaseLost { lease: lease_number }),
        Ok(Err(why)) => {
            tracing::warn!(error = %why, "could not extend a lease");
            None
        }
        Err(_) => {
            tracing::warn!("the queue did not answer a heartbeat in time");
            None
        }
    }
}

async fn settle(lease: Lease, times: LeaseTimes, end: JobEnd) {
    let settled = async {
        match end {
            JobEnd::Done => lease.complete().await,
            JobEnd::Again { delay } => lease.release(delay).await,
            // The supervisor keeps one that is served elsewhere, until it lets go of it.
            JobEnd::HandedOn | JobEnd::Elsewhere => lease.redrive().await,
        }
    };
    match tokio::time::timeout(queue_deadline(times), settled).await {
        Ok(Ok(())) => failpoints::reach("agent:ack"),
        Ok(Err(QueueError::Lost)) => tracing::info!("a job was someone else's by the time it was settled"),
        Ok(Err(why)) => tracing::warn!(error = %why, "could not settle a lease; the job comes again"),
        Err(_) => tracing::warn!("the queue did not answer in time; the job comes again"),
    }
}
