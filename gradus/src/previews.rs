//! Where web previews listen and how browsers reach them, when the operator says and when not.

use std::net::SocketAddr;

use anyhow::Context as _;
use api::PreviewUrl;
use clap::Args;
use tokio::net::TcpListener;

/// Web previews: what learners' own servers answer, on an address apart from the app's.
#[derive(Args)]
pub struct PreviewArgs {
    /// Address on which web previews listen [default: the port after --listen, or a free one]
    #[arg(long, env = "GRADUS_PREVIEW_LISTEN", value_name = "ADDRESS")]
    preview_listen: Option<SocketAddr>,
    /// How browsers reach web previews. Best with {id} in the host, https://{id}.preview.example.org: each session and
    /// port is then an origin of its own (needs wildcard DNS and certificate). Without {id} all share one, which keeps
    /// them apart less well [default: http://{id}.localhost:PORT when Gradus is reached on this machine; its own host
    /// name with the port of --preview-listen over plain HTTP; none over HTTPS]
    #[arg(long, env = "GRADUS_PREVIEW_URL", value_name = "URL")]
    preview_url: Option<PreviewUrl>,
}

/// A socket for previews and their address.
pub struct Previews {
    pub listener: TcpListener,
    pub url: PreviewUrl,
}

impl PreviewArgs {
    /// `None` when there is no address at which browsers would find previews.
    ///
    /// # Errors
    /// When the address that was asked for cannot be listened on.
    pub async fn prepare(&self, app: SocketAddr, public_url: &str) -> anyhow::Result<Option<Previews>> {
        let listener = match self.preview_listen {
            Some(address) => TcpListener::bind(address).await.with_context(|| {
                format!("listening on {address} for web previews (another address: --preview-listen)")
            })?,
            None => next_to(app).await.context("listening for web previews")?,
        };
        let port = listener.local_addr()?.port();
        let Some(url) = self.preview_url.clone().or_else(|| default_url(public_url, port)) else {
            tracing::warn!("no web previews: say with --preview-url how browsers reach them over HTTPS");
            return Ok(None);
        };
        if !url.is_per_session() {
            tracing::warn!(
                "web previews share one origin, which keeps them apart less well; --preview-url with {{id}} in its \
                 host gives each its own"
            );
        }
        Ok(Some(Previews { listener, url }))
    }
}

/// The port after the app's, so that it stays the same from one start to the next; a free one if that is taken, as
/// nobody has to know it: the app tells the browser.
async fn next_to(app: SocketAddr) -> std::io::Result<TcpListener> {
    let next = SocketAddr::new(app.ip(), app.port().checked_add(1).unwrap_or(0));
    match TcpListener::bind(next).await {
        Ok(listener) => Ok(listener),
        Err(why) => {
            tracing::info!(error = %why, "{next} cannot be had for web previews; a free port is taken instead");
            TcpListener::bind(SocketAddr::new(app.ip(), 0)).await
        }
    }
}

/// Names under which browsers take this machine for itself, and `*.localhost` with it.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

fn default_url(public_url: &str, port: u16) -> Option<PreviewUrl> {
    let authority = public_url.strip_prefix("http://")?.trim_end_matches('/');
    let host = authority.rsplit_once(':').map_or(authority, |(host, port)| {
        // The colons of an IPv6 address without a port are its own.
        if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { authority }
    });
    let pattern = if LOOPBACK.contains(&host) { "{id}.localhost" } else { host };
    format!("http://{pattern}:{port}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_follows_from_the_apps() {
        let rows = [
            ("http://127.0.0.1:8080", Some("http://{id}.localhost:8081")),
            ("http://localhost:8080/", Some("http://{id}.localhost:8081")),
            ("http://[::1]:8080", Some("http://{id}.localhost:8081")),
            ("http://gradus.lan:8080", Some("http://gradus.lan:8081")),
            ("http://gradus.lan", Some("http://gradus.lan:8081")),
            ("http://[fd00::5]:8080", Some("http://[fd00::5]:8081")),
            ("http://[fd00::5]", Some("http://[fd00::5]:8081")),
            // Who ends TLS in front of the app has to do so for previews, and only the operator knows where.
            ("https://gradus.example.org", None),
        ];
        for (public_url, expected) in rows {
            let expected: Option<PreviewUrl> = expected.map(|url| url.parse().unwrap());
            assert_eq!(default_url(public_url, 8081), expected, "{public_url}");
        }
    }

    #[tokio::test]
    async fn a_taken_port_is_stepped_around() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut app = taken.local_addr().unwrap();
        app.set_port(app.port() - 1);
        let listener = next_to(app).await.unwrap();
        assert_ne!(listener.local_addr().unwrap(), taken.local_addr().unwrap());
    }
}
