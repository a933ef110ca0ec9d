//! Every route, asked by everybody. A new route without a row fails.

use std::collections::BTreeSet;

use job_queue::Lane;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{AnonymousClient, World};

/// Method, path, body; what nobody, the owner, another learner, an admin and an agent (with some job's token) get.
type Row = (&'static str, &'static str, Value, [u16; 5]);

fn rows() -> Vec<Row> {
    let none = || Value::Null;
    let save = json!({ "content": { "encoding": "text", "data": "x" } });
    let login = json!({ "name": "author", "password": "correct horse" });
    let rename = json!({ "from": "nothing", "to": "x" });
    let restore = json!({ "from": { "type": "starter" }, "paths": [] });
    let start = json!({ "agent": "host-1", "delivery": 1 });
    vec![
        ("GET", "/livez", none(), [204; 5]),
        ("GET", "/readyz", none(), [204; 5]),
        ("GET", "/api/v1/openapi.json", none(), [200; 5]),
        ("GET", "/api/docs", none(), [200; 5]),
        ("GET", "/problems/{kind}", none(), [200; 5]),
        ("POST", "/api/v1/login", login, [200; 5]),
        ("GET", "/api/v1/me", none(), [401, 200, 200, 200, 401]),
        ("GET", "/api/v1/me/settings", none(), [401, 200, 200, 200, 401]),
        ("PATCH", "/api/v1/me/settings", json!({ "version": 1, "fields": {} }), [401, 200, 200, 200, 401]),
        ("GET", "/api/v1/tokens", none(), [401, 200, 200, 200, 401]),
        ("POST", "/api/v1/tokens", json!({ "label": "x", "days": 1 }), [401, 201, 201, 201, 401]),
        ("DELETE", "/api/v1/tokens/{token}", none(), [401, 204, 404, 404, 401]),
        ("GET", "/api/v1/lessons", none(), [401, 200, 200, 200, 401]),
        ("GET", "/api/v1/lessons/{slug}", none(), [401, 200, 200, 200, 401]),
        ("POST", "/api/v1/lessons/{slug}/workspace", none(), [401, 200, 200, 200, 401]),
        ("GET", "/api/v1/lessons/{slug}/hints", none(), [401, 200, 200, 200, 401]),
        ("POST", "/api/v1/lessons/{slug}/hints/{number}", none(), [401, 200, 200, 200, 401]),
        ("GET", "/api/v1/lessons/{slug}/solution", none(), [401, 403, 403, 200, 401]),
        // Without the learner's consent, those who may look on may not yet; with it: `watching`.
        ("GET", "/api/v1/workspaces/{workspace}", none(), [401, 200, 404, 403, 401]),
        ("POST", "/api/v1/workspaces/{workspace}/renames", rename, [401, 404, 404, 404, 401]),
        ("GET", "/api/v1/workspaces/{workspace}/files/{path}", none(), [401, 200, 404, 403, 401]),
        ("PUT", "/api/v1/workspaces/{workspace}/files/{path}", save, [401, 200, 404, 404, 401]),
        ("GET", "/api/v1/workspaces/{workspace}/submissions", none(), [401, 200, 404, 200, 401]),
        ("POST", "/api/v1/workspaces/{workspace}/submissions", none(), [401, 201, 404, 404, 401]),
        ("GET", "/api/v1/submissions/{submission}", none(), [401, 200, 404, 200, 401]),
        ("GET", "/api/v1/submissions/{submission}/record", none(), [401, 200, 404, 200, 401]),
        ("GET", "/api/v1/submissions/{submission}/files", none(), [401, 200, 404, 200, 401]),
        ("GET", "/api/v1/submissions/{submission}/files/{path}", none(), [401, 200, 404, 200, 401]),
        ("GET", "/api/v1/workspaces/{workspace}/timeline", none(), [401, 200, 404, 404, 401]),
        ("GET", "/api/v1/workspaces/{workspace}/timeline/{save}", none(), [401, 200, 404, 404, 401]),
        (
            "GET",
            "/api/v1/workspaces/{workspace}/timeline/{save}/files/{path}",
            none(),
            [401, 200, 404, 404, 401],
        ),
        ("POST", "/api/v1/workspaces/{workspace}/restores", restore, [401, 200, 404, 404, 401]),
        ("POST", "/api/v1/sessions", json!({ "workspace": "{workspace}" }), [401, 200, 404, 404, 401]),
        ("GET", "/api/v1/sessions/{session}", none(), [401, 200, 404, 200, 401]),
        ("POST", "/api/v1/sessions/{session}/tickets", none(), [401, 201, 404, 403, 401]),
        ("GET", "/api/v1/live-sessions", none(), [401, 403, 403, 200, 401]),
        ("POST", "/api/v1/sessions/{session}/watchers", none(), [401, 422, 404, 200, 401]),
        ("GET", "/api/v1/sessions/{session}/watchers", none(), [401, 200, 404, 200, 401]),
        (
            "PUT",
            "/api/v1/sessions/{session}/watchers/{mentor}",
            json!({ "allowed": true }),
            [401, 204, 404, 404, 401],
        ),
        ("DELETE", "/api/v1/sessions/{session}/watchers/{mentor}", none(), [401, 404, 404, 204, 401]),
        // What previews are worth is told in `previews`.
        (
            "POST",
            "/api/v1/sessions/{session}/previews",
            json!({ "port": 8000, "path": "/" }),
            [401, 201, 404, 404, 401],
        ),
        ("POST", "/api/v1/sessions/{session}/extensions", json!({ "until": 1 }), [401, 409, 404, 404, 401]),
        // Not a handshake. What tickets and origins open is told in `relay_refusals`.
        ("GET", "/api/v1/sessions/{session}/socket", none(), [400; 5]),
        ("POST", "/agent/v1/jobs/{job}/start", start, [401, 401, 401, 401, 200]),
        ("GET", "/agent/v1/jobs/{job}/bundle", none(), [401, 401, 401, 401, 200]),
        ("POST", "/agent/v1/jobs/{job}/finish", none(), [401, 401, 401, 401, 422]),
        ("POST", "/agent/v1/jobs/{job}/disown", none(), [401, 401, 401, 401, 415]),
        ("GET", "/agent/v1/jobs/{job}/relay", none(), [401, 401, 401, 401, 400]),
        // What takes something away comes last, its owner at the end.
        ("DELETE", "/api/v1/workspaces/{workspace}/files/{path}", none(), [401, 204, 404, 404, 401]),
        ("DELETE", "/api/v1/sessions/{session}", none(), [401, 204, 404, 204, 401]),
        ("POST", "/api/v1/logout", none(), [204; 5]),
    ]
}

