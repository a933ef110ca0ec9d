//! An agent: the real supervisor, and what its driver (`eval_agent::agent`) does with its commands.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eval_agent::supervisor::room::{HostRoom, Room};
use eval_agent::supervisor::{
    Command, DRAIN_GRADING, Event, JobEnd, Lane, LeaseNumber, LeaseTimes, POLL_WAIT, StopReason, Supervisor,
    TICK, Work,
};
use uuid::Uuid;

use super::agenda::Happening;
use super::grading::{Stage, Task};
use super::keeper::Keeper;
use super::wire::{Answer, Call, Process, Purpose, Request};
use super::{World, note};
use crate::books::{Delivery, Receipt, needs};
use crate::mutant::Mutant;
use crate::plan::Trouble;

/// A look at the queue fails by itself after this; the queue's client sees to that.
const POLL_DEADLINE: Duration = Duration::from_secs(12);
/// What a drain may take beyond the gradings: a look under way, a heartbeat and the return of every job.
const DRAIN_REST: Duration = Duration::from_secs(40);
/// What an agent takes every job for that is not told (planted).
const SMALL: Room = Room { memory_mib: 1, cpu_percent: 1 };
/// Of every agent's host: three quarters are for gradings, so that two big ones do not fit together.
const HOST_MIB: u64 = 1_400;
/// From the order to stop until the work has stopped, ticks included.
const STOP_TAKES: Duration = Duration::from_millis(1_500);

#[derive(Debug)]
pub(super) struct Agent {
    pub(super) life: u32,
    pub(super) up: bool,
    pub(super) frozen_until: Duration,
    /// Since when it is to stop.
    pub(super) draining: Option<Duration>,
    /// When it last asked for jobs.
    pub(super) polled: Duration,
    slots: usize,
    host: HostRoom,
    supervisor: Supervisor,
    pub(super) jobs: BTreeMap<LeaseNumber, Task>,
    pub(super) keepers: BTreeMap<LeaseNumber, Keeper>,
    next_lease: LeaseNumber,
    /// Taken on, and neither given back nor known to be someone else's.
    pub(super) owed: BTreeSet<Receipt>,
}

impl Agent {
    pub(super) fn new(slots: usize) -> Self {
        // Sometimes slots are short, sometimes memory.
        let host = HostRoom { memory_mib: HOST_MIB, cpu_percent: 100 * slots as u64 };
        Self {
            life: 0,
            up: false,
            frozen_until: Duration::ZERO,
            draining: None,
            polled: Duration::ZERO,
            slots,
            host,
            supervisor: Supervisor::new(0, slots).with_room(host),
            jobs: BTreeMap::new(),
            keepers: BTreeMap::new(),
            next_lease: 1,
            owed: BTreeSet::new(),
        }
    }
}

