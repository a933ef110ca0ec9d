//! Tries the doors of a container from where a learner's programs stand, and prints one line for each: what was tried
//! and what came of it. `gradus doctor --sandbox` and the agent's tests lay it into a fresh container and judge what it
//! says; no learner's container holds it.
//!
//! It knows no settings and judges nothing, so that it cannot agree with them by construction.

mod calls;
mod deeds;
mod places;
mod sweep;

/// What it is asked to do.
fn main() {
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        Some("sweep") => sweep::everything(&words.collect::<Vec<_>>()),
        Some("eat") => deeds::eat(),
        Some("fill") => deeds::fill(&words.collect::<Vec<_>>()),
        Some("storm") => deeds::storm(),
        _ => eprintln!("eval-probe sweep PATH… | eat | fill FOLDER… | storm"),
    }
}