/// What a grader gets, by what an admin gets: the same, but for ending what is others'.
fn grader(method: &str, path: &str, admin: u16) -> u16 {
    match (method, path) {
        ("DELETE", "/api/v1/sessions/{session}" | "/api/v1/sessions/{session}/watchers/{mentor}") => 404,
        _ => admin,
    }
}

/// The names in braces, as something real or (`{}`) as nothing in particular.
fn plain(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_has_a_row() {
    let told: BTreeSet<_> =
        rows().into_iter().map(|(method, path, ..)| format!("{method} {}", plain(path))).collect();
    let routes: BTreeSet<_> =
        api::routes().iter().map(|(method, path)| format!("{method} {}", plain(path))).collect();
    assert_eq!(told, routes);
}

story! {
    async fn everybody_gets_what_is_theirs(world: World) {
        world.account("author").await;
        let owner = world.learner().await;
        let workspace = owner.open("double").await.id;
        let session = owner.ask_for_session(workspace).await.id;
        let submission = owner.hand_in(workspace).await.id;
        let admin = world.log_in("admin").await;
        let token = owner.http.post("/api/v1/tokens", Some(json!({ "label": "x", "days": 1 }))).await.json();
        let job = world.agent().take(Lane::Grading).await;
        let names = [
            ("{token}", token["id"].as_str().unwrap().to_owned()),
            ("{slug}", "double".to_owned()),
            ("{number}", "1".to_owned()),
            ("{workspace}", workspace.to_string()),
            ("{path}", "double.py".to_owned()),
            ("{save}", "1".to_owned()),
            ("{submission}", submission.to_string()),
            ("{session}", session.to_string()),
            ("{kind}", "too-many".to_owned()),
            ("{mentor}", admin.account.id.to_string()),
            ("{job}", job.message.job.to_string()),
        ];
        let named = |text: &str| names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let clients = [
            ("nobody", world.anonymous()),
            ("another learner", world.log_in("other").await.http),
            ("a grader", world.log_in("grader").await.http),
            ("an admin", admin.http.clone()),
            ("an agent", job.http()),
            ("the owner", owner.http.clone()),
        ];
        let ready = |client: &AnonymousClient, base: &str| {
            client.with("if-match", base).with("idempotency-key", &Uuid::now_v7().to_string())
        };
        for (method, path, body, [nobody, own, other, admin, agent]) in rows() {
            let base = if method == "DELETE" { "\"2\"" } else { "\"1\"" };
            let body = (!body.is_null()).then(|| serde_json::from_str(&named(&body.to_string())).unwrap());
            let body = if path.ends_with("/finish") { Some(json!({})) } else { body };
            for ((who, client), status) in clients.iter().zip([nobody, other, grader(method, path, admin), admin, agent, own]) {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let answer = ready(client, base).send(method.clone(), &named(path), body.clone()).await;
                assert_eq!(answer.status, status, "{who}: {method} {path}: {}", String::from_utf8_lossy(&answer.bytes));
            }
        }
        world.end().await;
    }
}
