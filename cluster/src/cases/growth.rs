//! What one more API and one more agent carry, and what each thing costs in processor time. On two cores that do everything the rates
//! hardly grow; the seconds per hand-in and per session do not depend on that, and are what docs/growth.md reckons with.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;

use super::{Outcome, World};
use crate::load::{Crowd, Ledger, Seat, enrol, flood};
use crate::measure::{Spent, Use, at_rest, percentile, resident};
use crate::topology::{Part, Topology};

/// Learners who hand in, and who open sessions, one thing after the other: enough that every agent always has something to do.
const HANDING_IN: usize = 12;
const OPENING: usize = 4;

/// Requests of one round of the store's figures, and how many are under way at once.
const STORE_REQUESTS: &str = "1000";
const STORE_ROUNDS: &str = "3";
const STORE_CONNECTIONS: &str = "64";

#[derive(Debug, Clone, Serialize)]
pub struct GrowthRow {
    pub apis: usize,
    pub agents: usize,
    pub hand_ins_per_second: f64,
    /// Processor seconds per hand-in, of all parts and containers without the learners.
    pub processor_per_hand_in: f64,
    pub openings_per_second: f64,
    pub opening_p50: f64,
    pub processor_per_opening: f64,
}

/// What things cost.
#[derive(Debug, Clone, Serialize)]
pub struct Growth {
    pub rows: Vec<GrowthRow>,
    /// Processor seconds in one second in which nobody does anything, by part.
    pub at_rest: BTreeMap<&'static str, f64>,
    /// Processor seconds per hand-in by part, with all parts up.
    pub hand_in_by_part: BTreeMap<&'static str, f64>,
    /// Bytes in the database per hand-in, indexes included, and rows by table.
    pub database_bytes_per_hand_in: f64,
    pub rows_per_hand_in: BTreeMap<String, f64>,
    /// Typing at four keys a second, saving every three.
    pub sessions: usize,
    pub processor_per_session_hour: f64,
    pub session_hour_by_part: BTreeMap<&'static str, f64>,
    pub echo_p50: f64,
    pub echo_p99: f64,
    /// Resident memory of all APIs, agents … before and after the sessions were there.
    pub resident_kib: BTreeMap<&'static str, (u64, u64)>,
    /// Calls of the queue's API per hand-in, and per agent and hour with nothing to do.
    pub queue_calls_per_hand_in: BTreeMap<String, f64>,
    pub queue_calls_idle_per_hour: BTreeMap<String, f64>,
    pub store: Vec<String>,
}

pub(super) async fn run(world: &mut World, outcome: &mut Outcome) -> anyhow::Result<()> {
    world.dismiss().await;
    let ledger = Ledger::new();
    let span = world.plan.size.growth;
    let handing = enrol(&world.topology, &ledger, "hands", HANDING_IN, &["default"]).await?;
    let opening = enrol(&world.topology, &ledger, "opens", OPENING, &["default"]).await?;
    flood::burst(&handing, &ledger, 1).await?;

    let calls = world.topology.queue_line().calls();
    let rest = at_rest(&world.topology, span).await;
    let queue_calls_idle_per_hour = since(&calls, &world.topology, 3_600.0 / rest.seconds);

    let (mut rows, mut detail) = (Vec::new(), None);
    for (apis, agents) in shapes(world.topology.apis(), world.topology.agents()) {
        shrink(&mut world.topology, apis, agents).await?;
        let before = Table::of(&world.topology).await?;
        let calls = world.topology.queue_line().calls();
        let (graded, used) = handed_in(&world.topology, &handing, &ledger, span).await?;
        if detail.is_none() {
            let after = Table::of(&world.topology).await?;
            let calls = since(&calls, &world.topology, 1.0 / graded as f64);
            detail = Some((after.since(&before, graded), calls, by_part(&used, &rest, graded as f64)));
        }
        let (openings, spent) = opened(&world.topology, &opening, span).await?;
        let row = GrowthRow {
            apis,
            agents,
            hand_ins_per_second: graded as f64 / span.as_secs_f64(),
            processor_per_hand_in: used.ours(&rest) / graded.max(1) as f64,
            openings_per_second: openings.len() as f64 / span.as_secs_f64(),
            opening_p50: percentile(&openings, 0.5).as_secs_f64(),
            processor_per_opening: spent.ours(&rest) / openings.len().max(1) as f64,
        };
        row.print();
        rows.push(row);
    }
    let (apis, agents) = (world.topology.apis(), world.topology.agents());
    grow(&mut world.topology, apis, agents).await?;
    let (table, queue_calls_per_hand_in, hand_in_by_part) = detail.context("nothing was measured")?;
    let lived = lived(world, &rest).await?;
    let store = store_figures(world).await?;
    for line in &store {
        println!("   {line}");
    }
    outcome.growth = Some(Growth {
        rows,
        at_rest: rest.parts.iter().map(|(part, spent)| (*part, spent / rest.seconds)).collect(),
        hand_in_by_part,
        database_bytes_per_hand_in: table.bytes,
        rows_per_hand_in: table.rows,
        sessions: world.plan.size.sessions,
        processor_per_session_hour: lived.per_hour,
        session_hour_by_part: lived.by_part,
        echo_p50: lived.echo_p50,
        echo_p99: lived.echo_p99,
        resident_kib: lived.resident_kib,
        queue_calls_per_hand_in,
        queue_calls_idle_per_hour,
        store,
    });
    outcome.books.wrong.extend(ledger.take_wrong());
    Ok(())
}

