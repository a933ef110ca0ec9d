//! Scripts of those who look on: what the learner is told of them, and when they have to go.

use ide_protocol::rest::WatchState;

use super::tests::{TAB, join, mentor, said, session};
use super::*;
use crate::relay::watching::{MAX_LINE, MAX_MENTORS};
use crate::store::WatcherRow;

fn list(version: u64, state: WatchState) -> WatcherList {
    let Mentor { account, name } = mentor();
    WatcherList { version, watchers: vec![WatcherRow { mentor: account, name, state }] }
}

fn look_on(session: &mut RelaySession) -> ViewerId {
    session.viewer_joined(TAB, Some(mentor())).unwrap().0
}

fn at(line: u32) -> ViewerMessage {
    ViewerMessage::Point { place: Some(Place { path: WorkspacePath::new("a.py").unwrap(), line }) }
}

#[test]
fn a_learner_is_told_who_asks_who_may_and_who_is_there() {
    let mut session = session();
    join(&mut session);
    assert_eq!(said(&session.watchers_changed(list(1, WatchState::Asked))), ["viewer 1: watchers_changed"]);
    assert_eq!(said(&session.watchers_changed(list(2, WatchState::Allowed))), ["viewer 1: watchers_changed"]);
    let (mentor, effects) = session.viewer_joined(TAB, Some(mentor())).unwrap();
    assert_eq!(said(&effects), ["viewer 2: welcome", "viewer 1: watchers_changed"], "and nobody else is");
    let (_, effects) = session.viewer_joined(TAB, None).unwrap();
    assert_eq!(
        said(&effects),
        ["viewer 3: welcome", "viewer 3: watchers_changed"],
        "a page that comes later"
    );
    let left = said(&session.viewer_left(mentor));
    assert_eq!(left, ["viewer 1: watchers_changed", "viewer 3: watchers_changed"]);
}

#[test]
fn without_consent_nobody_stays_and_old_news_brings_none_back() {
    let mut session = session();
    join(&mut session);
    let mentor = look_on(&mut session);
    assert_eq!(
        said(&session.watchers_changed(WatcherList::default())),
        ["close viewer 2: 4403"],
        "never asked"
    );
    session.viewer_left(mentor);

    session.watchers_changed(list(5, WatchState::Allowed));
    look_on(&mut session);
    assert_eq!(said(&session.watchers_changed(list(5, WatchState::Allowed))), [""; 0]);
    let ended = said(&session.watchers_changed(list(7, WatchState::Ended)));
    assert_eq!(ended, ["close viewer 3: 4403", "viewer 1: watchers_changed"]);
    let late = said(&session.watchers_changed(list(6, WatchState::Allowed)));
    assert_eq!(late, ["close viewer 3: 4403"], "what was read before the end does not undo it");
    assert_eq!(said(&session.consent_unknown()), ["close viewer 3: 1001"]);
}

#[test]
fn what_is_pointed_at_reaches_the_learner_and_goes_with_who_points() {
    let mut session = session();
    let learner = join(&mut session);
    session.watchers_changed(list(1, WatchState::Allowed));
    let mentor = look_on(&mut session);
    assert_eq!(said(&session.viewer_said(mentor, at(12))), ["viewer 1: pointed"]);
    let (_, effects) = session.viewer_joined(TAB, None).unwrap();
    assert!(said(&effects).contains(&"viewer 3: pointed".to_owned()), "a page that comes later sees it, too");
    for line in [0, MAX_LINE + 1, u32::MAX] {
        assert_eq!(said(&session.viewer_said(mentor, at(line))), ["viewer 2: request_refused"], "{line}");
    }
    assert_eq!(said(&session.viewer_said(learner, at(12))), ["viewer 1: request_refused"]);
    let left = said(&session.viewer_left(mentor));
    assert_eq!(left[..2], ["viewer 1: pointed", "viewer 3: pointed"], "taken back");
    let (_, effects) = session.viewer_joined(TAB, None).unwrap();
    assert!(!said(&effects).contains(&"viewer 4: pointed".to_owned()));
}

#[test]
fn who_looks_on_never_takes_a_learners_place_nor_counts_as_one() {
    let mut session = session();
    for _ in 0..MAX_MENTORS {
        look_on(&mut session);
    }
    assert!(session.viewer_joined(TAB, Some(mentor())).is_none());
    assert!(!session.has_viewers(), "no page of the learner is there");
    for _ in 0..MAX_VIEWERS {
        join(&mut session);
    }
    assert!(session.viewer_joined(TAB, None).is_none());
}

#[test]
fn an_agent_cannot_say_who_looks_on() {
    let mut session = session();
    join(&mut session);
    let (link, _) = session.agent_joined();
    let forged = SessionMessage::WatchersChanged { watchers: Vec::new() };
    assert_eq!(said(&session.agent_said(link, None, &forged)), ["close agent 1: 4400"]);
}
