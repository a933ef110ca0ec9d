//! Many days, on every core; and what is told of a bad one.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::books::Books;
use crate::model::Model;
use crate::mutant::Mutant;
use crate::plan::{Plan, Trouble};
use crate::{Day, Finding, day};

/// Events shown before a finding.
const SHOWN_EVENTS: usize = 60;

/// What many days came to.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub days: u64,
    pub events: u64,
    pub submissions: u64,
    pub not_graded: u64,
    /// Of the lowest seed.
    pub finding: Option<(u64, Finding)>,
}

impl Tally {
    fn add(&mut self, day: Day) {
        self.days += 1;
        self.events += day.events;
        self.submissions += u64::from(day.submissions);
        self.not_graded += u64::from(day.not_graded);
    }

    fn join(mut self, other: Self) -> Self {
        self.days += other.days;
        self.events += other.events;
        self.submissions += other.submissions;
        self.not_graded += other.not_graded;
        let findings = self.finding.into_iter().chain(other.finding);
        self.finding = findings.min_by_key(|(seed, _)| *seed);
        self
    }
}

/// Lets the days of these seeds happen on the model, up to the first finding.
#[must_use]
pub fn search(from: u64, seeds: u64, mutant: Option<Mutant>, threads: usize) -> Tally {
    let next = AtomicU64::new(from);
    let end = AtomicU64::new(from.saturating_add(seeds));
    let work = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end.load(Ordering::Relaxed) {
                return tally;
            }
            match day(&Plan::new(seed), mutant, &mut Model::default(), None) {
                Ok(day) => tally.add(day),
                Err(finding) => {
                    // Those below may still find something; nobody looks above.
                    end.fetch_min(seed, Ordering::Relaxed);
                    tally.finding = Some((seed, finding));
                    return tally;
                }
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let tallies = workers.into_iter().filter_map(|worker| worker.join().ok());
        tallies.fold(Tally::default(), Tally::join)
    })
}

/// A finding to be read: what, with how few kinds of trouble, the last that happened, and how to see it again.
#[must_use]
pub fn explain(seed: u64, mutant: Option<Mutant>) -> String {
    let plan = fewest_troubles(&Plan::new(seed), mutant);
    let left_out: Vec<Trouble> =
        Plan::new(seed).troubles.into_iter().filter(|trouble| !plan.troubles.contains(trouble)).collect();
    let mut text = String::new();
    let mut last = VecDeque::new();
    let result = tell(&plan, mutant, &mut Model::default(), |line| {
        if last.len() == SHOWN_EVENTS {
            last.pop_front();
        }
        last.push_back(line);
    });
    for line in last {
        let _ = writeln!(text, "{line}");
    }
    match result {
        Ok(_) => {
            let _ = writeln!(text, "seed {seed}: nothing found");
        }
        Err(Finding { what, at }) => {
            let _ = writeln!(text, "seed {seed}, {}: {what}", clock(at));
            let _ = writeln!(text, "it takes {:?}", plan.troubles);
        }
    }
    let without: String = left_out.iter().map(|trouble| format!(" --without {trouble}")).collect();
    let _ = writeln!(text, "again: cargo run -p simulation -- --replay {seed}{}{without}", planted(mutant));
    text
}

/// One day, each event a line.
///
/// # Errors
/// What was found.
pub fn tell(
    plan: &Plan,
    mutant: Option<Mutant>,
    books: &mut dyn Books,
    mut line: impl FnMut(String),
) -> Result<Day, Finding> {
    day(plan, mutant, books, Some(&mut |at, what| line(format!("{} {what}", clock(at)))))
}

/// The plan with every kind of trouble left out that the finding does not take.
fn fewest_troubles(plan: &Plan, mutant: Option<Mutant>) -> Plan {
    let mut plan = plan.clone();
    for trouble in Trouble::ALL {
        let less = plan.clone().without(&[trouble]);
        if day(&less, mutant, &mut Model::default(), None).is_err() {
            plan = less;
        }
    }
    plan
}

fn planted(mutant: Option<Mutant>) -> String {
    use clap::ValueEnum as _;
    let value = mutant.and_then(|mutant| mutant.to_possible_value());
    value.map_or(String::new(), |value| format!(" --planted {}", value.get_name()))
}

/// Minutes, seconds and milliseconds of the day.
fn clock(at: Duration) -> String {
    format!("{:02}:{:02}.{:03}", at.as_secs() / 60, at.as_secs() % 60, at.subsec_millis())
}
