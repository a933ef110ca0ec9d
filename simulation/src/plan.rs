//! What a seed makes: who there is, what is handed in, and which troubles come. Each kind of trouble is in about half of
//! the plans, so that some plans are all of one kind (swarm testing: Groce et al. 2012); one plan in ten has none.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use crate::random::Random;

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Trouble {
    /// Requests that never arrive.
    LostRequests,
    /// Requests that were carried out, and whose caller hears nothing.
    LostAnswers,
    /// Requests that arrive, and answers that come back, up to two minutes late.
    Late,
    /// Requests that are carried out twice.
    Doubles,
    /// Requests that the store or the queue refuses for the moment.
    Refusals,
    AgentKills,
    ApiKills,
    /// Two of agent, API and queue that cannot reach each other for a while.
    Partitions,
    /// An agent that stands still for a while (a paused machine), and goes on as if nothing had been.
    Freezes,
    /// The machine's wall clock is set, by up to three hours.
    Jumps,
    /// Agents that are asked to stop.
    Drains,
    /// Attempts that fail on our side.
    HostFaults,
    /// Attempts that never end by themselves.
    Hangs,
}

impl Trouble {
    pub const ALL: [Self; 13] = [
        Self::LostRequests,
        Self::LostAnswers,
        Self::Late,
        Self::Doubles,
        Self::Refusals,
        Self::AgentKills,
        Self::ApiKills,
        Self::Partitions,
        Self::Freezes,
        Self::Jumps,
        Self::Drains,
        Self::HostFaults,
        Self::Hangs,
    ];
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use clap::ValueEnum as _;
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub agents: usize,
    pub slots: usize,
    pub learners: usize,
    /// Hand-ins of each learner.
    pub hand_ins: u32,
    /// API and one agent are one process, as `gradus up` has it: they die and start together.
    pub together: bool,
    pub troubles: BTreeSet<Trouble>,
    /// How often a message or an attempt meets the kinds that strike at random, of a thousand.
    pub permille: u32,
    /// Until then hand-ins come and troubles strike; then everything works.
    pub until: Duration,
}

impl Plan {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let calm = random.chance(100);
        let mut troubles = BTreeSet::new();
        for trouble in Trouble::ALL {
            if random.chance(450) && !calm {
                troubles.insert(trouble);
            }
        }
        let together = random.chance(250);
        Self {
            seed,
            agents: if together { 1 } else { in_words(random.number(1, 3)) },
            slots: in_words(random.number(1, 3)),
            learners: in_words(random.number(1, 4)),
            hand_ins: u32::try_from(random.number(1, 5)).unwrap_or(1),
            together,
            troubles,
            permille: u32::try_from(random.number(5, 120)).unwrap_or(5),
            until: random.seconds(120, 480),
        }
    }

    /// The same plan without these kinds of trouble.
    #[must_use]
    pub fn without(mut self, troubles: &[Trouble]) -> Self {
        self.troubles.retain(|trouble| !troubles.contains(trouble));
        self
    }

    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.troubles.is_empty()
    }

    /// How often a message or attempt meets this, of a thousand.
    #[must_use]
    pub fn rate(&self, trouble: Trouble) -> u32 {
        if self.troubles.contains(&trouble) { self.permille } else { 0 }
    }
}

fn in_words(number: u64) -> usize {
    usize::try_from(number).unwrap_or(1)
}
