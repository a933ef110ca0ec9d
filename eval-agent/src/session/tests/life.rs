//! A session's life: joining, limits, test runs, ends.

use std::time::Duration;

use ide_protocol::PROTOCOL_VERSION;
use ide_protocol::files::Base64Bytes;
use ide_protocol::guest::{FromGuest, GuestError, RequestId, RunId, RunStream, ToGuest};
use ide_protocol::results::{Ending, Outcome, TestStatus};
use ide_protocol::session::{AgentToRelay, EndReason, RelayToAgent, SessionMessage, ViewerMessage};

use super::world::*;
use crate::session::logic::{Command, Event, SessionEnd};
use crate::supervisor::StopReason;

pub(super) fn over(reason: EndReason) -> [Command; 1] {
    [Command::End(SessionEnd::Over(reason))]
}

#[test]
fn every_connection_begins_with_who_we_are_and_that_we_are_ready() {
    let mut world = World::new();
    for _ in 0..2 {
        assert_eq!(
            world.happens(Event::RelayUp),
            [
                Command::Say(AgentToRelay::Hello { version: PROTOCOL_VERSION }),
                Command::Say(AgentToRelay::SessionReady)
            ]
        );
        world.happens(Event::RelayDown);
    }
}

#[test]
fn each_way_to_stop_is_told_apart() {
    let lost = "the guest closed the connection".to_owned();
    let rows = [
        (
            Event::Relay(RelayToAgent::EndSession { reason: EndReason::Asked }),
            SessionEnd::Over(EndReason::Asked),
        ),
        (
            Event::GuestLost { detail: lost.clone() },
            SessionEnd::Over(EndReason::ContainerLost { detail: lost }),
        ),
        (Event::RelayOver, SessionEnd::Known),
        (Event::Stop(StopReason::GoingAway), SessionEnd::LetGo),
        (Event::Stop(StopReason::LeaseLost), SessionEnd::Lost),
    ];
    for (event, end) in rows {
        let mut world = World::joined();
        assert_eq!(world.happens(event), [Command::End(end)]);
        assert_eq!(world.join(2), [], "nothing follows the end");
    }
}

#[test]
fn too_many_tabs_are_refused() {
    let mut world = World::joined();
    for viewer in 2..=16 {
        world.join(viewer);
    }
    assert_eq!(world.join(17), [refused(17, "Too many tabs have this session open.")]);
    world.relay(RelayToAgent::ViewerLeft { viewer: 3 });
    assert_ne!(world.join(17), [refused(17, "Too many tabs have this session open.")]);
}

/// The run that the guest is asked for, among the commands.
fn step(commands: &[Command]) -> (RequestId, RunId, String) {
    let asked = commands.iter().find_map(|command| match command {
        Command::Ask(ToGuest::RunCommand { request, run, program, .. }) => {
            Some((*request, *run, program.argv[0].clone()))
        }
        _ => None,
    });
    asked.unwrap_or_else(|| panic!("no run: {commands:?}"))
}

fn finished(run: RunId, code: i32) -> FromGuest {
    FromGuest::RunFinished { run, ending: Ending::Exited { code }, duration_ms: 1 }
}

fn output(run: RunId, stream: RunStream, bytes: &[u8]) -> FromGuest {
    FromGuest::RunOutput { run, stream, bytes: Base64Bytes(bytes.to_vec()) }
}

