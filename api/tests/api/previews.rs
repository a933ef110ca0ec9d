//! Who is let into a preview, and who is not. There is no container here: who is let in reads that it is not running.
//! What passes once it is, is told in `preview::forward` and in the browser's stories.

use ide_protocol::rest::LessonDetail;
use reqwest::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};
use uuid::Uuid;

use crate::support::preview::PreviewBrowser;
use crate::support::{Backend, LearnerClient, Socket, World};

/// Let in, as far as anybody gets without a container.
const LET_IN: u16 = 503;
const NOT_LET_IN: u16 = 403;

async fn session(learner: &LearnerClient) -> Uuid {
    let workspace = learner.open("double").await.id;
    learner.ask_for_session(workspace).await.id
}

story! {
    async fn the_owner_is_let_in_with_a_cookie_that_no_script_reads(world: World) {
        let learner = world.learner().await;
        let lesson: LessonDetail = learner.http.get("/api/v1/lessons/double").await.is(200);
        let ports: Vec<_> = lesson.previews.iter().map(|preview| (preview.port, preview.path.as_str())).collect();
        assert_eq!(ports, [(8000, "/doubles"), (8001, "/")]);

        let session = session(&learner).await;
        let url = learner.open_preview(session, 8000, "/doubles?of=2").await;
        assert_eq!(url.host_str().unwrap(), format!("8000-{}.localhost", session.simple()));
        let mut browser = PreviewBrowser::new(&world, &url);
        assert_eq!(browser.get("/").await.status, NOT_LET_IN);
        let answer = browser.get(&format!("{}?of=2", url.path())).await;
        let cookie = answer.expect(303).headers[SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=None; Secure; Partitioned"), "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(answer.headers["location"], "/doubles?of=2");
        browser.cookie = cookie.split(';').next().unwrap().to_owned();

        let page = browser.get("/").await;
        assert_eq!(page.status, LET_IN);
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains("<h1>Your machine is not running yet</h1>"), "{text}");
        let framed = page.headers.get_all(CONTENT_SECURITY_POLICY).iter().next_back().unwrap().to_str().unwrap();
        assert!(framed.starts_with("frame-ancestors http"), "{framed}");
        assert!(framed.contains(&world.base), "{framed}");
        assert_eq!(browser.get("/.gradus/listening").await.status, LET_IN);

        // Opened again in the same browser, the cookie is the same; an API that starts anew still knows it.
        let again = learner.open_preview(session, 8000, "/").await;
        assert!(browser.get(again.path()).await.expect(303).headers.get(SET_COOKIE).is_none());
        let mut world = world;
        world.stop().await;
        world.restart().await;
        assert_eq!(browser.get("/").await.status, LET_IN);
        world.end().await;
    }
}

story! {
    async fn a_ticket_opens_one_preview_once(world: World) {
        let learner = world.learner().await;
        let session = session(&learner).await;
        let url = learner.open_preview(session, 8000, "/").await;

        let other = learner.open_preview(session, 8001, "/").await;
        let elsewhere = PreviewBrowser::new(&world, &other);
        assert_eq!(elsewhere.get(url.path()).await.status, 404, "on another port's host");
        let renamed = url.path().replace("/8000-", "/8001-");
        assert_eq!(elsewhere.get(&renamed).await.status, NOT_LET_IN, "for another port");
        let socket_ticket = learner.ticket(session).await;
        let secret = socket_ticket.split_once("ticket=").unwrap().1;
        let forged = format!("/.gradus/enter/8000-{}/{secret}/", session.simple());
        let mut browser = PreviewBrowser::new(&world, &url);
        assert_eq!(browser.get(&forged).await.status, NOT_LET_IN, "of a socket");
        for leads_away in ["//evil.example/", ""] {
            let path = format!("{}{leads_away}", url.path().trim_end_matches('/'));
            assert_ne!(browser.get(&path).await.status, 303, "{leads_away}");
        }

        let url = learner.open_preview(session, 8000, "/").await;
        assert_eq!(browser.enter(&url).await, "/");
        assert_eq!(browser.get("/").await.status, LET_IN);
        let mut second = PreviewBrowser::new(&world, &url);
        assert_eq!(second.get(url.path()).await.status, NOT_LET_IN, "used up");
        assert_eq!(browser.get(url.path()).await.status, 303, "by the same browser, which is in");
        // Nor does a preview's ticket open the session's socket.
        let ticket = learner.open_preview(session, 8000, "/").await;
        let secret = ticket.path().split('/').nth(4).unwrap();
        let path = format!("/api/v1/sessions/{session}/socket?ticket={secret}");
        let mut socket = Socket::open(&world.base, &path, Some(&world.base), None).await.unwrap();
        assert_eq!(socket.closes().await, 4401);

        // A cookie is good on its own host alone.
        second.cookie = browser.cookie.clone();
        second.host = elsewhere.host.clone();
        assert_eq!(second.get("/").await.status, NOT_LET_IN);
        world.end().await;
    }
}

