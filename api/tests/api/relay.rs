//! A browser and an agent, joined: what one says, the other hears.

use ide_protocol::close;
use ide_protocol::frame::Flow::{Input, Output};
use job_queue::{JobQueue as _, Lane};
use serde_json::json;
use uuid::Uuid;

use crate::support::{AgentJob, LearnerClient, Socket, World};

pub const TAB: Uuid = Uuid::from_u128(0xabc);

/// A session that is ready, with one tab and its agent.
pub struct Joined {
    pub learner: LearnerClient,
    pub workspace: Uuid,
    pub session: Uuid,
    pub tab: Socket,
    pub job: AgentJob,
    pub agent: Socket,
}

pub async fn joined(world: &World) -> Joined {
    let learner = world.learner().await;
    let workspace = learner.open("double").await.id;
    let session = learner.ask_for_session(workspace).await.id;
    let mut tab = learner.join(session, TAB).await;
    let job = world.agent().take(Lane::Sessions).await;
    job.start().await;
    assert_eq!(tab.hears("state_changed").await["state"]["type"], "starting");
    let mut agent = job.dial().await;
    let viewer = agent.hears("viewer_joined").await;
    assert_eq!(
        (&viewer["viewer"], &viewer["client"], &viewer["read_only"]),
        (&json!(1), &json!(TAB), &json!(false))
    );
    agent.say(json!({ "type": "session_ready" })).await;
    assert_eq!(tab.hears("state_changed").await["state"]["type"], "ready");
    Joined { learner, workspace, session, tab, job, agent }
}

story! {
    async fn a_tab_and_an_agent_talk(world: World) {
        let Joined { mut tab, mut agent, .. } = joined(&world).await;
        tab.say(json!({ "type": "open_terminal", "size": { "columns": 80, "rows": 24 } })).await;
        let said = agent.hears("viewer_said").await;
        assert_eq!((&said["viewer"], &said["message"]["type"]), (&json!(1), &json!("open_terminal")));
        let opened = json!({ "type": "terminal_opened", "terminal": 1, "size": { "columns": 80, "rows": 24 }, "viewer": 1 });
        agent.say(json!({ "type": "to_all_viewers", "message": opened })).await;
        assert_eq!(tab.hears("terminal_opened").await["terminal"], 1);
        tab.put(Input, 0, 0, b"ls\r").await;
        assert_eq!(agent.hears_bytes().await, (1, 0, b"ls\r".to_vec()), "the relay names the viewer");
        agent.put(Output, 1, 0, b"double.py\r\n").await;
        assert_eq!(tab.hears_bytes().await, (0, 0, b"double.py\r\n".to_vec()));
        world.end().await;
    }
}

story! {
    async fn a_tabs_channel_leads_to_its_agent_and_ends_with_its_line(world: World) {
        let Joined { mut tab, mut agent, job, .. } = joined(&world).await;
        let about = |message: &serde_json::Value| json!({ "type": "channel", "message": message });
        let target = json!({ "type": "language_server", "language": "python" });
        let open = json!({ "type": "open", "channel": 4, "target": target });
        tab.say(about(&open)).await;
        assert_eq!(agent.hears("viewer_said").await["message"], about(&open));
        let opened = about(&json!({ "type": "opened", "channel": 4 }));
        agent.say(json!({ "type": "to_viewer", "viewer": 1, "message": opened })).await;
        assert_eq!(tab.hears("channel").await, opened);
        tab.put_channel(Input, 0, 4, b"Content-Length: 2\r\n\r\n{}").await;
        assert_eq!(agent.hears_bytes().await, (1, 0, b"Content-Length: 2\r\n\r\n{}".to_vec()));
        agent.put_channel(Output, 1, 4, b"Content-Length: 0\r\n\r\n").await;
        assert_eq!(tab.hears_bytes().await, (0, 0, b"Content-Length: 0\r\n\r\n".to_vec()));
        // Another line of the agent's: what it carried before is gone, and the tab may open anew.
        let mut newer = job.dial().await;
        newer.hears("viewer_joined").await;
        let closed = json!({ "type": "closed", "channel": 4, "reason": { "type": "no_container" } });
        assert_eq!(tab.hears("channel").await, about(&closed));
        let open = json!({ "type": "open", "channel": 5, "target": target });
        tab.say(about(&open)).await;
        assert_eq!(newer.hears("viewer_said").await["message"], about(&open));
        world.end().await;
    }
}

