//! The one place that builds a container's settings. Start closed: what is not named here, a learner does not get.
//! A golden test pins the result byte for byte.
//!
//! Knows the engine's words; not when containers start, nor what runs in them.

mod control;
#[cfg(feature = "knock-out")]
mod knock_out;
mod masks;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bollard::models::{
    ContainerCreateBody, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig, Mount,
    MountBindOptions, MountBindOptionsPropagationEnum, MountType, ResourcesUlimits, RestartPolicy,
    RestartPolicyNameEnum,
};

pub use control::{Control, NoSuchControl};
pub use masks::{MASKED, READ_ONLY};

use crate::run_dir::{GROUP_FILE, HOSTS_FILE, PASSWD_FILE, SOCKET_FILE};

/// Label that names the agent a container belongs to.
pub const AGENT_LABEL: &str = "org.gradus.agent";
const PURPOSE_LABEL: &str = "org.gradus.purpose";
const DEADLINE_LABEL: &str = "org.gradus.deadline";

/// Where the guest finds its socket, and the images their learner.
pub const GUEST_DIR: &str = "/run/gradus";
pub const GUEST_PROGRAM: &str = "/usr/local/bin/eval-guest";
pub const HOME: &str = "/home/learner";
/// The workspace, below [`HOME`].
const WORKSPACE: &str = "work";

/// `/tmp`, in MiB and files.
pub const TMP_MIB: u32 = 16;
pub const TMP_INODES: u32 = 2_048;
/// `/dev/shm`, in MiB and files. Docker's own has no bound on files: 189 MB of kernel memory in 2 s (measured).
pub const SHM_MIB: u32 = 8;
pub const SHM_INODES: u32 = 256;
/// System V shared memory, in pages and segments. Segments outlive their processes, and no tmpfs size counts them:
/// large ones would take up the memory limit for good. PostgreSQL has one, of a page.
pub const SYSV_SHM_PAGES: &str = "256";
pub const SYSV_SHM_SEGMENTS: &str = "16";
/// Files per MiB of home, and the least and most of them.
const HOME_INODES_PER_MIB: u32 = 128;
const HOME_INODES: std::ops::RangeInclusive<u32> = 4_096..=32_768;
/// Memory that must be left beside what all tmpfs can hold, or the first full disk kills everything for good
/// (measured).
pub const MEMORY_BESIDE_DISKS_MIB: u32 = 64;
/// Tasks of the guest itself, on top of what the lesson allows.
pub const GUEST_TASKS: i64 = 8;
/// Open files per process: databases and servers run in lessons.
pub const OPEN_FILES: i64 = 1_024;
pub const PENDING_SIGNALS: i64 = 256;
/// When the host runs out of memory, containers die before the agent and the engine.
pub const OOM_SCORE: i64 = 500;
const MIB: i64 = 1024 * 1024;

/// Allow-list, x86-64 and arm64 only, so that 32-bit calls are no way around it.
const SECCOMP: &str = include_str!("../seccomp.json");
/// Added to it where a lesson was given root inside: the guest makes one user namespace and has programs enter it. It
/// takes both from whatever it starts (`eval-guest/src/root_inside.rs`), so that no learner's program has either.
const ROOT_INSIDE_CALLS: [(&str, u32); 2] = [("unshare", 0), ("setns", 1)];
const CLONE_NEWUSER: u64 = 0x1000_0000;

/// What one container may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerLimits {
    pub memory_mib: u32,
    /// Hundredths of a core.
    pub cpu_percent: u32,
    /// Processes and threads of the learner's.
    pub processes: u32,
    /// Home directory, in memory.
    pub disk_mib: u32,
}

impl From<&lesson::Limits> for ContainerLimits {
    fn from(limits: &lesson::Limits) -> Self {
        Self {
            memory_mib: limits.memory_mib,
            cpu_percent: limits.cpu_percent,
            processes: limits.processes,
            disk_mib: limits.disk_mib,
        }
    }
}

/// What differs between containers.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// Image id or tag.
    pub image: String,
    pub agent: String,
    /// The engine's name of an OCI runtime; its own choice when there is none.
    pub runtime: Option<String>,
    /// For operators: `session`, `grading` or `pool`.
    pub purpose: &'static str,
    pub limits: ContainerLimits,
    pub guest_uid: u32,
    pub learner_uid: u32,
    /// The learner's programs are root inside; the first of the ids set aside for that.
    pub root_ids: Option<u32>,
    /// The lesson has hosts of its own, named in the container's folder.
    pub has_hosts: bool,
    /// After this the guest ends by itself, whatever became of the agent.
    pub ttl_seconds: u32,
    /// Unix time at which that happens, for operators.
    pub deadline_unix: u64,
    /// The container's folder on the host; see [`run_dir`](crate::run_dir).
    pub folder: PathBuf,
    /// The guest binary on the host.
    pub guest: PathBuf,
    /// `eval-call` on the host: no secret, for everybody in the container to run.
    pub call: PathBuf,
    /// Paths in the workspace that are not watched.
    pub ignore: Vec<String>,
    /// Controls left out, for tests that have to notice.
    #[cfg(feature = "knock-out")]
    pub knocked_out: Vec<Control>,
}

