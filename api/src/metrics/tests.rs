use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// As the endpoint would say it, once everything has happened.
fn told() -> String {
    let metrics = Metrics::default();
    metrics.answered("POST", "/api/v1/workspaces/{id}/submissions", 201, Duration::from_millis(4));
    metrics.answered("BREW", "/coffee", 418, Duration::from_millis(1));
    metrics.ended(&SubmissionState::NotGraded { reason: "ours".into() }, Duration::from_secs(3));
    metrics.dispatched("grading", Duration::from_millis(20));
    metrics.lost("grading");
    metrics.failed("dispatcher");
    metrics.duty("dispatch", true);
    metrics.connected(3, 2);
    metrics.database(Pool { open: 4, idle: 3, most: 16 });
    let oldest = Some(Duration::from_millis(1_500));
    metrics.lane("grading", Some(LaneFigures { outbox: 7, queued: 4, in_flight: 2, dead: 0, oldest }));
    metrics.lane("sessions", Some(LaneFigures::default()));
    metrics.lane("sessions", None);
    let mut registry = Registry::default();
    metrics.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    text
}

#[test]
fn figures_have_the_names_that_dashboards_ask_for() {
    let text = told();
    for line in [
        r#"gradus_api_http_requests_total{method="POST",route="/api/v1/workspaces/{id}/submissions",status="2xx"} 1"#,
        r#"gradus_api_http_requests_total{method="other",route="/coffee",status="4xx"} 1"#,
        r#"gradus_api_http_request_seconds_bucket{le="0.005",method="POST",route="/api/v1/workspaces/{id}/submissions"} 1"#,
        r#"gradus_api_verdict_seconds_count{outcome="not_graded"} 1"#,
        r#"gradus_api_oldest_waiting_seconds{lane="grading"} 1.5"#,
        r#"gradus_api_outbox_jobs{lane="grading"} 7"#,
        r#"gradus_api_duty_held{duty="dispatch"} 1"#,
        r#"gradus_api_database_connections{state="idle"} 3"#,
        "gradus_api_rooms 2",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("sessions"), "another process tells");
}

/// Every name of ours in a rule or a dashboard is one that is told.
#[test]
fn rules_and_dashboards_ask_for_what_there_is() {
    let text = told();
    let told: BTreeSet<&str> = text.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../observability");
    let mut asked = 0;
    for file in ["alerts.yml", "dashboard.json"] {
        let asks = std::fs::read_to_string(folder.join(file)).unwrap();
        for (at, _) in asks.match_indices("gradus_api_") {
            let name = asks[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
            assert!(told.contains(name), "{file} asks for {name}, which nobody tells");
            asked += 1;
        }
    }
    assert!(asked > 20);
}
