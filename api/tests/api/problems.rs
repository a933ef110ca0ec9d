//! What a client reads when something is wrong: always the same shape, always a way on.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Backend, World};

/// The body without what differs each time.
fn shown(story: &str, answer: &Answer) -> String {
    let mut body = answer.json();
    let id = body.as_object_mut().and_then(|body| body.remove("request_id")).expect("a request id");
    assert_eq!(answer.headers["request-id"].to_str().unwrap(), id.as_str().unwrap());
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(body["status"], answer.status.as_u16());
    format!(
        "{story}\n  {} {}\n  {}\n",
        body["status"],
        body["type"].as_str().unwrap(),
        body["detail"].as_str().unwrap()
    )
}

#[tokio::test]
async fn problems_read_well() {
    let world = World::new(Backend::Sqlite).await.unwrap();
    let learner = world.learner().await;
    let id = learner.open("double").await.id;
    let http = &learner.http;
    let json_type = "application/json";
    let login = "/api/v1/login";
    let large = vec![b' '; 65 * 1024];
    let text = [
        shown("a page that is not there", &http.get("/nowhere").await),
        shown("a route that is not there", &http.get("/api/v1/nowhere").await),
        shown("a method that is not there", &http.delete(login).await),
        shown("not JSON", &http.raw(Method::POST, login, json_type, b"{".to_vec()).await),
        shown("JSON of another shape", &http.post(login, Some(json!({ "user": "x" }))).await),
        shown("not said to be JSON", &http.raw(Method::POST, login, "text/plain", b"{}".to_vec()).await),
        shown("a body that is too large", &http.raw(Method::POST, login, json_type, large).await),
        shown("an id that is none", &http.get("/api/v1/workspaces/17").await),
        shown("nobody", &world.anonymous().get("/api/v1/me").await),
        shown("another site", &http.with("origin", "https://evil.example").post(login, None).await),
        shown("a wrong password", &http.try_log_in("learner", "x").await),
        shown("a stale revision", &learner.try_save(id, "double.py", 7, "x").await),
        shown("a file of the lesson", &learner.try_save(id, "test_double.py", 1, "x").await),
        shown("a path outside", &learner.try_save(id, "..%2Fx", 0, "x").await),
        shown("no key", &http.post(&format!("/api/v1/workspaces/{id}/submissions"), None).await),
    ];
    insta::assert_snapshot!(text.join("\n"));
    world.end().await;
}

#[tokio::test]
async fn every_answer_keeps_browsers_careful() {
    let world = World::new(Backend::Sqlite).await.unwrap();
    for path in ["/livez", "/api/v1/me", "/api/docs", "/nowhere"] {
        let answer = world.anonymous().get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert!(
            answer.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'")
        );
    }
    world.end().await;
}
