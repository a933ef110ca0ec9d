//! Sockets that are not opened, and sockets that are closed.

use ide_protocol::close;
use ide_protocol::frame::Flow;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::relay::{Joined, TAB, joined};
use crate::support::{Socket, World};

story! {
    async fn a_ticket_opens_one_socket_once_and_from_our_pages(world: World) {
        let learner = world.learner().await;
        let session = learner.ask_for_session(learner.open("double").await.id).await.id;
        let elsewhere = learner.ask_for_session(learner.open("greet").await.id).await.id;
        let base = &world.base;
        let url = learner.ticket(session).await;
        for origin in [None, Some("https://evil.example"), Some("null")] {
            assert_eq!(Socket::open(base, &url, origin, None).await.err(), Some(403), "{origin:?}");
        }
        let other_session = url.replace(&session.to_string(), &elsewhere.to_string());
        let mut wrong = Socket::open(base, &other_session, Some(base), None).await.unwrap();
        assert_eq!(wrong.closes().await, close::UNAUTHORIZED, "a ticket is for one session");
        let mut socket = Socket::open(base, &url, Some(base), None).await.unwrap();
        socket.say(json!({ "type": "hello", "version": 1, "client": TAB })).await;
        socket.hears("welcome").await;
        let mut again = Socket::open(base, &url, Some(base), None).await.unwrap();
        assert_eq!(again.closes().await, close::UNAUTHORIZED, "and for one socket");
        let none = format!("/api/v1/sessions/{session}/socket");
        let mut none = Socket::open(base, &none, Some(base), None).await.unwrap();
        assert_eq!(none.closes().await, close::UNAUTHORIZED);
        world.end().await;
    }
}

story! {
    async fn tickets_expire(world: World) {
        let learner = world.learner().await;
        let session = learner.ask_for_session(learner.open("double").await.id).await.id;
        let url = learner.ticket(session).await;
        let (_, ticket) = url.split_once("ticket=").unwrap();
        let hash = { use sha2::Digest as _; sha2::Sha256::digest(ticket.as_bytes()).iter().map(|b| format!("{b:02x}")).collect::<String>() };
        let micros = |at: std::time::SystemTime| at.duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as i64;
        let later = micros(std::time::SystemTime::now()) + 31_000_000;
        assert!(world.store().await.take_ticket(&hash, session, later).await.unwrap().is_none());
        assert!(world.store().await.take_ticket(&hash, session, later - 31_000_000).await.unwrap().is_some());
        world.end().await;
    }
}

story! {
    async fn who_does_not_speak_the_protocol_is_told_which_rule_it_broke(world: World) {
        let learner = world.learner().await;
        let session = learner.ask_for_session(learner.open("double").await.id).await.id;
        let hello = json!({ "type": "hello", "version": 1, "client": TAB }).to_string();
        let text = |text: &str| Message::text(text.to_owned());
        let rows = [
            (vec![text(r#"{"type":"hello","version":2,"client":"00000000-0000-0000-0000-000000000001"}"#)], close::VERSION_MISMATCH),
            (vec![text(r#"{"type":"run_tests"}"#)], close::MALFORMED),
            (vec![text("hello")], close::MALFORMED),
            (vec![Message::binary(vec![1, 2])], close::MALFORMED),
            (vec![text(&hello), text(&hello)], close::MALFORMED),
            (vec![text(&hello), text(r#"{"type":"become_admin"}"#)], close::MALFORMED),
            (vec![text(&hello), text("{")], close::MALFORMED),
            (vec![text(&hello), Message::binary(vec![1, 2])], close::MALFORMED),
            (vec![text(&hello), Message::text("x".repeat(64 * 1024 + 1))], close::TOO_BIG),
        ];
        for (messages, code) in rows {
            let url = learner.ticket(session).await;
            let mut socket = Socket::open(&world.base, &url, Some(&world.base), None).await.unwrap();
            let story = format!("{messages:.60?}");
            for message in messages {
                socket.send(message).await.unwrap();
            }
            assert_eq!(socket.closes().await, code, "{story}");
        }
        world.end().await;
    }
}

story! {
    async fn a_flood_of_messages_closes_the_tab_and_nobody_else(world: World) {
        let Joined { learner, session, mut tab, mut agent, .. } = joined(&world).await;
        let mut flooding = learner.join(session, Uuid::from_u128(2)).await;
        agent.hears("viewer_joined").await;
        let resize = json!({ "type": "attach_terminal", "terminal": 1, "from_offset": 0 }).to_string();
        let flood = async {
            for _ in 0..20_000 {
                if flooding.send(Message::text(resize.clone())).await.is_err() {
                    break;
                }
            }
        };
        let heard = async {
            // Those before the limit are passed on, and then it leaves.
            loop {
                let message = agent.hears_any().await;
                if message["type"] == "viewer_left" {
                    break;
                }
            }
        };
        tokio::join!(flood, heard);
        agent.put(Flow::Output, 1, 0, b"unharmed").await;
        assert_eq!(tab.hears_bytes().await.2, b"unharmed");
        world.end().await;
    }
}

story! {
    async fn a_tab_that_does_not_read_is_sent_away_and_nobody_waits_for_it(world: World) {
        let Joined { learner, session, mut tab, mut agent, .. } = joined(&world).await;
        let sleeping = learner.join(session, Uuid::from_u128(2)).await;
        agent.hears("viewer_joined").await;
        let payload = vec![b'y'; 32 * 1024];
        // More than any socket buffer and the relay's queue hold.
        for n in 0..1_000_u64 {
            agent.put(Flow::Output, 2, n * 32 * 1024, &payload).await;
        }
        agent.put(Flow::Output, 1, 0, b"unharmed").await;
        assert_eq!(tab.hears_bytes().await.2, b"unharmed");
        assert_eq!(agent.hears("viewer_left").await["viewer"], 2);
        drop(sleeping);
        world.end().await;
    }
}

story! {
    async fn logging_out_closes_the_sockets_it_opened(world: World) {
        let Joined { learner, mut tab, mut agent, .. } = joined(&world).await;
        learner.http.post("/api/v1/logout", None).await.expect(204);
        assert_eq!(tab.closes().await, close::UNAUTHORIZED);
        agent.hears("viewer_left").await;
        world.end().await;
    }
}

story! {
    async fn an_agent_that_breaks_the_rules_is_closed(world: World) {
        let rows = [
            (Message::text("{"), close::MALFORMED),
            (Message::text(r#"{"type":"hello","version":1}"#), close::MALFORMED),
            (Message::binary(vec![0; 40]), close::MALFORMED),
            (Message::text("x".repeat(2 * 1024 * 1024 + 1)), close::TOO_BIG),
            (Message::text(r#"{"type":"to_all_viewers","message":{"type":"state_changed","state":{"type":"queued"}}}"#), close::MALFORMED),
        ];
        let Joined { job, tab: _tab, agent: first, .. } = joined(&world).await;
        drop(first);
        for (message, code) in rows {
            let mut agent = job.dial().await;
            agent.hears("viewer_joined").await;
            let story = format!("{message:.60?}");
            agent.send(message).await.unwrap();
            assert_eq!(agent.closes().await, code, "{story}");
        }
        let mut stranger = Socket::open(&world.base, &job.path("relay"), None, Some(&job.message.token)).await.unwrap();
        stranger.say(json!({ "type": "hello", "version": 9 })).await;
        assert_eq!(stranger.closes().await, close::VERSION_MISMATCH);
        assert_eq!(Socket::open(&world.base, &job.path("relay"), None, Some("wrong")).await.err(), Some(401));
        world.end().await;
    }
}
