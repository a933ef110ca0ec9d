//! What happens to the parts. Each case is a function over the world; each says what it promises by what it calls wrong.

mod database;
mod growth;
mod kills;
mod noisy;
mod partition;
mod queue_away;
mod rolling;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ValueEnum;
use serde::Serialize;

use crate::books::{self, Books};
use crate::load::Crowd;
use crate::measure::percentile;
use crate::plan::{LEASE, Plan};
use crate::topology::Topology;

pub use growth::{Growth, GrowthRow};

/// Until everybody has to be back: a lease runs out, a lost message is missed, thirty containers start on two cores.
const PATIENCE: Duration = Duration::from_secs(240);

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// kill -9 of each part in turn.
    Kills,
    /// Nothing passes between one agent and the API.
    Partition,
    /// The SQS server is away.
    QueueAway,
    /// PostgreSQL is restarted, and is away.
    Database,
    /// Every API, then every agent is replaced, as in an upgrade.
    Rolling,
    /// One institution floods the queue while another hands in.
    Noisy,
    /// How much more parts carry.
    Growth,
}

/// Everything, while cases run.
pub struct World {
    pub plan: Plan,
    pub topology: Topology,
    crowd: Option<Crowd>,
}

/// One thing that was done, and how everybody fared.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub what: String,
    /// The longest time in which a session echoed nothing: half of them, and the worst, in seconds.
    pub session_p50: f64,
    pub session_max: f64,
    /// From the fault (or from handing in, where that was later) to the verdict.
    pub hand_in_p50: f64,
    pub hand_in_max: f64,
    pub requests: usize,
    /// Requests that were not answered as they should have been, and were tried again.
    pub failed: usize,
    /// The first of them.
    pub first_failure: Option<String>,
    pub containers_replaced: usize,
    pub took: f64,
}

/// What a fault may do, and when it has done it.
#[derive(Debug, Clone, Copy, Default)]
struct Allowed {
    /// Sessions may find themselves in a new container.
    may_replace: bool,
    shows_after: Duration,
}

/// A lease that nobody could extend has run out by then.
const LEASES_OVER: Duration = LEASE.saturating_add(Duration::from_secs(5));

/// What came of a case.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub case: Case,
    pub rows: Vec<Row>,
    /// Sentences with figures that fit no row.
    pub notes: Vec<String>,
    pub books: Books,
    pub growth: Option<Growth>,
    pub took: f64,
}

impl World {
    /// # Errors
    /// When a part does not start.
    pub async fn new(plan: Plan) -> anyhow::Result<Self> {
        let topology = Topology::start(&plan, plan.size.apis, plan.size.agents).await?;
        Ok(Self { plan, topology, crowd: None })
    }

    /// Runs one case and its audit.
    ///
    /// # Errors
    /// When the runner itself cannot go on; what is wrong with Gradus stands in the books.
    pub async fn run(&mut self, case: Case) -> anyhow::Result<Outcome> {
        let began = Instant::now();
        let mut outcome = Outcome {
            case,
            rows: Vec::new(),
            notes: Vec::new(),
            books: Books::default(),
            growth: None,
            took: 0.0,
        };
        match case {
            Case::Noisy => noisy::run(self, &mut outcome).await?,
            Case::Growth => growth::run(self, &mut outcome).await?,
            _ => {
                self.gather().await?;
                let since = Instant::now();
                match case {
                    Case::Kills => kills::run(self, &mut outcome).await?,
                    Case::Partition => partition::run(self, &mut outcome).await?,
                    Case::QueueAway => queue_away::run(self, &mut outcome).await?,
                    Case::Database => database::run(self, &mut outcome).await?,
                    Case::Rolling => rolling::run(self, &mut outcome).await?,
                    Case::Noisy | Case::Growth => {}
                }
                self.settle(since, &mut outcome).await?;
            }
        }
        outcome.took = began.elapsed().as_secs_f64();
        Ok(outcome)
    }

    /// The crowd, gathered when nobody is there yet.
    async fn gather(&mut self) -> anyhow::Result<()> {
        if self.crowd.is_none() {
            let size = &self.plan.size;
            let began = Instant::now();
            self.crowd =
                Some(Crowd::gather(&self.topology, size.sessions, size.classmates, size.pace).await?);
            println!("   {} sessions are open after {:.0} s", size.sessions, began.elapsed().as_secs_f64());
        }
        self.crowd()?.rest(false);
        Ok(())
    }

