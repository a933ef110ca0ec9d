//! What the agent does next: a function of what happened, `(now, Event) -> Vec<Command>`.
//!
//! It counts slots and room, asks each lane for jobs while it has some, keeps leases alive, stops what was lost, and
//! empties the house on shutdown. It knows leases by number; queues, containers and sockets are the driver's.
//!
//! A job that came and does not fit beside what is under way is **held**: its lease is extended, its room is kept for it,
//! and no other of its kind is asked for meanwhile. So a big one is not overtaken for ever, and uses up no delivery.

mod events;
mod health;
mod job;
mod lanes;
mod leases;
pub mod room;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ide_protocol::job::Room;

use health::Health;
use job::{Job, Stage};
use lanes::Capacity;
use room::{HostRoom, Load, Taken, cost};

pub use events::{Command, Event, JobEnd, LeaseNumber, StopReason};
pub use health::HostCheck;
pub use lanes::{Lane, Work};
pub use leases::LeaseTimes;

/// One look at the queue; bounds how long a shutdown waits for a look under way.
pub const POLL_WAIT: Duration = Duration::from_secs(2);
/// Pause before a job that was delivered again while we held it is delivered once more: the first one has ended by then.
const DUPLICATE_DELAY: Duration = Duration::from_secs(5);
/// How often it is asked whether a job that somebody else serves is served still.
const ASK_AGAIN: Duration = Duration::from_secs(15);
/// Leases kept for what others serve. After the queue was away for a while, all of its sessions are given out again, to anybody.
const MOST_WAITING: usize = 256;
/// What gradings under way get to finish on shutdown.
pub const DRAIN_GRADING: Duration = Duration::from_secs(20);
const AGAIN_AT_ONCE: JobEnd = JobEnd::Again { delay: Duration::ZERO };
/// How often [`Event::Tick`] has to come.
pub const TICK: Duration = Duration::from_secs(1);

/// All that the agent has taken on.
#[derive(Debug)]
pub struct Supervisor {
    sessions: Capacity,
    gradings: Capacity,
    host: HostRoom,
    jobs: BTreeMap<LeaseNumber, Job>,
    leases: LeaseTimes,
    health: Health,
    /// Set once nothing more is to be taken.
    leaving: Option<Leaving>,
}

/// An agent that goes: what is under way is stopped then, if it is at all.
#[derive(Debug, Clone, Copy, Default)]
struct Leaving {
    sessions: Option<Instant>,
    gradings: Option<Instant>,
}

impl Supervisor {
    #[must_use]
    pub fn new(session_slots: usize, grading_slots: usize) -> Self {
        Self {
            sessions: Capacity::new(session_slots),
            gradings: Capacity::new(grading_slots),
            host: HostRoom::ENDLESS,
            jobs: BTreeMap::new(),
            leases: LeaseTimes::default(),
            health: Health::trusted(),
            leaving: None,
        }
    }

    /// With other times than the usual ones.
    #[must_use]
    pub fn with_leases(self, leases: LeaseTimes) -> Self {
        Self { leases, ..self }
    }

