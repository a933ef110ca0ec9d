//! The processes and what lies between them. One thing happens at a time; every call, crash and pause is a happening of
//! its own on the [`agenda`], so that a trouble can fall between any two of them.
//!
//! | file | instead of |
//! |---|---|
//! | `agent.rs`, `keeper.rs`, `grading.rs` | `eval_agent::agent`: what the driver does with the real supervisor's commands |
//! | `api.rs`, `tasks.rs` | `api::routes` and `api::tasks` |
//! | `queue.rs` | the way to the queue |
//! | `wire.rs`, `trouble.rs` | the world |

mod agenda;
mod agent;
mod api;
mod grading;
mod keeper;
mod learner;
mod lost;
mod queue;
mod tasks;
mod trouble;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::books::{Books, End, Outcome, State, Subject};
use crate::ledger::Ledger;
use crate::mutant::Mutant;
use crate::plan::{Plan, Trouble};
use crate::random::Random;
use crate::{Day, Finding, Tell};

use agenda::{Agenda, Happening};
use agent::Agent;
use api::Api;
use wire::Process;

/// Once troubles are over, everything that was handed in has its result within this: every delivery that a job may
/// have, one after another behind whatever waits before it, and its burial.
const BOUND: Duration = Duration::from_secs(75 * 60);
/// Clocks are set back by no more than this on one day.
const LEFTOVERS: Duration = Duration::from_secs(12 * 60 * 60);
/// How often it is asked whether the day is over.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long the world is watched once all is done.
const QUIET: Duration = Duration::from_secs(60);

/// Tells an event, if anyone listens.
macro_rules! note {
    ($world:expr, $($what:tt)*) => {
        if let Some(tell) = $world.tell.as_mut() {
            tell($world.now, format_args!($($what)*));
        }
    };
}
use note;

pub(crate) struct World<'a> {
    plan: &'a Plan,
    mutant: Option<Mutant>,
    books: &'a mut dyn Books,
    tell: Option<Tell<'a>>,
    random: Random,
    /// Since the day began, by a clock that nobody sets.
    now: Duration,
    /// What agents' monotonic clocks showed then.
    dawn: Instant,
    agenda: Agenda,
    /// Calls made, and those whose callers still wait.
    calls: u64,
    waiting: BTreeSet<u64>,
    agents: Vec<Agent>,
    api: Api,
    cuts: Vec<trouble::Cut>,
    /// What the wall clock was set by.
    jump: i64,
    /// Hand-ins whose learners still wait for an answer.
    unanswered: u32,
    /// What later verdicts made of earlier ones (planted).
    replaced: BTreeMap<Subject, End>,
    ledger: Ledger,
}

