//! Where previews are reached: a host for every session and port, or one host for all of them.
//!
//! Knows names and cookies' attributes; asks nobody. What the two modes are worth is in ARCHITECTURE.md.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use uuid::Uuid;

/// Stands for the session and the port in a configured address.
const ID: &str = "{id}";

/// Which server is meant: its session and the port it listens on, as one label of a host name
/// (`8000-0199d1f0a3b27c3e8f6a5d4c3b2a1908`). Not a secret: who comes is asked for a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) session: Uuid,
    pub(crate) port: u16,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.port, self.session.simple())
    }
}

impl FromStr for Label {
    type Err = ();

    /// Takes exactly what `Display` writes, so that one server has one name.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (port, session) = text.split_once('-').ok_or(())?;
        let label =
            Self { port: port.parse().map_err(|_| ())?, session: Uuid::try_parse(session).map_err(|_| ())? };
        if label.to_string() == text { Ok(label) } else { Err(()) }
    }
}

/// How browsers reach previews: `https://{id}.preview.example.org`, where every session and port is an origin of its
/// own, or `http://gradus.example:8081`, where all share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewUrl {
    secure: bool,
    host: Host,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    /// What stands around the id.
    PerSession {
        before: String,
        after: String,
    },
    Shared(String),
}

/// A preview address that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PreviewUrlError {
    #[error("write an origin such as https://{{id}}.preview.example.org: scheme and host, no path")]
    NotAnOrigin,
    #[error("{{id}} belongs into the first part of the host name, once: https://{{id}}.preview.example.org")]
    MisplacedId,
}

impl FromStr for PreviewUrl {
    type Err = PreviewUrlError;

    fn from_str(text: &str) -> Result<Self, PreviewUrlError> {
        let text = text.trim_end_matches('/').to_ascii_lowercase();
        let uri: Uri = text.replace(ID, "id").parse().map_err(|_| PreviewUrlError::NotAnOrigin)?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(PreviewUrlError::NotAnOrigin),
        };
        let (_, host) = text.split_once("://").ok_or(PreviewUrlError::NotAnOrigin)?;
        if host.contains(['/', '?', '#', '@']) {
            return Err(PreviewUrlError::NotAnOrigin);
        }
        let host = match host.split_once(ID) {
            None => Host::Shared(host.to_owned()),
            Some((before, after)) => {
                let rest = after.split_once('.').map(|(_, rest)| rest);
                if before.contains(['.', ':']) || after.contains(ID) || rest.is_none_or(str::is_empty) {
                    return Err(PreviewUrlError::MisplacedId);
                }
                Host::PerSession { before: before.to_owned(), after: after.to_owned() }
            }
        };
        Ok(Self { secure, host })
    }
}

impl PreviewUrl {
    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// The origin that shows `label`, without trailing slash.
    pub(crate) fn origin(&self, label: Label) -> String {
        format!("{}://{}", self.scheme(), self.host_of(label))
    }

    /// As browsers name it in `Host`.
    pub(crate) fn host_of(&self, label: Label) -> String {
        match &self.host {
            Host::PerSession { before, after } => format!("{before}{label}{after}"),
            Host::Shared(host) => host.clone(),
        }
    }

    /// What the address says about which server is meant; `None` for a host that is no preview's.
    pub(crate) fn named_by(&self, host: &str) -> Option<Named> {
        let host = host.to_ascii_lowercase();
        match &self.host {
            Host::PerSession { before, after } => {
                let label = host.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                label.parse().ok().map(Named::This)
            }
            // Reached under another name, the cookie would not come along: nothing is lost by being strict.
            Host::Shared(ours) => (*ours == host).then_some(Named::WhatTheCookieSays),
        }
    }

    /// Whether every session and port is an origin of its own.
    #[must_use]
    pub fn is_per_session(&self) -> bool {
        matches!(self.host, Host::PerSession { .. })
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// What the IDE may frame: a source of `Content-Security-Policy`.
    pub(crate) fn source(&self) -> String {
        match &self.host {
            Host::PerSession { after, .. } => {
                let rest = after.split_once('.').map_or(after.as_str(), |(_, rest)| rest);
                format!("{}://*.{rest}", self.scheme())
            }
            Host::Shared(host) => format!("{}://{host}", self.scheme()),
        }
    }

    /// Attributes that make a cookie reach a preview inside the IDE's page, which is another site: one that is kept
    /// apart for that page (CHIPS), so that no other site's pages can use it. It must be `Secure`, which browsers take
    /// over plain HTTP from `*.localhost` alone; elsewhere without TLS the preview has to be of the IDE's own site.
    pub(crate) fn cookie_attributes(&self) -> &'static str {
        if self.is_trustworthy() { "; SameSite=None; Secure; Partitioned" } else { "; SameSite=Strict" }
    }

    /// Whether pages of another site can be given cookies here.
    pub(crate) fn is_trustworthy(&self) -> bool {
        let local = |after: &str| after.split(':').next().is_some_and(|name| name.ends_with(".localhost"));
        self.secure || matches!(&self.host, Host::PerSession { after, .. } if local(after))
    }
}

