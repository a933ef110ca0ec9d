//! What the agent does next: a function of what happened, `(now, Event) -> Vec<Command>`.
//!
//! It counts slots, asks each lane for jobs while it has room, keeps leases alive, stops what was lost, and empties
//! the house on shutdown. It knows leases by number; queues, containers and sockets are the driver's.

mod health;
mod job;
mod leases;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub use job_queue::Lane;
use uuid::Uuid;

use health::Health;
use job::Job;

pub use health::HostCheck;
pub use leases::LeaseTimes;

/// One look at the queue; bounds how long a shutdown waits for a look under way.
pub const POLL_WAIT: Duration = Duration::from_secs(2);
/// Pause after a look that failed.
const POLL_PAUSE: Duration = Duration::from_secs(1);
/// Pause before a job that was delivered again while we held it is delivered once more: the first one has ended by then.
const DUPLICATE_DELAY: Duration = Duration::from_secs(5);
/// What gradings under way get to finish on shutdown.
pub const DRAIN_GRADING: Duration = Duration::from_secs(20);
/// How often [`Event::Tick`] has to come.
pub const TICK: Duration = Duration::from_secs(1);

/// Names one delivery of a job within this run of the agent.
pub type LeaseNumber = u64;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A look at the queue found nothing.
    LaneEmpty(Lane),
    /// A look at the queue failed.
    LaneFailed(Lane),
    /// A job came; it is ours for [`LeaseTimes::visibility`] from when it was asked for, however late we hear of it.
    /// `delivery` counts how often the queue has given this message out. Copies of one message agree on `sending`; a job
    /// that was sent out anew differs.
    Leased { lane: Lane, lease: LeaseNumber, job: Uuid, sending: u64, delivery: u32, asked: Instant },
    /// An extension that was asked for at that time went through.
    Extended { lease: LeaseNumber, asked: Instant },
    /// The job belongs to someone else now.
    LeaseLost { lease: LeaseNumber },
    /// The job's task has ended, its container handed over for removal.
    JobEnded { lease: LeaseNumber, end: JobEnd },
    /// Containers that resist removal occupy this many slots of a lane.
    SlotsLost { lane: Lane, count: usize },
    /// Something happened that a host that is well does not do.
    Suspected,
    /// The check that was asked for has ended.
    HostChecked(HostCheck),
    /// Stop taking jobs, let go of those there are.
    Drain,
    /// Time has passed.
    Tick,
}

/// How a job's task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnd {
    /// Nothing is left to do; the queue may forget it.
    Done,
    /// To be delivered again, after a while.
    Again { delay: Duration },
}

/// Why a job is to stop before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Someone else works on it: stop, report nothing.
    LeaseLost,
    /// This agent goes away: end in an orderly way, another one resumes.
    GoingAway,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Look for a job; answered by `Leased`, `LaneEmpty` or `LaneFailed`.
    Poll {
        lane: Lane,
    },
    /// Start the job's task; answered by `JobEnded`, always.
    Begin {
        lease: LeaseNumber,
    },
    /// Answered by `Extended` or `LeaseLost`; by nothing when the queue cannot be reached.
    Extend {
        lease: LeaseNumber,
    },
    Stop {
        lease: LeaseNumber,
        reason: StopReason,
    },
    /// Give the lease back to the queue.
    Settle {
        lease: LeaseNumber,
        end: JobEnd,
    },
    /// Forget the lease; it is someone else's.
    Forget {
        lease: LeaseNumber,
    },
    /// Find out whether this host grades right; answered by `HostChecked`, always.
    CheckHost,
    /// What was posted since the last check that went well is to be taken back.
    DisownVerdicts,
}

/// Slots of a lane and the look under way for it.
#[derive(Debug, Default)]
struct Capacity {
    slots: usize,
    lost: usize,
    polling: bool,
    /// No look before this time.
    rest_until: Option<Instant>,
}