impl<'a> World<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        mutant: Option<Mutant>,
        books: &'a mut dyn Books,
        tell: Option<Tell<'a>>,
    ) -> Self {
        Self {
            plan,
            mutant,
            books,
            tell,
            random: Random::new(plan.seed ^ 0x5eed),
            now: Duration::ZERO,
            dawn: Instant::now(),
            agenda: Agenda::default(),
            calls: 0,
            waiting: BTreeSet::new(),
            agents: (0..plan.agents).map(|_| Agent::new(plan.slots)).collect(),
            api: Api::default(),
            cuts: Vec::new(),
            jump: 0,
            unanswered: 0,
            replaced: BTreeMap::new(),
            ledger: Ledger::default(),
        }
    }

    pub(crate) fn run(mut self) -> Result<Day, Finding> {
        self.agenda.plan(Duration::ZERO, Happening::ApiStarts);
        for agent in 0..self.agents.len() {
            let at = self.random.seconds(0, 3);
            self.agenda.plan(at, Happening::AgentStarts(agent));
        }
        self.plan_hand_ins();
        self.plan_troubles();
        self.agenda.plan(self.plan.until, Happening::Look);
        let mut events = 0;
        let mut settled_since = None;
        while let Some((at, what)) = self.agenda.next() {
            self.now = at;
            events += 1;
            if matches!(what, Happening::Look) {
                if self.is_settled() {
                    let since = *settled_since.get_or_insert(self.now);
                    if self.now >= since + QUIET {
                        break;
                    }
                } else if self.now > self.plan.until + self.bound() {
                    self.not_settled();
                }
                self.plan_in(LOOK_EVERY, Happening::Look);
            } else {
                self.happens(what);
            }
            if let Some(what) = self.ledger.found() {
                return Err(Finding { what, at });
            }
        }
        self.at_the_end(events)
    }

    fn happens(&mut self, what: Happening) {
        if let Some(agent) = what.agent().and_then(|agent| self.agents.get(agent))
            && self.now < agent.frozen_until
        {
            let thaw = agent.frozen_until;
            self.agenda.plan(thaw, what);
            return;
        }
        match what {
            Happening::Arrives(call) => self.arrives(call),
            Happening::Answered(call, answer) => self.answered(call, answer),
            Happening::Overdue(call) => self.answered(call, wire::Answer::Unavailable),
            Happening::Tick { agent, life } => self.tick(agent, life),
            Happening::Step { agent, life, lease, step } => self.step(agent, life, lease, step),
            Happening::TaskEnded { agent, life, lease, end } => self.task_ended(agent, life, lease, end),
            Happening::AgentStarts(agent) => self.agent_starts(agent),
            Happening::ApiStarts => self.api_starts(),
            Happening::Dispatch { life, turn } => self.dispatch(life, turn),
            Happening::CrossOff { life, row, job } => self.cross_off(life, row, job),
            Happening::SendAnyway { life, job } => self.send_anyway(life, job),
            Happening::LostLook { life } => self.lost_look(life),
            Happening::Mend { life, lost } => self.mend(life, &lost),
            Happening::DeadLook { life } => self.dead_look(life),
            Happening::LayToRest { life, delivery } => self.lay_to_rest(life, delivery),
            Happening::HandIn { learner, key } => self.hand_in(learner, key),
            Happening::Strikes(strike) => self.strikes(strike),
            Happening::Look => {}
        }
    }

    /// Everybody has an answer and every submission a result; no message is left, and nobody holds anything.
    fn is_settled(&mut self) -> bool {
        let is_idle = |agent: &Agent| {
            agent.up && agent.jobs.is_empty() && agent.draining.is_none() && self.now > agent.frozen_until
        };
        self.unanswered == 0
            && self.ledger.all_over()
            && self.ledger.messages() == 0
            && self.agents.iter().all(is_idle)
    }

    /// Messages of what is over may lie hidden for as long as a clock was set back; nobody waits for them.
    fn bound(&self) -> Duration {
        let is_over = self.unanswered == 0 && self.ledger.all_over();
        if is_over { BOUND + LEFTOVERS } else { BOUND }
    }

    fn not_settled(&mut self) {
        let what = format!(
            "{:?} after the last trouble: {} hand-ins unanswered, without result {:?}, {} messages left, jobs held {:?}",
            self.bound(),
            self.unanswered,
            self.ledger.waiting(),
            self.ledger.messages(),
            self.agents.iter().map(|agent| agent.jobs.len()).collect::<Vec<_>>(),
        );
        self.ledger.find(what);
    }

    fn at_the_end(mut self, events: u64) -> Result<Day, Finding> {
        let wall = self.wall(Process::Queue);
        if self.books.messages(wall).0 > 0 {
            self.ledger.find("messages are left in the queue, though everything was graded".to_owned());
        }
        if let Some(agent) = self.agents.iter().position(|agent| self.now > agent.polled + QUIET / 2) {
            self.ledger.find(format!("agent {agent} holds nothing and looks for nothing"));
        }
        let ends: Vec<(Subject, Option<End>)> = self.ledger.subjects().collect();
        let not_graded = ends.iter().filter(|(_, over)| *over == Some(End::NotGraded)).count();
        if self.plan.is_calm() && not_graded > 0 {
            self.ledger.find(format!("{not_graded} submissions were not graded, though nothing went wrong"));
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        match self.ledger.found() {
            Some(what) => Err(Finding { what, at: self.now }),
            None => Ok(Day { events, submissions: count(ends.len()), not_graded: count(not_graded) }),
        }
    }

    fn plan_in(&mut self, delay: Duration, what: Happening) {
        self.agenda.plan(self.now + delay, what);
    }

    fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// Whether a trouble strikes here.
    fn is_struck(&mut self, trouble: Trouble) -> bool {
        self.now < self.plan.until && self.random.chance(self.plan.rate(trouble))
    }

    /// How often a process was started.
    fn life(&self, process: Process) -> u32 {
        match process {
            Process::Api => self.api.life,
            Process::Agent(agent) => self.agents.get(agent).map_or(0, |agent| agent.life),
            Process::Queue | Process::Learner(_) => 0,
        }
    }

    /// What a submission deserves; the seed knows.
    fn truth(&self, subject: Subject) -> Outcome {
        let mut random = Random::new(self.plan.seed ^ (u64::from(subject) << 32));
        match random.below(10) {
            0 => Outcome::LessonFault,
            1..=4 => Outcome::Failed,
            _ => Outcome::Passed,
        }
    }

    fn state(&mut self, subject: Subject) -> State {
        self.replaced.get(&subject).map_or_else(|| self.books.state(subject), |end| State::Over(*end))
    }
}