impl World<'_> {
    pub(super) fn agent_starts(&mut self, agent: usize) {
        let now = self.now;
        let Some(one) = self.agents.get_mut(agent).filter(|one| !one.up) else { return };
        *one = Agent { life: one.life + 1, up: true, polled: now, ..Agent::new(one.slots) };
        let life = one.life;
        note!(self, "agent {agent} starts");
        self.tick(agent, life);
    }

    pub(super) fn tick(&mut self, agent: usize, life: u32) {
        if self.life(Process::Agent(agent)) == life {
            self.supervise(agent, Event::Tick);
            self.plan_in(TICK, Happening::Tick { agent, life });
        }
    }

    /// Its containers, leases and calls under way die with it.
    pub(super) fn kill_agent(&mut self, agent: usize) {
        let Some(one) = self.agents.get_mut(agent).filter(|one| one.up) else { return };
        note!(self, "agent {agent} is killed");
        *one = Agent { life: one.life + 1, polled: one.polled, ..Agent::new(one.slots) };
        self.agent_comes_back(agent);
    }

    fn agent_comes_back(&mut self, agent: usize) {
        if self.plan.together {
            // One process, as `gradus up`: they end together and start together.
            self.kill_api();
        } else {
            let after = self.random.millis(300, 40_000);
            self.plan_in(after, Happening::AgentStarts(agent));
        }
    }

    pub(super) fn supervise(&mut self, agent: usize, event: Event) {
        let now = self.dawn + self.now;
        let Some(one) = self.agents.get_mut(agent) else { return };
        let commands = one.supervisor.handle(now, event);
        let life = one.life;
        for command in commands {
            if !matches!(command, Command::Poll { .. }) {
                note!(self, "agent {agent} {command:?}");
            }
            self.act(agent, command);
            if self.is_struck(Trouble::AgentKills) {
                self.kill_agent(agent);
            }
            if self.life(Process::Agent(agent)) != life {
                return;
            }
        }
        self.check_agent(agent);
        self.go_if_finished(agent);
    }

    fn act(&mut self, agent: usize, command: Command) {
        match command {
            Command::Poll { .. } => {
                self.poll(agent);
                if self.is(Mutant::SlotTakenTwice) {
                    self.poll(agent);
                }
            }
            Command::Begin { lease } => self.begin(agent, lease),
            Command::Extend { .. } if self.is(Mutant::NoHeartbeat) => {}
            Command::Extend { lease } => {
                let now = self.now;
                if let Some(task) = self.agents.get_mut(agent).and_then(|one| one.jobs.get_mut(&lease)) {
                    task.asked = now;
                }
                self.extend(agent, lease);
            }
            Command::Stop { reason: StopReason::LeaseLost, .. } if self.is(Mutant::LossUnheard) => {}
            Command::Stop { lease, .. } => self.stop(agent, lease),
            Command::Settle { lease, end } => {
                let Some(one) = self.agents.get_mut(agent) else { return };
                one.jobs.remove(&lease);
                if !(self.mutant == Some(Mutant::DrainForgetsLease) && one.draining.is_some()) {
                    self.settle(agent, lease, end);
                }
            }
            Command::Forget { lease } => {
                let Some(one) = self.agents.get_mut(agent) else { return };
                if let Some(task) = one.jobs.remove(&lease) {
                    one.owed.remove(&task.receipt);
                }
                self.forget(agent, lease);
            }
            // Every job fits on every host of this world.
            Command::PassOn { lease, why } => {
                self.ledger.find(format!("lease {lease} is turned away: {why}"))
            }
            Command::CheckHost | Command::DisownVerdicts => {}
        }
    }

    fn poll(&mut self, agent: usize) {
        let now = self.now;
        if let Some(one) = self.agents.get_mut(agent) {
            one.polled = now;
        }
        let way = (Process::Agent(agent), Process::Queue);
        self.call(
            way,
            Request::Lease { until: now + POLL_WAIT },
            Purpose::Poll { asked: now },
            POLL_DEADLINE,
        );
    }

    pub(super) fn agent_hears(&mut self, agent: usize, call: Call, answer: Answer) {
        match (call.purpose, answer) {
            (Purpose::Poll { asked }, Answer::Leased(Some(delivery))) => self.admit(agent, delivery, asked),
            (Purpose::Poll { .. }, Answer::Leased(None)) => {
                self.supervise(agent, Event::LaneEmpty(Lane::Grading))
            }
            (Purpose::Poll { .. }, _) if self.is(Mutant::NoPause) => {
                self.supervise(agent, Event::LaneEmpty(Lane::Grading));
            }
            (Purpose::Poll { .. }, _) => self.supervise(agent, Event::LaneFailed(Lane::Grading)),
            (Purpose::Task { lease, step }, answer) => self.task_hears(agent, lease, step, answer),
            (Purpose::Extend { lease, asked }, answer) => self.extended(agent, lease, asked, answer),
            (Purpose::Settle { lease }, answer) => self.settled(agent, lease, answer),
            _ => {}
        }
    }

    /// Puts a fresh lease in hands.
    fn admit(&mut self, agent: usize, delivery: Delivery, asked: Duration) {
        let task = Task::new(delivery, asked);
        let Delivery { receipt, subject, token, delivery } = delivery;
        let asked = self.dawn + if self.is(Mutant::LeaseFromAnswer) { self.now } else { asked };
        let Some(one) = self.agents.get_mut(agent) else { return };
        for older in one.jobs.values_mut().filter(|older| older.subject == subject) {
            older.delivered_again = true;
        }
        let lease = one.next_lease;
        one.next_lease += 1;
        one.keepers.insert(lease, Keeper::new(receipt));
        one.jobs.insert(lease, task);
        one.owed.insert(receipt);
        let (job, sending) = (Uuid::from_u128(subject.into()), u64::from(token));
        let needs = if self.is(Mutant::NeedsUnheard) { SMALL } else { needs(subject) };
        let lane = Lane::Grading;
        self.supervise(agent, Event::Leased { lane, lease, job, sending, needs, delivery, asked });
    }

    /// Draining and nothing left: it goes.
    pub(super) fn go_if_finished(&mut self, agent: usize) {
        let Some(one) = self.agents.get_mut(agent) else { return };
        let Some(since) = one.draining.filter(|_| one.up && one.supervisor.is_finished()) else { return };
        one.jobs.clear();
        if !one.keepers.values().all(Keeper::is_idle) {
            return;
        }
        note!(self, "agent {agent} has stopped");
        let owed: Vec<Receipt> = one.owed.iter().copied().collect();
        let frozen = one.frozen_until > since;
        *one = Agent { life: one.life + 1, polled: one.polled, ..Agent::new(one.slots) };
        if let Some(receipt) = owed.first() {
            self.ledger.find(format!("agent {agent} has stopped and still holds a lease ({receipt})"));
        }
        let took = self.now - since;
        if took > DRAIN_GRADING + DRAIN_REST && !frozen {
            self.ledger.find(format!("agent {agent} took {took:?} to stop"));
        }
        self.agent_comes_back(agent);
    }

    /// What has to be so at an agent after everything it did.
    fn check_agent(&mut self, agent: usize) {
        let Some(one) = self.agents.get(agent) else { return };
        let working: Vec<&Task> = one.jobs.values().filter(|task| task.is_working()).collect();
        if working.len() > one.slots {
            let (jobs, slots) = (working.len(), one.slots);
            self.ledger.find(format!("agent {agent} works on {jobs} jobs in {slots} slots"));
            return;
        }
        let memory_mib: u64 = working.iter().map(|task| u64::from(needs(task.subject).memory_mib)).sum();
        let most = one.host.most(Work::Gradings).memory_mib;
        if memory_mib > most {
            self.ledger.find(format!("agent {agent} works on {memory_mib} MiB of jobs in {most}"));
            return;
        }
        let subjects: BTreeSet<_> = working.iter().map(|task| task.subject).collect();
        if subjects.len() < working.len() {
            self.ledger.find(format!("agent {agent} has two containers for one job"));
            return;
        }
        let told = working.iter().find_map(|task| Some((task.subject, task.told_lost?)));
        if let Some((subject, at)) = told.filter(|(_, at)| self.now > *at + STOP_TAKES) {
            let what = format!(
                "agent {agent} works on submission {subject}, which it heard at {at:?} is someone else's"
            );
            self.ledger.find(what);
            return;
        }
        let silent = working
            .iter()
            .find(|task| self.now > task.asked + LeaseTimes::default().visibility && !task.delivered_again);
        if let Some(task) = silent {
            let (subject, asked) = (task.subject, task.asked);
            self.ledger.find(format!(
                "agent {agent} works on submission {subject} and has not asked to keep it since {asked:?}"
            ));
        }
    }

    pub(super) fn task_ended(&mut self, agent: usize, life: u32, lease: LeaseNumber, end: JobEnd) {
        if self.life(Process::Agent(agent)) == life {
            self.supervise(agent, Event::JobEnded { lease, end });
        }
    }
}

impl Task {
    fn is_working(&self) -> bool {
        matches!(self.stage, Stage::Working { .. } | Stage::Posting { .. })
    }
}
