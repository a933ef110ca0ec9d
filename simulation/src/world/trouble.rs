//! The troubles that come at a time of their own: kills, partitions, freezes, clocks that are set, drains.

use std::time::Duration;

use eval_agent::supervisor::Event;

use super::agenda::Happening;
use super::wire::Process;
use super::{World, note};
use crate::books::Wall;
use crate::plan::Trouble;

/// How often each kind strikes on a day that has it.
const STRIKES: (u64, u64) = (1, 4);
const CUT_SECONDS: (u64, u64) = (2, 150);
const FREEZE_SECONDS: (u64, u64) = (2, 150);
/// What a wall clock is set by, at most: a wrong time zone, a flat battery.
const SET_BY: i64 = 3 * 3_600;

#[derive(Debug, Clone, Copy)]
pub(super) enum Strike {
    KillAgent(usize),
    KillApi,
    Cut { one: Process, other: Process, silent: bool, lasts: Duration },
    Freeze { agent: usize, lasts: Duration },
    Jump { seconds: i64 },
    Drain(usize),
}

/// Two that cannot reach each other; a silent one leaves callers to their deadlines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    between: (Process, Process),
    silent: bool,
    until: Duration,
}

impl World<'_> {
    pub(super) fn plan_troubles(&mut self) {
        for trouble in self.plan.troubles.clone() {
            for _ in 0..self.random.number(STRIKES.0, STRIKES.1) {
                if let Some(strike) = self.strike(trouble) {
                    let at = self.random.time(Duration::ZERO, self.plan.until);
                    self.agenda.plan(at, Happening::Strikes(strike));
                }
            }
        }
    }

    fn strike(&mut self, trouble: Trouble) -> Option<Strike> {
        let agent = usize::try_from(self.random.below(self.agents.len() as u64)).unwrap_or_default();
        Some(match trouble {
            Trouble::AgentKills => Strike::KillAgent(agent),
            Trouble::ApiKills => Strike::KillApi,
            Trouble::Partitions => {
                let api_and_agent = (Process::Agent(agent), Process::Api);
                let agent_and_queue = (Process::Agent(agent), Process::Queue);
                let pairs = [api_and_agent, agent_and_queue, (Process::Api, Process::Queue)];
                let (one, other) = self.random.pick(&pairs, api_and_agent);
                let silent = self.random.chance(500);
                let lasts = self.random.seconds(CUT_SECONDS.0, CUT_SECONDS.1);
                Strike::Cut { one, other, silent, lasts }
            }
            Trouble::Freezes => {
                let lasts = self.random.seconds(FREEZE_SECONDS.0, FREEZE_SECONDS.1);
                Strike::Freeze { agent, lasts }
            }
            Trouble::Jumps => {
                let seconds =
                    i64::try_from(self.random.below(2 * SET_BY.unsigned_abs())).unwrap_or(SET_BY) - SET_BY;
                Strike::Jump { seconds }
            }
            Trouble::Drains => Strike::Drain(agent),
            _ => return None,
        })
    }

    pub(super) fn strikes(&mut self, strike: Strike) {
        note!(self, "TROUBLE {strike:?}");
        match strike {
            Strike::KillAgent(agent) => self.kill_agent(agent),
            Strike::KillApi => self.kill_api(),
            Strike::Cut { one, other, silent, lasts } => {
                let until = self.now + lasts;
                self.cuts.push(Cut { between: (one, other), silent, until });
            }
            Strike::Freeze { agent, lasts } => {
                let thaw = self.now + lasts;
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.frozen_until = agent.frozen_until.max(thaw);
                }
            }
            Strike::Jump { seconds } => self.jump += seconds * 1_000_000,
            Strike::Drain(agent) => self.drain(agent),
        }
    }

    fn drain(&mut self, agent: usize) {
        let now = self.now;
        let Some(one) = self.agents.get_mut(agent).filter(|one| one.up && one.draining.is_none()) else {
            return;
        };
        one.draining = Some(now);
        self.supervise(agent, Event::Drain);
    }

    /// Whether these two cannot reach each other, and whether that is silent.
    pub(super) fn cut(&self, one: Process, other: Process) -> Option<bool> {
        let is =
            |cut: &&Cut| self.now < cut.until && (cut.between == (one, other) || cut.between == (other, one));
        self.cuts.iter().find(is).map(|cut| cut.silent)
    }

    /// What a process's wall clock shows.
    pub(super) fn wall(&self, process: Process) -> Wall {
        /// Some day in 2026.
        const DAY: Wall = 1_790_000_000_000_000;
        /// Clocks of processes that share a queue agree to about two seconds.
        const SKEWS: [Wall; 4] = [0, 1_500_000, -1_500_000, 700_000];
        let skew = match process {
            Process::Agent(agent) if !self.plan.together => SKEWS.get(agent % 4).copied().unwrap_or(0),
            _ => 0,
        };
        DAY + i64::try_from(self.now.as_micros()).unwrap_or(i64::MAX) + self.jump + skew
    }
}
