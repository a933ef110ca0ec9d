//! The life of a session, without looking through its socket.

use ide_protocol::job::Assignment;
use ide_protocol::rest::{Session, SessionState};
use ide_protocol::session::EndReason;
use job_queue::Lane;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

use crate::relay::{Joined, TAB, joined};
use crate::support::world::PATIENCE;
use crate::support::{Answer, Backend, LearnerClient, World};

story! {
    async fn one_workspace_has_one_live_session(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let session = learner.ask_for_session(workspace).await;
        assert_eq!(session.state, SessionState::Queued);
        let again: Session = learner.try_ask_for_session(workspace).await.is(200);
        assert_eq!(again, session);
        assert_eq!(learner.workspace(workspace).await.session, Some(session.clone()));
        learner.http.delete(&format!("/api/v1/sessions/{}", session.id)).await.expect(204);
        assert_eq!(learner.session(session.id).await.state, SessionState::Ended { reason: EndReason::Asked });
        assert_eq!(learner.workspace(workspace).await.session, None);
        let tickets = format!("/api/v1/sessions/{}/tickets", session.id);
        assert_eq!(learner.http.post(&tickets, None).await.problem(409), "session-ended");
        assert_ne!(learner.ask_for_session(workspace).await.id, session.id);
        world.end().await;
    }
}

story! {
    async fn two_clicks_at_once_ask_for_one_session(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let clicks: Vec<_> = (0..6)
            .map(|_| {
                let learner = learner.clone();
                tokio::spawn(async move { learner.try_ask_for_session(workspace).await.json()["id"].clone() })
            })
            .collect();
        let mut ids = Vec::new();
        for click in clicks {
            ids.push(click.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(world.store().await.live_sessions().await.unwrap().len(), 1);
        world.end().await;
    }
}

story! {
    async fn an_agent_gets_the_stored_files_and_an_ended_session_is_gone(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        learner.save(workspace, "double.py", 1, "mine").await;
        let session = learner.ask_for_session(workspace).await;
        let job = world.agent().take(Lane::Sessions).await;
        assert_eq!(job.message.image, "python");
        let Assignment::Session { files, limit_seconds, session: id, .. } = job.start().await else { panic!() };
        assert_eq!((id, limit_seconds), (session.id, 3 * 60 * 60));
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].revision, files[0].content.as_bytes()), (2, b"mine".as_slice()));
        assert_eq!(learner.session(session.id).await.state, SessionState::Starting);
        job.http().get(&job.path("bundle")).await.expect(200);
        learner.http.delete(&format!("/api/v1/sessions/{id}")).await.expect(204);
        assert_eq!(job.try_start().await.problem(410), "nothing-to-do");
        world.end().await;
    }
}

