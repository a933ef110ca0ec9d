//! The room of a host: how much memory and processor its jobs may use, and which job fits. Pure; counts what lessons
//! declare, measures nothing.
//!
//! ```text
//! memory      [ sessions' own quarter | whoever comes first | gradings' own quarter ]
//! processors  each kind against all of them: what is scarce is divided by weight (sessions 4, gradings 1), not refused
//! ```
//!
//! What a kind has of its own the other never takes, so neither waits for the other without end: gradings end by
//! themselves, sessions last hours.

use std::ops::{Add, AddAssign};

pub use ide_protocol::job::Room;

use super::Work;

/// Sessions count this part of their memory. An idle one holds 5 MiB of its 256, one with a language server and a test
/// run some 100; half leaves every second one all it may have at the same moment.
const SESSION_MEMORY_OVERCOMMIT: u64 = 2;
/// Sessions may declare this many times the host's processors: people read and type most of the time.
const SESSION_CPU_OVERCOMMIT: u64 = 8;
/// Of memory, the part that each kind of work has of its own: one in so many, and what a usual lesson needs at least, so that
/// there is a place for each kind on the smallest host.
const OWN_SHARE: u64 = 4;

/// What jobs of one kind take, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    pub memory_mib: u64,
    pub cpu_percent: u64,
}

impl Add for Taken {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            memory_mib: self.memory_mib.saturating_add(other.memory_mib),
            cpu_percent: self.cpu_percent.saturating_add(other.cpu_percent),
        }
    }
}

impl AddAssign for Taken {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Taken {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// What a job takes of a host's room.
#[must_use]
pub fn cost(work: Work, needs: Room) -> Taken {
    let memory_mib = u64::from(needs.memory_mib).div_ceil(memory_overcommit(work));
    Taken { memory_mib, cpu_percent: needs.cpu_percent.into() }
}

fn memory_overcommit(work: Work) -> u64 {
    match work {
        Work::Sessions => SESSION_MEMORY_OVERCOMMIT,
        Work::Gradings => 1,
    }
}

/// All the room there is for jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostRoom {
    pub memory_mib: u64,
    pub cpu_percent: u64,
}

/// Why a job does not fit, however empty the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooBig {
    #[error(
        "its containers need {needs} MiB of memory and one job gets {has} on this host: its operator can add a larger \
         host or give more of this one with --host-memory, or the author ask for less under [limits]"
    )]
    Memory { needs: u64, has: u64 },
    #[error(
        "its containers need {needs} hundredths of a core and this host has {has}: its operator can add a larger host or \
         say so with --host-cpus, or the author ask for less under [limits]"
    )]
    Cpu { needs: u64, has: u64 },
}

/// What is under way and held when a job asks for room.
#[derive(Debug, Clone, Copy, Default)]
pub struct Load {
    /// Taken by jobs of the same kind.
    pub same: Taken,
    /// Taken by jobs of the other kind.
    pub other: Taken,
    /// Held for jobs of the other kind that wait for longer than this one.
    pub promised: Taken,
}

impl HostRoom {
    /// For tests and simulations in which slots alone count.
    pub const ENDLESS: Self = Self { memory_mib: u64::MAX / 2, cpu_percent: u64::MAX / 16 };

    /// What jobs of one kind may take together.
    #[must_use]
    pub fn most(&self, work: Work) -> Taken {
        let overcommit = match work {
            Work::Sessions => SESSION_CPU_OVERCOMMIT,
            Work::Gradings => 1,
        };
        Taken {
            memory_mib: self.memory_mib - self.own_memory(),
            cpu_percent: self.cpu_percent.saturating_mul(overcommit),
        }
    }

    fn own_memory(&self) -> u64 {
        let usual = u64::from(Room::default().memory_mib);
        (self.memory_mib / OWN_SHARE).max(usual).min(self.memory_mib / 2)
    }

    /// What to have room for before asking for a job: what most need, or all that this host has.
    #[must_use]
    pub fn usual(&self) -> Room {
        let Room { memory_mib, cpu_percent } = Room::default();
        let most = self.most(Work::Gradings).memory_mib;
        let at_most = |usual: u32, most: u64| usual.min(u32::try_from(most).unwrap_or(u32::MAX));
        Room { memory_mib: at_most(memory_mib, most), cpu_percent: at_most(cpu_percent, self.cpu_percent) }
    }

