//! The soak: learners hand in right, wrong and hostile work for minutes on end while API and agent are killed at random.
//! Afterwards every hand-in that was accepted must have exactly one verdict, the right one, and nothing may have grown.

mod chaos;
mod figures;
mod learners;

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

use crate::ground::{Ground, Kills, Plan};

pub use figures::Growth;
use learners::{Accepted, Works};

/// Learners at once: one fewer than hand-ins are graded at once, so that limits of seconds are about the work and not about
/// the queue for two cores.
const LEARNERS: usize = 2;
/// How long a run may take: here a slow host must not make work wrong, and what the limit does is the corpus's to try.
const WALL_SECONDS: u32 = 8;
/// Until the last hand-in has to be final: the longest way, through every delivery of a job whose agents were killed.
const SETTLED_WITHIN: Duration = Duration::from_secs(600);
/// Events of one hand-in, with room for every try.
const EVENTS: u32 = 200;

/// What came of it.
#[derive(Debug, Serialize)]
pub struct SoakReport {
    pub minutes: f64,
    pub accepted: usize,
    pub hostile: usize,
    pub right: usize,
    /// Hand-ins that were graded in more than one attempt, because one was cut off.
    pub graded_again: usize,
    pub kills: Kills,
    pub median_seconds: f64,
    pub slowest_seconds: f64,
    pub growth: Vec<Growth>,
    pub containers_left: usize,
    /// What must not be; empty when all is well.
    pub wrong: Vec<String>,
}

/// Runs it.
///
/// # Errors
/// When Gradus does not start, or cannot be started again.
pub async fn run(plan: &Plan, length: Duration) -> anyhow::Result<SoakReport> {
    let began = Instant::now();
    let plan = Plan { wall_seconds: WALL_SECONDS, ..plan.clone() };
    let ground = Ground::prepare(&plan).await?;
    let works = Works::read(&ground)?;
    let ground = RwLock::new(ground);
    let over = CancellationToken::new();
    let all = (0..LEARNERS).map(|number| learners::practise(number, &ground, &works, &over));
    let reign = async {
        let reigned = tokio::time::timeout(length, chaos::reign(&ground)).await;
        over.cancel();
        match reigned {
            Err(_) => Ok(()),
            Ok(ended) => ended.map(|never| match never {}),
        }
    };
    let (accepted, growth, reigned) =
        tokio::join!(futures_util::future::try_join_all(all), figures::sample(&ground, &over), reign);
    reigned?;
    let accepted: Vec<Accepted> = accepted?.into_iter().flatten().collect();
    let mut ground = ground.into_inner();
    let kills = ground.kills();
    let Judged { mut wrong, graded_again } = judged(&ground, &accepted).await?;
    wrong.extend(growth.iter().filter_map(Growth::too_much));
    let left = ground.stop().await?;
    if !left.is_empty() {
        wrong.push(format!("containers outlived their agent: {left:?}"));
    }
    if !wrong.is_empty() {
        println!("logs and data: {}", ground.keep().display());
    }
    let mut seconds: Vec<f64> = accepted.iter().map(|one| one.took.as_secs_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    Ok(SoakReport {
        minutes: began.elapsed().as_secs_f64() / 60.0,
        accepted: accepted.len(),
        hostile: accepted.iter().filter(|one| one.hostile).count(),
        right: accepted.iter().filter(|one| one.is_right()).count(),
        graded_again,
        kills,
        median_seconds: seconds.get(seconds.len() / 2).copied().unwrap_or_default(),
        slowest_seconds: seconds.last().copied().unwrap_or_default(),
        growth,
        containers_left: left.len(),
        wrong,
    })
}

/// What the event log says of all of them.
#[derive(Default)]
struct Judged {
    wrong: Vec<String>,
    graded_again: usize,
}

/// Each hand-in by itself: one end in the event log, of a class that its work may come to.
async fn judged(ground: &Ground, accepted: &[Accepted]) -> anyhow::Result<Judged> {
    let mut judged = Judged::default();
    for one in accepted {
        let events = ground.store.events_of(&format!("submission:{}", one.submission), EVENTS).await?;
        let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        let ends = count("submission_graded") + count("lesson_fault_found") + count("grading_given_up");
        let attempts = count("attempt_started");
        judged.graded_again += usize::from(attempts > 1);
        if ends != 1 {
            judged.wrong.push(format!("{} ({}) has {ends} ends", one.submission, one.work));
        }
        if !one.is_right() {
            let class = one.class.word();
            let what = format!("{} ({}) came to {class} after {attempts} attempts", one.submission, one.work);
            judged.wrong.push(what);
        }
    }
    Ok(judged)
}

impl SoakReport {
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")?)
    }

    pub fn print(&self) {
        println!(
            "{:.0} minutes, {} hand-ins accepted ({} hostile), {} came to what they had to, {} of them in more than one attempt",
            self.minutes, self.accepted, self.hostile, self.right, self.graded_again
        );
        println!("killed: the agent {} times, the API {} times", self.kills.agent, self.kills.api);
        println!(
            "hand-in to verdict: {:.1} s in the middle, {:.1} s at most",
            self.median_seconds, self.slowest_seconds
        );
        for growth in &self.growth {
            growth.print();
        }
        for what in &self.wrong {
            println!("WRONG: {what}");
        }
    }
}
