//! The cookie that keeps a browser logged in.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use crate::limits::LOGIN_LIFETIME;

/// Every name it goes by. Web previews keep these from learners' servers.
pub(crate) const NAMES: [&str; 2] = [PLAIN, PREFIXED];

const PLAIN: &str = "gradus";
const PREFIXED: &str = "__Host-gradus";

/// Over TLS the prefix makes browsers refuse the cookie from a subdomain or without `Secure`.
fn name(secure: bool) -> &'static str {
    if secure { PREFIXED } else { PLAIN }
}

/// The secret a browser brought, if any.
pub(crate) fn read(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name(secure)).map(|(_, secret)| secret)
}

/// `Set-Cookie` that keeps `secret`.
pub(crate) fn logged_in(secret: &str, secure: bool) -> Option<HeaderValue> {
    build(secret, secure, LOGIN_LIFETIME.as_secs())
}

/// `Set-Cookie` that makes the browser forget.
pub(crate) fn logged_out(secure: bool) -> Option<HeaderValue> {
    build("", secure, 0)
}

fn build(secret: &str, secure: bool, max_age_seconds: u64) -> Option<HeaderValue> {
    let name = name(secure);
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={secret}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_only_under_its_name() {
        let rows = [
            ("gradus=abc", false, Some("abc")),
            ("theme=dark; gradus=abc; x=y", false, Some("abc")),
            ("gradus=abc", true, None),
            ("__Host-gradus=abc", true, Some("abc")),
            ("xgradus=abc", false, None),
            ("", false, None),
        ];
        for (header, secure, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, header.parse().unwrap());
            assert_eq!(read(&headers, secure), expected, "{header}");
        }
    }

    #[test]
    fn scripts_and_other_sites_do_not_get_it() {
        let cookie = logged_in("abc", true).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-gradus=abc; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