    /// On a host of this size; otherwise slots alone count.
    #[must_use]
    pub fn with_room(self, host: HostRoom) -> Self {
        Self { host, ..self }
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
            Event::LaneEmpty(lane) => self.capacity(Work::of(lane)).found_nothing(),
            Event::LaneFailed(lane) => self.capacity(Work::of(lane)).failed(now),
            Event::Leased { lane, lease, job, sending, needs, delivery, asked } => {
                let job = Job::new(asked, (lane, needs), (job, sending), delivery, self.leases);
                self.leased(now, lease, job, &mut commands);
            }
            Event::Extended { lease, asked } => {
                if let Some(job) = self.jobs.get_mut(&lease) {
                    job.held_until = asked + self.leases.visibility;
                }
            }
            Event::LeaseLost { lease } => self.lost(lease, &mut commands),
            Event::JobEnded { lease, end } => self.ended(now, lease, end, &mut commands),
            Event::SlotsLost { lane, count } => {
                let capacity = self.capacity(Work::of(lane));
                let is_more = count > std::mem::replace(&mut capacity.lost, count);
                if is_more {
                    self.health.suspect();
                }
            }
            Event::Suspected => self.health.suspect(),
            Event::HostChecked(check) => self.host_checked(now, check, &mut commands),
            Event::Drain => {
                self.leave(Some(now), Some(now + DRAIN_GRADING), &mut commands);
            }
            Event::Empty { hand_over } => self.leave(hand_over, None, &mut commands),
            Event::Tick => {}
        }
        self.take_up_again(now);
        self.begin_what_fits(&mut commands);
        self.keep_leases(now, &mut commands);
        self.stop_late(now, &mut commands);
        if self.leaving.is_none() && self.health.begins_check(now) {
            commands.push(Command::CheckHost);
        }
        self.look_for_jobs(now, &mut commands);
        commands
    }

    /// Nothing more is taken.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving.is_some()
    }

    /// The same, and nothing is left: the driver may go.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.leaving.is_some() && self.jobs.is_empty() && !self.sessions.polling && !self.gradings.polling
    }

    /// Of a kind of work: slots, how many jobs have one, and how many are lost.
    #[must_use]
    pub fn slots(&self, work: Work) -> (usize, usize, usize) {
        let capacity = self.capacity_of(work);
        (capacity.slots, self.count(work, Stage::Begun), capacity.lost)
    }

    /// What jobs of a kind may take together, what they take, and what is kept for one that is held.
    #[must_use]
    pub fn room(&self, work: Work) -> [(&'static str, Taken); 3] {
        let held = self.sum(|job| job.is(work, Stage::Held));
        [("total", self.host.most(work)), ("taken", self.taken(work)), ("held", held)]
    }

    fn leased(&mut self, now: Instant, lease: LeaseNumber, mut job: Job, commands: &mut Vec<Command>) {
        self.capacity(job.work()).found_nothing();
        if self.leaving.is_some() || !self.health.may_take_jobs() || job.slips_away(now) {
            let end = if job.slips_away(now) { AGAIN_AT_ONCE } else { job.let_go() };
            commands.push(Command::Settle { lease, end });
            return;
        }
        if let Some(end) = self.settles_copy(&mut job, commands) {
            commands.push(Command::Settle { lease, end });
            return;
        }
        let could = self.host.could_hold(job.work(), job.needs);
        let job = self.jobs.entry(lease).or_insert(job);
        if let Err(why) = could {
            job.stage = Stage::Leaving;
            commands.push(Command::PassOn { lease, why });
        }
    }

    /// What becomes of a job of which we have another delivery; `None` when it is to be kept.
    fn settles_copy(&mut self, job: &mut Job, commands: &mut Vec<Command>) -> Option<JobEnd> {
        let same = self.leases(|held| held.id == job.id);
        for older in same {
            let Some(held) = self.jobs.get_mut(&older) else { continue };
            if job.sending == held.sending && job.delivery <= held.delivery {
                // Sent twice: a message of its own, which the one under way makes superfluous.
                return Some(JobEnd::Done);
            }
            if held.waits() {
                self.stop(older, StopReason::LeaseLost, commands);
            } else if job.sending == held.sending {
                // That it was delivered again means that our hold on the older delivery is gone. The work is as good as it was:
                // this one waits for what comes of it.
                held.is_gone = true;
                job.stage = Stage::Behind;
            } else {
                // Sent out anew: one of the two is void. Completing either could be completing the one that counts.
                self.stop(older, StopReason::LeaseLost, commands);
                return Some(JobEnd::Again { delay: DUPLICATE_DELAY });
            }
        }
        None
    }

    /// What waited for another delivery to end, or for somebody else to go, is to be asked about again.
    fn take_up_again(&mut self, now: Instant) {
        for lease in self.leases(Job::waits) {
            let Some((id, stage)) = self.jobs.get(&lease).map(|job| (job.id, job.stage)) else { continue };
            let is_due = match stage {
                Stage::Behind => self.leases(|job| job.id == id).len() == 1,
                Stage::Elsewhere { ask_at } => now >= ask_at,
                Stage::Held | Stage::Begun | Stage::Leaving => false,
            };
            if is_due && let Some(job) = self.jobs.get_mut(&lease) {
                job.stage = Stage::Held;
            }
        }
    }

    fn begin_what_fits(&mut self, commands: &mut Vec<Command>) {
        for lease in self.leases(|job| job.stage == Stage::Held) {
            if self.may_begin(lease)
                && let Some(job) = self.jobs.get_mut(&lease)
            {
                job.stage = Stage::Begun;
                commands.push(Command::Begin { lease });
            }
        }
    }

    /// Of each kind the one that is held longest goes first, and leaves what older ones of the other kind wait for.
    fn may_begin(&self, lease: LeaseNumber) -> bool {
        let Some(job) = self.jobs.get(&lease) else { return false };
        let older = self.jobs.range(..lease).map(|(_, older)| older);
        let older: Vec<&Job> = older.filter(|older| older.stage == Stage::Held).collect();
        older.iter().all(|older| older.work() != job.work())
            && self.has_room(job.work(), job.needs, older.iter().map(|older| older.cost()).sum())
    }

    fn has_room(&self, work: Work, needs: Room, promised: Taken) -> bool {
        let capacity = self.capacity_of(work);
        let is_free = capacity.slots.saturating_sub(capacity.lost) > self.count(work, Stage::Begun);
        let load = Load { same: self.taken(work), other: self.taken(work.other()), promised };
        is_free && self.host.fits(work, needs, load)
    }

    /// A container that resists removal is taken for one of the usual size.
    fn taken(&self, work: Work) -> Taken {
        let lost = std::iter::repeat_n(cost(work, self.host.usual()), self.capacity_of(work).lost);
        self.sum(|job| job.is(work, Stage::Begun)) + lost.sum()
    }

    fn stop(&mut self, lease: LeaseNumber, reason: StopReason, commands: &mut Vec<Command>) {
        let Some(job) = self.jobs.get_mut(&lease) else { return };
        if job.waits() {
            let Some(job) = self.jobs.remove(&lease) else { return };
            commands.push(match reason {
                StopReason::LeaseLost => Command::Forget { lease },
                StopReason::GoingAway => Command::Settle { lease, end: job.let_go() },
            });
        } else if job.stop(reason) {
            commands.push(Command::Stop { lease, reason });
        }
    }

    /// Somebody else has the job now. A grading stops: theirs counts. A session goes on for as long as the API takes it from
    /// us: it lets nobody else begin one that is being served.
    fn lost(&mut self, lease: LeaseNumber, commands: &mut Vec<Command>) {
        match self.jobs.get_mut(&lease) {
            Some(job) if job.is(Work::Sessions, Stage::Begun) => job.is_gone = true,
            _ => self.stop(lease, StopReason::LeaseLost, commands),
        }
    }

    fn ended(&mut self, now: Instant, lease: LeaseNumber, end: JobEnd, commands: &mut Vec<Command>) {
        let Some(mut job) = self.jobs.remove(&lease) else { return };
        if job.is(Work::Gradings, Stage::Begun) {
            self.health.has_graded();
        }
        let is_lost = job.is_gone || job.stopping == Some(StopReason::LeaseLost);
        commands.push(match end {
            _ if is_lost => Command::Forget { lease },
            JobEnd::Elsewhere if job.stopping.is_none() => {
                job.stage = Stage::Elsewhere { ask_at: now + ASK_AGAIN };
                self.jobs.insert(lease, job);
                return;
            }
            JobEnd::Elsewhere => Command::Settle { lease, end: job.let_go() },
            end => Command::Settle { lease, end },
        });
    }

    /// Gradings under way on a host that is not fit go back to the queue; learners' sessions are left to them.
    fn host_checked(&mut self, now: Instant, check: HostCheck, commands: &mut Vec<Command>) {
        let disown = self.health.checked(now, check);
        if !self.health.may_take_jobs() {
            for lease in self.leases(|job| job.work() == Work::Gradings || job.waits()) {
                self.stop(lease, StopReason::GoingAway, commands);
            }
        }
        if disown {
            commands.push(Command::DisownVerdicts);
        }
    }

    /// What was not begun goes back at once. Asked twice, the earlier time counts.
    fn leave(&mut self, sessions: Option<Instant>, gradings: Option<Instant>, commands: &mut Vec<Command>) {
        let leaving = self.leaving.get_or_insert_default();
        let earlier = |one: Option<Instant>, other: Option<Instant>| one.into_iter().chain(other).min();
        leaving.sessions = earlier(leaving.sessions, sessions);
        leaving.gradings = earlier(leaving.gradings, gradings);
        for lease in self.leases(Job::waits) {
            self.stop(lease, StopReason::GoingAway, commands);
        }
    }

    fn stop_late(&mut self, now: Instant, commands: &mut Vec<Command>) {
        let Some(leaving) = self.leaving else { return };
        let is_late = |work| match work {
            Work::Sessions => leaving.sessions,
            Work::Gradings => leaving.gradings,
        };
        for lease in self.leases(|job| is_late(job.work()).is_some_and(|until| now >= until)) {
            self.stop(lease, StopReason::GoingAway, commands);
        }
    }

    fn keep_leases(&mut self, now: Instant, commands: &mut Vec<Command>) {
        // What is under way goes on: that the queue does not answer says nothing about the work. Its end is offered to the API,
        // which takes the newest.
        for lease in self.leases(|job| job.waits() && job.slips_away(now)) {
            self.stop(lease, StopReason::LeaseLost, commands);
        }
        for (lease, job) in &mut self.jobs {
            if job.wants_heartbeat(now) {
                commands.push(Command::Extend { lease: *lease });
            }
        }
    }

    fn look_for_jobs(&mut self, now: Instant, commands: &mut Vec<Command>) {
        if self.leaving.is_some() || !self.health.may_take_jobs() {
            return;
        }
        for work in Work::ALL {
            let held = |work| self.sum(|job| job.is(work, Stage::Held));
            let waiting = self.jobs.values().filter(|job| job.work() == work && job.waits()).count();
            let has_room = self.count(work, Stage::Held) == 0
                && waiting < MOST_WAITING
                && self.has_room(work, self.host.usual(), held(work.other()));
            if has_room && let Some(lane) = self.capacity(work).look(now, work) {
                commands.push(Command::Poll { lane });
            }
        }
    }

    fn count(&self, work: Work, stage: Stage) -> usize {
        self.jobs.values().filter(|job| job.is(work, stage)).count()
    }

    fn sum(&self, which: impl Fn(&Job) -> bool) -> Taken {
        self.jobs.values().filter(|job| which(job)).map(Job::cost).sum()
    }

    fn leases(&self, which: impl Fn(&Job) -> bool) -> Vec<LeaseNumber> {
        self.jobs.iter().filter(|(_, job)| which(job)).map(|(lease, _)| *lease).collect()
    }

    fn capacity(&mut self, work: Work) -> &mut Capacity {
        match work {
            Work::Sessions => &mut self.sessions,
            Work::Gradings => &mut self.gradings,
        }
    }

    fn capacity_of(&self, work: Work) -> &Capacity {
        match work {
            Work::Sessions => &self.sessions,
            Work::Gradings => &self.gradings,
        }
    }
}

#[cfg(test)]
mod tests;
