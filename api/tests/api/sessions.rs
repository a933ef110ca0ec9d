//! The life of a session, without looking through its socket.

use ide_protocol::job::Assignment;
use ide_protocol::rest::{Session, SessionState};
use ide_protocol::session::EndReason;
use job_queue::Lane;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

use crate::relay::{Joined, TAB, joined};
use crate::support::World;
use crate::support::world::PATIENCE;

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
