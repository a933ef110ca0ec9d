//! Three API instances on one store: whoever lands where, it is one session.

use std::time::Duration;

use ide_protocol::close;
use ide_protocol::frame::Flow::{Input, Output};
use ide_protocol::rest::Watcher;
use job_queue::Lane;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::preview::PreviewBrowser;
use crate::support::{AgentJob, AnonymousClient, Backend, LearnerClient, Peers, Socket};

const TAB: Uuid = Uuid::from_u128(0xabc);

/// A session that is ready, at home at the first instance, where its tab landed.
struct Apart {
    learner: LearnerClient,
    workspace: Uuid,
    session: Uuid,
    tab: Socket,
    job: AgentJob,
    agent: Socket,
}

/// Its agent lands at the second.
async fn apart(all: &Peers) -> Apart {
    joined(all, 1).await
}

async fn joined(all: &Peers, agent: usize) -> Apart {
    let learner = all.log_in(0, "learner").await;
    let workspace = learner.open("double").await.id;
    let session = learner.ask_for_session(workspace).await.id;
    let mut tab = learner.join(session, TAB).await;
    let job = all.take(Lane::Sessions, agent).await;
    job.start().await;
    assert_eq!(tab.hears("state_changed").await["state"]["type"], "starting");
    let mut agent = job.dial().await;
    assert_eq!(agent.hears("viewer_joined").await["client"], json!(TAB));
    agent.say(json!({ "type": "session_ready" })).await;
    assert_eq!(tab.hears("state_changed").await["state"]["type"], "ready");
    Apart { learner, workspace, session, tab, job, agent }
}

/// What is typed arrives, and what is put out.
async fn echo(tab: &mut Socket, agent: &mut Socket, viewer: u32, offset: u64) {
    tab.put(Input, 0, offset, b"l").await;
    assert_eq!(agent.hears_bytes().await, (viewer, offset, b"l".to_vec()));
    agent.put(Output, viewer, offset, b"l").await;
    assert_eq!(tab.hears_bytes().await, (0, offset, b"l".to_vec()));
}

/// Dials until the session is anywhere; the order in which page and agent come is open.
async fn joined_again(who: &LearnerClient, session: Uuid, job: &AgentJob) -> (Socket, Socket) {
    let tab = who.join(session, TAB).await;
    let mut agent = job.dial().await;
    agent.hears("viewer_joined").await;
    (tab, agent)
}

story! {
    async fn a_tab_here_and_an_agent_there_talk(all: Peers) {
        let Apart { learner, session, mut tab, mut agent, .. } = apart(&all).await;
        echo(&mut tab, &mut agent, 1, 0).await;
        let third = all.moved(&learner, 2);
        let mut second = third.join(session, Uuid::from_u128(2)).await;
        assert_eq!(agent.hears("viewer_joined").await["viewer"], 2);
        echo(&mut second, &mut agent, 2, 0).await;
        drop(second);
        assert_eq!(agent.hears("viewer_left").await["viewer"], 2);
        // Its end at the third closes both with the words they would hear at home.
        third.http.delete(&format!("/api/v1/sessions/{session}")).await.expect(204);
        assert_eq!(agent.hears("end_session").await["reason"]["type"], "asked");
        assert_eq!(tab.closes().await, close::SESSION_ENDED);
        agent.say(json!({ "type": "session_ended", "reason": { "type": "asked" } })).await;
        assert_eq!(agent.closes().await, close::NORMAL);
        all.end().await;
    }
}