/// All that the agent has taken on.
#[derive(Debug)]
pub struct Supervisor {
    sessions: Capacity,
    grading: Capacity,
    jobs: BTreeMap<LeaseNumber, Job>,
    leases: LeaseTimes,
    health: Health,
    /// Set on shutdown: when gradings have to be stopped.
    drain: Option<Instant>,
}

impl Supervisor {
    #[must_use]
    pub fn new(session_slots: usize, grading_slots: usize) -> Self {
        let capacity = |slots| Capacity { slots, ..Capacity::default() };
        Self {
            sessions: capacity(session_slots),
            grading: capacity(grading_slots),
            jobs: BTreeMap::new(),
            leases: LeaseTimes::default(),
            health: Health::trusted(),
            drain: None,
        }
    }

    /// With other times than the usual ones.
    #[must_use]
    pub fn with_leases(self, leases: LeaseTimes) -> Self {
        Self { leases, ..self }
    }

    /// Takes nothing before its host was found fit, and nothing while it is not.
    #[must_use]
    pub fn with_host_check(self) -> Self {
        Self { health: Health::unknown(), ..self }
    }

    /// Takes note of an event and says what follows.
    pub fn handle(&mut self, now: Instant, event: Event) -> Vec<Command> {
        let mut commands = Vec::new();
        match event {
            Event::LaneEmpty(lane) => self.capacity(lane).polling = false,
            Event::LaneFailed(lane) => {
                let capacity = self.capacity(lane);
                capacity.polling = false;
                capacity.rest_until = Some(now + POLL_PAUSE);
            }
            Event::Leased { lane, lease, job, sending, delivery, asked } => {
                let job = Job::new(asked, lane, (job, sending), delivery, self.leases);
                self.leased(now, lease, job, &mut commands);
            }
            Event::Extended { lease, asked } => {
                if let Some(job) = self.jobs.get_mut(&lease) {
                    job.held_until = asked + self.leases.visibility;
                }
            }
            Event::LeaseLost { lease } => self.stop(lease, StopReason::LeaseLost, &mut commands),
            Event::JobEnded { lease, end } => self.ended(lease, end, &mut commands),
            Event::SlotsLost { lane, count } => {
                if count > self.capacity(lane).lost {
                    self.health.suspect();
                }
                self.capacity(lane).lost = count;
            }
            Event::Suspected => self.health.suspect(),
            Event::HostChecked(check) => self.host_checked(now, check, &mut commands),
            Event::Drain => self.drain(now, &mut commands),
            Event::Tick => {}
        }
        self.keep_leases(now, &mut commands);
        self.enforce_drain(now, &mut commands);
        if self.drain.is_none() && self.health.begins_check(now) {
            commands.push(Command::CheckHost);
        }
        self.look_for_jobs(now, &mut commands);
        commands
    }

