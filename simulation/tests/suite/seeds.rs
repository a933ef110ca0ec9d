//! Thousands of days, and nothing is found – but for the bugs that were planted.

use simulation::model::Model;
use simulation::mutant::Mutant;
use simulation::plan::Plan;
use simulation::search::{explain, search, tell};

/// Days of a test run, some seconds; `SEEDS` asks for more.
const SEEDS: u64 = 3_000;
/// Days in which a planted bug has to be found; most take fewer than a hundred.
const MUTANT_SEEDS: u64 = 5_000;
const THREADS: usize = 2;
/// A day with less would not show much.
const LEAST_EVENTS: u64 = 200;

#[test]
fn nothing_is_found() {
    let seeds = std::env::var("SEEDS").map_or(SEEDS, |text| text.parse().expect("SEEDS is a number"));
    let tally = search(1, seeds, None, THREADS);
    if let Some((seed, _)) = tally.finding {
        panic!("{}", explain(seed, None));
    }
    assert!(tally.events > seeds * LEAST_EVENTS, "{tally:?}");
    assert!(tally.submissions > 0 && tally.not_graded > 0, "some days are bad enough: {tally:?}");
    println!("{tally:?}");
}

#[test]
fn every_planted_bug_is_found() {
    let missed: Vec<Mutant> = Mutant::all()
        .iter()
        .copied()
        .filter(|mutant| match search(1, MUTANT_SEEDS, Some(*mutant), THREADS).finding {
            Some((seed, finding)) => {
                println!("{mutant:?}: seed {seed}, {}", finding.what);
                false
            }
            None => true,
        })
        .collect();
    assert_eq!(missed, [], "not found in {MUTANT_SEEDS} seeds");
}

#[test]
fn the_same_seed_is_the_same_day() {
    let told = |seed| {
        let mut lines = Vec::new();
        let result = tell(&Plan::new(seed), None, &mut Model::default(), |line| lines.push(line));
        (result, lines)
    };
    for seed in 1..=20 {
        assert_eq!(told(seed), told(seed));
    }
    assert_ne!(told(1), told(2));
}