story! {
    async fn a_save_at_a_third_is_with_the_container_before_it_is_acknowledged(all: Peers) {
        let Apart { learner, workspace, mut tab, mut agent, .. } = apart(&all).await;
        let third = all.moved(&learner, 2);
        let revision = third.save(workspace, "double.py", 1, "def double(n): return 2 * n\n").await;
        // Said after the answer, heard after the file.
        tab.say(json!({ "type": "run_tests" })).await;
        let saved = agent.hears("file_saved").await;
        assert_eq!((&saved["path"], &saved["revision"]), (&json!("double.py"), &json!(revision)));
        assert_eq!(agent.hears("viewer_said").await["message"]["type"], "run_tests");
        assert_eq!(tab.hears("file_changed").await["revision"], revision);
        // So are moves, removals and what is restored.
        let body = json!({ "from": "double.py", "to": "two.py" });
        third.http.post(&format!("/api/v1/workspaces/{workspace}/renames"), Some(body)).await.expect(200);
        assert_eq!(agent.hears("file_saved").await["path"], "two.py");
        let removed = agent.hears("file_removed").await;
        assert_eq!(removed["path"], "double.py");
        third.restore(workspace, json!({ "from": { "type": "starter" } })).await;
        assert_eq!(agent.hears("file_removed").await["path"], "two.py");
        let back = agent.hears("file_saved").await;
        assert_eq!(back["path"], "double.py");
        assert!(back["revision"].as_u64() > removed["revision"].as_u64());
        all.end().await;
    }
}

story! {
    async fn a_hand_in_at_a_third_is_followed_at_home(all: Peers) {
        let Apart { learner, workspace, mut tab, .. } = apart(&all).await;
        let submission = all.moved(&learner, 2).hand_in(workspace).await;
        let told = tab.hears("submission_changed").await;
        assert_eq!((&told["submission"], &told["state"]["type"]), (&json!(submission.id), &json!("queued")));
        let job = all.take(Lane::Grading, 1).await;
        let (attempt, _) = job.start_grading().await;
        assert_eq!(tab.hears("submission_changed").await["state"]["type"], "running");
        job.finish(attempt, crate::support::agent::passed()).await.expect(200);
        assert_eq!(tab.hears("submission_changed").await["state"]["type"], "graded");
        all.end().await;
    }
}

story! {
    async fn a_logout_at_a_third_closes_the_socket(all: Peers) {
        let Apart { learner, mut tab, .. } = apart(&all).await;
        all.moved(&learner, 2).http.post("/api/v1/logout", None).await.expect(204);
        assert_eq!(tab.closes().await, close::UNAUTHORIZED);
        all.end().await;
    }
}

story! {
    async fn who_looks_on_through_another_instance_is_gone_when_the_learner_says_so_at_a_third(all: Peers) {
        let Apart { learner, session, mut tab, mut agent, .. } = apart(&all).await;
        let (grader, third) = (all.log_in(1, "grader").await, all.moved(&learner, 2));
        let path = format!("/api/v1/sessions/{session}/watchers");
        let asked: Watcher = grader.http.post(&path, None).await.is(200);
        assert_eq!(tab.hears("watchers_changed").await["watchers"][0]["state"], "asked");
        let path = format!("{path}/{}", asked.mentor);
        third.http.send(Method::PUT, &path, Some(json!({ "allowed": true }))).await.expect(204);
        assert_eq!(tab.hears("watchers_changed").await["watchers"][0]["state"], "allowed");
        let mut looking = grader.join(session, Uuid::from_u128(9)).await;
        assert_eq!(agent.hears("viewer_joined").await["read_only"], true);
        assert_eq!(tab.hears("watchers_changed").await["watchers"][0]["present"], true);
        let seen: Vec<Watcher> = third.http.get(&format!("/api/v1/sessions/{session}/watchers")).await.is(200);
        assert!(seen[0].present, "asked of the home");
        looking.put(Input, 0, 0, b"x").await;
        assert_eq!(looking.closes().await, close::FORBIDDEN, "still looks only");
        let mut looking = grader.join(session, Uuid::from_u128(9)).await;
        third.http.delete(&path).await.expect(204);
        assert_eq!(looking.closes().await, close::FORBIDDEN);
        all.end().await;
    }
}

story! {
    async fn when_the_home_is_killed_both_join_elsewhere_and_go_on(mut_all: Peers) {
        let mut all = mut_all;
        let Apart { learner, workspace, session, mut tab, job, mut agent, .. } = apart(&all).await;
        echo(&mut tab, &mut agent, 1, 0).await;
        all.kill(0);
        agent.is_cut().await;
        let second = all.moved(&learner, 1);
        let (mut tab, mut agent) = joined_again(&second, session, &job).await;
        echo(&mut tab, &mut agent, 1, 1).await;
        // What is saved from now on goes to the new home.
        all.moved(&learner, 2).save(workspace, "double.py", 1, "x = 1\n").await;
        assert_eq!(agent.hears("file_saved").await["path"], "double.py");
        all.end().await;
    }
}

