//! Looking on: nobody is watched who did not say yes, and nobody a moment longer than they want.

use std::time::{Duration, Instant};

use ide_protocol::close;
use ide_protocol::frame::Flow;
use ide_protocol::rest::{LiveSessions, WatchState, Watcher};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::relay::{Joined, TAB, joined};
use crate::support::{LearnerClient, Socket, World};

const MENTORS_TAB: Uuid = Uuid::from_u128(0x9);

async fn watchers(who: &LearnerClient, session: Uuid) -> Vec<Watcher> {
    who.http.get(&format!("/api/v1/sessions/{session}/watchers")).await.is(200)
}

async fn answer(learner: &LearnerClient, session: Uuid, mentor: &LearnerClient, allowed: bool) -> u16 {
    let path = format!("/api/v1/sessions/{session}/watchers/{}", mentor.account.id);
    let body = Some(json!({ "allowed": allowed }));
    learner.http.send(reqwest::Method::PUT, &path, body).await.status.as_u16()
}

async fn end(who: &LearnerClient, session: Uuid, mentor: &LearnerClient) -> u16 {
    let path = format!("/api/v1/sessions/{session}/watchers/{}", mentor.account.id);
    who.http.delete(&path).await.status.as_u16()
}

/// Asks, and is allowed; the learner's page has heard both.
async fn consented(world: &World, joined: &mut Joined) -> LearnerClient {
    let grader = world.log_in("grader").await;
    let session = joined.session;
    let asked: Watcher =
        grader.http.post(&format!("/api/v1/sessions/{session}/watchers"), None).await.is(200);
    assert_eq!((asked.name.as_str(), asked.state), ("grader", WatchState::Asked));
    assert_eq!(joined.tab.hears("watchers_changed").await["watchers"][0]["state"], "asked");
    assert_eq!(answer(&joined.learner, session, &grader, true).await, 204);
    assert_eq!(joined.tab.hears("watchers_changed").await["watchers"][0]["state"], "allowed");
    grader
}

async fn no_ticket(who: &LearnerClient, session: Uuid) -> String {
    who.http.post(&format!("/api/v1/sessions/{session}/tickets"), None).await.problem(403)
}

story! {
    async fn a_mentor_sees_only_with_consent_and_only_until_it_ends(world: World) {
        let mut joined = joined(&world).await;
        let (session, workspace) = (joined.session, joined.workspace);
        let grader = world.log_in("grader").await;
        assert_eq!(no_ticket(&grader, session).await, "no-consent");
        assert_eq!(grader.try_read(workspace, "double.py").await.problem(403), "no-consent");

        let grader = consented(&world, &mut joined).await;
        assert!(grader.read(workspace, "double.py").await.contains("def"));
        grader.http.get(&format!("/api/v1/workspaces/{workspace}")).await.expect(200);
        assert_eq!(grader.try_save(workspace, "double.py", 1, "x").await.status, 404, "reads, never writes");
        let mut looking = grader.join(session, MENTORS_TAB).await;
        assert_eq!(joined.agent.hears("viewer_joined").await["read_only"], true);
        assert_eq!(joined.tab.hears("watchers_changed").await["watchers"][0]["present"], true);
        joined.learner.save(workspace, "double.py", 1, "live").await;
        assert_eq!(looking.hears("file_changed").await["path"], "double.py");

        let unused = grader.ticket(session).await;
        let stopped = Instant::now();
        assert_eq!(end(&joined.learner, session, &grader).await, 204);
        assert_eq!(looking.closes().await, close::FORBIDDEN);
        assert!(stopped.elapsed() < Duration::from_secs(1), "{:?}", stopped.elapsed());
        assert_eq!(grader.try_read(workspace, "double.py").await.problem(403), "no-consent");
        grader.http.get(&format!("/api/v1/workspaces/{workspace}")).await.expect(403);
        assert_eq!(no_ticket(&grader, session).await, "no-consent");
        let mut late = Socket::open(&world.base, &unused, Some(&world.base), None).await.unwrap();
        assert_eq!(late.closes().await, close::UNAUTHORIZED, "a ticket made before is void");

        let events = world.store().await.events_of(&format!("session:{session}"), 100).await.unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).filter(|kind| kind.starts_with("watch_")).collect();
        assert_eq!(kinds, ["watch_asked", "watch_allowed", "watch_ended"]);
        let ended = events.iter().find(|event| event.kind == "watch_ended").unwrap();
        assert_eq!(ended.actor, format!("account:{}", joined.learner.account.id));
        assert_eq!(ended.data, json!({ "mentor": grader.account.id }).to_string());
        world.end().await;
    }
}