/// All of both; then fewer agents; then fewer APIs.
fn shapes(apis: usize, agents: usize) -> Vec<(usize, usize)> {
    let fewer_agents = (1..=agents).rev().map(|agents| (apis, agents));
    let fewer_apis = (1..apis).rev().map(|apis| (apis, agents));
    fewer_agents.chain(fewer_apis).collect()
}

/// Stops what is too much, starts what is too little.
async fn shrink(topology: &mut Topology, apis: usize, agents: usize) -> anyhow::Result<()> {
    for number in agents..topology.agents() {
        topology.stop_part(Part::Agent(number)).await?;
    }
    grow(topology, 0, agents).await?;
    for number in apis..topology.apis() {
        topology.stop_part(Part::Api(number)).await?;
    }
    grow(topology, apis, 0).await
}

async fn grow(topology: &mut Topology, apis: usize, agents: usize) -> anyhow::Result<()> {
    for part in (0..apis).map(Part::Api).chain((0..agents).map(Part::Agent)) {
        if !topology.is_up(part)? {
            topology.start_part(part).await?;
        }
    }
    Ok(())
}

async fn handed_in(
    topology: &Topology,
    seats: &[Seat],
    ledger: &Ledger,
    span: Duration,
) -> anyhow::Result<(usize, Use)> {
    let before = Spent::now(topology);
    let graded = flood::hand_ins(seats, ledger, span).await?;
    Ok((graded, Spent::now(topology).since(&before)))
}

async fn opened(topology: &Topology, seats: &[Seat], span: Duration) -> anyhow::Result<(Vec<Duration>, Use)> {
    let before = Spent::now(topology);
    let openings = flood::openings(seats, span).await?;
    Ok((openings, Spent::now(topology).since(&before)))
}

fn by_part(used: &Use, rest: &Use, share: f64) -> BTreeMap<&'static str, f64> {
    let idle =
        |part| rest.parts.get(part).copied().unwrap_or_default() * used.seconds / rest.seconds.max(0.1);
    used.parts.iter().map(|(part, spent)| (*part, (spent - idle(*part)).max(0.0) / share.max(1.0))).collect()
}

fn since(before: &BTreeMap<String, u64>, topology: &Topology, share: f64) -> BTreeMap<String, f64> {
    let calls = topology.queue_line().calls().into_iter();
    let calls = calls.map(|(call, count)| {
        let more = count - before.get(&call).copied().unwrap_or_default();
        (call, more as f64 * share)
    });
    calls.filter(|(_, count)| *count > 0.0).collect()
}

struct Lived {
    per_hour: f64,
    by_part: BTreeMap<&'static str, f64>,
    echo_p50: f64,
    echo_p99: f64,
    resident_kib: BTreeMap<&'static str, (u64, u64)>,
}

/// Sessions in which somebody types, and nothing else.
async fn lived(world: &World, rest: &Use) -> anyhow::Result<Lived> {
    let (topology, sessions, span) = (&world.topology, world.plan.size.sessions, world.plan.size.growth);
    let empty = resident(topology);
    let crowd = Crowd::gather(topology, sessions, 0, Duration::ZERO).await?;
    let (before, from) = (Spent::now(topology), Instant::now());
    tokio::time::sleep(span).await;
    let used = Spent::now(topology).since(&before);
    let full = resident(topology);
    let echoes: Vec<_> =
        crowd.typists.iter().flat_map(|typing| typing.echoes(from, Instant::now())).collect();
    crowd.dismiss().await;
    let hours = sessions as f64 * used.seconds / 3_600.0;
    let of = |part| full.get(part).copied().unwrap_or_default();
    Ok(Lived {
        per_hour: used.ours(rest) / hours,
        by_part: by_part(&used, rest, 1.0).into_iter().map(|(part, spent)| (part, spent / hours)).collect(),
        echo_p50: percentile(&echoes, 0.5).as_secs_f64(),
        echo_p99: percentile(&echoes, 0.99).as_secs_f64(),
        resident_kib: empty.into_iter().map(|(part, kib)| (part, (kib, of(part)))).collect(),
    })
}

