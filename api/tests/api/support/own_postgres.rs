//! A PostgreSQL server that a story may stop.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Stopped when dropped.
pub struct OwnPostgres {
    place: TempDir,
    port: u16,
}

impl OwnPostgres {
    /// `None` where PostgreSQL is left out.
    pub fn new() -> Option<Self> {
        std::env::var_os("GRADUS_TEST_POSTGRES")?;
        let place = tempfile::Builder::new().prefix("gradus-own-postgres.").tempdir_in("/tmp").unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { place, port };
        if is_root() {
            assert!(
                Command::new("chown").arg("postgres").arg(server.place.path()).status().unwrap().success()
            );
        }
        // Durability of the disk is not what is tested: what a killed server has written, the system has.
        server.run(
            "initdb",
            &["--username=gradus", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        );
        server.start();
        Some(server)
    }

    pub fn url(&self) -> String {
        self.url_through(self.port)
    }

    /// Through a proxy on this port.
    pub fn url_through(&self, port: u16) -> String {
        format!("postgres://gradus@127.0.0.1:{port}/postgres")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    pub fn start(&self) {
        let place = self.place.path().display();
        let log = format!("--log={place}/log");
        let port = self.port;
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={place} -c fsync=off"
        );
        self.run("pg_ctl", &["--wait", &log, "start", "--options", &options]);
    }

    /// As a crash: connections are cut, transactions forgotten.
    pub fn stop_at_once(&self) {
        self.run("pg_ctl", &["--mode=immediate", "stop"]);
    }

    fn run(&self, program: &str, args: &[&str]) {
        assert!(self.try_run(program, args), "{program} in {}", self.place.path().display());
    }

    fn try_run(&self, program: &str, args: &[&str]) -> bool {
        let mut command = if is_root() { Command::new("runuser") } else { Command::new("env") };
        if is_root() {
            command.args(["-u", "postgres", "--"]);
        }
        command.arg(binaries().join(program)).arg("--pgdata").arg(self.data()).args(args);
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.try_run("pg_ctl", &["--mode=immediate", "stop"]);
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Of the newest version that is installed.
fn binaries() -> PathBuf {
    let versions = Path::new("/usr/lib/postgresql").read_dir().unwrap();
    let newest = versions.map(|entry| entry.unwrap().path()).max_by_key(|path| {
        path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u32>().ok())
    });
    newest.unwrap().join("bin")
}