    /// Whether a job fits when nothing else is there. No container is given more processors than the host has.
    ///
    /// # Errors
    /// [`TooBig`]
    pub fn could_hold(&self, work: Work, needs: Room) -> Result<(), TooBig> {
        let (memory, cpu) = (u64::from(needs.memory_mib), u64::from(needs.cpu_percent));
        let has = self.most(work).memory_mib.saturating_mul(memory_overcommit(work));
        if memory > has {
            return Err(TooBig::Memory { needs: memory, has });
        }
        if cpu > self.cpu_percent {
            return Err(TooBig::Cpu { needs: cpu, has: self.cpu_percent });
        }
        Ok(())
    }

    /// Whether a job fits beside what is there.
    #[must_use]
    pub fn fits(&self, work: Work, needs: Room, load: Load) -> bool {
        let (same, most) = (load.same + cost(work, needs), self.most(work));
        if same.memory_mib > most.memory_mib || same.cpu_percent > most.cpu_percent {
            return false;
        }
        let together = same + load.other;
        let is_own = same.memory_mib <= self.own_memory();
        let promised = if is_own { 0 } else { load.promised.memory_mib };
        together.memory_mib.saturating_add(promised) <= self.memory_mib
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1_024;
    const USUAL: Room = Room { memory_mib: 256, cpu_percent: 100 };

    fn room(memory_mib: u32, cpu_percent: u32) -> Room {
        Room { memory_mib, cpu_percent }
    }

    fn mib(memory_mib: u64) -> Taken {
        Taken { memory_mib, cpu_percent: 0 }
    }

    /// Two processors and 4 GiB: 1 GiB is the sessions', 1 GiB the gradings'.
    const HOST: HostRoom = HostRoom { memory_mib: 4 * GIB, cpu_percent: 200 };

    #[test]
    fn what_fits() {
        use Work::{Gradings as G, Sessions as S};
        // kind, needs, taken by the same kind, by the other, promised to the other: does it fit?
        let rows = [
            (S, USUAL, mib(0), mib(0), mib(0), true, "an empty host"),
            (S, USUAL, mib(2_944), mib(0), mib(0), true, "sessions take all but the gradings' own"),
            (S, USUAL, mib(2_945), mib(0), mib(0), false, "and no more"),
            (G, USUAL, mib(0), mib(3_072), mib(0), true, "for a grading there is always a place"),
            (G, USUAL, mib(2_816), mib(1_024), mib(0), true, "both to the brim"),
            (G, USUAL, mib(512), mib(3_400), mib(0), false, "the middle belongs to who came first"),
            (S, USUAL, mib(896), mib(1_024), mib(2_048), true, "their own is kept, whatever is promised"),
            (S, USUAL, mib(1_024), mib(1_024), mib(2_048), false, "beyond it what is promised is respected"),
            (S, room(256, 200), Taken { memory_mib: 0, cpu_percent: 1_400 }, mib(0), mib(0), true, "8 times"),
            (
                S,
                room(256, 200),
                Taken { memory_mib: 0, cpu_percent: 1_401 },
                mib(0),
                mib(0),
                false,
                "no more",
            ),
            (G, USUAL, Taken { memory_mib: 256, cpu_percent: 100 }, mib(0), mib(0), true, "a core each"),
            (G, USUAL, Taken { memory_mib: 256, cpu_percent: 101 }, mib(0), mib(0), false, "no more"),
        ];
        for (work, needs, same, other, promised, fits, story) in rows {
            assert_eq!(HOST.fits(work, needs, Load { same, other, promised }), fits, "{story}");
        }
    }

    #[test]
    fn what_never_fits() {
        use Work::{Gradings as G, Sessions as S};
        let rows = [
            (S, room(6_144, 100), Ok(())),
            (S, room(6_146, 100), Err(TooBig::Memory { needs: 6_146, has: 6_144 })),
            (G, room(3_072, 100), Ok(())),
            (G, room(3_073, 100), Err(TooBig::Memory { needs: 3_073, has: 3_072 })),
            (G, room(256, 200), Ok(())),
            (G, room(256, 201), Err(TooBig::Cpu { needs: 201, has: 200 })),
            (S, room(256, 201), Err(TooBig::Cpu { needs: 201, has: 200 })),
        ];
        for (work, needs, could) in rows {
            assert_eq!(HOST.could_hold(work, needs), could, "{work:?} {needs:?}");
            if could.is_ok() {
                assert!(HOST.fits(work, needs, Load::default()), "what could fit fits an empty host");
            }
        }
    }
}