impl Sandbox {
    /// The engine's creation request.
    #[must_use]
    pub fn settings(&self) -> ContainerCreateBody {
        let settings = self.whole_settings();
        #[cfg(feature = "knock-out")]
        let settings =
            self.knocked_out.iter().fold(settings, |body, control| knock_out::without(body, *control));
        settings
    }

    fn whole_settings(&self) -> ContainerCreateBody {
        ContainerCreateBody {
            image: Some(self.image.clone()),
            hostname: Some("gradus".to_owned()),
            user: Some("0:0".to_owned()),
            working_dir: Some("/".to_owned()),
            entrypoint: Some(vec![GUEST_PROGRAM.to_owned()]),
            cmd: Some(self.guest_arguments()),
            env: Some(vec!["PATH=/usr/local/bin:/usr/bin:/bin".to_owned()]),
            labels: Some(self.labels()),
            // Beside the mode "none", which alone has Docker before 28 start two copies of itself for each container's empty
            // network: half of a start's processor time (docs/containers.md). The runtime makes the namespace either way.
            network_disabled: Some(true),
            attach_stdin: Some(false),
            attach_stdout: Some(false),
            attach_stderr: Some(false),
            open_stdin: Some(false),
            tty: Some(false),
            host_config: Some(self.host_config()),
            ..ContainerCreateBody::default()
        }
    }

    /// What runs as PID 1: program and arguments.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        let mut words = vec![GUEST_PROGRAM.to_owned()];
        words.extend(self.guest_arguments());
        words
    }

    fn guest_arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut pair = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        pair("--socket", format!("{GUEST_DIR}/{SOCKET_FILE}"));
        pair("--guest-uid", self.guest_uid.to_string());
        pair("--learner-uid", self.learner_uid.to_string());
        pair("--home", HOME.to_owned());
        pair("--workspace", WORKSPACE.to_owned());
        pair("--ttl-seconds", self.ttl_seconds.to_string());
        if let Some(first) = self.root_ids {
            pair("--root-ids", first.to_string());
        }
        for pattern in &self.ignore {
            pair("--ignore", pattern.clone());
        }
        arguments
    }

    fn labels(&self) -> HashMap<String, String> {
        HashMap::from([
            (AGENT_LABEL.to_owned(), self.agent.clone()),
            (PURPOSE_LABEL.to_owned(), self.purpose.to_owned()),
            (DEADLINE_LABEL.to_owned(), self.deadline_unix.to_string()),
        ])
    }

    fn host_config(&self) -> HostConfig {
        let memory = i64::from(memory_mib(&self.limits)) * MIB;
        HostConfig {
            runtime: self.runtime.clone(),
            network_mode: Some("none".to_owned()),
            ipc_mode: Some("private".to_owned()),
            cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
            readonly_rootfs: Some(true),
            privileged: Some(false),
            init: Some(false),
            auto_remove: Some(true),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::NO),
                maximum_retry_count: None,
            }),
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            // The guest needs to become the learner and to signal what runs as the learner; nothing else. With SETPCAP
            // it sees to it that no learner's program can ever have one, and gives that up before there is any.
            cap_drop: Some(vec!["ALL".to_owned()]),
            cap_add: Some(["KILL", "SETGID", "SETPCAP", "SETUID"].map(str::to_owned).to_vec()),
            security_opt: Some(vec![
                "no-new-privileges:true".to_owned(),
                format!("seccomp={}", self.seccomp()),
            ]),
            masked_paths: Some(MASKED.iter().map(|path| (*path).to_owned()).collect()),
            readonly_paths: Some(READ_ONLY.iter().map(|path| (*path).to_owned()).collect()),
            memory: Some(memory),
            // The same as memory: no swap.
            memory_swap: Some(memory),
            nano_cpus: Some(i64::from(self.limits.cpu_percent) * 10_000_000),
            pids_limit: Some(i64::from(self.limits.processes) + GUEST_TASKS),
            oom_score_adj: Some(OOM_SCORE),
            ulimits: Some(self.ulimits()),
            sysctls: Some(sysctls()),
            tmpfs: Some(self.tmpfs()),
            mounts: Some(self.mounts()),
            ..HostConfig::default()
        }
    }

    fn seccomp(&self) -> String {
        match self.root_ids {
            None => compact(SECCOMP),
            // A profile that cannot be added to stays as closed as it was, and the guest does not start.
            Some(_) => with_user_namespaces(SECCOMP).unwrap_or_else(|| compact(SECCOMP)),
        }
    }

    fn ulimits(&self) -> Vec<ResourcesUlimits> {
        let file_size = i64::from(self.limits.disk_mib) * MIB;
        let rows = [
            ("core", 0),
            ("fsize", file_size),
            ("memlock", 0),
            ("msgqueue", 0),
            ("nofile", OPEN_FILES),
            ("sigpending", PENDING_SIGNALS),
        ];
        rows.map(|(name, value)| ResourcesUlimits {
            name: Some(name.to_owned()),
            soft: Some(value),
            hard: Some(value),
        })
        .to_vec()
    }

    fn tmpfs(&self) -> HashMap<String, String> {
        let uid = self.learner_uid;
        let inodes = home_inodes(&self.limits);
        let home = format!(
            "rw,exec,nosuid,nodev,size={}m,nr_inodes={inodes},uid={uid},gid={uid},mode=0700",
            self.limits.disk_mib
        );
        let shared = |mib: u32, inodes: u32| {
            format!("rw,noexec,nosuid,nodev,size={mib}m,nr_inodes={inodes},mode=1777")
        };
        HashMap::from([
            (HOME.to_owned(), home),
            ("/tmp".to_owned(), shared(TMP_MIB, TMP_INODES)),
            ("/dev/shm".to_owned(), shared(SHM_MIB, SHM_INODES)),
        ])
    }

    fn mounts(&self) -> Vec<Mount> {
        let hosts = self.has_hosts.then(|| read_only(&self.folder.join(HOSTS_FILE), "/etc/hosts"));
        let always = [
            read_only(&self.folder, GUEST_DIR),
            read_only(&self.guest, GUEST_PROGRAM),
            read_only(&self.call, lesson::stand_ins::EVAL_CALL),
            read_only(&self.folder.join(PASSWD_FILE), "/etc/passwd"),
            read_only(&self.folder.join(GROUP_FILE), "/etc/group"),
        ];
        always.into_iter().chain(hosts).collect()
    }
}