story! {
    async fn who_looks_on_can_change_nothing(world: World) {
        let mut joined = joined(&world).await;
        let grader = consented(&world, &mut joined).await;
        let size = json!({ "columns": 80, "rows": 24 });
        let target = json!({ "type": "language_server", "language": "python" });
        let rows: [Value; 6] = [
            json!({ "type": "open_terminal", "size": size }),
            json!({ "type": "resize_terminal", "terminal": 1, "size": size }),
            json!({ "type": "close_terminal", "terminal": 1 }),
            json!({ "type": "run_tests" }),
            json!({ "type": "stop_run", "run": 1 }),
            json!({ "type": "channel", "message": { "type": "open", "channel": 1, "target": target } }),
        ];
        for message in rows {
            let mut looking = grader.join(joined.session, MENTORS_TAB).await;
            looking.say(message.clone()).await;
            assert_eq!(looking.closes().await, close::FORBIDDEN, "{message}");
        }
        let mut looking = grader.join(joined.session, MENTORS_TAB).await;
        looking.put(Flow::Input, 0, 0, b"rm -rf ~\r").await;
        assert_eq!(looking.closes().await, close::FORBIDDEN);
        // The agent heard of comings and goings, and of nothing that they wanted.
        for _ in 0..7 {
            assert_eq!(joined.agent.hears("viewer_joined").await["read_only"], true);
            joined.agent.hears("viewer_left").await;
        }
        world.end().await;
    }
}

story! {
    async fn nobody_but_the_learner_consents_and_nobody_but_graders_ask(world: World) {
        let mut joined = joined(&world).await;
        let (session, asking) = (joined.session, format!("/api/v1/sessions/{}/watchers", joined.session));
        let other = world.log_in("other").await;
        let author = world.log_in("author").await;
        for who in [&other, &author] {
            who.http.post(&asking, None).await.expect(404);
            who.http.get("/api/v1/live-sessions").await.expect(403);
            who.http.get(&asking).await.expect(404);
            who.http.post(&format!("/api/v1/sessions/{session}/tickets"), None).await.expect(404);
            who.try_read(joined.workspace, "double.py").await.expect(404);
        }
        assert_eq!(joined.learner.http.post(&asking, None).await.problem(422), "invalid", "oneself");

        let grader = world.log_in("grader").await;
        let admin = world.log_in("admin").await;
        grader.http.post(&asking, None).await.expect(200);
        joined.tab.hears("watchers_changed").await;
        for who in [&grader, &admin, &other] {
            assert_eq!(answer(who, session, &grader, true).await, 404, "only the learner answers");
        }
        assert_eq!(end(&admin, session, &grader).await, 404);
        assert_eq!(no_ticket(&grader, session).await, "no-consent");

        assert_eq!(answer(&joined.learner, session, &grader, false).await, 204);
        assert_eq!(watchers(&grader, session).await[0].state, WatchState::Refused);
        assert_eq!(watchers(&admin, session).await, [], "their own wish only");
        assert_eq!(grader.http.post(&asking, None).await.problem(429), "too-many", "not again at once");
        assert_eq!(answer(&joined.learner, session, &grader, true).await, 404, "the question is gone");
        world.end().await;
    }
}

