//! Whose job goes to the queue next: a deficit round-robin over institutions, and inside each over its courses. Pure: knows
//! whose jobs wait and what each costs; not what they are, nor where they go.
//!
//! Two rounds, one inside the other, because a share is an institution's: one with fifty courses gets no more than one with a
//! single course. A job costs what an agent sets aside for it, the memory that its lesson declares, because that is what
//! agents are short of. Its time limit does not count: it is what the slowest program may take, and tells little of what
//! most do.
//!
//! Shreedhar & Varghese, "Efficient fair queuing using deficit round robin" (SIGCOMM 1995): over any stretch of time in
//! which two groups both wait, what they were served differs by less than a quantum and the dearest job each.

use std::collections::{BTreeMap, VecDeque};

/// What a group may have served per turn, in the unit of costs (MiB): a usual lesson's memory, so that most turns are one job.
pub(super) const QUANTUM: u64 = 256;

/// No job counts for more, so that its turn comes after some rounds: more than any lesson may ask for.
pub(super) const MAX_COST: u64 = 64 * 1024;

/// A job that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head<J> {
    pub(super) job: J,
    pub(super) cost: u64,
}

/// The oldest jobs of each group, by institution and course.
pub(super) type Heads<J> = BTreeMap<String, BTreeMap<String, VecDeque<Head<J>>>>;

/// Where the rounds stand. Remembers only groups that wait.
#[derive(Debug, Default)]
pub(super) struct Turns {
    institutions: Round<String>,
    courses: BTreeMap<String, Round<String>>,
}

impl Turns {
    /// Takes up to `room` jobs from those that wait, in the order they go.
    pub(super) fn take<J>(&mut self, heads: &mut Heads<J>, room: usize) -> Vec<J> {
        self.meet(heads);
        let mut taken = Vec::with_capacity(room);
        while taken.len() < room
            && let Some(job) = self.next(heads)
        {
            taken.push(job);
        }
        taken
    }

    /// Those who have come since join at the end; those who have gone are forgotten, with what they had saved up.
    fn meet<J>(&mut self, heads: &Heads<J>) {
        self.institutions.meet(heads.keys());
        self.courses.retain(|institution, _| heads.contains_key(institution));
        for (institution, waiting) in heads {
            self.courses.entry(institution.clone()).or_default().meet(waiting.keys());
        }
    }

    fn next<J>(&mut self, heads: &mut Heads<J>) -> Option<J> {
        let courses = &mut self.courses;
        let mut chosen = None;
        let institution = self.institutions.turn(|institution| {
            let waiting = heads.get(institution)?;
            let inside = courses.get_mut(institution)?;
            let (course, cost) = inside
                .turn(|course| waiting.get(course)?.front().map(|head| head.cost.clamp(1, MAX_COST)))?;
            chosen = Some(course);
            Some(cost)
        });
        let ((institution, cost), course) = (institution?, chosen?);
        self.institutions.spend(cost);
        courses.get_mut(&institution)?.spend(cost);
        heads.get_mut(&institution)?.get_mut(&course)?.pop_front().map(|head| head.job)
    }
}

/// One round. Whoever's turn it is stands in front.
#[derive(Debug)]
struct Round<K> {
    members: VecDeque<Member<K>>,
    /// The one in front has had its quantum for this turn.
    begun: bool,
}

#[derive(Debug)]
struct Member<K> {
    key: K,
    deficit: u64,
}

impl<K> Default for Round<K> {
    fn default() -> Self {
        Self { members: VecDeque::new(), begun: false }
    }
}

impl<K: Clone + Eq> Round<K> {
    fn meet<'a>(&mut self, present: impl Iterator<Item = &'a K> + Clone)
    where
        K: 'a,
    {
        let front = self.members.front().map(|member| member.key.clone());
        self.members.retain(|member| present.clone().any(|key| *key == member.key));
        if front != self.members.front().map(|member| member.key.clone()) {
            self.begun = false;
        }
        for key in present {
            if !self.members.iter().any(|member| member.key == *key) {
                self.members.push_back(Member { key: key.clone(), deficit: 0 });
            }
        }
    }

    /// Whose turn it is, and what its next job costs (`cost`, `None` when it has none): turns the round until somebody can
    /// pay. Ends, because each time round everybody who waits has a quantum more.
    fn turn(&mut self, mut cost: impl FnMut(&K) -> Option<u64>) -> Option<(K, u64)> {
        let mut idle = 0;
        while idle < self.members.len() {
            let front = self.members.front_mut()?;
            match cost(&front.key) {
                // It has been served; what it had saved up is gone with it.
                None => {
                    front.deficit = 0;
                    idle += 1;
                }
                Some(cost) => {
                    idle = 0;
                    if !self.begun {
                        front.deficit += QUANTUM;
                        self.begun = true;
                    }
                    if front.deficit >= cost {
                        return Some((front.key.clone(), cost));
                    }
                }
            }
            self.members.rotate_left(1);
            self.begun = false;
        }
        None
    }

    /// The one in front pays.
    fn spend(&mut self, cost: u64) {
        if let Some(front) = self.members.front_mut() {
            front.deficit = front.deficit.saturating_sub(cost);
        }
    }
}

#[cfg(test)]
mod tests;
