//! One of many API instances: where the others reach it, and how it makes way for the next build.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use api::PeerListener;
use clap::Args;
use tokio::net::TcpListener;

use crate::settings::duration;

/// What a balancer that looks every two seconds needs to see twice that an instance is not ready any more.
const DRAIN_DELAY: Duration = Duration::from_secs(5);

#[derive(Args)]
pub struct PeerArgs {
    /// Makes this one of many instances on the same store, behind a balancer: where the others reach it (0.0.0.0:9090). On
    /// a network of the instances' own; what passes there is not encrypted.
    #[arg(long, env = "GRADUS_PEER_LISTEN", value_name = "ADDRESS")]
    peer_listen: Option<SocketAddr>,
    /// How the others reach it, when that is not the address it listens on (http://api-1.internal:9090).
    #[arg(long, env = "GRADUS_PEER_URL", value_name = "URL", requires = "peer_listen", value_parser = peer_url)]
    peer_url: Option<String>,
    /// How long it still serves after SIGTERM while /readyz says that it is not ready, so that the balancer has stopped
    /// sending it anything; 5s where there are other instances [default: none where it is the only one].
    #[arg(long, env = "GRADUS_DRAIN_DELAY", value_name = "TIME", value_parser = delay)]
    drain_delay: Option<Duration>,
}

impl PeerArgs {
    /// # Errors
    /// When the address is not to be had, or says nothing to other machines.
    pub async fn listen(&self) -> anyhow::Result<Option<PeerListener>> {
        let Some(address) = self.peer_listen else { return Ok(None) };
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("listening for other instances on {address}"))?;
        let url = match &self.peer_url {
            Some(url) => url.clone(),
            None => {
                let at = listener.local_addr()?;
                anyhow::ensure!(
                    !at.ip().is_unspecified(),
                    "--peer-listen {address} takes connections from anywhere; say with --peer-url how the other instances \
                     reach this one (http://10.0.0.5:{})",
                    at.port()
                );
                format!("http://{at}")
            }
        };
        Ok(Some(PeerListener { listener, url }))
    }

    pub fn drain_delay(&self) -> Duration {
        let usual = if self.peer_listen.is_some() { DRAIN_DELAY } else { Duration::ZERO };
        self.drain_delay.unwrap_or(usual)
    }
}

/// None at all is a delay too.
fn delay(text: &str) -> Result<Duration, String> {
    if text == "0s" { Ok(Duration::ZERO) } else { duration(text) }
}

fn peer_url(text: &str) -> Result<String, String> {
    let wrong = || "write http://host:port".to_owned();
    let host = text.trim_end_matches('/').strip_prefix("http://").ok_or_else(wrong)?;
    let port = host.rsplit_once(':').ok_or_else(wrong)?.1;
    if host.contains(['/', '?', '#', '@']) || port.parse::<u16>().is_err() {
        return Err(wrong());
    }
    Ok(format!("http://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_instances_are_hosts_with_a_port() {
        let rows = [
            ("http://10.0.0.5:9090", Some("http://10.0.0.5:9090")),
            ("http://api-1.internal:9090/", Some("http://api-1.internal:9090")),
            ("http://[::1]:9090", Some("http://[::1]:9090")),
            ("https://10.0.0.5:9090", None),
            ("http://10.0.0.5", None),
            ("http://10.0.0.5:x", None),
            ("http://u@10.0.0.5:9090", None),
            ("http://10.0.0.5:9090/x", None),
            ("10.0.0.5:9090", None),
        ];
        for (text, expected) in rows {
            assert_eq!(peer_url(text).ok().as_deref(), expected, "{text}");
        }
    }
}
