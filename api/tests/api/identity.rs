//! Logging in, being somebody, and not being it any more.

use ide_protocol::rest::{Account, IssuedToken, Role, Token};
use reqwest::header::SET_COOKIE;
use serde_json::json;

use crate::support::{AnonymousClient, Backend, World};

story! {
    async fn a_browser_logs_in_and_out(world: World) {
        let learner = world.learner().await;
        let me: Account = learner.http.get("/api/v1/me").await.is(200);
        assert_eq!((me.name.as_str(), me.role), ("learner", Role::Learner));
        let out = learner.http.post("/api/v1/logout", None).await;
        out.expect(204);
        assert!(out.headers[SET_COOKIE].to_str().unwrap().starts_with("gradus=; Path=/; Max-Age=0"));
        assert_eq!(learner.http.get("/api/v1/me").await.problem(401), "not-logged-in");
        world.end().await;
    }
}

story! {
    async fn wrong_names_and_passwords_look_the_same_and_are_slowed(world: World) {
        world.account("learner").await;
        world.account("other").await;
        let nobody = world.anonymous();
        let no_such = nobody.try_log_in("nobody", "guess").await;
        let wrong = nobody.try_log_in("learner", "guess").await;
        let without_id = |answer: &crate::support::Answer| {
            let mut body = answer.json();
            body.as_object_mut().unwrap().remove("request_id");
            body
        };
        assert_eq!(no_such.problem(401), "wrong-password");
        assert_eq!(without_id(&no_such), without_id(&wrong));
        for _ in 0..9 {
            nobody.try_log_in("learner", "guess").await.expect(401);
        }
        let slowed = nobody.try_log_in("learner", "correct horse").await;
        assert_eq!(slowed.problem(429), "too-many");
        assert!(slowed.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
        nobody.try_log_in("other", "correct horse").await.expect(200);
        world.end().await;
    }
}

story! {
    async fn a_program_uses_a_token_until_it_is_revoked(world: World) {
        let learner = world.learner().await;
        let body = json!({ "label": "laptop", "days": 30 });
        let issued: IssuedToken = learner.http.post("/api/v1/tokens", Some(body)).await.is(201);
        assert!(issued.secret.starts_with("gradus_pat_"));
        let bearer = format!("Bearer {}", issued.secret);
        // A program has no origin and no cookie.
        let program = AnonymousClient::new(&world.base).with("origin", "").with("authorization", &bearer);
        assert_eq!(program.get("/api/v1/me").await.is::<Account>(200), learner.account);
        program.post("/api/v1/lessons/double/workspace", None).await.expect(200);
        let listed: Vec<Token> = learner.http.get("/api/v1/tokens").await.is(200);
        assert_eq!(listed, std::slice::from_ref(&issued.token));
        let others = world.log_in("other").await;
        others.http.delete(&format!("/api/v1/tokens/{}", issued.token.id)).await.expect(404);
        learner.http.delete(&format!("/api/v1/tokens/{}", issued.token.id)).await.expect(204);
        program.get("/api/v1/me").await.expect(401);
        world.end().await;
    }
}

story! {
    async fn tokens_are_bounded(world: World) {
        let learner = world.learner().await;
        for (label, days) in [("", 1), ("x", 0), ("x", 367), ("two\nlines", 1)] {
            let body = json!({ "label": label, "days": days });
            assert_eq!(learner.http.post("/api/v1/tokens", Some(body)).await.problem(422), "invalid");
        }
        for _ in 0..20 {
            learner.http.post("/api/v1/tokens", Some(json!({ "label": "x", "days": 1 }))).await.expect(201);
        }
        let one_more = learner.http.post("/api/v1/tokens", Some(json!({ "label": "x", "days": 1 }))).await;
        assert_eq!(one_more.problem(429), "too-many");
        world.end().await;
    }
}

story! {
    async fn another_site_cannot_act_for_a_browser(world: World) {
        let learner = world.learner().await;
        for origin in ["https://evil.example", "null", ""] {
            let foreign = learner.http.with("origin", origin);
            assert_eq!(foreign.post("/api/v1/lessons/double/workspace", None).await.problem(403), "wrong-origin");
            assert_eq!(foreign.try_log_in("learner", "correct horse").await.problem(403), "wrong-origin");
            foreign.get("/api/v1/me").await.expect(200);
        }
        world.end().await;
    }
}

story! {
    async fn a_new_password_logs_browsers_out(world: World) {
        let learner = world.learner().await;
        let store = world.store().await;
        assert!(api::setup::reset_password(&store, "learner", "battery staple").await.unwrap());
        assert!(!api::setup::reset_password(&store, "nobody", "x").await.unwrap());
        learner.http.get("/api/v1/me").await.expect(401);
        world.anonymous().try_log_in("learner", "correct horse").await.expect(401);
        world.anonymous().try_log_in("learner", "battery staple").await.expect(200);
        world.end().await;
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let adjust = |config: &mut api::Config| config.public_url = "https://gradus.example".into();
    let world = World::with(Backend::Sqlite, adjust).await.unwrap();
    world.account("learner").await;
    let page = world.anonymous().with("origin", "https://gradus.example");
    let answer = page.try_log_in("learner", "correct horse").await;
    let cookie = answer.expect(200).headers[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-gradus="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
    world.end().await;
}
