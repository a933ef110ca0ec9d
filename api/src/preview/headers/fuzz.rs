//! Whatever stands in a head: no cookie, token or host of ours passes, and nothing is said that reaches beyond a
//! learner's own pages.

use fuzz_inputs::hostile;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const LABEL: Label = Label { session: Uuid::from_u128(1), port: 8000 };
const FRAMED: HeaderValue = HeaderValue::from_static("frame-ancestors http://localhost:8080");
const LINES: &[&str] = &[
    "cookie: gradus=secret; theme=dark",
    "cookie: __Host-gradus-preview=secret",
    "authorization: Bearer gradus_pat_secret",
    "connection: close, x-hop, cookie",
    "x-hop: secret",
    "upgrade: websocket",
    "connection: upgrade",
    "transfer-encoding: chunked",
    "content-length: 5",
    "host: evil.example",
    "x-forwarded-for: 1.2.3.4",
    "forwarded: for=1",
    "origin: null",
    "set-cookie: gradus=x; Domain=localhost; Path=/",
    "set-cookie: __Host-gradus=x",
    "set-cookie: =gradus=x",
    "set-cookie: a=1; SameSite=Lax",
    "location: http://localhost:8000/x",
    "strict-transport-security: max-age=1",
    "clear-site-data: \"*\"",
    "x-frame-options: DENY",
    "content-security-policy: default-src *",
    "cache-control: public",
    "alt-svc: h3",
    "referer: http://x/",
];

/// Heads of such lines, some spoilt; what is no header at all hyper has refused before.
fn head() -> impl Strategy<Value = HeaderMap> {
    vec(hostile(LINES.iter().copied()), 0..12).prop_map(|lines| {
        let mut headers = HeaderMap::new();
        for line in lines {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let name = HeaderName::from_bytes(line[..colon].trim_ascii());
            let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        headers
    })
}

fn way<'a>(url: &'a PreviewUrl, framed_by: &'a HeaderValue) -> Way<'a> {
    Way { url, label: LABEL, framed_by }
}

/// Names of the cookies in `Cookie`, as a server reads them.
fn cookie_names(headers: &HeaderMap) -> Vec<String> {
    let values =
        headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let pairs: Vec<String> =
        values.flat_map(|value| value.split(';').map(str::to_owned).collect::<Vec<_>>()).collect();
    pairs.iter().map(|pair| pair.split('=').next().unwrap_or_default().trim().to_ascii_lowercase()).collect()
}

fn is_ours(name: &str) -> bool {
    ["gradus", "__host-gradus", "gradus-preview", "__host-gradus-preview"].contains(&name)
}

proptest! {
    #[test]
    fn a_learners_server_hears_nothing_of_ours(mut headers in head(), secure: bool) {
        let url: PreviewUrl = if secure { "https://{id}.p.example.org" } else { "http://{id}.localhost:8081" }.parse().unwrap();
        towards_container(&mut headers, &way(&url, &FRAMED));
        prop_assert!(!cookie_names(&headers).iter().any(|name| is_ours(name)), "{:?}", headers);
        for (name, value) in &headers {
            let ours = *name == AUTHORIZATION && String::from_utf8_lossy(value.as_bytes()).contains(TOKEN_PREFIX);
            prop_assert!(!ours, "{:?}", headers);
        }
        prop_assert_eq!(headers.get_all(HOST).iter().collect::<Vec<_>>(), ["localhost:8000"]);
        for name in [TRANSFER_ENCODING, CONTENT_LENGTH, TE, TRAILER, EXPECT] {
            prop_assert!(!headers.contains_key(&name), "{} passes", name);
        }
        let forwarded = headers.get_all("x-forwarded-host").iter().count();
        prop_assert!(forwarded == 1 && !headers.contains_key("x-forwarded-for") && !headers.contains_key("forwarded"));
        prop_assert_eq!(headers.get_all(CONNECTION).iter().count(), 1);
    }

    #[test]
    fn a_browser_is_told_nothing_beyond_the_pages(mut headers in head(), upgraded: bool, shared: bool) {
        let url: PreviewUrl = if shared { "http://gradus.lan:8081" } else { "http://{id}.localhost:8081" }.parse().unwrap();
        towards_browser(&mut headers, &way(&url, &FRAMED), upgraded);
        for cookie in headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap().to_ascii_lowercase();
            let name = text.split(['=', ';']).next().unwrap_or_default().trim().to_owned();
            prop_assert!(!is_ours(&name) && !name.is_empty(), "{}", text);
            let attributes: Vec<&str> = text.split(';').skip(1).map(|one| one.split('=').next().unwrap_or_default().trim()).collect();
            prop_assert!(!attributes.contains(&"domain"), "{}", text);
        }
        for name in &BEYOND_ITSELF {
            prop_assert!(!headers.contains_key(name), "{} passes", name);
        }
        prop_assert_eq!(headers.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), ["no-store"]);
        prop_assert!(headers.get_all(CONTENT_SECURITY_POLICY).iter().any(|policy| policy == FRAMED));
        prop_assert!(!headers.contains_key(TRANSFER_ENCODING));
    }
}