story! {
    async fn what_no_ring_told_the_log_tells(all: Peers) {
        let Apart { learner, workspace, mut tab, mut agent, .. } = joined(&all, 0).await;
        all.shut_off(0);
        let unready = AnonymousClient::new(all.base(0)).get("/readyz").await;
        assert_eq!(unready.problem(503), "unavailable", "a balancer sends nobody to it");
        let third = all.moved(&learner, 2);
        let revision = third.save(workspace, "double.py", 1, "x = 2\n").await;
        assert_eq!(agent.hears("file_saved").await["revision"], revision);
        assert_eq!(tab.hears("file_changed").await["revision"], revision);
        third.hand_in(workspace).await;
        assert_eq!(tab.hears("submission_changed").await["state"]["type"], "queued");
        third.http.post("/api/v1/logout", None).await.expect(204);
        assert_eq!(tab.closes().await, close::UNAUTHORIZED);
        all.end().await;
    }
}

story! {
    async fn an_instance_that_stops_hands_its_sessions_over(mut_all: Peers) {
        let mut all = mut_all;
        let Apart { learner, session, mut tab, job, mut agent, .. } = apart(&all).await;
        let (ready, other) = (AnonymousClient::new(all.base(0)), AnonymousClient::new(all.base(1)));
        ready.get("/readyz").await.expect(204);
        all.ask_to_stop(0);
        let answer = ready.get("/readyz").await;
        assert_eq!(answer.problem(503), "unavailable");
        assert_eq!(answer.headers["connection"], "close", "a balancer opens no second request on it");
        ready.get("/livez").await.expect(204);
        other.get("/readyz").await.expect(204);
        // What still comes is served.
        assert_eq!(learner.session(session).await.id, session);
        assert_eq!(tab.closes().await, close::GOING_AWAY);
        assert_eq!(agent.closes().await, close::GOING_AWAY, "through the instance it landed at");
        let third = all.moved(&learner, 2);
        let (mut tab, mut agent) = joined_again(&third, session, &job).await;
        echo(&mut tab, &mut agent, 1, 0).await;
        all.stop(0).await;
        echo(&mut tab, &mut agent, 1, 1).await;
        all.end().await;
    }
}

story! {
    async fn when_the_instance_between_stops_the_agent_comes_back_another_way(mut_all: Peers) {
        let mut all = mut_all;
        let Apart { mut tab, mut job, mut agent, .. } = apart(&all).await;
        all.stop(1).await;
        agent.is_cut().await;
        job.message.api_url = all.base(2).to_owned();
        let mut agent = job.dial().await;
        agent.hears("viewer_joined").await;
        echo(&mut tab, &mut agent, 1, 0).await;
        all.end().await;
    }
}

story! {
    async fn an_instance_that_lost_a_home_sends_its_sockets_away(all: Peers) {
        let Apart { learner, session, mut tab, mut agent, job, .. } = apart(&all).await;
        let store = all.store().await;
        // It was taken for dead by somebody who is gone by now; a beat in between forbids it.
        while !store.take_home(&store.home_of(session).await.unwrap().unwrap(), Uuid::now_v7()).await.unwrap() {}
        assert_eq!(tab.closes().await, close::GOING_AWAY);
        assert_eq!(agent.closes().await, close::GOING_AWAY);
        let (mut tab, mut agent) = joined_again(&all.moved(&learner, 2), session, &job).await;
        echo(&mut tab, &mut agent, 1, 0).await;
        all.end().await;
    }
}

