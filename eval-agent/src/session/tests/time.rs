//! How long it lasts, and what is told of what it uses.

use ide_protocol::session::{EndReason, RelayToAgent, SessionMessage, Usage};

use super::life::over;
use super::world::*;
use crate::cgroup::Sample;
use crate::session::logic::{Command, Event};

/// Beyond its limit, for the API to end it.
const GRACE_SECONDS: u64 = 60;

impl World {
    /// What ends it within this second, if anything does.
    fn ends_at(&mut self, second: u64) -> Option<Vec<Command>> {
        self.second = second;
        let commands = self.happens(Event::Tick);
        let ends = commands.iter().any(|command| matches!(command, Command::End(_)));
        ends.then_some(commands)
    }
}

#[test]
fn it_ends_when_nobody_was_there_for_too_long_and_not_before() {
    let mut world = World::joined();
    assert_eq!(world.ends_at(IDLE.as_secs() + 100), None, "somebody watches");
    world.leaves(1);
    assert_eq!(world.ends_at(2 * IDLE.as_secs() + 99), None);
    assert_eq!(world.ends_at(2 * IDLE.as_secs() + 100), Some(over(EndReason::Idle).into()));
}

#[test]
fn a_viewer_that_comes_in_time_stops_the_idle_clock() {
    let mut world = World::new();
    world.second = IDLE.as_secs() - 1;
    world.happens(Event::RelayUp);
    world.join(1);
    assert_eq!(world.ends_at(IDLE.as_secs() + 10), None);
}

#[test]
fn while_the_api_is_away_nobody_can_be_missed() {
    let mut world = World::joined();
    world.happens(Event::RelayDown);
    assert_eq!(world.ends_at(3 * IDLE.as_secs()), None, "the learner may be typing");
    world.happens(Event::RelayUp);
    assert_eq!(world.ends_at(4 * IDLE.as_secs() - 1), None, "and joins again in a moment");
    assert_eq!(world.ends_at(4 * IDLE.as_secs()), Some(over(EndReason::Idle).into()));
}

#[test]
fn who_only_looks_on_does_not_keep_it() {
    let mut world = World::joined();
    world.looks_on(2);
    world.leaves(1);
    assert_eq!(world.ends_at(IDLE.as_secs()), Some(over(EndReason::Idle).into()));
}

#[test]
fn the_api_ends_it_at_its_limit_and_the_agent_only_when_the_api_does_not() {
    let mut world = World::joined();
    assert_eq!(world.ends_at(TOTAL.as_secs() + GRACE_SECONDS - 1), None);
    let ended = world.ends_at(TOTAL.as_secs() + GRACE_SECONDS);
    assert_eq!(ended, Some(over(EndReason::TimeLimit).into()));
}

#[test]
fn an_extension_moves_the_end_also_when_it_comes_at_the_last_moment() {
    let mut world = World::joined();
    assert_eq!(world.ends_at(TOTAL.as_secs() + GRACE_SECONDS - 1), None);
    world.relay(RelayToAgent::LimitChanged { left_seconds: 1_800 });
    assert_eq!(world.ends_at(TOTAL.as_secs() + 1_800), None);
    let end = TOTAL.as_secs() + GRACE_SECONDS - 1 + 1_800 + GRACE_SECONDS;
    assert_eq!(world.ends_at(end - 1), None);
    assert_eq!(world.ends_at(end), Some(over(EndReason::TimeLimit).into()));
}

#[test]
fn no_word_of_the_api_keeps_a_container_beyond_what_it_was_started_for() {
    let mut world = World::joined();
    world.relay(RelayToAgent::LimitChanged { left_seconds: u32::MAX });
    let most = crate::container::SESSION_LIMIT.as_secs() + GRACE_SECONDS;
    assert_eq!(world.ends_at(most - 1), None);
    assert_eq!(world.ends_at(most), Some(over(EndReason::TimeLimit).into()));
}

fn sample(memory_mib: u64) -> Sample {
    let mib = 1024 * 1024;
    Sample {
        memory_bytes: memory_mib * mib,
        memory_limit_bytes: 256 * mib,
        cpu: None,
        cpus: 1.0,
        processes: None,
    }
}

fn told(memory_mib: u64) -> SessionMessage {
    let Sample { memory_bytes, memory_limit_bytes, .. } = sample(memory_mib);
    SessionMessage::Usage {
        usage: Usage { memory_bytes, memory_limit_bytes, cpu_percent: None, processes: None },
    }
}

#[test]
fn use_is_measured_for_those_who_look_told_when_it_changes_and_to_newcomers_at_once() {
    let mut world = World::new();
    world.happens(Event::RelayUp);
    assert_eq!(world.happens(Event::Tick), [], "nobody looks");
    world.join(1);
    assert_eq!(world.happens(Event::Tick), [Command::Measure]);
    assert_eq!(world.happens(Event::Measured(sample(41))), [to_all(told(41))]);
    assert_eq!(world.happens(Event::Tick), [], "not yet again");
    world.second += 3;
    assert_eq!(world.happens(Event::Tick), [Command::Measure]);
    assert_eq!(world.happens(Event::Measured(sample(41))), [], "nothing new");
    assert_eq!(world.join(2).last(), Some(&to(2, told(41))));
    world.leaves(1);
    world.leaves(2);
    world.second += 3;
    assert_eq!(world.happens(Event::Tick), []);
}
