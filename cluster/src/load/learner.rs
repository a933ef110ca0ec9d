//! Learners who are let in: accounts, logins, a workspace each.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use api::setup::{self, FirstAccount};
use ide_protocol::rest::{Role, Workspace};
use learner_client::Learner;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{LESSON, Ledger, insist};
use crate::topology::Topology;

/// Somebody with the lesson open.
pub struct Seat {
    pub learner: Learner,
    pub workspace: Workspace,
}

static LEARNERS: AtomicU32 = AtomicU32::new(1);

/// New learners, each from an address of its own, by turns of these institutions.
///
/// # Errors
/// When one is not let in.
pub async fn enrol(
    topology: &Topology,
    ledger: &Ledger,
    called: &str,
    count: usize,
    institutions: &[&str],
) -> anyhow::Result<Vec<Seat>> {
    let mut seats = Vec::new();
    for number in 0..count {
        let institution = institutions.get(number % institutions.len().max(1)).copied().unwrap_or("default");
        seats.push(seat(topology, ledger, called, institution).await.context("enrolling a learner")?);
    }
    Ok(seats)
}

async fn seat(topology: &Topology, ledger: &Ledger, called: &str, institution: &str) -> anyhow::Result<Seat> {
    let number = LEARNERS.fetch_add(1, Ordering::Relaxed);
    let account = FirstAccount {
        name: format!("{called}-{institution}-{number}"),
        role: Role::Learner,
        password: Uuid::new_v4().to_string(),
    };
    setup::create_account(&topology.store, &account).await.context("making an account")?;
    // Both words are ours: letters, digits and hyphens.
    let belongs =
        format!("UPDATE accounts SET institution = '{institution}' WHERE name = '{}'", account.name);
    topology.psql(&belongs).await.context("putting an account into its institution")?;
    let never = CancellationToken::new();
    let (base, name, password) = (&topology.base, &account.name, &account.password);
    let from = Some(address(number));
    let learner = insist(ledger, &never, "logging in", || async {
        Learner::log_in_from(from, base, name, password).await
    });
    let learner = learner.await?.context("logging in")?;
    let workspace = insist(ledger, &never, "opening a lesson", || learner.open(LESSON)).await?;
    Ok(Seat { workspace: workspace.context("opening a lesson")?, learner })
}

/// All of 127/8 is this machine's: as people come from many places.
fn address(number: u32) -> IpAddr {
    let [_, high, middle, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 1_u8.saturating_add(high), middle, low).into()
}