#[test]
fn tests_follow_a_build_that_worked_and_each_is_told_as_it_comes() {
    let mut world = World::joined();
    let started = world.says(1, ViewerMessage::RunTests);
    let (_, build, program) = step(&started);
    assert_eq!(program, "make");
    assert!(started.contains(&to_all(SessionMessage::RunStarted { run: build })));
    let (_, tests, program) = step(&world.guest(finished(build, 0)));
    assert_eq!(program, "check");
    let told = world.guest(output(tests, RunStream::Report, b"1..1\nok 1 - works\n"));
    let [Command::Say(AgentToRelay::ToAllViewers { message: SessionMessage::TestFinished { run, result } })] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_eq!((*run, result.id.as_str(), result.status), (build, "works", TestStatus::Passed));
    // A character cut in two is put together again.
    assert_eq!(world.guest(output(tests, RunStream::Stdout, b"\xc3")), []);
    let printed = SessionMessage::RunOutput { run: build, stream: RunStream::Stdout, text: "ä".to_owned() };
    assert_eq!(world.guest(output(tests, RunStream::Stdout, b"\xa4")), [to_all(printed)]);
    let ended = world.guest(finished(tests, 0));
    let [
        Command::Say(AgentToRelay::ToAllViewers { message: SessionMessage::RunFinished { run, verdict } }),
        Command::Ask(ToGuest::WarmUp { count: 1, .. }),
    ] = ended.as_slice()
    else {
        panic!("{ended:?}")
    };
    assert_eq!((*run, verdict.outcome), (build, Outcome::Passed));
}

fn outcome(commands: &[Command]) -> Outcome {
    match commands {
        [
            Command::Say(AgentToRelay::ToAllViewers { message: SessionMessage::RunFinished { verdict, .. } }),
            Command::Ask(ToGuest::WarmUp { .. }),
        ] => verdict.outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_build_that_fails_is_the_end_of_the_run_and_another_may_follow() {
    let mut world = World::joined();
    let (_, build, _) = step(&world.says(1, ViewerMessage::RunTests));
    assert_eq!(world.says(1, ViewerMessage::RunTests), [refused(1, "The tests are running already.")]);
    assert_eq!(outcome(&world.guest(finished(build, 2))), Outcome::CompileError);
    let (_, again, _) = step(&world.says(1, ViewerMessage::RunTests));
    assert_ne!(again, build);
    assert_eq!(world.guest(finished(build, 0)), [], "the old run is over");
}

#[test]
fn memory_counts_only_from_the_runs_start() {
    for (before, after, expected) in [(3, 3, Outcome::CompileError), (3, 4, Outcome::OutOfMemory)] {
        let mut world = World::joined();
        let (request, build, _) = step(&world.says(1, ViewerMessage::RunTests));
        world.happens(Event::MemoryKills(before));
        world.guest(FromGuest::RunStarted { request, run: build, zygote: false });
        world.happens(Event::MemoryKills(after));
        assert_eq!(outcome(&world.guest(finished(build, 2))), expected);
    }
}

#[test]
fn a_run_can_be_stopped_by_its_name_whatever_step_it_is_at() {
    let mut world = World::joined();
    let (_, build, _) = step(&world.says(1, ViewerMessage::RunTests));
    let (_, tests, _) = step(&world.guest(finished(build, 0)));
    assert_eq!(world.says(1, ViewerMessage::StopRun { run: 99 }), []);
    assert_eq!(
        world.says(1, ViewerMessage::StopRun { run: build }),
        [Command::Ask(ToGuest::StopRun { run: tests })]
    );
}

#[test]
fn a_run_that_cannot_start_is_said() {
    let mut world = World::joined();
    let (request, build, _) = step(&world.says(1, ViewerMessage::RunTests));
    let error = GuestError::CannotStart { detail: "no make".to_owned() };
    let message = "the program cannot be started: no make".to_owned();
    let told = world.guest(FromGuest::RequestFailed { request, error });
    assert_eq!(told.first(), Some(&to_all(SessionMessage::RunFailed { run: Some(build), message })));
}

#[test]
fn a_result_that_came_while_the_line_was_down_is_told_to_whoever_comes_next() {
    let mut world = World::joined();
    let (_, build, _) = step(&world.says(1, ViewerMessage::RunTests));
    world.happens(Event::RelayDown);
    assert!(matches!(world.guest(finished(build, 2)).as_slice(), [Command::Ask(ToGuest::WarmUp { .. })]));
    world.second += Duration::from_secs(5).as_secs();
    world.happens(Event::RelayUp);
    let heard = world.join(4);
    assert!(
        matches!(
            heard.as_slice(),
            [
                _,
                Command::Say(AgentToRelay::ToViewer {
                    viewer: 4,
                    message: SessionMessage::RunFinished { .. }
                })
            ]
        ),
        "{heard:?}"
    );
}
