//! Cookies on both sides of a preview: the one that lets a browser in, those of Gradus that must never reach a
//! learner's server, and those which that server sets.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use super::address::PreviewUrl;
use crate::identity::cookie::NAMES as LOGIN_NAMES;
use crate::limits::PREVIEW_GRANT_LIFETIME;

/// Over TLS the prefix makes browsers refuse the cookie from any other host.
fn name(url: &PreviewUrl) -> &'static str {
    if url.is_secure() { "__Host-gradus-preview" } else { "gradus-preview" }
}

const OURS: [&str; 2] = ["gradus-preview", "__Host-gradus-preview"];

fn is_gradus(name: &str) -> bool {
    let mut all = OURS.iter().chain(&LOGIN_NAMES);
    all.any(|ours| ours.eq_ignore_ascii_case(name))
}

/// `Set-Cookie` that lets a browser in with `secret`.
pub(super) fn admit(secret: &str, url: &PreviewUrl) -> Option<HeaderValue> {
    let (name, attributes) = (name(url), url.cookie_attributes());
    let age = PREVIEW_GRANT_LIFETIME.as_secs();
    HeaderValue::from_str(&format!("{name}={secret}; Path=/; Max-Age={age}; HttpOnly{attributes}")).ok()
}

/// Secrets that a browser brought; another page may have smuggled a second one in beside the right one.
pub(super) fn secrets<'a>(headers: &'a HeaderMap, url: &PreviewUrl) -> impl Iterator<Item = &'a str> {
    let name = name(url);
    pairs(headers)
        .filter_map(|pair| pair.split_once('='))
        .filter(move |(key, _)| *key == name)
        .map(|(_, s)| s)
}

/// What the learner's server is shown of `Cookie`: everything but ours.
pub(super) fn for_container(headers: &HeaderMap) -> Option<HeaderValue> {
    let theirs = |pair: &&str| !is_gradus(pair.split_once('=').map_or(*pair, |(key, _)| key).trim());
    let kept: Vec<&str> = pairs(headers).filter(theirs).collect();
    if kept.is_empty() { None } else { HeaderValue::from_str(&kept.join("; ")).ok() }
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).map(str::trim).filter(|pair| !pair.is_empty())
}

/// What a browser is shown of a `Set-Cookie` of the learner's server: of this host alone, and never one of ours. In a
/// frame of another site a cookie is taken only with the attributes that keep it apart.
pub(super) fn for_browser(set_cookie: &HeaderValue, url: &PreviewUrl) -> Option<HeaderValue> {
    let text = set_cookie.to_str().ok()?;
    let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
    // One without a name comes back as its bare value, which may read as any other cookie.
    let name = pair.split_once('=').map_or("", |(name, _)| name.trim());
    if name.is_empty() || is_gradus(name) {
        return None;
    }
    let crosses = url.is_trustworthy();
    let dropped = |attribute: &str| {
        let name = attribute.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
        name == "domain" || (crosses && matches!(name.as_str(), "samesite" | "secure" | "partitioned"))
    };
    let mut kept = pair.trim().to_owned();
    for attribute in attributes.split(';').map(str::trim).filter(|a| !a.is_empty() && !dropped(a)) {
        kept.push_str("; ");
        kept.push_str(attribute);
    }
    if crosses {
        kept.push_str(url.cookie_attributes());
    }
    HeaderValue::from_str(&kept).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> PreviewUrl {
        text.parse().unwrap()
    }

    #[test]
    fn no_cookie_of_gradus_reaches_a_learners_server() {
        let rows = [
            ("gradus=secret", None),
            ("gradus=secret; theme=dark", Some("theme=dark")),
            (
                "theme=dark; __Host-gradus=secret; gradus-preview=x;__Host-gradus-preview=y ; id=1",
                Some("theme=dark; id=1"),
            ),
            ("GRADUS=secret", None),
            (" gradus =secret", None),
            ("gradus", None),
            ("gradused=1; xgradus=2", Some("gradused=1; xgradus=2")),
            (";;", None),
        ];
        for (cookie, shown) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            assert_eq!(for_container(&headers).as_ref().map(|v| v.to_str().unwrap()), shown, "{cookie}");
        }
        let mut two = HeaderMap::new();
        two.append(COOKIE, "a=1; gradus=x".parse().unwrap());
        two.append(COOKIE, "__Host-gradus=x; b=2".parse().unwrap());
        assert_eq!(for_container(&two).unwrap(), "a=1; b=2");
    }

    #[test]
    fn a_learners_server_sets_cookies_for_its_own_host_only() {
        let (apart, lan) = (url("http://{id}.localhost:8081"), url("http://gradus.lan:8081"));
        let rows = [
            (&lan, "id=1", Some("id=1")),
            (&lan, "id=1; Domain=gradus.lan; Path=/; HttpOnly", Some("id=1; Path=/; HttpOnly")),
            (&lan, "id=1;domain=.example ;SameSite=Lax", Some("id=1; SameSite=Lax")),
            (&lan, "gradus=stolen; Path=/", None),
            (&lan, "__Host-gradus=stolen; Path=/; Secure", None),
            (&lan, "gradus-preview=other", None),
            (&lan, "=gradus=stolen", None),
            (&lan, "gradus", None),
            (&apart, "id=1", Some("id=1; SameSite=None; Secure; Partitioned")),
            (
                &apart,
                "id=1; Max-Age=60; samesite=strict; SECURE; DOMAIN=localhost",
                Some("id=1; Max-Age=60; SameSite=None; Secure; Partitioned"),
            ),
        ];
        for (url, set, shown) in rows {
            let set = HeaderValue::from_str(set).unwrap();
            assert_eq!(for_browser(&set, url).as_ref().map(|v| v.to_str().unwrap()), shown, "{set:?}");
        }
    }

    #[test]
    fn the_right_secret_is_found_beside_a_smuggled_one() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "gradus-preview=smuggled; x=1; gradus-preview=right".parse().unwrap());
        let found: Vec<_> = secrets(&headers, &url("http://{id}.localhost:1")).collect();
        assert_eq!(found, ["smuggled", "right"]);
        assert_eq!(secrets(&headers, &url("https://{id}.p.example")).count(), 0);
    }

    #[test]
    fn scripts_do_not_get_at_the_cookie_that_lets_in() {
        let set = |text| admit("abc", &url(text)).unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            set("https://{id}.p.example"),
            "__Host-gradus-preview=abc; Path=/; Max-Age=86400; HttpOnly; SameSite=None; Secure; Partitioned"
        );
        assert_eq!(
            set("http://gradus.lan:8081"),
            "gradus-preview=abc; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict"
        );
    }
}