/// Which server a request's host names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    This(Label),
    WhatTheCookieSays,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: Label = Label { session: Uuid::from_u128(0x0199_d1f0), port: 8000 };
    const NAME: &str = "8000-0000000000000000000000000199d1f0";

    #[test]
    fn every_address_gives_origins_and_knows_them_again() {
        let rows = [
            (
                "http://{id}.localhost:8081",
                format!("http://{NAME}.localhost:8081"),
                "http://*.localhost:8081",
            ),
            (
                "https://p-{id}.pre.example.org/",
                format!("https://p-{NAME}.pre.example.org"),
                "https://*.pre.example.org",
            ),
            ("https://{id}-p.example.org", format!("https://{NAME}-p.example.org"), "https://*.example.org"),
        ];
        for (pattern, origin, source) in rows {
            let url: PreviewUrl = pattern.parse().unwrap();
            assert_eq!(url.origin(LABEL), origin);
            assert_eq!(url.source(), source);
            let host = origin.split_once("://").unwrap().1;
            assert_eq!(url.named_by(host), Some(Named::This(LABEL)), "{pattern}");
            assert_eq!(url.named_by(&host.to_uppercase()), Some(Named::This(LABEL)), "{pattern}");
        }
        let shared: PreviewUrl = "http://gradus.lan:8081".parse().unwrap();
        assert_eq!(shared.origin(LABEL), "http://gradus.lan:8081");
        assert_eq!(shared.named_by("gradus.lan:8081"), Some(Named::WhatTheCookieSays));
    }

    #[test]
    fn other_hosts_are_no_previews() {
        let url: PreviewUrl = "http://{id}.localhost:8081".parse().unwrap();
        let hosts = [
            "localhost:8081",
            "127.0.0.1:8081",
            "",
            "8000-x.localhost:8081",
            "08000-0000000000000000000000000199d1f0.localhost:8081",
            "8000-00000000-0000-0000-0000-00000199d1f0.localhost:8081",
            "80001-0000000000000000000000000199d1f0.localhost:8081",
            "8000-0000000000000000000000000199d1f0.localhost:8082",
            "8000-0000000000000000000000000199d1f0.localhost:8081.evil.example",
            "x.8000-0000000000000000000000000199d1f0.localhost:8081",
        ];
        for host in hosts {
            assert_eq!(url.named_by(host), None, "{host}");
        }
        assert_eq!("http://gradus.lan:8081".parse::<PreviewUrl>().unwrap().named_by("evil.lan:8081"), None);
    }

    #[test]
    fn what_is_no_origin_is_refused_with_a_reason() {
        use PreviewUrlError::{MisplacedId, NotAnOrigin};
        let rows = [
            ("preview.example.org", NotAnOrigin),
            ("ftp://{id}.example.org", NotAnOrigin),
            ("http://{id}.example.org/x", NotAnOrigin),
            ("http://u@{id}.example.org", NotAnOrigin),
            ("http://", NotAnOrigin),
            ("http://preview.{id}.example.org", MisplacedId),
            ("http://{id}.{id}.example.org", MisplacedId),
            ("http://{id}:8081", MisplacedId),
        ];
        for (text, why) in rows {
            assert_eq!(text.parse::<PreviewUrl>(), Err(why), "{text}");
        }
    }

    #[test]
    fn cookies_cross_sites_only_where_browsers_keep_them_apart() {
        let rows = [
            ("http://{id}.localhost:8081", "; SameSite=None; Secure; Partitioned"),
            ("https://{id}.preview.example.org", "; SameSite=None; Secure; Partitioned"),
            ("https://preview.example.org", "; SameSite=None; Secure; Partitioned"),
            ("http://{id}.lab.example", "; SameSite=Strict"),
            ("http://gradus.lan:8081", "; SameSite=Strict"),
            ("http://{id}.notlocalhost:8081", "; SameSite=Strict"),
        ];
        for (url, attributes) in rows {
            assert_eq!(url.parse::<PreviewUrl>().unwrap().cookie_attributes(), attributes, "{url}");
        }
    }
}

#[cfg(test)]
mod fuzz {
    use fuzz_inputs::hostile_text;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A configured address is refused, or each server's origin is its own and known again.
        #[test]
        fn an_address_gives_every_server_one_name(
            text in hostile_text(["https://{id}.preview.example.org", "http://p-{id}.localhost:8081/", "http://gradus.lan:8081"]),
            session: u128, port: u16, other_port: u16,
        ) {
            let Ok(url) = text.parse::<PreviewUrl>() else { return Ok(()) };
            let label = Label { session: Uuid::from_u128(session), port };
            let other = Label { port: other_port, ..label };
            prop_assert!(!url.cookie_attributes().contains(['\n', '\r']));
            if url.is_per_session() {
                prop_assert_eq!(url.named_by(&url.host_of(label)), Some(Named::This(label)));
                prop_assert_eq!(url.origin(label) == url.origin(other), port == other_port);
            }
        }

        /// Whatever host a request names, it is a preview's by exactly one spelling, or none.
        #[test]
        fn a_host_is_one_preview_or_none(
            host in hostile_text(["8000-0000000000000000000000000199d1f0.localhost:8081", "gradus.lan:8081"]),
        ) {
            let url: PreviewUrl = "http://{id}.localhost:8081".parse().unwrap();
            if let Some(Named::This(label)) = url.named_by(&host) {
                prop_assert_eq!(url.host_of(label), host.to_ascii_lowercase());
            }
        }
    }
}