/// What the container may use: what the lesson asks for, but never so little that full disks starve it.
#[must_use]
pub fn memory_mib(limits: &ContainerLimits) -> u32 {
    let disks = limits.disk_mib.saturating_add(TMP_MIB).saturating_add(SHM_MIB);
    limits.memory_mib.max(disks.saturating_add(MEMORY_BESIDE_DISKS_MIB))
}

/// Of the container's own IPC namespace, which it has to have for these to be accepted.
fn sysctls() -> HashMap<String, String> {
    let rows = [("kernel.shmall", SYSV_SHM_PAGES), ("kernel.shmmni", SYSV_SHM_SEGMENTS)];
    HashMap::from(rows.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

#[must_use]
pub fn home_inodes(limits: &ContainerLimits) -> u32 {
    limits.disk_mib.saturating_mul(HOME_INODES_PER_MIB).clamp(*HOME_INODES.start(), *HOME_INODES.end())
}

fn read_only(source: &Path, target: &str) -> Mount {
    Mount {
        typ: Some(MountType::BIND),
        source: Some(source.to_string_lossy().into_owned()),
        target: Some(target.to_owned()),
        read_only: Some(true),
        bind_options: Some(MountBindOptions {
            propagation: Some(MountBindOptionsPropagationEnum::RPRIVATE),
            ..MountBindOptions::default()
        }),
        ..Mount::default()
    }
}

/// Drops the spaces that only people need: the engine stores the profile with every container.
fn compact(json: &str) -> String {
    json.split_ascii_whitespace().collect()
}

/// `profile`, with the calls that make and enter a user namespace, and no other kind.
fn with_user_namespaces(profile: &str) -> Option<String> {
    let mut profile: serde_json::Value = serde_json::from_str(profile).ok()?;
    let rules = profile.get_mut("syscalls")?.as_array_mut()?;
    rules.extend(ROOT_INSIDE_CALLS.map(|(call, argument)| {
        serde_json::json!({
            "names": [call],
            "action": "SCMP_ACT_ALLOW",
            "args": [{ "index": argument, "value": CLONE_NEWUSER, "valueTwo": 0, "op": "SCMP_CMP_EQ" }],
        })
    }));
    serde_json::to_string(&profile).ok()
}

#[cfg(test)]
mod tests;