    fn crowd(&self) -> anyhow::Result<&Crowd> {
        self.crowd.as_ref().context("nobody is there")
    }

    /// Sends everybody home.
    pub async fn dismiss(&mut self) {
        if let Some(crowd) = self.crowd.take() {
            crowd.dismiss().await;
        }
    }

    /// Lets the last hand-ins come to their end, then looks through the books.
    async fn settle(&mut self, since: Instant, outcome: &mut Outcome) -> anyhow::Result<()> {
        let crowd = self.crowd()?;
        crowd.rest(true);
        let graded = crowd.until_idle(PATIENCE).await;
        let echoed = until_nothing_is_owed(crowd).await;
        let mut books = books::audit(&self.topology, crowd, since).await?;
        books.wrong.extend([graded, echoed].into_iter().filter_map(Result::err).map(|why| why.to_string()));
        books.wrong.append(&mut outcome.books.wrong);
        outcome.books = books;
        Ok(())
    }

    /// Does something to the parts, waits until everybody is well again, and says how they fared. The deed includes the mending;
    /// what comes of it may show only once leases have run out.
    async fn fault(
        &mut self,
        outcome: &mut Outcome,
        what: String,
        Allowed { may_replace, shows_after }: Allowed,
        deed: impl AsyncFnOnce(&mut Topology) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        deed(&mut self.topology).await.with_context(|| what.clone())?;
        tokio::time::sleep(shows_after).await;
        let mended = Instant::now();
        let crowd = self.crowd()?;
        let back = [crowd.until_all_type(mended, PATIENCE).await, crowd.until_graded(mended, PATIENCE).await];
        let wrong = back.into_iter().filter_map(Result::err);
        outcome.books.wrong.extend(wrong.map(|why| format!("{what}: {why}")));
        let row = row(crowd, what, began);
        if !may_replace && row.containers_replaced > 0 {
            let count = row.containers_replaced;
            outcome.books.wrong.push(format!("{}: {count} sessions lost their container", row.what));
        }
        row.print();
        outcome.rows.push(row);
        Ok(())
    }
}

/// A key is echoed within milliseconds of its acknowledgement; where it is not within this, it never is.
async fn until_nothing_is_owed(crowd: &Crowd) -> anyhow::Result<()> {
    const WITHIN: Duration = Duration::from_secs(10);
    let began = Instant::now();
    while let Some(typing) = crowd.typists.iter().find(|typing| typing.owed() > 0) {
        anyhow::ensure!(began.elapsed() < WITHIN, "{}: acknowledged keys were never echoed", typing.state());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// How everybody fared since then.
fn row(crowd: &Crowd, what: String, began: Instant) -> Row {
    let now = Instant::now();
    let silences: Vec<_> = crowd.typists.iter().map(|typing| typing.longest_silence(began, now)).collect();
    let entries = crowd.classmates.iter().flat_map(|one| one.entries());
    let waits = entries.filter_map(|entry| {
        let (end, _) = entry.end.filter(|(end, _)| *end >= began)?;
        Some(end - entry.pressed.max(began))
    });
    let waits: Vec<_> = waits.collect();
    let failures = crowd.ledger.failures_since(began);
    Row {
        what,
        session_p50: percentile(&silences, 0.5).as_secs_f64(),
        session_max: percentile(&silences, 1.0).as_secs_f64(),
        hand_in_p50: percentile(&waits, 0.5).as_secs_f64(),
        hand_in_max: percentile(&waits, 1.0).as_secs_f64(),
        requests: crowd.ledger.asked_since(began),
        failed: failures.len(),
        first_failure: failures.first().map(|failure| format!("{}: {}", failure.what, failure.why)),
        containers_replaced: crowd.typists.iter().map(|typing| typing.replaced_since(began)).sum(),
        took: began.elapsed().as_secs_f64(),
    }
}

impl Row {
    fn print(&self) {
        println!(
            "   {}: sessions silent {:.1} s (worst {:.1}), hand-ins {:.1} s (worst {:.1}), {} of {} requests tried again, {} new containers",
            self.what,
            self.session_p50,
            self.session_max,
            self.hand_in_p50,
            self.hand_in_max,
            self.failed,
            self.requests,
            self.containers_replaced
        );
        if let Some(first) = &self.first_failure {
            println!("      {first}");
        }
    }
}