story! {
    async fn two_tabs_are_told_apart(world: World) {
        let Joined { learner, session, mut tab, mut agent, .. } = joined(&world).await;
        let mut second = learner.join(session, Uuid::from_u128(2)).await;
        assert_eq!(agent.hears("viewer_joined").await["viewer"], 2);
        agent.put(Output, 2, 0, b"for the second").await;
        agent.put(Output, 1, 0, b"for the first").await;
        assert_eq!(tab.hears_bytes().await.2, b"for the first");
        assert_eq!(second.hears_bytes().await.2, b"for the second");
        drop(second);
        assert_eq!(agent.hears("viewer_left").await["viewer"], 2);
        world.end().await;
    }
}

story! {
    async fn an_agent_that_dials_again_hears_who_is_there(world: World) {
        let Joined { job, mut agent, mut tab, .. } = joined(&world).await;
        let mut newer = job.dial().await;
        assert_eq!(newer.hears("viewer_joined").await["viewer"], 1);
        assert_eq!(agent.closes().await, close::REPLACED);
        tab.say(json!({ "type": "run_tests" })).await;
        assert_eq!(newer.hears("viewer_said").await["message"]["type"], "run_tests");
        world.end().await;
    }
}

story! {
    async fn ending_a_session_closes_the_tab_and_stops_the_container(world: World) {
        let Joined { learner, session, mut tab, mut agent, job, .. } = joined(&world).await;
        learner.http.delete(&format!("/api/v1/sessions/{session}")).await.expect(204);
        assert_eq!(agent.hears("end_session").await["reason"]["type"], "asked");
        assert_eq!(tab.hears("state_changed").await["state"]["type"], "ended");
        assert_eq!(tab.closes().await, close::SESSION_ENDED);
        agent.say(json!({ "type": "session_ended", "reason": { "type": "asked" } })).await;
        assert_eq!(agent.closes().await, close::NORMAL, "the end is stored: the job may be completed");
        job.http().get(&job.path("relay")).await.expect(410);
        world.end().await;
    }
}

story! {
    async fn a_container_that_died_ends_its_session(world: World) {
        let Joined { learner, session, mut tab, mut agent, .. } = joined(&world).await;
        let reason = json!({ "type": "container_lost", "detail": "its memory ran out" });
        agent.say(json!({ "type": "session_ended", "reason": reason })).await;
        assert_eq!(tab.hears("state_changed").await["state"]["reason"], reason);
        assert_eq!(tab.closes().await, close::SESSION_ENDED);
        assert_eq!(json!(learner.session(session).await.state)["reason"], reason);
        world.end().await;
    }
}

story! {
    async fn a_hand_in_is_followed_in_every_tab(world: World) {
        let Joined { learner, workspace, mut tab, .. } = joined(&world).await;
        let submission = learner.hand_in(workspace).await;
        let told = tab.hears("submission_changed").await;
        assert_eq!((&told["submission"], &told["state"]["type"]), (&json!(submission.id), &json!("queued")));
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        assert_eq!(tab.hears("submission_changed").await["state"], json!({ "type": "running", "attempt": 1 }));
        job.finish(attempt, crate::support::agent::passed()).await.expect(200);
        assert_eq!(tab.hears("submission_changed").await["state"]["type"], "graded");
        world.end().await;
    }
}

story! {
    async fn a_server_that_stops_says_so_and_both_come_back(world: World) {
        let mut world = world;
        let Joined { learner, session, mut tab, mut agent, job, .. } = joined(&world).await;
        let (stopped, tab_code, agent_code) = tokio::join!(world.stop(), tab.closes(), agent.closes());
        assert_eq!(((), close::GOING_AWAY, close::GOING_AWAY), (stopped, tab_code, agent_code));
        world.restart().await;
        let mut agent = job.dial().await;
        let mut tab = learner.join(session, TAB).await;
        agent.hears("viewer_joined").await;
        agent.put(Output, 1, 7, b"still here").await;
        assert_eq!(tab.hears_bytes().await, (0, 7, b"still here".to_vec()));
        world.end().await;
    }
}

story! {
    async fn a_machine_that_was_out_of_reach_for_long_is_there_again_as_it_was(world: World) {
        let Joined { learner, session, mut tab, agent, job, .. } = joined(&world).await;
        drop(agent);
        // What the API says half a minute later. The job is still held, so that nobody else is given it.
        let lost = world.store().await.session_lost(session, 1).await.unwrap();
        assert!(lost.is_some());
        assert_eq!(json!(learner.session(session).await.state)["type"], "queued");
        assert_eq!(world.queue.depth(Lane::Sessions).await.unwrap().waiting, 0);
        let mut agent = job.dial().await;
        agent.hears("viewer_joined").await;
        tab.say(json!({ "type": "run_tests" })).await;
        assert_eq!(agent.hears("viewer_said").await["message"]["type"], "run_tests");
        assert_eq!(json!(learner.session(session).await.state)["type"], "ready");
        world.end().await;
    }
}
