use uuid::Uuid;

use super::*;

const LABEL: Label = Label { session: Uuid::from_u128(1), port: 8000 };
const HOST_NAME: &str = "8000-00000000000000000000000000000001.localhost:8081";
const FRAMED: HeaderValue = HeaderValue::from_static("frame-ancestors http://localhost:8080");

/// Lines of a head after it has passed, sorted.
fn pass(lines: &[&str], through: impl FnOnce(&mut HeaderMap, &Way<'_>)) -> Vec<String> {
    let url = "http://{id}.localhost:8081".parse().unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    through(&mut headers, &Way { url: &url, label: LABEL, framed_by: &FRAMED });
    let mut passed: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    passed.sort();
    passed
}

/// What is left of a request's head, without what every request is given.
fn request(lines: &[&str]) -> Vec<String> {
    let mut passed = pass(lines, towards_container);
    let given = [
        "connection: close",
        "host: localhost:8000",
        &format!("x-forwarded-host: {HOST_NAME}"),
        "x-forwarded-proto: http",
    ];
    for line in given {
        let at = passed.iter().position(|have| have == line);
        passed.remove(at.unwrap_or_else(|| panic!("no {line} in {passed:?}")));
    }
    passed
}

fn response(lines: &[&str]) -> Vec<String> {
    let mut passed = pass(lines, |headers, way| towards_browser(headers, way, false));
    for line in [
        "cache-control: no-store",
        "content-security-policy: frame-ancestors http://localhost:8080",
        "referrer-policy: same-origin",
    ] {
        let at = passed.iter().position(|have| have == line);
        passed.remove(at.unwrap_or_else(|| panic!("no {line} in {passed:?}")));
    }
    passed
}

#[test]
fn a_request_loses_what_is_not_the_servers_business() {
    let own = format!("http://{HOST_NAME}");
    let rows: &[(&[&str], &[&str])] = &[
        (&["accept: text/html", "x-own: 1"], &["accept: text/html", "x-own: 1"]),
        // Framing is hyper's to write anew: no two sides can disagree on it.
        (&["transfer-encoding: chunked", "content-length: 5"], &[]),
        (&["transfer-encoding: chunked", "transfer-encoding: identity"], &[]),
        (&["content-length: 5", "content-length: 6", "expect: 100-continue"], &[]),
        // What Connection names goes with it; what we set ourselves stays ours.
        (&["connection: close, x-hop", "x-hop: 1", "keep-alive: timeout=5", "te: trailers"], &[]),
        (&["connection: host, x-forwarded-host", "upgrade: h2c"], &[]),
        (&["proxy-authorization: Basic x", "proxy-connection: keep-alive", "trailer: x"], &[]),
        (
            &[
                "host: evil.example",
                "x-forwarded-host: evil.example",
                "forwarded: for=1",
                "x-real-ip: 1.2.3.4",
            ],
            &[],
        ),
        (&["cookie: gradus=secret; a=1"], &["cookie: a=1"]),
        (&["cookie: gradus=secret"], &[]),
        (&["authorization: Bearer gradus_pat_abc"], &[]),
        (&["authorization: Bearer of-their-own"], &["authorization: Bearer of-their-own"]),
        (&[&format!("origin: {own}")], &["origin: http://localhost:8000"]),
        (&["origin: http://evil.example"], &["origin: http://evil.example"]),
        (&["origin: null"], &["origin: null"]),
        (&[&format!("referer: {own}/notes?a=1")], &["referer: http://localhost:8000/notes?a=1"]),
        (&[&format!("referer: {own}.evil.example/")], &[&format!("referer: {own}.evil.example/")]),
    ];
    for (sent, seen) in rows {
        assert_eq!(request(sent), *seen, "{sent:?}");
    }
}

#[test]
fn a_websocket_is_the_one_upgrade_that_passes() {
    let lines = ["connection: keep-alive, Upgrade", "upgrade: WebSocket", "sec-websocket-key: x"];
    let passed = pass(&lines, towards_container);
    assert!(passed.contains(&"connection: upgrade".to_owned()), "{passed:?}");
    assert!(passed.contains(&"upgrade: websocket".to_owned()), "{passed:?}");
    assert!(passed.contains(&"sec-websocket-key: x".to_owned()), "{passed:?}");

    let rows: [(&[&str], bool); 5] = [
        (&["connection: upgrade", "upgrade: websocket"], true),
        (&["upgrade: websocket"], false),
        (&["connection: upgrade"], false),
        (&["connection: upgrade", "upgrade: h2c"], false),
        (&["connection: upgrade, x", "upgrade: websocket, h2c"], false),
    ];
    for (lines, asks) in rows {
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        assert_eq!(asks_for_websocket(&headers), asks, "{lines:?}");
    }
}

#[test]
fn a_response_decides_nothing_beyond_its_own_pages() {
    let own = format!("http://{HOST_NAME}");
    let rows: &[(&[&str], &[&str])] = &[
        (&["content-type: text/html", "etag: \"1\""], &["content-type: text/html", "etag: \"1\""]),
        (
            &[
                "cache-control: max-age=9",
                "x-frame-options: DENY",
                "alt-svc: h3=\":1\"",
                "clear-site-data: \"*\"",
            ],
            &[],
        ),
        (&["strict-transport-security: max-age=1", "report-to: {}", "nel: {}"], &[]),
        (&["connection: x-hop", "x-hop: 1", "transfer-encoding: chunked", "keep-alive: timeout=1"], &[]),
        (&["content-length: 5"], &["content-length: 5"]),
        (&["content-length: 5", "transfer-encoding: chunked"], &[]),
        (&["location: /notes/1"], &["location: /notes/1"]),
        (&["location: http://localhost:8000/notes/1"], &[&format!("location: {own}/notes/1")]),
        (&["location: http://127.0.0.1:8000"], &[&format!("location: {own}")]),
        (&["location: http://localhost:80001/"], &["location: http://localhost:80001/"]),
        (
            &["location: http://localhost:8000.evil.example/"],
            &["location: http://localhost:8000.evil.example/"],
        ),
        (
            &["set-cookie: a=1; Domain=localhost", "set-cookie: gradus=x", "set-cookie: b=2"],
            &[
                "set-cookie: a=1; SameSite=None; Secure; Partitioned",
                "set-cookie: b=2; SameSite=None; Secure; Partitioned",
            ],
        ),
    ];
    for (sent, seen) in rows {
        assert_eq!(response(sent), *seen, "{sent:?}");
    }
}

#[test]
fn a_policy_of_the_learners_own_holds_beside_ours() {
    let lines = ["content-security-policy: default-src 'self'", "referrer-policy: origin"];
    let passed = pass(&lines, |headers, way| towards_browser(headers, way, false));
    assert_eq!(
        passed,
        [
            "cache-control: no-store",
            "content-security-policy: default-src 'self'",
            "content-security-policy: frame-ancestors http://localhost:8080",
            "referrer-policy: origin",
        ]
    );
}