story! {
    async fn nobody_else_and_nothing_undeclared(world: World) {
        let learner = world.learner().await;
        let session = session(&learner).await;
        for name in ["other", "grader", "admin"] {
            let somebody = world.log_in(name).await;
            assert_eq!(somebody.try_open_preview(session, 8000, "/").await.problem(404), "not-found", "{name}");
        }
        for port in [8002, 22, 1] {
            assert_eq!(learner.try_open_preview(session, port, "/").await.problem(404), "not-found", "{port}");
        }
        for path in ["", "notes", "//evil.example", "/\\evil.example", "/ ", "/\r\nx: y"] {
            assert_eq!(learner.try_open_preview(session, 8000, path).await.problem(422), "invalid", "{path}");
        }
        let url = learner.open_preview(session, 8000, "/").await;
        let browser = PreviewBrowser::new(&world, &url);
        // The app is not there, whoever asks.
        for path in ["/api/v1/me", "/agent/v1/jobs", "/.gradus/other", "/.gradus/enter/x"] {
            assert!([403, 404].contains(&browser.get(path).await.status.as_u16()), "{path}");
        }
        let mut lost = PreviewBrowser::new(&world, &url);
        for host in ["localhost", "127.0.0.1", "8000-x.localhost", &format!("evil.{}", browser.host)] {
            lost.host = host.to_owned();
            assert_eq!(lost.get("/").await.status, 404, "{host}");
        }
        world.end().await;
    }
}

story! {
    async fn it_ends_with_the_login_and_with_the_session(world: World) {
        let learner = world.learner().await;
        let session = session(&learner).await;
        let url = learner.open_preview(session, 8000, "/").await;
        let mut browser = PreviewBrowser::new(&world, &url);
        browser.enter(&url).await;
        let second = LearnerClient::log_in(&world.base, "learner").await;
        let unused = learner.open_preview(session, 8000, "/").await;
        learner.http.post("/api/v1/logout", None).await.expect(204);
        assert_eq!(browser.get("/").await.status, NOT_LET_IN, "logged out");
        browser.enter(&unused).await;
        assert_eq!(browser.get("/").await.status, NOT_LET_IN, "a ticket from before");

        let url = second.open_preview(session, 8000, "/").await;
        browser.enter(&url).await;
        assert_eq!(browser.get("/").await.status, LET_IN, "logged in again");
        second.http.delete(&format!("/api/v1/sessions/{session}")).await.expect(204);
        assert_eq!(browser.get("/").await.status, NOT_LET_IN, "the session is over");
        assert_eq!(second.try_open_preview(session, 8000, "/").await.problem(409), "session-ended");
        world.end().await;
    }
}

#[tokio::test]
async fn one_origin_for_all_previews_goes_by_the_cookie() {
    let shared = |config: &mut api::Config| {
        config.previews = Some("http://gradus.lan:8081".parse().unwrap());
    };
    let world = World::with(Backend::Sqlite, shared).await.unwrap();
    let learner = world.learner().await;
    let session = session(&learner).await;
    let url = learner.open_preview(session, 8000, "/").await;
    assert_eq!(url.host_str(), Some("gradus.lan"));
    let mut browser = PreviewBrowser::new(&world, &url);
    let answer = browser.get(url.path()).await;
    let set = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(set.ends_with("HttpOnly; SameSite=Strict"), "{set}");
    browser.cookie = set.split(';').next().unwrap().to_owned();
    assert_eq!(browser.get("/").await.status, LET_IN);
    browser.host = "other.lan:8081".into();
    assert_eq!(browser.get("/").await.status, 404);
    world.end().await;
}

#[tokio::test]
async fn without_an_address_there_are_none_and_it_says_so() {
    let world = World::with(Backend::Sqlite, |config| config.previews = None).await.unwrap();
    let learner = world.learner().await;
    let session = session(&learner).await;
    let refused = learner.try_open_preview(session, 8000, "/").await;
    assert_eq!(refused.problem(503), "unavailable");
    assert!(refused.json()["detail"].as_str().unwrap().contains("--preview-url"));
    world.end().await;
}