    /// Draining, and nothing is left: the driver may go.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.drain.is_some() && self.jobs.is_empty() && !self.sessions.polling && !self.grading.polling
    }

    /// Of a lane: slots, how many jobs have one, and how many are lost.
    #[must_use]
    pub fn slots(&self, lane: Lane) -> (usize, usize, usize) {
        let capacity = match lane {
            Lane::Sessions => &self.sessions,
            Lane::Grading | Lane::Regrading => &self.grading,
        };
        (capacity.slots, self.jobs.values().filter(|job| job.lane == lane).count(), capacity.lost)
    }

    fn leased(&mut self, now: Instant, lease: LeaseNumber, job: Job, commands: &mut Vec<Command>) {
        self.capacity(job.lane).polling = false;
        if self.drain.is_some() || !self.health.may_take_jobs() || job.slips_away(now) {
            commands.push(Command::Settle { lease, end: JobEnd::Again { delay: Duration::ZERO } });
            return;
        }
        let held = self.jobs.iter().find(|(_, held)| held.id == job.id);
        if let Some((&older, held)) = held {
            if job.sending == held.sending && job.delivery <= held.delivery {
                // Sent twice: a message of its own, which the one under way makes superfluous.
                commands.push(Command::Settle { lease, end: JobEnd::Done });
            } else {
                // That it was delivered again means that our hold on the older delivery is gone; that it was sent out
                // anew, that one of the two is void. Completing either could be completing the one that counts.
                self.stop(older, StopReason::LeaseLost, commands);
                commands.push(Command::Settle { lease, end: JobEnd::Again { delay: DUPLICATE_DELAY } });
            }
            return;
        }
        self.jobs.insert(lease, job);
        commands.push(Command::Begin { lease });
    }

    fn stop(&mut self, lease: LeaseNumber, reason: StopReason, commands: &mut Vec<Command>) {
        if self.jobs.get_mut(&lease).is_some_and(|job| job.stop(reason)) {
            commands.push(Command::Stop { lease, reason });
        }
    }

    fn ended(&mut self, lease: LeaseNumber, end: JobEnd, commands: &mut Vec<Command>) {
        let Some(job) = self.jobs.remove(&lease) else { return };
        if job.lane == Lane::Grading {
            self.health.has_graded();
        }
        commands.push(match job.stopping {
            Some(StopReason::LeaseLost) => Command::Forget { lease },
            _ => Command::Settle { lease, end },
        });
    }

    /// Gradings under way on a host that is not fit go back to the queue; learners' sessions are left to them.
    fn host_checked(&mut self, now: Instant, check: HostCheck, commands: &mut Vec<Command>) {
        let disown = self.health.checked(now, check);
        if !self.health.may_take_jobs() {
            for lease in self.leases(|job| job.lane == Lane::Grading) {
                self.stop(lease, StopReason::GoingAway, commands);
            }
        }
        if disown {
            commands.push(Command::DisownVerdicts);
        }
    }

    fn drain(&mut self, now: Instant, commands: &mut Vec<Command>) {
        self.drain.get_or_insert(now + DRAIN_GRADING);
        for lease in self.leases(|job| job.lane == Lane::Sessions) {
            self.stop(lease, StopReason::GoingAway, commands);
        }
    }

    fn enforce_drain(&mut self, now: Instant, commands: &mut Vec<Command>) {
        if self.drain.is_some_and(|until| now >= until) {
            for lease in self.leases(|_| true) {
                self.stop(lease, StopReason::GoingAway, commands);
            }
        }
    }

    fn keep_leases(&mut self, now: Instant, commands: &mut Vec<Command>) {
        for lease in self.leases(|job| job.slips_away(now)) {
            self.stop(lease, StopReason::LeaseLost, commands);
        }
        for (lease, job) in &mut self.jobs {
            if job.wants_heartbeat(now) {
                commands.push(Command::Extend { lease: *lease });
            }
        }
    }

    fn look_for_jobs(&mut self, now: Instant, commands: &mut Vec<Command>) {
        if self.drain.is_some() || !self.health.may_take_jobs() {
            return;
        }
        for lane in [Lane::Sessions, Lane::Grading] {
            let taken = self.jobs.values().filter(|job| job.lane == lane).count();
            let capacity = self.capacity(lane);
            let free = capacity.slots.saturating_sub(capacity.lost) > taken;
            if free && !capacity.polling && capacity.rest_until.is_none_or(|until| now >= until) {
                capacity.polling = true;
                commands.push(Command::Poll { lane });
            }
        }
    }

    fn leases(&self, which: impl Fn(&Job) -> bool) -> Vec<LeaseNumber> {
        self.jobs.iter().filter(|(_, job)| which(job)).map(|(lease, _)| *lease).collect()
    }

    fn capacity(&mut self, lane: Lane) -> &mut Capacity {
        match lane {
            Lane::Sessions => &mut self.sessions,
            Lane::Grading | Lane::Regrading => &mut self.grading,
        }
    }
}

#[cfg(test)]
mod tests;
