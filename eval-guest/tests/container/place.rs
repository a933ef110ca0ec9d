//! Where a guest runs: a container with the settings of the design, or an ordinary process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};

/// What the agent allows containers to ask of the kernel has to suffice for the guest.
const SECCOMP: &str = concat!("seccomp=", env!("CARGO_MANIFEST_DIR"), "/../eval-agent/src/seccomp.json");

/// Processes the container may have.
pub const PIDS_LIMIT: usize = 64;

/// Uids of guests and learners count up from here.
const GUESTS: u32 = 100_000;
pub const LEARNERS: u32 = 200_000;

/// Ends with its container or process.
pub enum Place {
    Container { name: String },
    Process { child: Child, _home: tempfile::TempDir },
}

impl Place {
    pub fn container(run_dir: &Path, uid: u32, arguments: &[&str]) -> Self {
        super::image::ensure();
        let name = format!("gradus-guest-test-{uid}");
        let learner = LEARNERS + uid;
        let home = format!(
            "/home/learner:rw,exec,nosuid,nodev,size=16m,nr_inodes=30k,uid={learner},gid={learner},mode=0700"
        );
        let socket = format!("{}:/run/gradus:ro", run_dir.display());
        let binary = format!("{}:/usr/local/bin/eval-guest:ro", binary().display());
        let mut command = Command::new("docker");
        command
            .args(["run", "-d", "--name", &name, "--network", "none", "--read-only", "--ipc", "private"])
            .args([
                "--cap-drop",
                "ALL",
                "--cap-add",
                "SETUID",
                "--cap-add",
                "SETGID",
                "--cap-add",
                "KILL",
                "--cap-add",
                "SETPCAP",
            ])
            .args(["--security-opt", "no-new-privileges", "--security-opt", SECCOMP, "--tmpfs", &home])
            .args(["--tmpfs", "/tmp:rw,nosuid,nodev,noexec,size=16m,mode=1777", "--shm-size", "8m"])
            .args(["--pids-limit", &PIDS_LIMIT.to_string(), "--memory", "256m", "--memory-swap", "256m"])
            .args(["--ulimit", "nofile=256", "-v", &socket, "-v", &binary, "--oom-score-adj", "500"])
            .args([super::image::NAME])
            .args(["/usr/local/bin/eval-guest", "--socket", "/run/gradus/guest.sock"])
            .args(["--home", "/home/learner", "--workspace", "work"])
            .args(["--guest-uid", &(GUESTS + uid).to_string(), "--learner-uid", &learner.to_string()]);
        if !arguments.contains(&"--ttl-seconds") {
            command.args(["--ttl-seconds", "600"]);
        }
        let done = command.args(arguments).output().unwrap();
        assert!(done.status.success(), "docker run: {}", String::from_utf8_lossy(&done.stderr));
        Self::Container { name }
    }

    pub fn process(run_dir: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        let child = Command::new(binary())
            .args(["--keep-uid", "--workspace", "work", "--ttl-seconds", "60", "--home"])
            .arg(home.path())
            .arg("--socket")
            .arg(run_dir.join("guest.sock"))
            .spawn()
            .unwrap();
        Self::Process { child, _home: home }
    }

    /// Waits for the end; answers the exit code.
    pub fn exit_code(&mut self) -> i32 {
        match self {
            Self::Container { name } => docker(&["wait", name]).trim().parse().unwrap(),
            Self::Process { child, .. } => child.wait().unwrap().code().unwrap(),
        }
    }

    /// The host's pid of the guest.
    pub fn pid(&self) -> u32 {
        match self {
            Self::Container { name } => {
                docker(&["inspect", "-f", "{{.State.Pid}}", name]).trim().parse().unwrap()
            }
            Self::Process { child, .. } => child.id(),
        }
    }

    /// Resident memory of the guest.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Processes in the container, as the host sees them.
    pub fn processes(&self) -> Vec<String> {
        let Self::Container { name } = self else { panic!("only containers keep count") };
        docker(&["top", name, "-o", "pid"]).lines().skip(1).map(str::to_owned).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::Container { name } => {
                if std::thread::panicking() {
                    eprintln!("log of the guest:\n{}", docker(&["logs", name]));
                }
                docker(&["rm", "-f", name]);
            }
            Self::Process { child, .. } => {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

/// A number that no other live container has: tests are processes of their own, and may start several.
pub fn unique_uid() -> u32 {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    (std::process::id() % 5_000) * 10 + COUNTER.fetch_add(1, Ordering::Relaxed)
}

/// The static guest of `scripts/build-guest` where it is named, else the one built with these tests.
fn binary() -> PathBuf {
    std::env::var_os("GRADUS_GUEST").map_or_else(|| env!("CARGO_BIN_EXE_eval-guest").into(), PathBuf::from)
}

fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