story! {
    async fn consent_is_for_one_session_and_over_with_it(world: World) {
        let mut joined = joined(&world).await;
        let grader = consented(&world, &mut joined).await;
        let elsewhere = joined.learner.open("greet").await.id;
        let other = joined.learner.ask_for_session(elsewhere).await.id;
        assert_eq!(no_ticket(&grader, other).await, "no-consent");
        assert_eq!(grader.try_read(elsewhere, "greet.py").await.problem(403), "no-consent");
        let mut looking = grader.join(joined.session, MENTORS_TAB).await;
        joined.learner.http.delete(&format!("/api/v1/sessions/{}", joined.session)).await.expect(204);
        assert_eq!(looking.closes().await, close::SESSION_ENDED);
        assert_eq!(grader.try_read(joined.workspace, "double.py").await.problem(403), "no-consent");
        assert_eq!(watchers(&grader, joined.session).await[0].state, WatchState::Ended);
        let next = joined.learner.ask_for_session(joined.workspace).await.id;
        assert_eq!(no_ticket(&grader, next).await, "no-consent", "a new session asks anew");
        world.end().await;
    }
}

story! {
    async fn a_mentor_points_at_a_line_but_not_in_floods(world: World) {
        let mut joined = joined(&world).await;
        let grader = consented(&world, &mut joined).await;
        let mut looking = grader.join(joined.session, MENTORS_TAB).await;
        joined.tab.hears("watchers_changed").await;
        let point = |line: u32| json!({ "type": "point", "place": { "path": "double.py", "line": line } });
        looking.say(point(2)).await;
        let pointed = joined.tab.hears("pointed").await;
        assert_eq!((&pointed["name"], &pointed["place"]["line"]), (&json!("grader"), &json!(2)));
        for line in 3..30 {
            looking.say(point(line)).await;
        }
        let words = looking.hears("request_refused").await;
        assert!(words["message"].as_str().unwrap().contains("one after the other"), "{words}");
        let tab = joined.learner.join(joined.session, TAB).await;
        drop((tab, looking));
        // The last thing said of it: it is taken back.
        let mut told = joined.tab.hears_any().await;
        while told["type"] != "pointed" || !told["place"].is_null() {
            told = joined.tab.hears_any().await;
        }
        world.end().await;
    }
}

story! {
    async fn a_grader_finds_who_works_right_now(world: World) {
        let Joined { session, .. } = joined(&world).await;
        let second = world.log_in("second_learner").await;
        second.ask_for_session(second.open("greet").await.id).await;
        let grader = world.log_in("grader").await;
        let listed = async |query: &str| {
            let found: LiveSessions = grader.http.get(&format!("/api/v1/live-sessions{query}")).await.is(200);
            assert!(!found.more);
            found.sessions.into_iter().map(|one| (one.learner, one.lesson)).collect::<Vec<_>>()
        };
        let row = |learner: &str, lesson: &str| (learner.to_owned(), lesson.to_owned());
        let (first, other) = (row("learner", "double"), row("second_learner", "greet"));
        assert_eq!(listed("").await, [other.clone(), first.clone()], "newest first");
        assert_eq!(listed("?lesson=double").await, vec![first.clone()]);
        assert_eq!(listed("?state=ready").await, vec![first.clone()]);
        assert_eq!(listed("?learner=SECOND").await, vec![other.clone()]);
        assert_eq!(listed("?learner=d_l").await, [other], "an underscore is an underscore");
        assert_eq!(listed("?learner=%25").await, [], "a percent sign is a percent sign");
        let admin = world.log_in("admin").await;
        admin.http.delete(&format!("/api/v1/sessions/{session}")).await.expect(204);
        assert_eq!(listed("?lesson=double").await, [], "only those that live");
        world.end().await;
    }
}