/// What the database holds.
struct Table {
    bytes: f64,
    rows: BTreeMap<String, f64>,
}

impl Table {
    async fn of(topology: &Topology) -> anyhow::Result<Self> {
        let bytes = topology.psql("SELECT pg_database_size(current_database())").await?.parse()?;
        // Inserted, not live: rows of what is done are taken away again, and were written all the same.
        topology.psql("SELECT pg_stat_clear_snapshot()").await?;
        let counts = topology.psql("SELECT relname, n_tup_ins FROM pg_stat_user_tables").await?;
        let rows = counts.lines().filter_map(|line| {
            let (table, count) = line.split_once('|')?;
            Some((table.to_owned(), count.parse().ok()?))
        });
        Ok(Self { bytes, rows: rows.collect() })
    }

    fn since(&self, before: &Self, count: usize) -> Self {
        let share = count.max(1) as f64;
        let then = |table: &str| before.rows.get(table).copied().unwrap_or_default();
        let rows = self.rows.iter().map(|(table, rows)| (table.clone(), (rows - then(table)) / share));
        Self {
            bytes: (self.bytes - before.bytes) / share,
            rows: rows.filter(|(_, rows)| *rows > 0.01).collect(),
        }
    }
}

/// Hand-ins and saves that each database accepts per second, as `make bench` measures them.
async fn store_figures(world: &World) -> anyhow::Result<Vec<String>> {
    if !world.plan.bench.is_file() {
        return Ok(vec![format!("store: not measured, {} is not there", world.plan.bench.display())]);
    }
    world.topology.psql("CREATE DATABASE bench").await?;
    let (server, _) = world.topology.store_url.rsplit_once('/').context("no database in the address")?;
    let postgres = format!("{server}/bench");
    let sqlite = format!("sqlite://{}", world.topology.folder().join("bench.db").display());
    let mut lines = Vec::new();
    for (name, url) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        lines.extend(store_of(&world.plan.bench, &world.plan.root, name, &url).await?);
    }
    Ok(lines)
}

#[derive(serde::Deserialize)]
struct Round {
    kind: String,
    seconds: f64,
    micros: Vec<u64>,
}

async fn store_of(bench: &Path, root: &Path, name: &str, url: &str) -> anyhow::Result<Vec<String>> {
    let lesson = root.join("bench/lessons/py-unittest");
    let mut command = tokio::process::Command::new(bench);
    command.args(["store", "--database", url, "--lesson"]).arg(lesson);
    command.args([
        "--requests",
        STORE_REQUESTS,
        "--rounds",
        STORE_ROUNDS,
        "--connections",
        STORE_CONNECTIONS,
    ]);
    let said = command.output().await.context("starting gradus-bench")?;
    if !said.status.success() {
        let why = String::from_utf8_lossy(&said.stderr).trim().to_owned();
        return Ok(vec![format!("{name}: not measured: {why}")]);
    }
    let rounds = String::from_utf8_lossy(&said.stdout).into_owned();
    let rounds: Vec<Round> = rounds.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let lines =
        [("hand_in", "hand-ins"), ("save", "saves (one event each)")].into_iter().map(|(kind, what)| {
            let of_kind = rounds.iter().filter(|round| round.kind == kind);
            let mut rates: Vec<_> =
                of_kind.clone().map(|round| round.micros.len() as f64 / round.seconds).collect();
            rates.sort_by(f64::total_cmp);
            let waits: Vec<_> = of_kind
                .flat_map(|round| &round.micros)
                .map(|micros| Duration::from_micros(*micros))
                .collect();
            let rate = rates.get(rates.len() / 2).copied().unwrap_or_default();
            let p99 = percentile(&waits, 0.99).as_secs_f64() * 1_000.0;
            format!("{name}: {rate:.0} {what} accepted per second, p99 {p99:.0} ms")
        });
    Ok(lines.collect())
}

impl GrowthRow {
    fn print(&self) {
        println!(
            "   {} APIs, {} agents: {:.1} hand-ins/s at {:.2} processor seconds each; {:.1} openings/s ({:.2} s) at {:.2}",
            self.apis,
            self.agents,
            self.hand_ins_per_second,
            self.processor_per_hand_in,
            self.openings_per_second,
            self.opening_p50,
            self.processor_per_opening
        );
    }
}
