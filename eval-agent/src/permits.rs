//! What lessons may ask of this host, and which of them may ask for more. A lesson says in its manifest what it needs;
//! whoever runs the host says how much anybody gets, and allows more by name. Of some things nobody gets any without.
//!
//! What no lesson can be given is not here: a network that leaves its container, and root outside of it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use lesson::{Limits, Manifest};

/// Something that a lesson can be allowed by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    Memory,
    Cpu,
    Processes,
    /// [`lesson::Needs::root`]
    Root,
    /// [`lesson::Needs::network`]
    Network,
}

impl Need {
    const ALL: [Self; 5] = [Self::Memory, Self::Cpu, Self::Processes, Self::Root, Self::Network];

    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Cpu => "cpu",
            Self::Processes => "processes",
            Self::Root => "root",
            Self::Network => "network",
        }
    }

    /// What it is, as one has so much or so little of it, or none.
    fn words(self) -> &'static str {
        match self {
            Self::Memory => "MiB of memory",
            Self::Cpu => "hundredths of a core",
            Self::Processes => "processes",
            Self::Root => "root inside its containers",
            Self::Network => "hosts of its own on its containers' loopback",
        }
    }
}

/// The most that a lesson gets without a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    pub memory_mib: u32,
    /// Hundredths of a core.
    pub cpu_percent: u32,
    pub processes: u32,
}

/// Four times what lessons get by default, of processors twice as much: room for a database or a build, and not for a
/// lesson that takes a host for itself.
impl Default for Ceilings {
    fn default() -> Self {
        Self { memory_mib: 1_024, cpu_percent: 200, processes: 512 }
    }
}

/// `LESSON=memory,cpu`: one lesson, by its slug, may ask for more of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    pub lesson: String,
    pub needs: BTreeSet<Need>,
}

#[derive(Debug, thiserror::Error)]
pub enum BadPermit {
    #[error("write a lesson's slug and what it may have more of: py-till=memory,cpu")]
    Shape,
    #[error("{0:?} cannot be allowed: there are memory, cpu, processes, root and network")]
    Unknown(String),
}

impl FromStr for Permit {
    type Err = BadPermit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (lesson, needs) = text.split_once('=').ok_or(BadPermit::Shape)?;
        if lesson.is_empty() || needs.is_empty() {
            return Err(BadPermit::Shape);
        }
        let need = |name: &str| {
            let found = Need::ALL.into_iter().find(|need| need.name() == name);
            found.ok_or_else(|| BadPermit::Unknown(name.to_owned()))
        };
        Ok(Self { lesson: lesson.to_owned(), needs: needs.split(',').map(need).collect::<Result<_, _>>()? })
    }
}

/// A lesson asks for more than it may have here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPermitted {
    lesson: String,
    need: Need,
    /// How much was asked for and how much there is; `None`: it is all or nothing.
    amount: Option<(u32, u32)>,
}

impl std::error::Error for NotPermitted {}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lesson, need, amount } = self;
        let (words, name) = (need.words(), need.name());
        match amount {
            Some((asked, ceiling)) => write!(
                f,
                "the lesson asks for {asked} {words} and this host gives {ceiling}: its operator can allow it with \
                 --allow {lesson}={name}, or the author ask for less under [limits]"
            ),
            None => write!(
                f,
                "the lesson needs {words}, which this host gives to nobody unasked: its operator can allow it with \
                 --allow {lesson}={name}, or the author do without under [needs]"
            ),
        }
    }
}

/// The host's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permits {
    pub ceilings: Ceilings,
    pub allowed: Vec<Permit>,
}

impl Permits {
    /// # Errors
    /// [`NotPermitted`] names the first thing that the lesson may not have, or not so much of.
    pub fn check(&self, lesson: &Manifest) -> Result<(), NotPermitted> {
        let over = self.rows(&lesson.limits).into_iter().filter(|(_, asked, ceiling)| asked > ceiling);
        let over = over.map(|(need, asked, ceiling)| (need, Some((asked, ceiling))));
        let needs = [(Need::Root, lesson.needs.root), (Need::Network, !lesson.needs.network.is_empty())];
        let needs = needs.into_iter().filter_map(|(need, needed)| needed.then_some((need, None)));
        match over.chain(needs).find(|(need, _)| !self.allows(&lesson.slug, *need)) {
            None => Ok(()),
            Some((need, amount)) => Err(NotPermitted { lesson: lesson.slug.clone(), need, amount }),
        }
    }

    /// Whether some lesson may have it.
    #[must_use]
    pub fn allow_anybody(&self, need: Need) -> bool {
        self.allowed.iter().any(|permit| permit.needs.contains(&need))
    }

    fn rows(&self, limits: &Limits) -> [(Need, u32, u32); 3] {
        [
            (Need::Memory, limits.memory_mib, self.ceilings.memory_mib),
            (Need::Cpu, limits.cpu_percent, self.ceilings.cpu_percent),
            (Need::Processes, limits.processes, self.ceilings.processes),
        ]
    }

    fn allows(&self, lesson: &str, need: Need) -> bool {
        self.allowed.iter().any(|permit| permit.lesson == lesson && permit.needs.contains(&need))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_is_read_as_operators_write_it() {
        let permit: Permit = "py-till=memory,cpu".parse().unwrap();
        assert_eq!(
            (permit.lesson.as_str(), permit.needs),
            ("py-till", BTreeSet::from([Need::Memory, Need::Cpu]))
        );
        for (text, why) in [
            ("py-till", "write a lesson's slug"),
            ("=memory", "write a lesson's slug"),
            ("py-till=", "write a lesson's slug"),
            (
                "py-till=disk",
                "\"disk\" cannot be allowed: there are memory, cpu, processes, root and network",
            ),
        ] {
            let refusal = text.parse::<Permit>().unwrap_err().to_string();
            assert!(refusal.starts_with(why), "{text}: {refusal}");
        }
    }
}