story! {
    async fn a_session_nobody_can_keep_ends_in_words(world: World) {
        let learner = world.learner().await;
        let session = learner.ask_for_session(learner.open("double").await.id).await;
        for _ in 0..3 {
            world.agent().take(Lane::Sessions).await.lease.release(Duration::ZERO).await.unwrap();
        }
        tokio::time::timeout(PATIENCE, async {
            while learner.session(session.id).await.state == SessionState::Queued {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the dead job is noticed");
        let state = learner.session(session.id).await.state;
        assert!(matches!(state, SessionState::Ended { reason: EndReason::HostFault { .. } }), "{state:?}");
        world.end().await;
    }
}

story! {
    async fn a_session_that_outlived_its_agents_goes_out_again(world: World) {
        let Joined { session, learner, job, agent, mut tab, .. } = joined(&world).await;
        drop(agent);
        job.lease.release(Duration::ZERO).await.unwrap();
        for _ in 0..2 {
            world.agent().take(Lane::Sessions).await.lease.release(Duration::ZERO).await.unwrap();
        }
        // The message is dead, the session is not: it is delivered as if for the first time.
        assert_eq!(tab.hears("state_changed").await["state"]["type"], "queued");
        let next = world.agent().take(Lane::Sessions).await;
        assert_eq!(next.lease.delivery(), 1);
        next.start().await;
        assert_eq!(learner.session(session).await.state, SessionState::Starting);
        // One that never became ready again is given up.
        next.lease.release(Duration::ZERO).await.unwrap();
        for _ in 0..2 {
            world.agent().take(Lane::Sessions).await.lease.release(Duration::ZERO).await.unwrap();
        }
        while tab.hears("state_changed").await["state"]["type"] != "ended" {}
        world.end().await;
    }
}

story! {
    async fn one_lesson_more_ends_the_oldest_that_nobody_looks_at(world: World) {
        let learner = world.learner().await;
        let store = world.store().await;
        // Two lessons exist; a third and a fourth are the same under another name.
        for slug in ["third", "fourth"] {
            let mut lesson = crate::support::world::lesson("double");
            lesson.manifest.slug = slug.into();
            api::setup::publish(&store, &lesson).await.unwrap();
        }
        let mut sessions = Vec::new();
        for slug in ["double", "greet", "third"] {
            sessions.push(learner.ask_for_session(learner.open(slug).await.id).await.id);
        }
        let _watched = learner.join(sessions[0], TAB).await;
        let fourth = learner.ask_for_session(learner.open("fourth").await.id).await.id;
        let ended = SessionState::Ended { reason: EndReason::Idle };
        assert_eq!(learner.session(sessions[0]).await.state, SessionState::Queued, "somebody looks at it");
        assert_eq!(learner.session(sessions[1]).await.state, ended);
        assert_eq!(learner.session(sessions[2]).await.state, SessionState::Queued);

        let _third = learner.join(sessions[2], TAB).await;
        let _fourth = learner.join(fourth, TAB).await;
        let greet = learner.open("greet").await.id;
        assert_eq!(learner.try_ask_for_session(greet).await.problem(429), "too-many", "all are looked at");
        let nowhere = json!({ "workspace": Uuid::from_u128(1) });
        learner.http.post("/api/v1/sessions", Some(nowhere)).await.expect(404);
        world.end().await;
    }
}

/// Asks for more time, naming the end that is to move.
async fn extend(who: &LearnerClient, session: Uuid, until: i64) -> Answer {
    let path = format!("/api/v1/sessions/{session}/extensions");
    who.http.post(&path, Some(json!({ "until": until }))).await
}

fn end_of(session: &Session) -> (i64, u32) {
    match session.state {
        SessionState::Ready { until, extensions_left, .. } => (until, extensions_left),
        ref other => panic!("{other:?}"),
    }
}

const HALF_AN_HOUR: i64 = 30 * 60 * 1_000_000;

story! {
    async fn a_learner_extends_twice_and_everybody_concerned_hears_of_it(world: World) {
        let Joined { learner, session, mut tab, mut agent, .. } = joined(&world).await;
        let (end, left) = end_of(&learner.session(session).await);
        assert_eq!(left, 2);

        let extended: Session = extend(&learner, session, end).await.is(200);
        assert_eq!(end_of(&extended), (end + HALF_AN_HOUR, 1));
        assert_eq!(tab.hears("state_changed").await["state"], json!(extended.state));
        let told = agent.hears("limit_changed").await["left_seconds"].as_i64().unwrap();
        let limit = 3 * 60 * 60 + 30 * 60;
        assert!((limit - 60..=limit).contains(&told), "{told}");

        // The answer was lost, or another tab was quicker: the same wish extends nothing more.
        let again: Session = extend(&learner, session, end).await.is(200);
        assert_eq!(again, extended);
        let twice: Session = extend(&learner, session, end + HALF_AN_HOUR).await.is(200);
        assert_eq!(end_of(&twice), (end + 2 * HALF_AN_HOUR, 0));
        assert_eq!(extend(&learner, session, end + 2 * HALF_AN_HOUR).await.problem(409), "no-extension");
        assert_eq!(learner.session(session).await, twice);

        let events = world.store().await.events_of(&format!("session:{session}"), 100).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.kind == "session_extended").count(), 2);
        world.end().await;
    }
}

story! {
    async fn two_tabs_that_extend_at_once_extend_once(world: World) {
        let Joined { learner, session, .. } = joined(&world).await;
        let (end, _) = end_of(&learner.session(session).await);
        let (one, two) = tokio::join!(extend(&learner, session, end), extend(&learner, session, end));
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
        assert_eq!(end_of(&learner.session(session).await), (end + HALF_AN_HOUR, 1));
        world.end().await;
    }
}

story! {
    async fn only_its_learner_extends_a_session_and_only_one_that_runs(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let session = learner.ask_for_session(workspace).await.id;
        assert_eq!(extend(&learner, session, 0).await.problem(409), "no-extension", "its time has not begun");
        for other in ["other", "grader", "admin"] {
            assert_eq!(extend(&world.log_in(other).await, session, 0).await.problem(404), "not-found", "{other}");
        }
        learner.http.delete(&format!("/api/v1/sessions/{session}")).await.expect(204);
        assert_eq!(extend(&learner, session, 0).await.problem(409), "session-ended");
        world.end().await;
    }
}

story! {
    async fn an_end_that_was_moved_outlives_the_api_and_is_told_to_the_agent_that_comes_back(world: World) {
        let mut world = world;
        let Joined { learner, session, job, agent, .. } = joined(&world).await;
        let (end, _) = end_of(&learner.session(session).await);
        let extended: Session = extend(&learner, session, end).await.is(200);
        drop(agent);
        world.stop().await;
        world.restart().await;
        assert_eq!(end_of(&learner.session(session).await), end_of(&extended));
        let mut agent = job.dial().await;
        let told = agent.hears("limit_changed").await["left_seconds"].as_i64().unwrap();
        assert!(told > 3 * 60 * 60, "{told}");
        // Another host that takes it over is given what is left, too.
        let Assignment::Session { limit_seconds, idle_seconds, .. } = job.start().await else { panic!() };
        assert!(limit_seconds > 3 * 60 * 60);
        assert_eq!(idle_seconds, 600);
        world.end().await;
    }
}

/// Far enough ahead (2096) that the API itself ends nothing meanwhile.
const LATER: i64 = 4_000_000_000_000_000;

async fn with_a_limit_of(seconds: u64, backend: Backend) -> Option<World> {
    World::with(backend, |config| config.session_limits.hard = Duration::from_secs(seconds)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_its_limit_a_session_ends_unless_it_was_extended() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(world) = with_a_limit_of(2, backend).await else { continue };
        let Joined { learner, session, mut tab, mut agent, .. } = joined(&world).await;
        assert_eq!(agent.hears("end_session").await["reason"]["type"], "time_limit");
        assert_eq!(tab.hears("state_changed").await["state"]["reason"]["type"], "time_limit");
        assert_eq!(
            learner.session(session).await.state,
            SessionState::Ended { reason: EndReason::TimeLimit }
        );
        assert_eq!(extend(&learner, session, 0).await.problem(409), "session-ended");

        // The store decides between an end and an extension at the same moment: whoever is first.
        let store = world.store().await;
        let workspace = learner.open("greet").await.id;
        let session = learner.ask_for_session(workspace).await.id;
        let job = world.agent().take(Lane::Sessions).await;
        job.start().await;
        let row = store.session_ready(session, LATER + 1_000, LATER).await.unwrap().unwrap();
        assert_eq!(row.until, Some(LATER + 1_000));
        let wish = |after| api::store::Extension { until: LATER + after, by: 500, most: 2 };
        let who = api::store::Actor::System;
        assert!(store.end_session_at_limit(session, LATER + 999).await.unwrap().is_none(), "not yet");
        assert!(store.extend_session(session, wish(1_000), &who, LATER + 999).await.unwrap().is_some());
        assert!(
            store.end_session_at_limit(session, LATER + 1_000).await.unwrap().is_none(),
            "extended just in time"
        );
        assert!(
            store.extend_session(session, wish(1_500), &who, LATER + 1_500).await.unwrap().is_none(),
            "too late"
        );
        assert!(store.end_session_at_limit(session, LATER + 1_500).await.unwrap().is_some());
        world.end().await;
    }
}