story! {
    async fn of_two_who_claim_at_once_one_wins(all: Peers) {
        let store = all.store().await;
        let session = Uuid::now_v7();
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let claims = tokio::join!(store.claim_home(session, one), store.claim_home(session, other));
        assert!(claims.0.unwrap() != claims.1.unwrap());
        let home = store.home_of(session).await.unwrap().unwrap();
        assert_eq!(home.row, None, "neither has announced itself");
        // Of its heirs again one, as long as it does not stir.
        store.announce(home.instance, "http://10.0.0.9:1").await.unwrap();
        let silent = store.home_of(session).await.unwrap().unwrap();
        let heirs = tokio::join!(store.take_home(&silent, Uuid::now_v7()), store.take_home(&silent, Uuid::now_v7()));
        assert!(heirs.0.unwrap() != heirs.1.unwrap());
        let now = store.home_of(session).await.unwrap().unwrap();
        store.announce(now.instance, "http://10.0.0.9:2").await.unwrap();
        let seen = store.home_of(session).await.unwrap().unwrap();
        store.beat(now.instance, "http://10.0.0.9:2").await.unwrap();
        assert!(!store.take_home(&seen, Uuid::now_v7()).await.unwrap(), "it has stirred");
        all.end().await;
    }
}

story! {
    async fn a_preview_that_lands_elsewhere_reaches_the_container(all: Peers) {
        let Apart { learner, session, mut agent, tab: _tab, .. } = apart(&all).await;
        let url = learner.open_preview(session, 8000, "/").await;
        let mut browser = PreviewBrowser::at(all.each[2].previews, &url);
        browser.enter(&url).await;
        let served = async {
            let open = agent.hears("channel").await["message"].clone();
            assert_eq!((&open["type"], &open["target"]["port"]), (&json!("open"), &json!(8000)));
            let channel = open["channel"].as_u64().unwrap() as u32;
            let about = |message| json!({ "type": "channel", "message": message });
            agent.say(about(json!({ "type": "opened", "channel": channel }))).await;
            let request = String::from_utf8(agent.hears_bytes().await.2).unwrap();
            assert!(request.starts_with("GET /two HTTP/1.1"), "{request}");
            agent.put_channel(Output, 0, channel, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n4").await;
            agent.say(about(json!({ "type": "closed", "channel": channel }))).await;
        };
        let (answer, ()) = tokio::join!(browser.get("/two"), served);
        assert_eq!(answer.expect(200).bytes, b"4");
        // What the container says instead is said there, too.
        let refused = async {
            let open = agent.hears("channel").await["message"].clone();
            let reason = json!({ "type": "nothing_listens", "port": 8000 });
            let closed = json!({ "type": "closed", "channel": open["channel"], "reason": reason });
            agent.say(json!({ "type": "channel", "message": closed })).await;
        };
        let (answer, ()) = tokio::join!(browser.get("/two"), refused);
        assert!(String::from_utf8_lossy(&answer.bytes).contains("8000"));
        assert_ne!(answer.status, 200);
        all.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_peer_listener_answers_instances_alone() {
    let all = Peers::new(Backend::Sqlite).await.unwrap();
    let Apart { session, agent: _agent, .. } = apart(&all).await;
    let store = all.store().await;
    let home = store.home_of(session).await.unwrap().unwrap().row.unwrap();
    let stranger = AnonymousClient::new(&format!("http://{}", all.each[0].peers));
    let secret = format!("Bearer {}", store.peer_secret("unused").await.unwrap());
    let id = home.id.to_string();
    let paths = [
        "/instance".to_owned(),
        format!("/sessions/{session}/presence"),
        format!("/sessions/{session}/viewer"),
    ];
    for path in paths {
        stranger.get(&path).await.expect(401);
        stranger.with("gradus-instance", &id).get(&path).await.expect(401);
        stranger.with("authorization", "Bearer ").with("gradus-instance", &id).get(&path).await.expect(401);
        stranger.with("authorization", &secret).get(&path).await.expect(421);
    }
    let friend = stranger.with("authorization", &secret).with("gradus-instance", &id);
    friend.get("/instance").await.expect(204);
    assert_eq!(friend.get(&format!("/sessions/{session}/presence")).await.json()["agent"], true);
    stranger.post("/news", Some(json!([]))).await.expect(401);
    friend.post("/news", Some(json!([{ "type": "gossip" }]))).await.expect(422);
    // Neither surface knows the other's routes.
    friend.get("/api/v1/me").await.expect(404);
    let app = AnonymousClient::new(all.base(0)).with("authorization", &secret).with("gradus-instance", &id);
    app.get("/instance").await.expect(404);
    app.get(&format!("/sessions/{session}/presence")).await.expect(404);
    let _ = Duration::ZERO;
    all.end().await;
}
