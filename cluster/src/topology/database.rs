//! PostgreSQL, with a disk that it waits for (`fsync` on). As root it runs as `postgres`, because it refuses to run as root.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use hostile::ground::Recipe;

use super::recipe;

const OWNER: &str = "postgres";

pub(super) struct Database {
    pub(super) url: String,
    pub(super) recipe: Recipe,
}

/// Makes an empty cluster of databases in `folder` and says how to start it.
///
/// # Errors
/// When PostgreSQL is not installed or cannot be set up.
pub(super) fn prepare(root: &Path, folder: &Path, listen: SocketAddr) -> anyhow::Result<Database> {
    let binaries = binaries()?;
    let place = folder.join("postgres");
    std::fs::create_dir(&place)?;
    let as_root = rustix::process::geteuid().is_root();
    if as_root {
        let owned = Command::new("chown").arg(OWNER).arg(&place).status()?.success();
        anyhow::ensure!(owned, "giving {} to {OWNER}", place.display());
    }
    let data = place.join("data");
    let (data, sockets) = (data.to_string_lossy(), place.to_string_lossy());
    let initdb = binaries.join("initdb");
    let arguments =
        ["--pgdata", &data, "--username", "gradus", "--auth", "trust", "--encoding", "UTF8", "--locale", "C"];
    let mut command = owned(as_root, &initdb);
    let made = command.args(arguments).current_dir("/").output().context("running initdb")?;
    anyhow::ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

    let server = binaries.join("postgres");
    let mut words: Vec<String> = Vec::new();
    if as_root {
        words.extend(
            ["--reuid", OWNER, "--regid", OWNER, "--init-groups", "--pdeathsig", "KILL"].map(str::to_owned),
        );
        words.push(server.to_string_lossy().into_owned());
    }
    let port = listen.port().to_string();
    words.extend(["-D", &data, "-h", "127.0.0.1", "-p", &port, "-k", &sockets].map(str::to_owned));
    let program = if as_root { PathBuf::from("setpriv") } else { server };
    let recipe = recipe("postgres", &program.to_string_lossy(), words, root);
    Ok(Database { url: format!("postgres://gradus@{listen}/postgres"), recipe })
}

/// Asks in SQL; the answer's only cell, or all of them with `|` and lines between.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn ask(url: &str, sql: &str) -> anyhow::Result<String> {
    let psql = binaries()?.join("psql");
    let mut command = tokio::process::Command::new(psql);
    let said = command.args(["-X", "-At", "-c", sql, url]).current_dir("/").output().await?;
    anyhow::ensure!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

fn owned(as_root: bool, program: &Path) -> Command {
    if !as_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", OWNER, "--regid", OWNER, "--init-groups"]).arg(program);
    command
}

/// The newest version there is.
fn binaries() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .context("there is no PostgreSQL (`scripts/setup postgres` installs it)")?;
    let newest = versions.flatten().map(|entry| entry.path()).max();
    Ok(newest.context("there is no PostgreSQL")?.join("bin"))
}
