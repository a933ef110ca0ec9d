//! The load balancer: haproxy as an operator would set it up. It asks each API whether it is ready twice a second, stops giving it
//! anything when it is not, and gives a request that met nobody to another instance.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use hostile::ground::Recipe;

use super::recipe;

/// Writes the configuration and says how to start it.
///
/// # Errors
/// When the configuration cannot be written.
pub(super) fn prepare(
    root: &Path,
    folder: &Path,
    listen: SocketAddr,
    apis: &[SocketAddr],
) -> anyhow::Result<Recipe> {
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, configuration(listen, apis)).context("writing the balancer's configuration")?;
    let program =
        ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"].into_iter().find(|path| Path::new(path).exists());
    let program = program.context("there is no haproxy (`scripts/setup cluster` installs it)")?;
    // -db: one process in the foreground, so that what is killed is all of it.
    Ok(recipe("haproxy", program, ["-db", "-f", &file.to_string_lossy()], root))
}

/// docs/cluster/haproxy.cfg is this with an operator's addresses.
#[must_use]
pub fn configuration(listen: SocketAddr, apis: &[SocketAddr]) -> String {
    let servers: String = apis
        .iter()
        .enumerate()
        .map(|(number, api)| format!("    server api-{} {api}\n", number + 1))
        .collect();
    format!("{BEFORE}    bind {listen}\n{BETWEEN}{servers}")
}

const BEFORE: &str = "\
global
    log stdout format raw local0 info
    maxconn 8000

defaults
    mode http
    log global
    option httplog
    # Only what went wrong: 5xx, and connections that broke.
    option dontlog-normal
    timeout connect 2s
    timeout client 70s
    timeout server 70s
    timeout http-keep-alive 30s
    # Sockets: pings pass every 10 s.
    timeout tunnel 60s

frontend learners
";

const BETWEEN: &str = "    option forwardfor
    default_backend apis

backend apis
    balance leastconn
    option httpchk
    http-check send meth GET uri /readyz
    http-check expect status 204
    # Another instance is asked when one does not take the connection; when it dies on a request, only if asking twice does no harm.
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response response-timeout
    acl repeatable method GET HEAD OPTIONS
    acl repeatable req.hdr(Idempotency-Key) -m found
    http-request disable-l7-retry unless repeatable
    # Two answers of \"not ready\" and no more is given to it; a killed one is noticed by its first refused connection. What is
    # open stays open: an instance that drains closes its sockets itself, and one that only lacks the database goes on.
    default-server check inter 500ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down
";
